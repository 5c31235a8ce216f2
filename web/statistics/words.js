/** What measured numbers mean, in a sentence each. */
import { fixed } from '../format/numbers.js';

/** Standard errors within which a difference may be chance. */
const CHANCE = 2;

/** @param {{mean: number, error: number}} difference  bits a byte @returns {string} "0.012 ± 0.003" */
export function amount({ mean, error }) {
  const digits = Math.abs(mean) < 0.01 ? 4 : 3;
  const size = fixed(Math.abs(mean), digits);
  return Number.isFinite(error) ? `${size} ± ${fixed(CHANCE * error, digits)}` : size;
}

/** @param {{mean: number, error: number}} difference @returns {boolean} whether it is more than chance would do */
export function isClear({ mean, error }) {
  return Number.isFinite(error) && Math.abs(mean) > CHANCE * error;
}

/**
 * What the states from above are worth to the decoder, honestly.
 * @param {{mean: number, error: number}} difference  bits a byte without parents, less those with them
 * @returns {string}
 */
export function parentsVerdict(difference) {
  const bits = amount(difference);
  if (!isClear(difference))
    return `Without its parents the decoder pays ${difference.mean < 0 ? 'less' : 'more'} by ${bits} bits a byte: no more than chance would do. On this text the levels above buy nothing that can be told.`;
  if (difference.mean > 0)
    return `Without its parents the decoder pays ${bits} bits a byte more: that is what the levels above buy on this text.`;
  return `Without its parents the decoder pays ${bits} bits a byte less: on this text the levels above do harm.`;
}

/**
 * @param {{mean: number, error: number}} difference  bits a byte of the second, less those of the first
 * @param {string} first
 * @param {string} second
 * @returns {string}
 */
export function comparisonVerdict(difference, first, second) {
  if (difference.mean === 0) return `${first} and ${second} pay the same.`;
  const [better, worse] = difference.mean > 0 ? [first, second] : [second, first];
  const words = `${better} pays ${amount(difference)} bits a byte less than ${worse.replace(/^The /, 'the ')}`;
  return isClear(difference) ? `${words}.` : `${words}, which may be chance.`;
}

/**
 * How a head’s expectation compares with what it paid.
 * @param {{entropy: number, bits: number}} calibration  bits a byte
 * @returns {string}
 */
export function calibrationVerdict({ entropy, bits }) {
  const gap = bits - entropy;
  if (Math.abs(gap) < 0.03) return 'pays what it expects';
  return gap > 0 ? `pays ${fixed(gap)} bits more than it expects` : `pays ${fixed(-gap)} bits less than it expects`;
}
