/** Patterns of what the product says, made by its own functions, so that no test spells its wording out. */

/** @typedef {(...numbers: number[]) => string} Sentence  numbers that it takes stand for any number */

/** Stands in a sentence for any text. */
export const ANY = '\ue000';
/** Numbers that no sentence has by itself: the first of them, and from one to the next. */
const [FIRST, APART] = [770_011, 1010];
const NUMBER = '-?\\d(?:[\\d,.]*\\d)?';

/** @param {Sentence} sentence @param {boolean} named  whether the first number is the group `a`, the second `b`, … @returns {string} */
function sourceOf(sentence, named) {
  const marks = Array.from({ length: sentence.length }, (_, i) => FIRST + APART * i);
  let source = sentence(...marks).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  for (const [i, mark] of marks.entries()) {
    let known = !named;
    const digits = String(mark);
    source = source.replace(new RegExp(`${digits.slice(0, 3)},?${digits.slice(3)}(?:\\\\\\.0+)?`, 'g'), () => {
      const group = known ? `(?:${NUMBER})` : `(?<${'abcdefgh'[i]}>${NUMBER})`;
      known = true;
      return group;
    });
  }
  return source.replaceAll(ANY, '.*');
}

/**
 * A pattern of a whole line.
 * @param {Sentence} sentence
 * @returns {RegExp} whose group `a` is the first number, `b` the second, …
 */
export const lineLike = (sentence) => new RegExp(`^${sourceOf(sentence, true)}$`, 'm');

/**
 * A pattern of a part of a text.
 * @param {...Sentence} sentences  any of them
 * @returns {RegExp} with such groups where there is one sentence
 */
export const saying = (...sentences) =>
  new RegExp(sentences.map((sentence) => sourceOf(sentence, sentences.length === 1)).join('|'));
