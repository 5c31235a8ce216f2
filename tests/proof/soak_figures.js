/** Sums up the readings of a long run: its parts, and whether memory and speed held. Pure, so that it can be tested. */
import { median } from '../../wasm/engine/means.js';

/**
 * One reading of the tab. Memory in megabytes, after garbage collection: `own` is what the tab's process alone
 * has; `pss` and `all`, of the tab and of the whole browser, also count a share of what processes have in common, which
 * depends on what other browsers run. `heap`, `workerHeap`: JavaScript of the page and of its worker. `nodes`: of the
 * document, including released ones not yet collected. `stepMs`: median time of a step since the reading before; `thread`:
 * processor seconds so far of the tab's busiest thread, which trains; `loopMs`: processor time of a fixed loop run meanwhile.
 * `first`, `last`: steps of the first and the latest losses; `notFinite`: how many losses were not finite.
 * @typedef {{minutes: number, step: number, own: number, pss: number, all: number, heap: number, workerHeap: number,
 *   nodes: number, stepMs: number, thread: number, loopMs: number, messages: number, notFinite: number, first: number,
 *   last: number, points: number, evaluations: number, samples: number}} Look
 */

/**
 * A part of a run: medians of its readings. `rate`: steps for each processor second of the training thread; `speed`: the same, in
 * steps for as many rounds of the loop as the machine made in a second during the first part.
 * @typedef {{minutes: number, step: number, own: number, pss: number, all: number, heap: number, workerHeap: number,
 *   nodes: number, stepMs: number, loopMs: number, rate: number, speed: number, points: number, samples: number}} Part
 */

/** Parts of a run: in an hour, five minutes each. */
const PARTS = 12;
/** How much memory may grow and speed may fall, in percent. */
const MOST = 5;

/**
 * A run in parts with equal numbers of readings.
 * @param {readonly Look[]} looks  at least two
 * @returns {Part[]}
 */
export function partsOf(looks) {
  const count = Math.min(PARTS, looks.length - 1);
  /** @type {Part[]} */
  const parts = [];
  for (let i = 0; i < count; i++) {
    // The first reading only opens the first part.
    const at = (/** @type {number} */ k) => Math.round((k * (looks.length - 1)) / count);
    const [before, mine] = [looks[at(i)], looks.slice(at(i) + 1, at(i + 1) + 1)];
    const end = mine[mine.length - 1];
    const middle = (/** @type {keyof Look} */ key) => median(mine.map((look) => look[key]));
    const rate = (end.step - before.step) / (end.thread - before.thread);
    const loopMs = middle('loopMs');
    parts.push({
      minutes: end.minutes,
      step: end.step,
      own: middle('own'),
      pss: middle('pss'),
      all: middle('all'),
      heap: middle('heap'),
      workerHeap: middle('workerHeap'),
      nodes: middle('nodes'),
      stepMs: middle('stepMs'),
      loopMs,
      rate,
      speed: (rate * loopMs) / (parts[0]?.loopMs ?? loopMs),
      points: end.points,
      samples: end.samples,
    });
  }
  return parts;
}

/**
 * How much a run's memory grew after its first part (five minutes of an hour), and how much slower it became, in percent.
 * @param {readonly Part[]} parts  at least two
 * @returns {{memory: number, heap: number, nodes: number, speed: number}}
 */
export function changes(parts) {
  const [first, second, last] = [parts[0], parts[1], parts[parts.length - 1]];
  const grown = (/** @type {'own'|'heap'|'nodes'} */ key) => 100 * (last[key] / second[key] - 1);
  return {
    memory: grown('own'),
    heap: grown('heap'),
    nodes: grown('nodes'),
    speed: 100 * (last.speed / first.speed - 1),
  };
}

/** What may not hold; changes in percent. @type {Readonly<Record<'not_finite'|'memory'|'slower', (amount: number) => string>>} */
export const COMPLAINTS = Object.freeze({
  not_finite: (times) => `${times} times a loss was not finite.`,
  memory: (percent) => `Memory grew by ${percent.toFixed(1)} %.`,
  slower: (percent) => `Training became slower by ${percent.toFixed(1)} %.`,
});
/** What is said where all held. */
export const HELD = 'Memory and speed held.';

/** @param {{first: number, last: number, notFinite: number}} look @returns {string} whether losses were finite, from which step to which */
export const finiteLosses = ({ first, last, notFinite }) =>
  `Losses from step ${first} to step ${last}: ${notFinite === 0 ? 'all finite' : `${notFinite} not finite`}.`;

/**
 * What did not hold.
 * @param {readonly Look[]} looks
 * @returns {string[]} a sentence each; none where all held
 */
export function complaints(looks) {
  const { memory, speed } = changes(partsOf(looks));
  const { notFinite } = looks[looks.length - 1];
  const said = [];
  if (notFinite > 0) said.push(COMPLAINTS.not_finite(notFinite));
  if (!(memory < MOST)) said.push(COMPLAINTS.memory(memory));
  if (!(speed > -MOST)) said.push(COMPLAINTS.slower(-speed));
  return said;
}

/** The columns of the table: name, digits after the point. @type {[string, keyof Part, number][]} */
const COLUMNS = [
  ['minutes', 'minutes', 0],
  ['step', 'step', 0],
  ['own MB', 'own', 1],
  ['PSS MB', 'pss', 1],
  ['all MB', 'all', 0],
  ['heap MB', 'heap', 2],
  ['worker MB', 'workerHeap', 2],
  ['nodes', 'nodes', 0],
  ['points', 'points', 0],
  ['samples', 'samples', 0],
  ['ms a step', 'stepMs', 1],
  ['steps / CPU s', 'rate', 2],
  ['loop ms', 'loopMs', 1],
  ['normalised', 'speed', 2],
];

/** @param {readonly Part[]} parts @returns {string} a Markdown table with a line for each part */
function table(parts) {
  const row = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    row(COLUMNS.map(([name]) => name)),
    row(COLUMNS.map(() => '---:')),
    ...parts.map((part) => row(COLUMNS.map(([, key, digits]) => part[key].toFixed(digits)))),
  ].join('\n');
}

/**
 * The summary of a run: its parts, what changed, and whether it held.
 * @param {readonly Look[]} looks
 * @returns {string}
 */
export function report(looks) {
  const parts = partsOf(looks);
  const { memory, heap, nodes, speed } = changes(parts);
  const end = looks[looks.length - 1];
  const { minutes, step, messages } = end;
  const signed = (/** @type {number} */ percent) => `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`;
  const wrong = complaints(looks);
  return [
    table(parts),
    '',
    `${minutes.toFixed(1)} minutes in one tab, ${step} steps, ${messages} messages of its workers.`,
    finiteLosses(end),
    `From the second part to the last: own memory ${signed(memory)}, JavaScript ${signed(heap)}, nodes ${signed(nodes)}.`,
    `From the first part to the last: speed ${signed(speed)}, normalised by the loop.`,
    wrong.length === 0 ? HELD : wrong.join(' '),
  ].join('\n');
}
