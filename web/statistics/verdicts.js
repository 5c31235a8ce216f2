/** What measured numbers mean, in a sentence each. */
import { certainty, shownMean } from '../../wasm/engine/means.js';
import { isolated } from '../../wasm/files/formats/names.js';
import { fixed, integer } from '../format/numbers.js';

/** The open model as one of two, by where it is from. */
export const MODELS = Object.freeze({ example: 'The example', file: 'The opened model', fresh: 'Your model' });

/** Standard errors within which a difference may be chance. */
const CHANCE = 2;

export const MAY_BE_CHANCE = ', which may be chance.';

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

/** @typedef {'gain'|'harm'|'chance'} Outcome  which way a difference goes, where it is more than chance would do */

/** @param {{mean: number, error: number}} difference @returns {Outcome} */
function outcomeOf(difference) {
  if (!isClear(difference)) return 'chance';
  return difference.mean > 0 ? 'gain' : 'harm';
}

/** @typedef {Readonly<Record<Outcome, (paid: string) => string>>} Sentences  `paid`: bits a byte, and whether more or less */

/** What is said of each outcome. @type {Readonly<Record<'decoder'|'model'|'worth', Sentences>>} */
export const VERDICTS = Object.freeze({
  /** Of a decoder without its parents. */
  decoder: {
    gain: (paid) => `Without its parents the decoder pays ${paid}: that is what the levels above buy on this text.`,
    harm: (paid) => `Without its parents the decoder pays ${paid}: on this text the levels above do harm.`,
    chance: (paid) =>
      `Without its parents the decoder pays ${paid}: no more than chance would do. On this text the levels above buy nothing that can be told.`,
  },
  /** Of a model with one head, whose layers came to rely on what comes down. */
  model: {
    gain: (paid) => `Without its parents the model pays ${paid}: so much it relies on the levels above.`,
    harm: (paid) => `Without its parents the model pays ${paid}: so much it is led astray by the levels above.`,
    chance: (paid) =>
      `Without its parents the model pays ${paid}: no more than chance would do. On this text the levels above are not used so that it could be told.`,
  },
  /** Of a flat model, trained without levels. */
  worth: {
    gain: (paid) =>
      `The flat model, trained without levels on the same data for as many steps, pays ${paid}: that is what the levels are worth on this text.`,
    harm: (paid) =>
      `The flat model, trained without levels on the same data for as many steps, pays ${paid}: on this text the levels are used, and not worth it.`,
    chance: (paid) =>
      `The flat model, trained without levels on the same data for as many steps, pays ${paid}, which may be chance: what the levels are worth can’t be told here.`,
  },
});

/** @param {string} by  an amount @param {boolean} less @returns {string} “0.012 ± 0.003 bits a byte more” */
export const bitsMore = (by, less = false) => `${by} bits a byte ${less ? 'less' : 'more'}`;

/** @param {{mean: number, error: number}} difference @returns {string} likewise */
export const paid = (difference) => bitsMore(amount(difference), difference.mean < 0);

/** @param {number} level @param {string} pays  what is paid @returns {string} without a full stop */
export const withoutLevel = (level, pays) => `Without what comes down from level ${level} it pays ${pays}`;

/**
 * What the states from above do for predictions, honestly.
 * @param {{mean: number, error: number}} difference  bits a byte without parents, less those with them
 * @param {boolean} alone  whether there is one head, whose layers came to rely on what comes down
 * @returns {string}
 */
export function parentsVerdict(difference, alone) {
  return VERDICTS[alone ? 'model' : 'decoder'][outcomeOf(difference)](paid(difference));
}

/**
 * How much a level above the first is used.
 * @param {{mean: number, error: number}} difference  bits a byte without what comes down from it, less those as it is
 * @param {number} level
 * @returns {string}
 */
export function levelVerdict(difference, level) {
  const words = withoutLevel(level, paid(difference));
  return isClear(difference) ? `${words}.` : `${words}${MAY_BE_CHANCE}`;
}

/**
 * What the levels are worth: against a model that was trained without them.
 * @param {{mean: number, error: number}} difference  bits a byte of the model without levels, less those with them
 * @returns {string}
 */
export function worthVerdict(difference) {
  return VERDICTS.worth[outcomeOf(difference)](paid(difference));
}

/** @param {string} better @param {string} by  an amount @param {string} worse @returns {string} without a full stop */
export const paysLess = (better, by, worse) =>
  `${better} pays ${by} bits a byte less than ${worse.replace(/^The /, 'the ')}`;

/**
 * @param {{mean: number, error: number}} difference  bits a byte of the second, less those of the first
 * @param {string} first
 * @param {string} second
 * @returns {string}
 */
export function comparisonVerdict(difference, first, second) {
  if (difference.mean === 0) return `${first} and ${second} pay the same.`;
  const [better, worse] = difference.mean > 0 ? [first, second] : [second, first];
  const words = paysLess(better, amount(difference), worse);
  return isClear(difference) ? `${words}.` : `${words}${MAY_BE_CHANCE}`;
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

const FEW = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** @param {number} n @returns {string} “three seeds” */
export const seedCount = (n) => `${FEW[n] ?? integer(n)} seed${n === 1 ? '' : 's'}`;

/**
 * What trainings from several seeds say about two models, and no more than that.
 * @param {import('../../wasm/engine/means.js').Mean} difference  bits a byte, less those of the other model, seed by seed;
 *   its error is one standard error
 * @param {string} other  name of the other model
 * @returns {string}
 */
export function seedsVerdict(difference, other) {
  const { n, mean } = difference;
  if (n === 0) return `No seed of it and of ${other} is there yet, so nothing can be said.`;
  const digits = Math.abs(mean) < 0.01 ? 4 : 3;
  const by = shownMean({ ...difference, mean: Math.abs(mean) }, digits);
  const [place, what] = mean < 0 ? ['ahead of', 'gain'] : ['behind', 'loss'];
  const words =
    mean === 0 ? `Level with ${other}` : `${mean < 0 ? 'Ahead of' : 'Behind'} ${other} by ${by} bits a byte`;
  switch (certainty(difference)) {
    case 'none':
      return `${words}, with ${seedCount(n)}: another seed may turn it round, so no ${what} can be told.`;
    case 'chance':
      return `${words}, with ${seedCount(n)}: that may be chance.`;
    case 'likely':
      return `${words}, with ${seedCount(n)}: it looks to be ${place} it, but so few seeds can’t settle it.`;
    case 'clear':
      return `${words}, with ${seedCount(n)}: more than chance would do.`;
  }
}

/**
 * What the seeds of a model say, beside those of the model that the others are compared with.
 * @param {Pick<import('./studies.js').Row, 'difference'|'off'|'bits'>} row
 * @param {string} reference  name of that model
 * @returns {string}
 */
export function rowVerdict({ difference, off, bits }, reference) {
  const verdict = difference
    ? seedsVerdict(difference, `“${isolated(reference)}”`)
    : `What the others are compared with, ${seedCount(bits.n)}.`;
  return off ? `${verdict} With all parents set to zero it pays ${shownMean(off, 3)} more.` : verdict;
}
