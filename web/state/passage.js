/** Passages of a text: cut at characters, started where a sentence or a line starts. */
import { backToCharacter } from '../format/bytes.js';

/** Most bytes of a passage: 1 MiB. */
export const MOST_PASSAGE = 1 << 20;
/** Lengths a reader can choose, in bytes. */
export const PASSAGE_LENGTHS = Object.freeze([256, 512, 1024, 2048, 4096, 16384, 65536, 262144, MOST_PASSAGE]);
export const DEFAULT_LENGTH = 512;

/** How far ahead of a chosen place the start of a sentence is looked for. */
const REACH = 240;

/**
 * Bytes from about `start` on, no character cut.
 * @param {Uint8Array} text
 * @param {number} start
 * @param {number} length
 * @returns {{start: number, bytes: Uint8Array}} a view
 */
export function cutPassage(text, start, length) {
  const from = backToCharacter(text, Math.max(0, Math.min(start, text.length - 1)));
  const wanted = Math.min(text.length, from + length);
  const to = wanted === text.length ? wanted : backToCharacter(text, wanted);
  return { start: from, bytes: text.subarray(from, Math.max(to, from)) };
}

/**
 * A good place to start at or soon after `at`: after a line's end, else after a sentence's, else a word's.
 * @param {Uint8Array} text
 * @param {number} at
 * @returns {number}
 */
export function niceStart(text, at) {
  const end = Math.min(text.length, at + REACH);
  const [newline, space] = [10, 32];
  let [sentence, word] = [-1, -1];
  for (let i = at + 1; i < end; i++) {
    if (text[i] === newline || text[i] === space) continue;
    if (text[i - 1] === newline) return i;
    if (text[i - 1] !== space) continue;
    if (word < 0) word = i;
    // Full stop, exclamation mark or question mark before the space.
    if (sentence < 0 && [46, 33, 63].includes(text[i - 2])) sentence = i;
  }
  return sentence >= 0 ? sentence : word >= 0 ? word : backToCharacter(text, at);
}
