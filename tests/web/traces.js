/** Traces for tests, cut by the border rule from given scores. */
import { emptyTrace, withPiece } from '../../web/traces/trace.js';

/**
 * Positions of one level, from the scores of its positions: the running sum, and a border where it reaches the threshold.
 * @param {number[]} source
 * @param {number[]} scores
 * @param {number} threshold  infinite at the top
 */
function levelOf(source, scores, threshold) {
  let sum = 0;
  const sums = scores.map((score, t) => {
    sum = t === 0 ? 0 : sum + score;
    const now = sum;
    if (now >= threshold) sum = 0;
    return now;
  });
  const top = threshold === Number.POSITIVE_INFINITY;
  return {
    from: 0,
    source: Uint32Array.from(source),
    score: Float32Array.from(scores),
    sum: Float32Array.from(sums),
    border: Uint8Array.from(sums, (s, t) => (!top && (t === 0 || s >= threshold) ? 1 : 0)),
    realised: Float32Array.from(scores, (s) => s / 2),
    realisedBefore: Number.NaN,
  };
}

/**
 * A piece as the worker sends it.
 * @param {Uint8Array} text
 * @param {number[]} thresholds  one for each level with borders
 * @param {(level: number, position: number) => number} score
 */
export function pieceOf(text, thresholds, score) {
  const n = text.length;
  const levels = [];
  let source = Array.from({ length: n }, (_, t) => t);
  for (let l = 0; l <= thresholds.length; l++) {
    const scores = source.map((_, t) => score(l, t));
    const level = levelOf(source, scores, thresholds[l] ?? Number.POSITIVE_INFINITY);
    levels.push(level);
    source = [...level.border.keys()].filter((t) => level.border[t] === 1);
  }
  const bits = Float32Array.from(text, (_, t) => (t + 1 < n ? 1 + (t % 3) : Number.NaN));
  const top = 2;
  return {
    from: 0,
    encoderEntropy: levels[0].score.slice(),
    decoderEntropy: levels[0].score.slice(),
    encoderBits: bits,
    decoderBits: bits.map((b) => b / 2),
    top,
    // The next byte is the second likeliest, after a wrong guess.
    encoderTop: Uint16Array.from({ length: n * top }, (_, i) =>
      i % top === 0 ? 256 : (text[Math.floor(i / top) + 1] ?? 0),
    ),
    encoderProbability: Float32Array.from({ length: n * top }, (_, i) => (i % top === 0 ? 0.5 : 0.25)),
    decoderTop: new Uint16Array(n * top).fill(120),
    decoderProbability: new Float32Array(n * top).fill(0.125),
    levels,
  };
}

/**
 * @param {Uint8Array} text
 * @param {number[]} thresholds
 * @param {(level: number, position: number) => number} [score]
 */
export function traceOf(text, thresholds, score = () => 1) {
  return withPiece(emptyTrace(text, thresholds), pieceOf(text, thresholds, score), true);
}

/** @param {string} text */
export const utf8 = (text) => new TextEncoder().encode(text);
