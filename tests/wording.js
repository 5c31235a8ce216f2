/** Patterns of what the product says, made of its own sentences, for tests that do not know everything in them. */

/** Stands in a sentence for any text. */
export const ANY = '\ue000';

/** @param {string} text @returns {string} a pattern of just this text */
const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(ANY, '.*');

/** What stands for a number that is none: in web/format/numbers.js, and elsewhere. */
const NONE = /–|NaN/;
/** A number as people read it, with the unit that the same function may add. */
const NUMBER = String.raw`([−+-]?\d(?:[\d.,]*\d)?(?:e[+-]\d+)?(?: (?:bytes?|[kMG]B|%|[kMG](?!\w)))?)`;

/**
 * A pattern of sentences of the product that were made with NaN for each number that a test does not know: any number may
 * stand in those places.
 * @param {...string} sentences  in the order in which they come; anything may stand between two
 * @returns {RegExp} with a group for each number
 */
export const anyNumbers = (...sentences) =>
  new RegExp(sentences.map((sentence) => sentence.split(NONE).map(escaped).join(NUMBER)).join('.*'), 's');

/** The numbers in a text, in order. @param {string} text @returns {number[]} */
export const numbersIn = (text) => (text.match(/\d[\d,]*(?:\.\d+)?/g) ?? []).map((n) => Number(n.replaceAll(',', '')));

/** A pattern of a whole text that is just this one. @param {string} text @returns {RegExp} */
export const exactly = (text) => new RegExp(`^${escaped(text)}$`);

/** The same, of a whole text. @param {...string} sentences @returns {RegExp} */
export const wholly = (...sentences) => new RegExp(`^${anyNumbers(...sentences).source}$`, 's');

/** The same for a line of a text. @param {string} sentence @returns {RegExp} */
export const lineOfText = (sentence) => new RegExp(wholly(sentence), 'm');
