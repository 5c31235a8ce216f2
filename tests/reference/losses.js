/**
 * Cross-entropy and entropy of a softmax, in nats, as operations of the tape.
 */

import { rowOf } from './rows.js';
import { gradientOf } from './tape.js';

/** @typedef {import('./tape.js').Tape} Tape */
/** @typedef {import('./tape.js').Matrix} Matrix */

/** Smaller probabilities count as this one inside the entropy's logarithm. */
const SMALLEST_PROBABILITY = 1e-8;

/**
 * @param {Float64Array} logits  [V]
 * @returns {Float64Array} [V], adding up to 1
 */
export function softmax(logits) {
  const highest = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

/**
 * −ln p(target) of each row; its gradient in the logits is p − onehot(target).
 * @param {Tape} tape
 * @param {Matrix} logits  [N][V]
 * @param {number[]} targets  [N], each 0 … V − 1
 * @returns {Matrix} [N][1], nats
 */
export function crossEntropy(tape, logits, targets) {
  const losses = Float64Array.from(targets, (target, n) => {
    const row = rowOf(logits, n);
    const highest = Math.max(...row);
    return highest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - highest), 0)) - row[target];
  });
  return tape.record(logits.rows, 1, losses, (dy) => {
    const dLogits = gradientOf(logits);
    targets.forEach((target, n) => {
      const p = softmax(rowOf(logits, n));
      for (let v = 0; v < p.length; v++) dLogits[n * p.length + v] += dy[n] * (p[v] - Number(v === target));
    });
  });
}

/**
 * −Σ p·ln(max(p, 1e-8)) of each row. With g_v = ∂/∂p_v = −(ln(max(p_v, 1e-8)) + [p_v ≥ 1e-8]), the gradient in the
 * logits is p_v·(g_v − Σ_u p_u g_u).
 * @param {Tape} tape
 * @param {Matrix} logits  [N][V]
 * @returns {Matrix} [N][1], nats
 */
export function entropy(tape, logits) {
  const logOf = (/** @type {number} */ p) => Math.log(Math.max(p, SMALLEST_PROBABILITY));
  const entropies = new Float64Array(logits.rows);
  for (let n = 0; n < logits.rows; n++) {
    entropies[n] = -softmax(rowOf(logits, n)).reduce((sum, p) => sum + p * logOf(p), 0);
  }
  return tape.record(logits.rows, 1, entropies, (dy) => {
    const dLogits = gradientOf(logits);
    for (let n = 0; n < logits.rows; n++) {
      const p = softmax(rowOf(logits, n));
      const g = p.map((q) => -(logOf(q) + Number(q >= SMALLEST_PROBABILITY)));
      const mean = p.reduce((sum, q, v) => sum + q * g[v], 0);
      for (let v = 0; v < p.length; v++) dLogits[n * p.length + v] += dy[n] * p[v] * (g[v] - mean);
    }
  });
}
