/**
 * The border rules that do not look ahead, one position at a time. A sequence's first position is always a
 * border. Nothing here passes a gradient.
 */

import { hash3 } from './dropout.js';

/**
 * A rule's state for a sequence; all zeros before its first position.
 * @typedef {object} RuleState
 * @property {number} reached  what was compared with the threshold at the latest position
 * @property {number} sum      of scores since the latest border
 * @property {number} score    of the latest position
 * @property {number} symbol   of the latest position
 * @property {number} since    positions from the latest border to the next position: 1 right after a border
 * @property {number} count    positions so far
 *
 * @typedef {object} Position
 * @property {number} score   the level's uncertainty, nats or squared error
 * @property {number} symbol  the last byte that the position has seen
 * @property {number} mark    that byte's: levels, from 0 up, that a reader's list gives a border there
 * @property {number} level
 * @property {number} threshold
 * @property {number} seed
 *
 * @typedef {object} Decision
 * @property {boolean} border
 * @property {RuleState} state  after the position
 * @property {number} margin    how far a rounded number was from the other decision; infinite where no rounded number decides
 */

/** Before a sequence's first position. @returns {RuleState} */
export const freshRule = () => ({ reached: 0, sum: 0, score: 0, symbol: 0, since: 0, count: 0 });

const SPACES = new Set([9, 10, 11, 12, 13, 32]);
/** @param {RuleState} state @param {Position} at */
const wordEnds = (state, { symbol }) => SPACES.has(symbol) && !SPACES.has(state.symbol);

/** Default thresholds, at the bytes and above. @type {Record<string, [number, number]>} */
const USUAL = {
  level: [2.5, 0.5],
  rise: [0.5, 0.1],
  whitespace: [0, 0],
  every_nth: [6, 6],
  random: [6, 6],
  given: [0, 0],
};

/**
 * What each rule compares with the threshold, or decides outright. `exact` numbers are never rounded. `place`: whether there may
 * be a border where the threshold is reached; `room`: how far a rounded number was from another answer to that.
 * @typedef {{reached?: number, place?: boolean, room?: number, border?: boolean, exact?: boolean}} Found
 * @type {Record<string, (state: RuleState, at: Position) => Found>}
 */
const RULES = {
  accumulated: ({ sum }, { score }) => ({ reached: sum + score }),
  accumulated_rise: (state, { score, level }) => {
    const beyond = score - state.score - Math.fround(USUAL.rise[Math.min(level, 1)]);
    return { reached: state.sum + score, place: beyond >= 0, room: Math.abs(beyond) };
  },
  accumulated_word_end: (state, at) => ({ reached: state.sum + at.score, place: wordEnds(state, at) }),
  level: (_, { score }) => ({ reached: score }),
  rise: (state, { score }) => ({ reached: score - state.score }),
  whitespace: (state, at) => ({ border: wordEnds(state, at), exact: true }),
  every_nth: ({ since }) => ({ reached: since, exact: true }),
  given: (_, { mark, level }) => ({ border: mark > level, exact: true }),
  random: ({ count }, { level, seed, threshold }) => {
    const chance = Number(hash3(BigInt(seed), BigInt(level), BigInt(count)) >> 11n) / 2 ** 53;
    return { border: chance * threshold < 1, exact: true };
  },
};

/**
 * Decides about one position.
 * @param {string} rule
 * @param {RuleState} state  before it; unchanged
 * @param {Position} at
 * @returns {Decision}
 */
export function decide(rule, state, at) {
  const first = state.count === 0;
  /** @type {Found} */
  const found = first ? { border: true, exact: true } : RULES[rule](state, at);
  const { reached = 0, place = true, room = Number.POSITIVE_INFINITY, border: said, exact = false } = found;
  const border = said ?? (reached >= at.threshold && place);
  const sum = rule.startsWith('accumulated') && !border ? reached : 0;
  const since = border ? 1 : state.since + 1;
  const after = { reached, sum, score: at.score, symbol: at.symbol, since, count: state.count + 1 };
  return {
    border,
    state: after,
    margin: exact ? Number.POSITIVE_INFINITY : Math.min(room, Math.abs(reached - at.threshold)),
  };
}

/**
 * The rule of a level below the top, and its threshold.
 * @param {import('./tensors.js').ModelSettings} settings
 * @param {number} level
 * @returns {{rule: string, threshold: number}}
 */
export function ruleOf(settings, level) {
  const entry = (/** @type {string} */ list) => String(list).split(',')[level] || undefined;
  const rule = entry(settings.level_rules) ?? 'accumulated';
  const ofModel = level === 0 ? settings.byte_entropy_threshold : settings.meta_uncertainty_threshold;
  const usual = rule.startsWith('accumulated') ? ofModel : USUAL[rule][Math.min(level, 1)];
  return { rule, threshold: Math.fround(Number(entry(settings.level_thresholds) ?? usual)) };
}

/**
 * The threshold that a target rate steers to, after a step in which `positions` gave `tokens`:
 * θ ← θ·exp(0.05·(R·tokens/positions − 1)), the bracket at most 2.
 * @param {number} threshold
 * @param {number} target  R, positions for each token; 0 leaves the threshold alone
 * @param {number} tokens
 * @param {number} positions
 * @returns {number}
 */
export function steered(threshold, target, tokens, positions) {
  if (!(target > 0) || positions === 0) return threshold;
  return threshold * Math.exp(0.05 * Math.min(2, (target * tokens) / positions - 1));
}
