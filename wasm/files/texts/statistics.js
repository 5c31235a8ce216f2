/** What a text is made of: bytes, characters by script, order-0 entropy. Bytes come piece by piece, in order. */

/** What a character may be, besides a letter of a script. */
const SPACE = 'white space';
const DIGIT = 'digits';
const SIGN = 'punctuation and symbols';
const OTHER = 'other characters';
const SCRIPTS = [
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Georgian',
  'Hebrew',
  'Arabic',
  'Syriac',
  'Ethiopic',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Mongolian',
  'Hangul',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Han',
];

/** Kinds, each with its mark, in the order in which they are tried. @type {[string, RegExp][]} */
const KINDS = [
  [SPACE, /\p{White_Space}/u],
  [DIGIT, /\p{Nd}/u],
  ...SCRIPTS.map((name) => /** @type {[string, RegExp]} */ ([name, new RegExp(`\\p{Script=${name}}`, 'u')])),
  [SIGN, /[\p{P}\p{S}]/u],
  [OTHER, /./su],
];
const UNKNOWN = 255;

/** The kind of each code point, worked out when it first comes. */
const kinds = new Uint8Array(0x110000).fill(UNKNOWN);

/** @param {number} code @returns {number} */
function kindOf(code) {
  if (kinds[code] === UNKNOWN) {
    const character = String.fromCodePoint(code);
    kinds[code] = KINDS.findIndex(([, expression]) => expression.test(character));
  }
  return kinds[code];
}

/**
 * @typedef {object} Statistics
 * @property {number} bytes
 * @property {number} characters       as far as it is UTF-8
 * @property {number} lines
 * @property {number} invalid          faults where it is not UTF-8
 * @property {number} wide             characters of several bytes that are valid UTF-8
 * @property {number|null} firstInvalid  where the first of them is
 * @property {number} openEnd          bytes at the end of a character that is cut off there
 * @property {number} controls         bytes that no text has: control characters other than white space
 * @property {number} entropy          order 0: bits that a byte needs when only their shares are known
 * @property {{name: string, count: number}[]} scripts  most frequent first; letters by script, then what else there is
 */

/** Bytes that a text may have below 32: tab, line feed, form feed, carriage return, and escape, of terminals. */
const USUAL = new Set([9, 10, 12, 13, 27]);

/** Figures of a text that comes in pieces. */
export class TextStatistics {
  constructor() {
    this.histogram = new Float64Array(256);
    this.counts = new Float64Array(KINDS.length);
    this.bytes = 0;
    this.invalid = 0;
    this.wide = 0;
    /** @type {number|null} */
    this.firstInvalid = null;
    /** The current character: its value so far, bytes to come, the least value it may have, bytes seen. */
    this.code = 0;
    this.missing = 0;
    this.least = 0;
    this.seen = 0;
  }

  /** @param {number} at */
  #fault(at) {
    this.invalid++;
    this.firstInvalid ??= at;
    this.missing = 0;
  }

  /** The first byte of a character of several. @param {number} byte @param {number} at */
  #begin(byte, at) {
    this.seen = 1;
    if (byte >= 0xc2 && byte <= 0xdf) [this.code, this.missing, this.least] = [byte & 31, 1, 0x80];
    else if (byte >= 0xe0 && byte <= 0xef) [this.code, this.missing, this.least] = [byte & 15, 2, 0x800];
    else if (byte >= 0xf0 && byte <= 0xf4) [this.code, this.missing, this.least] = [byte & 7, 3, 0x10000];
    else this.#fault(at);
  }

  /** @param {Uint8Array} piece */
  add(piece) {
    const { histogram, counts, bytes: before } = this;
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i];
      histogram[byte]++;
      if (byte < 0x80) {
        if (this.missing > 0) this.#fault(before + i - this.seen);
        continue;
      }
      if (this.missing === 0 || (byte & 0xc0) !== 0x80) {
        if (this.missing > 0) this.#fault(before + i - this.seen);
        this.#begin(byte, before + i);
        continue;
      }
      this.code = (this.code << 6) | (byte & 63);
      this.seen++;
      if (--this.missing > 0) continue;
      const { code } = this;
      if (code < this.least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        this.#fault(before + i - this.seen + 1);
      } else {
        this.wide++;
        counts[kindOf(code)]++;
      }
    }
    this.bytes += piece.length;
  }

  /** @returns {Statistics} */
  result() {
    const { histogram, bytes, invalid, wide, firstInvalid } = this;
    const counts = Float64Array.from(this.counts);
    let [controls, entropy] = [0, 0];
    histogram.forEach((count, byte) => {
      if (byte < 0x80) counts[kindOf(byte)] += count;
      if ((byte < 32 && !USUAL.has(byte)) || byte === 127) controls += count;
      if (count > 0) entropy -= (count / bytes) * Math.log2(count / bytes);
    });
    const scripts = KINDS.map(([name], kind) => ({ name, count: counts[kind] })).filter(({ count }) => count > 0);
    return {
      bytes,
      characters: counts.reduce((sum, count) => sum + count, 0),
      lines: histogram[10],
      invalid,
      wide,
      firstInvalid,
      openEnd: this.missing > 0 ? this.seen : 0,
      controls,
      // A text of one byte over and over would have −0.
      entropy: Math.abs(entropy),
      scripts: scripts.sort((a, b) => b.count - a.count),
    };
  }
}
