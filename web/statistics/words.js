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
 * What the states from above do for predictions, honestly.
 * @param {{mean: number, error: number}} difference  bits a byte without parents, less those with them
 * @param {boolean} alone  whether there is one head, whose layers came to rely on what comes down
 * @returns {string}
 */
export function parentsVerdict(difference, alone) {
  const bits = amount(difference);
  if (alone) {
    const paid = `Without its parents the model pays ${bits} bits a byte ${difference.mean < 0 ? 'less' : 'more'}`;
    return isClear(difference)
      ? `${paid}: so much it ${difference.mean < 0 ? 'is led astray by' : 'relies on'} the levels above.`
      : `${paid}: no more than chance would do. On this text the levels above are not used so that it could be told.`;
  }
  if (!isClear(difference))
    return `Without its parents the decoder pays ${difference.mean < 0 ? 'less' : 'more'} by ${bits} bits a byte: no more than chance would do. On this text the levels above buy nothing that can be told.`;
  if (difference.mean > 0)
    return `Without its parents the decoder pays ${bits} bits a byte more: that is what the levels above buy on this text.`;
  return `Without its parents the decoder pays ${bits} bits a byte less: on this text the levels above do harm.`;
}

/**
 * How much a level above the first is used.
 * @param {{mean: number, error: number}} difference  bits a byte without what comes down from it, less those as it is
 * @param {number} level
 * @returns {string}
 */
export function levelVerdict(difference, level) {
  const paid = `Without what comes down from level ${level} it pays ${amount(difference)} bits a byte ${difference.mean < 0 ? 'less' : 'more'}`;
  return isClear(difference) ? `${paid}.` : `${paid}, which may be chance.`;
}

/**
 * What the levels are worth: against a model that was trained without them.
 * @param {{mean: number, error: number}} difference  bits a byte of the model without levels, less those with them
 * @returns {string}
 */
export function worthVerdict(difference) {
  const bits = `${amount(difference)} bits a byte`;
  const control = 'The flat model, trained without levels on the same data for as many steps,';
  if (!isClear(difference))
    return `${control} pays as much but for ${bits}, which may be chance: what the levels are worth can’t be told here.`;
  return difference.mean > 0
    ? `${control} pays ${bits} more: that is what the levels are worth on this text.`
    : `${control} pays ${bits} less: on this text the levels are used, and not worth it.`;
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
