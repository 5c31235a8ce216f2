/** How predictions become bits: an interval that each byte narrows to its own share of it. Plain values. */
import { SYMBOLS } from '../../wasm/engine/kinds.js';

/** @typedef {import('../../wasm/engine/protocol.js').TimeStepsEvent} TimeStepsEvent */

/** Bits of the whole numbers in which shares of an interval are counted. */
const BITS = 16;
const ONE = 2 ** BITS;

/**
 * One byte on its way to bits. All places are shares of the interval that the bytes before left.
 * @typedef {object} Narrowing
 * @property {number} byte
 * @property {Float64Array} edges  [257] where the share of each byte begins; the last is 1
 * @property {number} cost    bits, −log₂ of its share
 * @property {number} total   bits of all bytes so far
 * @property {string} digits  binary digits after the point that all numbers of the interval now share
 */

/**
 * Shares of an interval in bytes' order, whole numbers of 2⁻¹⁶, none of them zero.
 * @param {ArrayLike<number>|null} logits  [≥ 256]; null where every byte is as likely
 * @returns {Uint32Array} [257] where each begins
 */
export function sharesOf(logits) {
  const weights = new Float64Array(256).fill(1);
  if (logits) {
    let most = -Infinity;
    for (let i = 0; i < 256; i++) most = Math.max(most, logits[i]);
    for (let i = 0; i < 256; i++) weights[i] = Math.exp(logits[i] - most);
  }
  const sum = weights.reduce((a, b) => a + b, 0);
  const edges = new Uint32Array(SYMBOLS);
  let before = 0;
  for (let i = 0; i < 256; i++) {
    before += weights[i];
    edges[i + 1] = i + 1 + Math.round((before / sum) * (ONE - 256));
  }
  return edges;
}

/** The digits that the first and the last number of an interval begin with alike. @param {bigint} low @param {bigint} high @param {number} length */
function sharedDigits(low, high, length) {
  const first = low.toString(2).padStart(length, '0');
  const last = (high - 1n).toString(2).padStart(length, '0');
  let n = 0;
  while (n < length && first[n] === last[n]) n++;
  return first.slice(0, n);
}

/**
 * What becomes of the interval from 0 to 1 along a text.
 * @param {Uint8Array} text
 * @param {Pick<TimeStepsEvent, 'cached'>} event  with the logits [bytes][257] after each byte
 * @returns {Narrowing[]} one a byte
 */
export function narrowings(text, { cached }) {
  let [low, range, total] = [0n, 1n, 0];
  return Array.from(text, (byte, i) => {
    const shares = sharesOf(i === 0 ? null : cached.subarray((i - 1) * SYMBOLS, i * SYMBOLS));
    const [from, to] = [shares[byte], shares[byte + 1]];
    low = (low << BigInt(BITS)) + range * BigInt(from);
    range *= BigInt(to - from);
    const cost = BITS - Math.log2(to - from);
    total += cost;
    const edges = Float64Array.from(shares, (edge) => edge / ONE);
    return { byte, edges, cost, total, digits: sharedDigits(low, low + range, BITS * (i + 1)) };
  });
}

/**
 * The shares that are wide enough to be seen, in order.
 * @param {Narrowing} narrowing
 * @param {number} least  share
 * @returns {{byte: number, from: number, to: number, own: boolean}[]} the byte's own is always among them
 */
export function visibleShares({ byte, edges }, least) {
  const all = Array.from({ length: 256 }, (_, i) => ({ byte: i, from: edges[i], to: edges[i + 1], own: i === byte }));
  return all.filter(({ from, to, own }) => own || to - from >= least);
}
