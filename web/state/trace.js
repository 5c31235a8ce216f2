/** Pieces of a trace (see protocol.js) put together. Index t holds what was said after byte t, about byte t + 1. */

/** @typedef {import('../../wasm/protocol.js').TracePiece} TracePiece */

/**
 * Tokens of one level so far.
 * @typedef {{count: number, source: Uint32Array, score: Float32Array, sum: Float32Array, border: Uint8Array, realised: Float32Array}} LevelTrace
 *
 * @typedef {object} Trace
 * @property {Uint8Array} text       what was traced
 * @property {number[]} thresholds   one a level with borders, as the trace was made with
 * @property {number} count          bytes traced so far
 * @property {boolean} done
 * @property {number} top            predictions a byte
 * @property {Float32Array} encoderEntropy  nats
 * @property {Float32Array} decoderEntropy  nats
 * @property {Float32Array} encoderBits     that the next byte cost
 * @property {Float32Array} decoderBits
 * @property {Uint16Array} encoderTop       [bytes][top]
 * @property {Float32Array} encoderProbability
 * @property {Uint16Array} decoderTop
 * @property {Float32Array} decoderProbability
 * @property {LevelTrace[]} levels
 */

/** @template {Float32Array|Uint32Array|Uint8Array|Uint16Array} A @param {A} array @param {number} length @returns {A} */
function grown(array, length) {
  if (length <= array.length) return array;
  const larger = /** @type {A} */ (new /** @type {any} */ (array.constructor)(Math.max(length, 2 * array.length)));
  larger.set(/** @type {any} */ (array));
  return larger;
}

/** @returns {LevelTrace} */
function emptyLevel() {
  return {
    count: 0,
    source: new Uint32Array(),
    score: new Float32Array(),
    sum: new Float32Array(),
    border: new Uint8Array(),
    realised: new Float32Array(),
  };
}

/**
 * A trace of `text` in which nothing is known yet.
 * @param {Uint8Array} text
 * @param {number[]} thresholds
 * @returns {Trace}
 */
export function emptyTrace(text, thresholds) {
  const n = text.length;
  return {
    text,
    thresholds,
    count: 0,
    done: false,
    top: 0,
    encoderEntropy: new Float32Array(n),
    decoderEntropy: new Float32Array(n),
    encoderBits: new Float32Array(n).fill(Number.NaN),
    decoderBits: new Float32Array(n).fill(Number.NaN),
    encoderTop: new Uint16Array(),
    encoderProbability: new Float32Array(),
    decoderTop: new Uint16Array(),
    decoderProbability: new Float32Array(),
    levels: [],
  };
}

/** @param {LevelTrace} level @param {TracePiece['levels'][number]} piece @returns {LevelTrace} */
function extendLevel(level, piece) {
  const count = piece.from + piece.source.length;
  const next = { ...level, count };
  for (const field of /** @type {const} */ (['source', 'score', 'sum', 'border', 'realised'])) {
    const array = grown(level[field], count);
    array.set(piece[field], piece.from);
    /** @type {Record<string, unknown>} */ (next)[field] = array;
  }
  if (piece.from > 0 && Number.isFinite(piece.realisedBefore)) next.realised[piece.from - 1] = piece.realisedBefore;
  return next;
}

/**
 * The trace with a piece more. Arrays are shared with the trace before, which is not to be used any longer.
 * @param {Trace} trace
 * @param {TracePiece} piece
 * @param {boolean} done
 * @returns {Trace}
 */
export function withPiece(trace, piece, done) {
  const { from, top } = piece;
  const next = { ...trace, done, top, count: from + piece.encoderEntropy.length };
  if (trace.count === 0) {
    const size = trace.text.length * top;
    next.encoderTop = new Uint16Array(size);
    next.decoderTop = new Uint16Array(size);
    next.encoderProbability = new Float32Array(size);
    next.decoderProbability = new Float32Array(size);
  }
  for (const field of /** @type {const} */ (['encoderEntropy', 'decoderEntropy', 'encoderBits', 'decoderBits'])) {
    next[field].set(piece[field], from);
  }
  for (const field of /** @type {const} */ (['encoderTop', 'decoderTop', 'encoderProbability', 'decoderProbability'])) {
    next[field].set(piece[field], from * top);
  }
  next.levels = piece.levels.map((level, l) => extendLevel(trace.levels[l] ?? emptyLevel(), level));
  return next;
}

/** @param {Float32Array} values @returns {number} mean of what is a number; NaN where nothing is */
function mean(values) {
  let [sum, n] = [0, 0];
  for (const value of values) {
    if (Number.isFinite(value)) {
      sum += value;
      n++;
    }
  }
  return n === 0 ? Number.NaN : sum / n;
}

/**
 * Figures of a trace: bits a byte (the first byte is given, not predicted), and tokens a level, bytes included.
 * @param {Trace} trace
 */
export function figures(trace) {
  return {
    bytes: trace.count,
    encoderBpb: mean(trace.encoderBits.subarray(0, trace.count)),
    decoderBpb: mean(trace.decoderBits.subarray(0, trace.count)),
    levels: trace.levels.map(({ count }) => ({ tokens: count, bytesPerToken: trace.count / count })),
  };
}
