/** The bench's results in tabs, as a Markdown table of targets and what each engine reached. */
import { table } from '../../wasm/tools/bench/tables.js';

/**
 * One measurement in one engine. A row of training has `workers`, `view`, `steps_per_s`, `ratio` to Node's
 * `node_steps_per_s`, `main_thread` (share of a core) and `preset`; any other names in `what` what it measures, or why it failed.
 * @typedef {Record<string, string|number|null|undefined>} Row
 */

/**
 * A line of the table.
 * @typedef {object} Line
 * @property {string} title
 * @property {string} target
 * @property {(row: Row) => boolean} of  whether a row belongs to the line
 * @property {(row: Row, rows: Row[]) => string} cell  of the first such row, or of all
 */

/** @param {unknown} x @param {number} [digits] */
const number = (x, digits = 2) => (typeof x === 'number' ? x.toFixed(digits) : 'none');
/** @param {unknown} x */
const percent = (x) => (typeof x === 'number' ? `${(100 * x).toFixed(1)} %` : 'none');

/** @param {Row} row */
const speed = ({ ratio, steps_per_s, node_steps_per_s }) =>
  `${number(ratio)} × (${number(steps_per_s, 1)} of ${number(node_steps_per_s, 1)})`;

const VIEWS = Object.freeze({ train: 'Train in view', hierarchy: 'hierarchy in view', hidden: 'tab hidden' });
/** @type {Readonly<Record<string, string>>} */
const PRESET = Object.freeze({ quick_start: 'quick start', prototype: 'default size' });

/** @param {number} count */
const workersOf = (count) => (count === 1 ? '1 worker' : `${count} workers`);

/** @param {string} preset @param {number} workers @param {string} view @returns {Line} */
const training = (preset, workers, view) => ({
  title: `steps a second against Node’s, ${PRESET[preset]}, ${workersOf(workers)}, ${VIEWS[/** @type {keyof typeof VIEWS} */ (view)]}`,
  target: '≥ 0.95 × (Chromium), ≥ 0.85 ×',
  of: (row) => row.preset === preset && row.workers === workers && row.view === view,
  cell: speed,
});

/** The median, and the least and the most, of what was found several times. @param {Row} _ @param {Row[]} rows */
const several = (_, rows) => {
  const ratios = rows.map(({ ratio }) => Number(ratio)).sort((a, b) => a - b);
  const [least, most] = [ratios[0], ratios[ratios.length - 1]];
  return `${number(ratios[Math.floor(ratios.length / 2)])} × (${number(least)} to ${number(most)})`;
};

/** @param {string} what @param {string} target @param {Line['cell']} cell @param {string} [title] @returns {Line} */
const other = (what, target, cell, title = what) => ({ title, target, of: (row) => row.what === what, cell });

/** @param {Row} row */
const times = ({ ratio }) => `${number(ratio)} ×`;
/** @param {Row} row */
const knob = ({ borders_ms, exact_ms }) => `${number(borders_ms, 0)} / ${number(exact_ms, 0)} ms`;

/** @param {Row} _ @param {Row[]} rows  a text each */
const minute = (_, rows) =>
  rows
    .map(({ text, bpb, off, steps }) => `${text}: ${number(bpb, 3)} (off: ${number(off, 3)}; step ${steps})`)
    .join('; ');

/** @type {readonly Line[]} */
const LINES = [
  ...[1, 2].flatMap((workers) => Object.keys(VIEWS).map((view) => training('quick_start', workers, view))),
  ...[1, 2].map((workers) => training('prototype', workers, 'train')),
  ...['quick_start', 'prototype'].flatMap((preset) =>
    [1, 2].map((workers) =>
      other(
        `estimate, ${preset}, ${workers}`,
        '0.75 to 1.25 ×',
        several,
        `steps a second said before the start against those found, ${PRESET[preset]}, ${workersOf(workers)}`,
      ),
    ),
  ),
  other('two workers against one, quick start', '≥ 1.6 ×', times),
  other('two workers against one, batch 8 defaults', '≥ 1.8 × (Chromium), ≥ 1.7 × (Firefox)', times),
  other(
    'exchange, default size',
    '≤ 5 ms',
    ({ ms, way }) => `${number(ms, 1)} ms, ${way === 'page' ? 'through the page' : 'by a channel'}`,
    'exchange between two workers a step, default size',
  ),
  other(
    'generation, bytes a second',
    '≥ 0.9 ×',
    ({ bytes_per_s, ratio }) => `${number(ratio)} × (${number(bytes_per_s, 0)})`,
    'generation against Node’s (bytes a second)',
  ),
  other('knob on 2 KB', '≤ 50 / ≤ 100 ms', knob, 'a knob turned on 2 KB: new borders / exact trace'),
  other('knob on 2 KB, while training', '≤ 50 / ≤ 100 ms', knob, 'the same while training'),
  other(
    'bits a byte after 60 s',
    '≤ 2.16 (tinyshakespeare), 2.10, 1.60',
    minute,
    'the last tenth after 60 s of quick start',
  ),
  other(
    'bits a byte after ten minutes',
    '≤ 2.02 (tinyshakespeare)',
    minute,
    'the last tenth after ten minutes of the preset ten minutes',
  ),
];

/** @type {Readonly<Record<string, string>>} */
const ENGINES = Object.freeze({ node: 'Node', chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit' });

/**
 * The table, with a column for each engine; then failures, one on each line.
 * @param {Row[]} rows
 * @returns {string}
 */
export function tabReport(rows) {
  const engines = [...new Set(rows.map(({ engine }) => String(engine)))];
  /** @param {Line} line */
  const cells = ({ of, cell }) =>
    engines.map((name) => {
      const found = rows.filter((each) => each.engine === name && of(each));
      return found.length > 0 ? cell(found[0], found) : '–';
    });
  const lines = LINES.map((line) => [line.title, line.target, ...cells(line)]);
  const busiest = engines.map((name) => {
    const shares = rows.flatMap(({ engine, main_thread: share }) =>
      engine === name && typeof share === 'number' ? [share] : [],
    );
    return shares.length > 0
      ? `${percent(shares.reduce((a, b) => a + b) / shares.length)} (${percent(Math.max(...shares))})`
      : '–';
  });
  lines.push(['main thread while training, mean (most), of a core', '≤ 5 %', ...busiest]);
  const failed = rows.filter(({ what }) => what === 'failed').map(({ engine, why }) => `${engine}: ${why}`);
  const columns = ['what', 'target', ...engines.map((name) => ENGINES[name] ?? name)];
  return [table(columns, lines), ...failed].join('\n\n');
}
