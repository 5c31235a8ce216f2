/** Results of models with several seeds: rows on a common scale, and the same as a table. */
import { shownMean } from '../../wasm/engine/means.js';
import { isolated } from '../../wasm/files/formats/names.js';
import { levelStyle } from '../components/context.js';
import { figure, ScrollTable } from '../components/Table.jsx';
import { compact, duration, fixed } from '../format/numbers.js';
import { studyScale } from '../statistics/studies.js';
import { rowVerdict } from '../statistics/verdicts.js';
import { markOf } from './overlay.js';
import '../styles/studies.css';

/** @typedef {import('../../wasm/tools/study/studies.js').DrawnPart} Part */
/** @typedef {import('../statistics/studies.js').Row} Row */

/** A model's results on the common scale: its seeds, and their mean with its error. @param {{row: Row, scale: ReturnType<typeof studyScale>}} props */
function Strip({ row: { seeds, bits }, scale }) {
  const place = (/** @type {number} */ x) => `${(100 * scale.at(x)).toFixed(2)}%`;
  const spread = Number.isFinite(bits.error) ? bits.error : 0;
  return (
    <span class="study-strip" aria-hidden="true">
      <span
        class="study-error"
        style={{ left: place(bits.mean - spread), right: `${(100 - 100 * scale.at(bits.mean + spread)).toFixed(2)}%` }}
      />
      {seeds.map((x, i) => (
        <span key={i} class="study-seed" style={{ left: place(x) }} />
      ))}
      <span class="study-mean" style={{ left: place(bits.mean) }} />
    </span>
  );
}

/** @param {{row: Row, part: Part, scale: ReturnType<typeof studyScale>, shown: boolean, onShow: () => void, testId: string}} props */
function Model({ row, part, scale, shown, onShow, testId }) {
  return (
    <li class={shown ? 'study-model' : 'study-model off'} style={levelStyle(row.slot % 8)} data-testid={testId}>
      <label class="study-name">
        <input type="checkbox" class="check" checked={shown} onChange={onShow} />
        <b>{markOf(row.slot)}</b>
        <span>
          <bdi>{row.name}</bdi> <small>{compact(row.parameters)} parameters</small>
        </span>
      </label>
      <span class="study-bits number">{shownMean(row.bits)}</span>
      <Strip row={row} scale={scale} />
      <p class="fine study-said">{rowVerdict(row, part.reference)}</p>
    </li>
  );
}

/**
 * Models under one another, each with its seeds, their mean, and what these say; each can be shown in a chart or not.
 * @param {{part: Part, rows: Row[], hidden: ReadonlySet<string>, onToggle: (name: string) => void, label: string, testId: string}} props
 */
export function SeedRows({ part, rows, hidden, onToggle, label, testId }) {
  const scale = studyScale(rows);
  return (
    <ul class="study-models" aria-label={label}>
      {rows.map((row) => (
        <Model
          key={row.name}
          row={row}
          part={part}
          scale={scale}
          shown={!hidden.has(row.name)}
          onShow={() => onToggle(row.name)}
          testId={testId}
        />
      ))}
      <li class="study-axis fine" aria-hidden="true">
        <span>{fixed(scale.low, 3)}</span>
        <span>seeds, mean ± standard error</span>
        <span>{fixed(scale.high, 3)}</span>
      </li>
    </ul>
  );
}

/**
 * The same as a table, without the columns for which no model has a figure.
 * @param {{part: Part, rows: Row[], timed: boolean, label: string, testId: string}} props
 */
export function SeedTable({ part, rows, timed, label, testId }) {
  const levels = rows.some(({ tokens }) => tokens.length > 0);
  const columns = ['model', ...['parameters', 'TF', 'MB read', 'seeds', 'bits a byte'].map(figure)];
  columns.push(figure(`against ${isolated(part.reference)}`));
  if (levels) columns.push(...['parents off', 'bytes a token', 'at words'].map(figure));
  if (timed) columns.push(figure('time'));
  return (
    <ScrollTable label={label} columns={columns}>
      <tbody data-testid={testId}>
        {rows.map((row) => {
          const cells = [
            compact(row.parameters),
            fixed(row.tf),
            fixed(row.mb),
            `${row.bits.n}`,
            shownMean(row.bits),
            row.difference ? shownMean(row.difference) : '',
            ...(levels
              ? [
                  row.off ? `+${shownMean(row.off)}` : '',
                  row.tokens.map((n) => fixed(n, 1)).join(', '),
                  row.words === null ? '' : `${fixed(row.words, 0)} %`,
                ]
              : []),
            ...(timed ? [duration(1000 * row.seconds)] : []),
          ];
          return (
            <tr key={row.name}>
              <th scope="row">
                <bdi>{row.name}</bdi>
              </th>
              {cells.map((cell, i) => (
                <td key={i} class="figure">
                  {cell}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </ScrollTable>
  );
}
