/** What the tour says about the things that it points at. */
import { fixed, percent } from '../../format/numbers.js';

/** @param {number} number @param {number} all @returns {string} */
export const stopOf = (number, all) => `${number} of ${all}`;

/**
 * What a held-out byte cost at first, and costs now.
 * @param {{first: number, now: number, gzip: number|null}} bits  bits a byte; `gzip`: null where it is not known
 * @returns {string}
 */
export const costFell = ({ first, now, gzip }) =>
  `A byte of that part cost ${fixed(first)} bits at first, and costs ${fixed(now)} now${gzip === null ? '' : `; gzip needs ${fixed(gzip)}`}.`;

/**
 * How many of its borders stand at words.
 * @param {{borders: number, bytes: number}} shares  of the borders, and of all bytes, that stand there; 0 to 1
 * @returns {string}
 */
export const bordersAtWords = ({ borders, bytes }) =>
  `Now ${percent(borders)} of its borders stand at the start of a word or the space before it; of all bytes it is ${percent(bytes)}.`;
