/** The curves as numbers. */
import { useApp } from '../components/context.js';
import { Fold } from '../components/Fold.jsx';
import { figure, ScrollTable } from '../components/Table.jsx';
import { fixed, integer } from '../format/numbers.js';
import { evaluations } from '../state/curves.js';

/** @param {number|null} value @param {number} [digits] */
const cell = (value, digits) => fixed(value ?? Number.NaN, digits);

function Rows() {
  const { store } = useApp();
  store.curvesVersion.value;
  const rows = evaluations(store.curves).reverse();
  const levels = store.curves.borders.length;
  return (
    <ScrollTable
      label="Curves as a table"
      columns={[
        'step',
        ...['training encoder', 'training decoder', 'held-out encoder', 'held-out decoder'].map(figure),
        ...Array.from({ length: levels }, (_, level) => figure(`borders ${level}`)),
      ]}
    >
      <tbody>
        {rows.map((row) => (
          <tr key={row.step}>
            <td>{integer(row.step)}</td>
            <td class="figure">{cell(row.trainEncoder)}</td>
            <td class="figure">{cell(row.trainDecoder)}</td>
            <td class="figure">{cell(row.valEncoder)}</td>
            <td class="figure">{cell(row.valDecoder)}</td>
            {row.borders.map((borders, level) => (
              <td key={level} class="figure">
                {cell(borders, 1)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

export function CurveTable() {
  return <Fold title="The curves as a table">{() => <Rows />}</Fold>;
}
