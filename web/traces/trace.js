/** Pieces of a trace (see protocol.js) put together. Index t holds what was said after byte t, about byte t + 1. */
import { kindOf } from '../../wasm/engine/kinds.js';
import { Pyramid } from './pyramid.js';

/** @typedef {import('../../wasm/engine/protocol.js').TracePiece} TracePiece */

/**
 * Tokens of one level so far. `end`: each one's last byte. `known`: those whose scores are known; only a rerouted trace
 * has tokens without (see reroute.js).
 * @typedef {{count: number, known: number, source: Uint32Array, end: Uint32Array, score: Float32Array, sum: Float32Array,
 *   border: Uint8Array, realised: Float32Array}} LevelTrace
 *
 * Summaries for drawing any part quickly; whoever draws takes in what is new.
 * @typedef {{entropy: Pyramid, bits: Pyramid, sums: Pyramid[]}} Sketch
 *
 * How the reading model is wired: `residual` where a border's own position has its parent already; the rule of each
 * level that puts borders, by name; and in a word what that compares with the threshold, empty where there is nothing to draw.
 * @typedef {{residual: boolean, rules: string[], measures: string[]}} Manner
 *
 * @typedef {object} Trace
 * @property {Uint8Array} text       what was traced
 * @property {number[]} thresholds   one a level with borders, as the trace was made with
 * @property {Manner} manner
 * @property {number} id             of the worker's job; 0 where it cannot be asked for windows
 * @property {number} count          bytes whose encoder side and borders are known
 * @property {number} traced         bytes that the worker traced: everything about them is exact
 * @property {{encoder: number, decoder: number, counted: number}} paid  bits of these, and how many bytes had a price
 * @property {Sketch} sketch
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

/** What rules that add scores up compare with the threshold, in a word. The core says which these are. */
const SUM = 'sum';
/** What others do. @type {Readonly<Record<string, string>>} */
export const MEASURES = { rise: 'rise', level: 'score' };

/** @type {Manner} */
const PROTOTYPE = { residual: false, rules: [], measures: [] };

/**
 * How a model is wired, for its traces.
 * @param {{settings: import('../../wasm/engine/settings.js').Settings, levels: readonly {rule: string, sums: boolean}[]}} model
 * @returns {Manner}
 */
export function mannerOf({ settings, levels }) {
  return {
    residual: kindOf(settings) === 'residual',
    rules: levels.map(({ rule }) => rule),
    measures: levels.map(({ rule, sums }) => (sums ? SUM : (MEASURES[rule] ?? ''))),
  };
}

/**
 * What a level's rule compares with the threshold, in a word; empty where there is nothing to draw.
 * @param {Trace} trace
 * @param {number} level
 * @returns {string}
 */
export function measureOf({ manner }, level) {
  return manner.measures[level] ?? SUM;
}

/** Whether a level's scores add up from border to border. @param {Trace} trace @param {number} level @returns {boolean} */
export const addsUp = (trace, level) => measureOf(trace, level) === SUM;

/** @template {Float32Array|Uint32Array|Uint8Array|Uint16Array} A @param {A} array @param {number} length @returns {A} */
function grown(array, length) {
  if (length <= array.length) return array;
  const larger = /** @type {A} */ (new /** @type {any} */ (array.constructor)(Math.max(length, 2 * array.length)));
  larger.set(/** @type {any} */ (array));
  return larger;
}

/** @returns {LevelTrace} a level without positions */
export function emptyLevel() {
  return {
    count: 0,
    known: 0,
    source: new Uint32Array(),
    end: new Uint32Array(),
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
 * @param {number} [id]
 * @param {Manner} [manner]  default the prototype's
 * @returns {Trace}
 */
export function emptyTrace(text, thresholds, id = 0, manner = PROTOTYPE) {
  const n = text.length;
  return {
    text,
    thresholds,
    manner,
    id,
    count: 0,
    traced: 0,
    paid: { encoder: 0, decoder: 0, counted: 0 },
    sketch: { entropy: new Pyramid(), bits: new Pyramid(), sums: [] },
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

/**
 * @param {LevelTrace} level
 * @param {TracePiece['levels'][number]} piece
 * @param {Uint32Array|null} below  last bytes of the positions of the level below; null at the bottom
 * @param {boolean} done
 * @returns {LevelTrace}
 */
function extendLevel(level, piece, below, done) {
  const { from, source } = piece;
  const known = from + source.length;
  const next = { ...level, known, count: done ? known : Math.max(level.count, known) };
  for (const field of /** @type {const} */ (['source', 'score', 'sum', 'border', 'realised'])) {
    const array = grown(level[field], known);
    array.set(piece[field], from);
    /** @type {Record<string, unknown>} */ (next)[field] = array;
  }
  next.end = grown(level.end, known);
  for (let i = 0; i < source.length; i++) next.end[from + i] = below ? below[source[i]] : source[i];
  if (from > 0 && Number.isFinite(piece.realisedBefore)) next.realised[from - 1] = piece.realisedBefore;
  return next;
}

/** @param {Trace['paid']} paid @param {TracePiece} piece @returns {Trace['paid']} with the piece's bits */
function withBits({ encoder, decoder, counted }, { encoderBits, decoderBits }) {
  for (let t = 0; t < decoderBits.length; t++) {
    if (!Number.isFinite(decoderBits[t])) continue;
    encoder += encoderBits[t];
    decoder += decoderBits[t];
    counted++;
  }
  return { encoder, decoder, counted };
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
  const traced = from + piece.encoderEntropy.length;
  const next = { ...trace, done, top, traced, count: Math.max(trace.count, traced), paid: withBits(trace.paid, piece) };
  if (next.decoderTop.length < trace.text.length * top) {
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
  const { sketch } = trace;
  sketch.entropy.touch(from);
  sketch.bits.touch(from);
  /** @type {LevelTrace[]} */
  const levels = [];
  for (const [l, level] of piece.levels.entries()) {
    sketch.sums[l] ??= new Pyramid();
    sketch.sums[l].touch(level.from);
    levels.push(extendLevel(trace.levels[l] ?? emptyLevel(), level, levels[l - 1]?.end ?? null, done));
  }
  next.levels = levels;
  return next;
}

/**
 * Figures of a trace: bits a byte (the first byte is given, not predicted), and tokens a level, bytes included.
 * @param {Trace} trace
 * @returns {{bytes: number, encoderBpb: number, decoderBpb: number, levels: {tokens: number, bytesPerToken: number}[]}}
 */
export function figures({ paid, count, levels }) {
  const mean = (/** @type {number} */ bits) => (paid.counted === 0 ? Number.NaN : bits / paid.counted);
  return {
    bytes: count,
    encoderBpb: mean(paid.encoder),
    decoderBpb: mean(paid.decoder),
    levels: levels.map((level) => ({ tokens: level.count, bytesPerToken: count / level.count })),
  };
}
