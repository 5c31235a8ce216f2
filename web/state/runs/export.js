/** A run's figures for other programs: JSON Lines and TensorBoard events as the command line writes them, and CSV. */

import { trainMetrics, validationMetrics } from '../../../wasm/engine/metrics.js';
import { fileNameOf } from '../../../wasm/files/formats/names.js';
import { EventWriter, eventFileName } from '../../../wasm/files/formats/tensorboard.js';

/** @typedef {import('./record.js').Run} Run */
/** @typedef {import('./points.js').Points} Points */
/** @typedef {{step: number, time: number, values: Record<string, number>}} Row  `time`: seconds since 1970 */

/** @param {Run} run @param {Points} points @returns {Row[]} by step, training before the evaluation at the same one */
function rows({ parameterCount }, { train, validation }) {
  const about = (/** @type {import('./points.js').Point} */ { elapsedMs, bytesSeen }) => ({
    elapsed_seconds: elapsedMs / 1000,
    bytes_seen: bytesSeen,
  });
  const all = [
    ...train.map((point) => {
      const { learningRate, gradientNorm } = point;
      const values = {
        ...trainMetrics(point, parameterCount),
        ...(learningRate !== undefined && { 'train/learning_rate': learningRate }),
        ...(gradientNorm !== undefined && { 'train/gradient_norm': gradientNorm }),
        ...about(point),
      };
      return { step: point.step, time: point.time / 1000, values };
    }),
    ...validation.map((point) => ({
      step: point.step,
      time: point.time / 1000,
      values: { ...validationMetrics(point), ...about(point) },
    })),
  ];
  return all.sort((a, b) => a.step - b.step);
}

/** A line a point, as `--metrics-file` writes them. @param {Run} run @param {Points} points @returns {string} */
export function jsonLines(run, points) {
  return rows(run, points)
    .map(({ step, time, values }) => `${JSON.stringify({ step, wall_time: time, ...values })}\n`)
    .join('');
}

/** @param {number|undefined} value  nothing where it is not a number */
const cell = (value) => (value === undefined || !Number.isFinite(value) ? '' : String(value));

/**
 * A table with a row a step, and a column a figure (RFC 4180).
 * @param {Run} run
 * @param {Points} points
 * @returns {string}
 */
export function csv(run, points) {
  /** @type {Map<number, Row>} */
  const steps = new Map();
  for (const { step, time, values } of rows(run, points)) {
    steps.set(step, { step, time, values: { ...steps.get(step)?.values, ...values } });
  }
  const names = [...new Set([...steps.values()].flatMap(({ values }) => Object.keys(values)))];
  const lines = [...steps.values()].map(({ step, time, values }) =>
    [step, time, ...names.map((name) => cell(values[name]))].join(','),
  );
  return `${[['step', 'wall_time', ...names].join(','), ...lines].join('\r\n')}\r\n`;
}

/**
 * A TensorBoard event file.
 * @param {Run} run
 * @param {Points} points
 * @returns {{name: string, bytes: Uint8Array}}
 */
export function tensorBoard(run, points) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  const writer = new EventWriter((chunk) => chunks.push(chunk), run.created / 1000);
  for (const { step, time, values } of rows(run, points)) writer.scalars(step, time, values);
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { name: eventFileName(run.created / 1000, fileNameOf(run.name)), bytes };
}
