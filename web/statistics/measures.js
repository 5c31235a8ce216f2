/** What is counted over a shown text. Pure: traces in, numbers out. */
import { backToCharacter, clusters } from '../format/bytes.js';

/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {import('../traces/spans.js').Ends} Ends */
/** @typedef {import('../format/bytes.js').Cluster} Cluster */

/** Bars of a histogram at most. */
const MOST_BARS = 14;

/**
 * @typedef {{from: number, to: number, count: number}} Bar   values `from`…`to`, both inclusive
 * @typedef {{count: number, mean: number, deviation: number, shortest: number, longest: number, histogram: Bar[]}} Lengths
 */

/**
 * Bytes a token of one level: mean, standard deviation, histogram. The first token is left out: position 0 is a border
 * whatever the model says. So is what comes after the last border.
 * @param {Uint32Array} ends  last byte of each token
 * @returns {Lengths}
 */
export function tokenLengths(ends) {
  const lengths = Array.from({ length: Math.max(0, ends.length - 1) }, (_, i) => ends[i + 1] - ends[i]);
  const count = lengths.length;
  const mean = lengths.reduce((sum, n) => sum + n, 0) / count;
  const deviation = Math.sqrt(lengths.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (count - 1));
  const [shortest, longest] = lengths.reduce(
    ([low, high], n) => [Math.min(low, n), Math.max(high, n)],
    [Number.POSITIVE_INFINITY, 0],
  );
  return { count, mean, deviation, shortest, longest, histogram: count > 0 ? histogram(lengths, longest) : [] };
}

/** @param {number[]} values  whole, from 1 @param {number} largest @returns {Bar[]} */
function histogram(values, largest) {
  const width = Math.ceil(largest / MOST_BARS);
  const bars = Array.from({ length: Math.ceil(largest / width) }, (_, i) => ({
    from: i * width + 1,
    to: (i + 1) * width,
    count: 0,
  }));
  for (const value of values) bars[Math.floor((value - 1) / width)].count++;
  return bars;
}

/** Where a border can be, between a byte and the next. @typedef {'word'|'space'|'inside'} Kind */
/** @type {readonly Kind[]} */
export const KINDS = Object.freeze(['word', 'space', 'inside']);

const WORD = /[\p{L}\p{N}\p{M}]/u;

/** Bytes that are taken apart at once: a long text as a whole would need a hundred bytes a byte. */
const CHUNK = 1 << 14;

/** @param {Uint8Array} text @returns {Generator<Cluster>} its signs in order, none cut */
function* signs(text) {
  for (let from = 0; from < text.length; ) {
    const wanted = Math.min(text.length, from + CHUNK);
    const to = wanted === text.length ? wanted : Math.max(from + 1, backToCharacter(text, wanted));
    for (const cluster of clusters(text.subarray(from, to))) yield { ...cluster, from: cluster.from + from };
    from = to;
  }
}

/**
 * For each byte, which kinds of place come after it: a word starts there, or one sign later, as after a space; white space is
 * before or after; or the next byte goes on with the same character. The last byte has no place after it.
 * @param {Uint8Array} text
 * @returns {Record<Kind, Uint8Array>}
 */
export function placesOf(text) {
  const n = Math.max(0, text.length - 1);
  const places = { word: new Uint8Array(n), space: new Uint8Array(n), inside: new Uint8Array(n) };
  let [word, space] = [false, false];
  for (const { from, length, kind, text: sign } of signs(text)) {
    const isWord = kind === 'char' && WORD.test(sign);
    const isSpace = kind === 'space' || kind === 'newline' || kind === 'tab';
    if (from > 0) {
      places.word[from - 1] = isWord && !word ? 1 : 0;
      places.space[from - 1] = isSpace || space ? 1 : 0;
    }
    places.inside.fill(1, from, from + length - 1);
    [word, space] = [isWord, isSpace];
  }
  for (let t = 0; t + 1 < n; t++) if (places.word[t + 1] && !places.inside[t]) places.word[t] = 1;
  return places;
}

/**
 * @typedef {object} Share
 * @property {number} found      share of a level's borders that are at such places
 * @property {number} random     share that borders at random bytes would have on the average, with the same count
 * @property {number} deviation  standard deviation of that share (hypergeometric)
 */

/**
 * Shares of a level's borders at each kind of place, against as many borders at random. The first byte's border, which
 * no model chose, and the last byte do not count.
 * @param {Uint32Array} ends  bytes with a border
 * @param {Record<Kind, Uint8Array>} places
 * @returns {{borders: number, shares: Record<Kind, Share>}}
 */
export function borderPlaces(ends, places) {
  const n = places.word.length;
  const chosen = ends.subarray(1).filter((byte) => byte < n);
  const [k, population] = [chosen.length, n - 1];
  const share = (/** @type {Uint8Array} */ marks) => {
    let there = 0;
    for (let t = 1; t < n; t++) there += marks[t];
    let found = 0;
    for (const byte of chosen) found += marks[byte];
    const p = there / population;
    const spread = population > 1 ? (population - k) / (population - 1) : 0;
    return { found: found / k, random: p, deviation: Math.sqrt((p * (1 - p) * spread) / k) };
  };
  return {
    borders: k,
    shares: { word: share(places.word), space: share(places.space), inside: share(places.inside) },
  };
}

/** Bins of a calibration curve. */
const BINS = 10;

/**
 * @typedef {{entropy: number, bits: number, count: number}} Bin   means over the bytes of a bin, both in bits
 * @typedef {{entropy: number, bits: number, bins: Bin[]}} Calibration
 */

/**
 * What a head expected to pay, its entropy, against what it paid: over all bytes, and in bins of as many bytes each, from
 * the surest to the least sure. A calibrated head pays what it expects.
 * @param {Float32Array} entropy  nats
 * @param {Float32Array} bits
 * @returns {Calibration} in bits a byte
 */
export function calibration(entropy, bits) {
  const order = [...bits.keys()].filter((t) => Number.isFinite(bits[t])).sort((a, b) => entropy[a] - entropy[b]);
  const part = (/** @type {number[]} */ list) => ({
    entropy: list.reduce((sum, t) => sum + entropy[t], 0) / list.length / Math.LN2,
    bits: list.reduce((sum, t) => sum + bits[t], 0) / list.length,
    count: list.length,
  });
  const bins = [];
  for (let b = 0; b < BINS; b++) {
    const list = order.slice(Math.floor((b * order.length) / BINS), Math.floor(((b + 1) * order.length) / BINS));
    if (list.length > 0) bins.push(part(list));
  }
  const { entropy: meanEntropy, bits: meanBits } = part(order);
  return { entropy: meanEntropy, bits: meanBits, bins };
}

/** Bytes of a block whose mean counts as one observation: what neighbours cost is not independent. */
const BLOCK = 64;

/**
 * The mean of `a − b` over the bytes for which both are known, with the standard error of that mean over blocks.
 * @param {Float32Array} a  bits
 * @param {Float32Array} b  bits
 * @returns {{mean: number, error: number, bytes: number}} `error` NaN for fewer than three blocks
 */
export function pairedDifference(a, b) {
  /** @type {number[]} */
  const blocks = [];
  let [sum, bytes] = [0, 0];
  for (let from = 0; from < a.length; from += BLOCK) {
    let [part, known] = [0, 0];
    for (let t = from; t < Math.min(a.length, from + BLOCK); t++) {
      const difference = a[t] - b[t];
      if (!Number.isFinite(difference)) continue;
      part += difference;
      known++;
    }
    sum += part;
    bytes += known;
    // A short rest would weigh as much as a block.
    if (known >= BLOCK / 2) blocks.push(part / known);
  }
  const mean = sum / bytes;
  const centre = blocks.reduce((total, x) => total + x, 0) / blocks.length;
  const variance = blocks.reduce((total, x) => total + (x - centre) ** 2, 0) / (blocks.length - 1);
  return { mean, error: blocks.length > 2 ? Math.sqrt(variance / blocks.length) : Number.NaN, bytes };
}
