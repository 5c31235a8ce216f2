/** Finding text in bytes: characters of UTF-8 in either case. */

/** Hits that are kept at most. */
const MOST_HITS = 100_000;

/** Where something was found: bytes `starts[i]`…`ends[i]` − 1. `more`: whether there were too many to keep. @typedef {{starts: Uint32Array, ends: Uint32Array, more: boolean}} Hits */

const encoder = new TextEncoder();

/** The bytes that a character may have, in one case or the other. @param {string} character @returns {Uint8Array[]} */
function alternatives(character) {
  const forms = new Set([character, character.toLowerCase(), character.toUpperCase()]);
  return [...forms].map((form) => encoder.encode(form));
}

/** @param {Uint8Array} text @param {number} at @param {Uint8Array} part */
function matches(text, at, part) {
  if (at + part.length > text.length) return false;
  for (let i = 0; i < part.length; i++) if (text[at + i] !== part[i]) return false;
  return true;
}

/** Where a match from `at` ends, or −1. @param {Uint8Array} text @param {number} at @param {Uint8Array[][]} pattern */
function matchEnd(text, at, pattern) {
  let end = at;
  for (const forms of pattern) {
    const found = forms.find((form) => matches(text, end, form));
    if (!found) return -1;
    end += found.length;
  }
  return end;
}

/**
 * Every place where a text holds what is looked for, in order, none overlapping another.
 * @param {Uint8Array} text
 * @param {string} wanted
 * @param {number} [most]
 * @returns {Hits}
 */
export function findAll(text, wanted, most = MOST_HITS) {
  const pattern = Array.from(wanted, alternatives);
  /** @type {number[]} */
  const starts = [];
  /** @type {number[]} */
  const ends = [];
  const opens = new Uint8Array(256);
  for (const form of pattern[0] ?? []) opens[form[0]] = 1;
  let more = false;
  for (let at = 0; pattern.length > 0 && at < text.length; at++) {
    if (opens[text[at]] === 0) continue;
    const end = matchEnd(text, at, pattern);
    if (end < 0) continue;
    if (starts.length === most) {
      more = true;
      break;
    }
    starts.push(at);
    ends.push(end);
    at = end - 1;
  }
  return { starts: Uint32Array.from(starts), ends: Uint32Array.from(ends), more };
}

/**
 * The hit to go to from a place.
 * @param {Hits} hits
 * @param {number} byte       where the reader is
 * @param {1|-1} direction    the first one at or after it, or the last one before
 * @param {boolean} [after]   whether one that starts at the place itself is skipped
 * @returns {number} its index, round the ends; −1 where there is none
 */
export function nearestHit({ starts }, byte, direction, after = false) {
  const n = starts.length;
  if (n === 0) return -1;
  let [low, high] = [0, n];
  const wanted = direction > 0 && after ? byte + 1 : byte;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return direction > 0 ? low % n : (low - 1 + n) % n;
}
