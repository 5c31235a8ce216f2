/** Results of a study: a file with a line for each training, with all that decides it and its outcome. */
import { existsSync, readFileSync } from 'node:fs';
import { changesOf } from '../../engine/changes.js';
import { readSettings } from '../../engine/settings.js';
import { keyOf } from './plan.js';

/** @typedef {import('./plan.js').Job} Job */
/** @typedef {import('./job.js').Point} Point */
/** @typedef {Job & {outcome: import('./job.js').Outcome}} Result */

/** Decimal places that a curve is kept with. */
const DIGITS = { tf: 4, seconds: 1, trainBpb: 4 };

/** @param {number} x @param {number} digits  decimal places @returns {number} */
export const rounded = (x, digits) => Number(x.toFixed(digits));

/**
 * A result as a line: settings that differ from the defaults, the curve in columns.
 * @param {Result} result
 * @returns {string}
 */
export function lineOf({ model, text, budget, settings, outcome: { curve, ...outcome } }) {
  const columns = {
    step: curve.map(({ step }) => step),
    tf: curve.map(({ tf }) => rounded(tf, DIGITS.tf)),
    seconds: curve.map(({ seconds }) => rounded(seconds, DIGITS.seconds)),
    trainBpb: curve.map(({ trainBpb }) => rounded(trainBpb, DIGITS.trainBpb)),
  };
  // Where the file lay does not matter.
  const { file, ...part } = text;
  return JSON.stringify({
    model,
    text: part,
    budget,
    settings: changesOf(settings),
    outcome: { ...outcome, curve: columns },
  });
}

/** @param {any} curve  points, or columns @param {number} bytesPerStep @returns {Point[]} */
function curveOf(curve, bytesPerStep) {
  if (Array.isArray(curve)) return curve;
  return curve.step.map((/** @type {number} */ step, /** @type {number} */ i) => ({
    step,
    tf: curve.tf[i],
    seconds: curve.seconds[i],
    bytes: step * bytesPerStep,
    trainBpb: curve.trainBpb[i],
  }));
}

/** @param {string} line @returns {Result} @throws where it is not one */
function resultOf(line) {
  const { model, text, budget, settings: changes, outcome } = JSON.parse(line);
  const { settings, errors } = readSettings(changes);
  if (errors.length > 0) throw new Error(errors[0]);
  const job = { model, text: { file: '', ...text }, budget, settings };
  const curve = curveOf(outcome.curve, settings.batch_size * settings.sequence_length);
  return { key: keyOf(job), ...job, outcome: { ...outcome, curve } };
}

/** How many trainings a report has. @param {string} of  what it reports of @param {number} there @param {number} all @returns {string} */
export const trainingsThere = (of, there, all) => `${of}: ${there} of ${all} trainings.`;

/**
 * Results of earlier runs of a study; a line that was cut off as the machine went down is left out.
 * @param {string} file
 * @returns {Map<string, Result>} by key
 */
export function readResults(file) {
  /** @type {Map<string, Result>} */
  const found = new Map();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    try {
      const result = resultOf(line);
      found.set(result.key, result);
    } catch {
      // An empty or a cut line.
    }
  }
  return found;
}
