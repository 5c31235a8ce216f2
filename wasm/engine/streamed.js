/**
 * How well a model predicts a text that it reads from one state, byte by byte, as generation does: no window ever starts
 * anew. The same under Node and in a worker.
 */

import { meanOf } from './means.js';
import { atWordStart } from './word_starts.js';

/** @typedef {import('./probe.js').Probe} Probe */

/** Bytes of a block; errors are taken over blocks, since costs of neighbouring bytes are correlated. */
const BLOCK = 4096;

/**
 * @typedef {object} Streamed
 * @property {number} bytes        predicted: all but the first
 * @property {number} decoderBpb   bits a byte
 * @property {number} encoderBpb   bits a byte; of a model with one head, that head's
 * @property {number} error        standard error of `decoderBpb` over blocks of 4,096 bytes; NaN with fewer than two
 * @property {number[]} tokens     positions of each level, bytes first
 * @property {number} bordersAtWords  share of level 0's borders that stand at the first letter of a word, or at the
 *   space before it; NaN where there are none
 * @property {Float32Array} costs  bits of each predicted byte
 */

/**
 * Mean costs of whole blocks.
 * @param {Float32Array} costs
 */
function blockMeans(costs) {
  const means = [];
  for (let at = 0; at + BLOCK <= costs.length; at += BLOCK) {
    let sum = 0;
    for (let i = at; i < at + BLOCK; i++) sum += costs[i];
    means.push(sum / BLOCK);
  }
  return means;
}

/**
 * Reads a text from the start of the stream.
 * @param {Probe} probe  ready to read: weights, thresholds and parents are set
 * @param {Uint8Array} text  at least two bytes
 * @param {() => Promise<void>} [pause]  called between pieces
 * @param {Uint8Array} [marks]  of the text's bytes, see marks.js
 * @returns {Promise<Streamed>}
 */
export async function readStreamed(probe, text, pause = async () => {}, marks = undefined) {
  probe.reset();
  const costs = new Float32Array(text.length - 1);
  const before = new Array(probe.levels).fill(0);
  let [encoder, borders, atWords] = [0, 0, 0];
  for (let from = 0; from < text.length; from += probe.pieceLength) {
    const piece = probe.tracePiece(text, from, Math.min(text.length, from + probe.pieceLength), 0, before, marks);
    // A byte's cost stands at the byte before it, and nothing comes after the last byte.
    const count = Math.min(piece.decoderBits.length, costs.length - from);
    costs.set(piece.decoderBits.subarray(0, count), from);
    for (let i = 0; i < count; i++) encoder += piece.encoderBits[i];
    const [bytes] = piece.levels;
    bytes.border.forEach((border, i) => {
      if (!border || probe.levels < 2) return;
      borders++;
      if (atWordStart(text, from + i)) atWords++;
    });
    await pause();
  }
  let decoder = 0;
  for (const cost of costs) decoder += cost;
  return {
    bytes: costs.length,
    decoderBpb: decoder / costs.length,
    encoderBpb: encoder / costs.length,
    error: meanOf(blockMeans(costs)).error,
    tokens: before.slice(),
    bordersAtWords: borders > 0 ? atWords / borders : Number.NaN,
    costs,
  };
}
