/** The curves as numbers. */
import { useApp } from '../components/context.js';
import { Fold } from '../components/Fold.jsx';
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
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="table-scroll" tabIndex={0} aria-label="Curves as a table">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col" class="figure">
              training encoder
            </th>
            <th scope="col" class="figure">
              training decoder
            </th>
            <th scope="col" class="figure">
              held-out encoder
            </th>
            <th scope="col" class="figure">
              held-out decoder
            </th>
            {Array.from({ length: levels }, (_, level) => (
              <th key={level} scope="col" class="figure">
                borders {level}
              </th>
            ))}
          </tr>
        </thead>
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
      </table>
    </section>
  );
}

export function CurveTable() {
  return <Fold title="The curves as a table">{() => <Rows />}</Fold>;
}
