/** What the explanation's figures say. */
import { count, fixed, integer, percent, significant } from '../format/numbers.js';

/** Of the interval before the first byte. */
export const ALL_POSSIBLE = 'All numbers from 0 to 1 are still possible: 0 bits.';

/** Before the name of the byte that was coded. @param {number} at  bytes coded, this one included @returns {string} */
export const codedByte = (at) => `Byte ${integer(at)}, `;

/**
 * After the name of the byte: its share, and what it and all before it cost.
 * @param {number} at  bytes coded, this one included
 * @param {{cost: number, total: number}} bits
 * @returns {string}
 */
export const codedCost = (at, { cost, total }) =>
  `, had ${percent(2 ** -cost)} of the interval: ${fixed(cost, 2)} bits. So far ${fixed(total, 1)} bits, where ${count(at, 'byte')} would take ${integer(8 * at)}.`;

/**
 * The border rule's figure in one sentence.
 * @param {number} bytes
 * @param {readonly number[]} tokens  of levels 1, 2, …
 * @returns {string}
 */
export function bordersDrawn(bytes, tokens) {
  const parts = tokens.map((n, l) => `${count(n, 'token')} of level ${l + 1}`);
  return `The border rule on ${count(bytes, 'byte')}: ${parts.join(', ') || 'no borders'}.`;
}

/** A threshold with its unit. @param {number} value @param {string} unit  of the level's rule @returns {string} */
export const thresholdValue = (value, unit) => `${significant(value)} ${unit}`;

/** What the loop's button does. @param {boolean} playing @returns {string} */
export const playLabel = (playing) => (playing ? 'Pause' : 'Play');

/**
 * What comparing every beginning of the sentence with the whole has found.
 * @param {Pick<import('../../wasm/engine/protocol.js').CausalityEvent, 'leaks'|'positions'|'worst'|'difference'>} result
 * @returns {string}
 */
export const causalityWords = ({ leaks, positions, worst, difference }) =>
  leaks
    ? `It does look ahead: with what follows left out, a logit after byte ${integer(worst + 1)} changes by ${significant(difference)}.`
    : `${count(positions, 'beginning')} read alone, against one pass over the whole: the largest difference of a logit is ${significant(difference)}. What follows changes nothing before it.`;

/** Of a model whose borders need the byte to come. */
export const TEACHER_FORCED =
  'This model’s borders are teacher forced: a border is put where the prediction was wrong, which takes the byte to come. Whatever its decoder scores is too good, and it cannot be streamed.';
