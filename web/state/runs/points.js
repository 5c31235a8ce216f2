/** The points of a run's curves: all figures of a step in training, and of an evaluation. */
import { addProgress, addValidation, emptyCurves } from '../curves.js';
import { thinned } from '../thinning.js';

/** @typedef {import('../../../wasm/engine/protocol.js').Progress} Progress */
/** @typedef {import('../../../wasm/engine/protocol.js').Validation} Validation */
/** @typedef {import('../../../wasm/engine/protocol.js').Losses} Losses */

/**
 * Figures of one step. `time`: when they came, milliseconds since 1970. What an evaluation does not have is left out.
 * @typedef {{step: number, time: number, elapsedMs: number, bytesSeen: number, losses: Losses, encoderBpb: number,
 *   decoderBpb: number, borders: number[], learningRate?: number, gradientNorm?: number}} Point
 */
/** @typedef {{train: Point[], validation: Point[]}} Points */

/** Points in training that are kept, and evaluations likewise: every saving writes them all. */
const MOST = 2000;
const MOST_BORDERS = 16;
/** @type {readonly (keyof Losses)[]} */
const LOSSES = ['total', 'byte_encoder', 'byte_decoder', 'meta', 'uncertainty', 'entropy_reg'];
/** What every point has, besides losses and borders. */
const FIGURES = /** @type {const} */ (['step', 'time', 'elapsedMs', 'bytesSeen', 'encoderBpb', 'decoderBpb']);

/** @returns {Points} */
export function emptyPoints() {
  return { train: [], validation: [] };
}

/** @param {Progress} event @param {number} time @returns {Point} */
export function trainPoint(event, time) {
  const { step, elapsedMs, bytesSeen, losses, encoderBpb, decoderBpb, borders, learningRate, gradientNorm } = event;
  return { step, time, elapsedMs, bytesSeen, losses, encoderBpb, decoderBpb, borders, learningRate, gradientNorm };
}

/**
 * @param {Validation} event
 * @param {{time: number, elapsedMs: number, bytesSeen: number}} when
 * @returns {Point}
 */
export function validationPoint({ step, losses, encoderBpb, decoderBpb, borders }, when) {
  return { step, ...when, losses, encoderBpb, decoderBpb, borders };
}

/**
 * Adds a point in its place. Points of the same or a later step are from before training went back, and are dropped.
 * @param {Point[]} list
 * @param {Point} point
 */
export function addPoint(list, point) {
  while (list.length > 0 && list[list.length - 1].step >= point.step) list.pop();
  list.push(point);
  if (list.length > MOST) list.splice(0, list.length, ...thinned(list, MOST));
}

/** The points up to a step. @param {Points} points @param {number} step @returns {Points} */
export function upTo({ train, validation }, step) {
  const early = (/** @type {Point} */ point) => point.step <= step;
  return { train: train.filter(early), validation: validation.filter(early) };
}

/**
 * The curves that the page draws of one run.
 * @param {Points} points
 * @returns {import('../curves.js').Curves}
 */
export function curvesOf({ train, validation }) {
  const curves = emptyCurves();
  for (const point of train) addProgress(curves, point);
  for (const point of validation) addValidation(curves, point);
  return curves;
}

/**
 * What the page shows of a step, from its point: speeds are not kept.
 * @param {Point} point
 * @param {number} maxSteps
 * @param {number} stepsPerEpoch
 * @returns {Progress}
 */
export function progressOf(point, maxSteps, stepsPerEpoch) {
  const { step, elapsedMs, learningRate = Number.NaN, gradientNorm = Number.NaN } = point;
  return {
    ...point,
    type: 'progress',
    run: 0,
    maxSteps,
    epoch: Math.floor(Math.max(0, step - 1) / Math.max(1, stepsPerEpoch)),
    learningRate,
    gradientNorm,
    stepsPerSecond: Number.NaN,
    gflops: Number.NaN,
    thresholds: [],
    remainingMs: (maxSteps - step) * (elapsedMs / Math.max(1, step)),
    logged: false,
  };
}

/**
 * A point from storage or a file.
 * @param {any} raw
 * @returns {Point|null} null where it is none
 */
export function readFigures(raw) {
  if (typeof raw !== 'object' || raw === null) return null;
  if (!Number.isSafeInteger(raw.step) || raw.step < 0) return null;
  const number = (/** @type {unknown} */ value) => (typeof value === 'number' ? value : Number.NaN);
  const losses = Object.fromEntries(LOSSES.map((name) => [name, number(raw.losses?.[name])]));
  const figures = Object.fromEntries(FIGURES.map((name) => [name, number(raw[name])]));
  if (!Number.isFinite(figures.time) || !Number.isFinite(figures.elapsedMs)) return null;
  return /** @type {Point} */ ({
    ...figures,
    losses,
    borders: Array.isArray(raw.borders) ? raw.borders.slice(0, MOST_BORDERS).map(number) : [],
    ...(typeof raw.learningRate === 'number' && { learningRate: raw.learningRate }),
    ...(typeof raw.gradientNorm === 'number' && { gradientNorm: raw.gradientNorm }),
  });
}

/** @param {unknown} raw @returns {Point[]} by step */
function readList(raw) {
  /** @type {Point[]} */
  const list = [];
  if (!Array.isArray(raw)) return list;
  for (const each of raw) {
    const point = readFigures(each);
    if (point && (list.length === 0 || point.step > list[list.length - 1].step)) list.push(point);
  }
  return thinned(list, MOST);
}

/**
 * Points from storage or a file; whatever is not one is left out.
 * @param {any} raw
 * @returns {Points}
 */
export function readPoints(raw) {
  return { train: readList(raw?.train), validation: readList(raw?.validation) };
}
