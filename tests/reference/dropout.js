/**
 * Inverted dropout between the layers of a block, or of what a part adds to the residual stream: a number in a row is
 * dropped where a hash of its place falls below the probability, and the others are scaled up. The place is the training
 * step, the part of the model, the sequence in the batch, the position in the sequence and the unit; so masks do not
 * depend on how rows are laid out.
 */

/** @typedef {import('./tape.js').Tape} Tape */
/** @typedef {import('./tape.js').Matrix} Matrix */

/** Dropout of rows [N][H], the first of them at position t. @typedef {(tape: Tape, x: Matrix, t: number) => Matrix} Drop */
/** The dropout of each part of the model, by its number. @typedef {(part: number) => Drop} Drops */

const WORD = (1n << 64n) - 1n;

/** SplitMix64's finaliser. @param {bigint} x */
function mix(x) {
  let y = (x + 0x9e3779b97f4a7c15n) & WORD;
  y = ((y ^ (y >> 30n)) * 0xbf58476d1ce4e5b9n) & WORD;
  y = ((y ^ (y >> 27n)) * 0x94d049bb133111ebn) & WORD;
  return y ^ (y >> 31n);
}

/**
 * 64 bits for three words.
 * @param {bigint} a
 * @param {bigint} b
 * @param {bigint} c
 * @returns {bigint}
 */
export const hash3 = (a, b, c) => mix(mix(mix(a) ^ b) ^ c);

/**
 * 32 bits for unit i of a row with this key.
 * @param {bigint} key
 * @param {number} i
 */
function hash(key, i) {
  const [low, high] = [Number(key & 0xffffffffn), Number(key >> 32n)];
  let x = low ^ Math.imul(i, 0x9e3779b9);
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) ^ high;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** No dropout. @type {Drops} */
export const keepAll = () => (_, x) => x;

/**
 * The dropout of one sequence.
 * @param {{dropout: number, seed: number}} settings
 * @param {number} step  of training, from 0
 * @param {number} sequence  its number in the batch
 * @returns {Drops}
 */
export function dropsOf({ dropout, seed }, step, sequence) {
  if (dropout === 0) return keepAll;
  const p = Math.fround(dropout);
  const kept = Math.fround(1 / Math.fround(1 - p));
  return (part) => {
    const own = (BigInt(part >> 8) << 40n) | (BigInt(step) << 8n) | BigInt(part & 255);
    return (tape, x, t) => {
      const keys = Array.from({ length: x.rows }, (_, i) =>
        hash3(BigInt(seed), own, (BigInt(sequence) << 32n) | BigInt(t + i)),
      );
      const mask = Float64Array.from(x.data, (_, i) =>
        hash(keys[Math.floor(i / x.cols)], i % x.cols) < p * 2 ** 32 ? 0 : kept,
      );
      return tape.multiply(x, tape.leaf(x.rows, x.cols, mask));
    };
  };
}
