/** Names of files, made from names that people choose freely. */

/**
 * @param {string} name  which may hold anything
 * @returns {string} without what a file's name may not have; not hidden
 */
export function fileNameOf(name) {
  return name.replace(/[^\p{L}\p{N}._-]/gu, '_').replace(/^\.+/, '_');
}

/** Letters of scripts that run from right to left, and marks that make what follows do so. */
const TURNING = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** What a name could turn the words after it with: overrides, isolates, and ends of lines. */
const LEAKING = /[\u202a-\u202e\u2066-\u2069\u2028\u2029\p{Cc}]/gu;

/**
 * A name as a part of a sentence: it runs as its own first letter says, and turns nothing around it. For what is read only,
 * never for a file's name; where the page has an element for the name, `bdi` does the same.
 * @param {string} name
 * @returns {string} between U+2068 and U+2069 where a part of it runs from right to left
 */
export function isolated(name) {
  const plain = name.replace(LEAKING, '');
  return TURNING.test(plain) ? `\u2068${plain}\u2069` : plain;
}
