/** Where words start in a text of bytes. */

/** A letter or digit of ASCII, or a byte of any other script. @param {number} byte */
const inWord = (byte) =>
  (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte >= 128;

/**
 * Whether a word starts at a position or right after it.
 * @param {Uint8Array} text
 * @param {number} at
 * @returns {boolean}
 */
export function atWordStart(text, at) {
  if (inWord(text[at])) return at === 0 || !inWord(text[at - 1]);
  return at + 1 < text.length && inWord(text[at + 1]);
}
