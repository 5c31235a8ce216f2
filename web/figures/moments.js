/** A text read one byte at a time: what is remembered after each, and what happened on the way. Plain values. */
import { kindOf } from '../../wasm/engine/kinds.js';
import { clusters, spoken, symbolSign } from '../format/bytes.js';
import { fixed, integer, percent, significant } from '../format/numbers.js';
import { addsUp } from '../traces/trace.js';
import { residualPhases } from './residual_moments.js';

/** @typedef {import('../../wasm/engine/protocol.js').TimeStepsEvent} TimeStepsEvent */
/** @typedef {import('../../wasm/engine/protocol.js').StateName} StateName */
/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

/** Time steps of a text with its trace, and the model they are of. @typedef {{event: TimeStepsEvent, trace: Trace, settings: Settings}} Walk */

/**
 * @typedef {{name: StateName, values: Float32Array, changed: boolean}} State
 * @typedef {{level: number, value: number, reached: number, threshold: number, changed: boolean, border: boolean}} Budget
 *   `reached`: with the latest score, before a reset
 * @typedef {{level: number, index: number, score: number, before: number, sum: number, threshold: number, border: boolean, parent: number}} Token
 *   `parent`: number of the token of the level above that conditions it, −1 for none
 * @typedef {{id: 'encode'|'budget'|'border'|'decode'|'emit', level: number, title: string, text: string}} Phase
 * @typedef {object} Moment
 * @property {number} read      bytes read so far
 * @property {number} byte      the one read last, −1 before the first
 * @property {Token[]} tokens   one for each level that got one
 * @property {State[]} states
 * @property {Budget[]} budgets one a level with borders
 * @property {Phase[]} phases
 * @property {number} difference  largest difference of the cached and the recomputed logits; NaN before the first byte
 */

/** Bytes at which each level got its tokens. @param {Trace} trace @returns {number[][]} */
export function arrivals(trace) {
  /** @type {number[][]} */
  const bytes = [];
  for (const [l, { source, count }] of trace.levels.entries())
    bytes.push(Array.from(source.subarray(0, count), (s) => (l === 0 ? s : bytes[l - 1][s])));
  return bytes;
}

/** Tokens that a level has after byte `t`. @param {number[]} bytes @param {number} t */
const countAt = (bytes, t) => bytes.filter((byte) => byte <= t).length;

/** A vector after byte `t`; zeros before the first. @param {TimeStepsEvent} event @param {number} t @param {number} i */
function vector({ states, names, hidden }, t, i) {
  const from = (t * names.length + i) * hidden;
  return t < 0 ? new Float32Array(hidden) : states.subarray(from, from + hidden);
}

/** @param {TimeStepsEvent} event @param {number} t @returns {State[]} */
function statesAt(event, t) {
  return event.names.map((name, i) => {
    const values = vector(event, t, i);
    const before = vector(event, t - 1, i);
    return { name, values, changed: t >= 0 && values.some((x, k) => x !== before[k]) };
  });
}

/** @param {Walk} walk @param {number} t @returns {Token[]} */
function tokensAt({ trace }, t) {
  if (t < 0) return [];
  const bytes = arrivals(trace);
  const top = trace.levels.length - 1;
  /** @type {Token[]} */
  const tokens = [];
  for (const [level, { score, sum, border }] of trace.levels.entries()) {
    const index = bytes[level].indexOf(t);
    if (index < 0) break;
    const fresh = index === 0 || !addsUp(trace, level) || border[index - 1] === 1;
    const parent = level === top || border[index] === 1 ? -1 : countAt(bytes[level + 1], t - 1) - 1;
    tokens.push({
      level,
      index,
      score: score[index],
      before: fresh ? 0 : sum[index - 1],
      sum: sum[index],
      threshold: level === top ? Number.NaN : trace.thresholds[level],
      border: level < top && border[index] === 1,
      // The first token of a level conditions nothing.
      parent: parent >= 1 ? parent : -1,
    });
  }
  return tokens;
}

/** @param {Walk} walk @param {number} t @param {Token[]} tokens @returns {Budget[]} */
function budgetsAt({ trace }, t, tokens) {
  const bytes = arrivals(trace);
  return trace.levels.slice(0, -1).map(({ sum, border }, level) => {
    /** What the sum is after a byte. @param {number} at */
    const after = (at) => {
      const last = countAt(bytes[level], at) - 1;
      return last < 0 || (addsUp(trace, level) && border[last] === 1) ? 0 : sum[last];
    };
    const token = tokens.find((found) => found.level === level);
    const [value, before] = [after(t), after(t - 1)];
    return {
      level,
      value,
      reached: token ? token.sum : value,
      threshold: trace.thresholds[level],
      changed: token !== undefined && token.index > 0 && (value !== before || token.sum !== before),
      border: token?.border ?? false,
    };
  });
}

/** A byte in quotes, as it is spoken. @param {Uint8Array} text @param {number} byte */
function named(text, byte) {
  const cluster = clusters(text).find(({ from, length }) => byte >= from && byte < from + length);
  if (!cluster) return '';
  const part =
    cluster.length > 1 && cluster.kind !== 'invalid' ? `, byte ${byte - cluster.from + 1} of ${cluster.length}` : '';
  const word = spoken(text.subarray(cluster.from, cluster.from + cluster.length), { ...cluster, from: 0 });
  return cluster.kind === 'char' ? `“${word}”${part}` : `${word}${part}`;
}

/** What a level adds to its sum, in words. @param {Token} token */
function budgetText({ level, index, score, before, sum, threshold }) {
  const what = level === 0 ? `entropy of ${fixed(score)} nats` : `expected error of ${significant(score)}`;
  if (index === 0) return `A level’s first position always is a border; its ${what} is not counted.`;
  return `The ${what} takes the sum from ${significant(before)} to ${significant(sum)}, of ${significant(threshold)}.`;
}

/** @param {Token} token */
function borderText({ index, border, sum, threshold }) {
  if (index === 0) return 'Yes, as for every first position.';
  return border
    ? `Yes: ${significant(sum)} reaches ${significant(threshold)}, and the sum starts again from 0.`
    : `No: ${significant(sum)} is below ${significant(threshold)}.`;
}

/** @param {Token} token @param {number} above  tokens that the level above had before */
function parentText({ level, border, parent }, above) {
  if (border) return 'without a parent, since a border is not conditioned by the parent that it creates';
  if (parent >= 0) return `on its input plus the projected state of token ${integer(parent + 1)} of level ${level + 1}`;
  return above > 0
    ? `without a parent, since the first token of level ${level + 1} conditions nothing`
    : 'without a parent, since there is none yet';
}

/** @param {Trace} trace @param {number} t */
function expectation(trace, t) {
  const symbol = trace.decoderTop[t * trace.top];
  const sign = symbolSign(symbol);
  const shown = sign.kind === 'space' ? 'a space' : sign.kind === 'char' ? `“${sign.text}”` : sign.text;
  return `It expects ${shown} next, with ${percent(trace.decoderProbability[t * trace.top])}.`;
}

/** @param {Walk} walk @param {number} t @param {Token[]} tokens @returns {Phase[]} */
function phasesAt({ trace, settings, event }, t, tokens) {
  if (t < 0) return [];
  const byte = named(trace.text, t);
  if (settings.model_type === 'baseline') {
    const blocks = event.names.length / 2;
    return [
      {
        id: 'encode',
        level: 0,
        title: 'Read',
        text: `${byte} goes through all ${blocks} blocks: every state moves at every byte.`,
      },
      { id: 'decode', level: 0, title: 'Predict', text: expectation(trace, t) },
    ];
  }
  if (kindOf(settings) !== 'mirror') return residualPhases(trace, tokens, byte, expectation(trace, t));
  const top = trace.levels.length - 1;
  const [first] = tokens;
  /** @type {Phase[]} */
  const phases = [
    {
      id: 'encode',
      level: 0,
      title: 'Encoder',
      text: `Encoder 0 reads ${byte} and moves its two hidden vectors.`,
    },
  ];
  if (top === 0) {
    phases.push({
      id: 'decode',
      level: 0,
      title: 'Predict',
      text: `With one level its state is what is decoded. ${expectation(trace, t)}`,
    });
    return phases;
  }
  const bytes = arrivals(trace);
  /** @param {number} level */
  const had = (level) => countAt(bytes[level], t - 1);
  phases.push(
    { id: 'budget', level: 0, title: 'Budget', text: budgetText(first) },
    { id: 'border', level: 0, title: 'Border?', text: borderText(first) },
    {
      id: 'decode',
      level: 0,
      title: 'Decode',
      text: `Decoder 0 makes a time step ${parentText(first, had(1))}. ${expectation(trace, t)}`,
    },
  );
  for (const token of tokens.slice(1)) phases.push(...emission(token, top, had));
  if (!first.border) {
    const upper = top === 1 ? 'Level 1 keeps' : `Levels 1 ${top === 2 ? 'and' : 'to'} ${top} keep`;
    phases.push({
      id: 'emit',
      level: 1,
      title: 'Emit upward',
      text: `Nothing goes up. ${upper} everything as it was.`,
    });
  }
  return phases;
}

/** What a token does to its level, and to the one below. @param {Token} token @param {number} top @param {(level: number) => number} had @returns {Phase[]} */
function emission(token, top, had) {
  const { level, index } = token;
  const arrived = `The state goes up and becomes token ${integer(index + 1)} of level ${level}; encoder ${level} makes a time step.`;
  const parent = `what is below it is conditioned by ${level === top ? 'that encoder’s' : 'that decoder’s'} state from the next position on`;
  const after = index === 0 ? 'As the first token it conditions nothing.' : `From here on, ${parent}.`;
  if (level === top) return [{ id: 'emit', level, title: `Emit to level ${level}`, text: `${arrived} ${after}` }];
  return [
    { id: 'emit', level, title: `Emit to level ${level}`, text: arrived },
    { id: 'budget', level, title: `Budget of level ${level}`, text: `${budgetText(token)} ${borderText(token)}` },
    {
      id: 'decode',
      level,
      title: `Decode level ${level}`,
      text: `Decoder ${level} makes a time step ${parentText(token, had(level + 1))}. ${after}`,
    },
  ];
}

/**
 * The loop after `read` bytes; 0 is before the first.
 * @param {Walk} walk
 * @param {number} read
 * @returns {Moment}
 */
export function momentAt(walk, read) {
  const t = Math.max(0, Math.min(read, walk.trace.count)) - 1;
  const tokens = tokensAt(walk, t);
  return {
    read: t + 1,
    byte: t,
    tokens,
    states: statesAt(walk.event, t),
    budgets: budgetsAt(walk, t, tokens),
    phases: phasesAt(walk, t, tokens),
    difference: t < 0 ? Number.NaN : walk.event.difference[t],
  };
}

/**
 * The largest difference of cached and recomputed logits over all bytes.
 * @param {TimeStepsEvent} event
 * @returns {number}
 */
export function largestDifference({ difference }) {
  return difference.reduce((a, b) => Math.max(a, b), 0);
}
