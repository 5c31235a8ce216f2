/** The curves of a run: one row a step, with gaps where a step was not logged or not evaluated. */
import { thinned } from './thinning.js';

/** @typedef {import('../../wasm/engine/protocol.js').Progress} Progress */
/** @typedef {import('../../wasm/engine/protocol.js').Validation} Validation */
/** @typedef {(number|null)[]} Column */

/**
 * @typedef {object} Curves
 * @property {number[]} step
 * @property {Column} trainEncoder  bits a byte
 * @property {Column} trainDecoder
 * @property {Column} valEncoder
 * @property {Column} valDecoder
 * @property {Column[]} borders     mean count a sequence in training, by level
 */

/** Rows that are kept: half of them may have an evaluation, half may be only logged. */
const MOST_ROWS = 2000;

/** @returns {Curves} */
export function emptyCurves() {
  return { step: [], trainEncoder: [], trainDecoder: [], valEncoder: [], valDecoder: [], borders: [] };
}

/** @param {Curves} curves @returns {Column[]} every column but the steps */
function columns(curves) {
  return [curves.trainEncoder, curves.trainDecoder, curves.valEncoder, curves.valDecoder, ...curves.borders];
}

/** @param {Curves} curves @param {number} step @returns {number} the row of a step, made where it is missing */
function rowOf(curves, step) {
  let row = curves.step.length;
  while (row > 0 && curves.step[row - 1] >= step) row--;
  if (curves.step[row] === step) return row;
  curves.step.splice(row, 0, step);
  for (const column of columns(curves)) column.splice(row, 0, null);
  return row;
}

/** @param {number} value */
const orNull = (value) => (Number.isFinite(value) ? value : null);

/** Thins what was evaluated, and what was only logged, where there is too much of it. @param {Curves} curves */
function thin(curves) {
  if (curves.step.length <= MOST_ROWS) return;
  const rows = curves.step.map((step, row) => ({ step, row }));
  const evaluated = ({ row = 0 }) => curves.valDecoder[row] !== null || curves.valEncoder[row] !== null;
  const kinds = [rows.filter(evaluated), rows.filter((each) => !evaluated(each))];
  const keep = new Set(kinds.flatMap((kind) => thinned(kind, MOST_ROWS / 2)).map(({ row }) => row));
  curves.step = curves.step.filter((_, row) => keep.has(row));
  for (const name of /** @type {const} */ (['trainEncoder', 'trainDecoder', 'valEncoder', 'valDecoder'])) {
    curves[name] = curves[name].filter((_, row) => keep.has(row));
  }
  curves.borders = curves.borders.map((column) => column.filter((_, row) => keep.has(row)));
}

/**
 * Adds a logged point of training, in place.
 * @param {Curves} curves
 * @param {Pick<Progress, 'step'|'encoderBpb'|'decoderBpb'|'borders'>} progress
 */
export function addProgress(curves, progress) {
  while (curves.borders.length < progress.borders.length) {
    curves.borders.push(new Array(curves.step.length).fill(null));
  }
  const row = rowOf(curves, progress.step);
  curves.trainEncoder[row] = orNull(progress.encoderBpb);
  curves.trainDecoder[row] = orNull(progress.decoderBpb);
  progress.borders.forEach((borders, level) => {
    curves.borders[level][row] = orNull(borders);
  });
  thin(curves);
}

/**
 * Adds an evaluation, in place.
 * @param {Curves} curves
 * @param {Pick<Validation, 'step'|'encoderBpb'|'decoderBpb'>} validation
 */
export function addValidation(curves, validation) {
  const row = rowOf(curves, validation.step);
  curves.valEncoder[row] = orNull(validation.encoderBpb);
  curves.valDecoder[row] = orNull(validation.decoderBpb);
  thin(curves);
}

/**
 * The rows with an evaluation, each with the latest training figures up to it, for a table.
 * @param {Curves} curves
 * @returns {{step: number, trainEncoder: number|null, trainDecoder: number|null, valEncoder: number|null,
 *   valDecoder: number|null, borders: (number|null)[]}[]}
 */
export function evaluations(curves) {
  const rows = [];
  /** @type {{trainEncoder: number|null, trainDecoder: number|null, borders: (number|null)[]}} */
  let train = { trainEncoder: null, trainDecoder: null, borders: curves.borders.map(() => null) };
  for (let row = 0; row < curves.step.length; row++) {
    if (curves.trainDecoder[row] !== null) {
      train = {
        trainEncoder: curves.trainEncoder[row],
        trainDecoder: curves.trainDecoder[row],
        borders: curves.borders.map((column) => column[row]),
      };
    }
    const [valEncoder, valDecoder] = [curves.valEncoder[row], curves.valDecoder[row]];
    if (valEncoder !== null || valDecoder !== null)
      rows.push({ step: curves.step[row], ...train, valEncoder, valDecoder });
  }
  return rows;
}
