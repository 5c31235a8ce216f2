/** Who predicts a text that is to be compressed, unless an option says. */

/**
 * Lengths in bytes of texts that a model learns from: shorter ones end before it has learned much, and it takes two minutes
 * a megabyte.
 */
const [LEAST, MOST] = [8192, 10_000_000];

/**
 * Counts and a model that learns on the way; counts alone for what is short, long, or of unknown length.
 * @param {number} [length]  of the text in bytes, where it is known
 * @returns {'mix'|'counts'}
 */
export const usualMode = (length = 0) => (length >= LEAST && length <= MOST ? 'mix' : 'counts');
