/** What is drawn and said about a study: its models’ curves, means over seeds, and differences. Pure: data in, numbers out. */

import { meanCurve, meanOf, pairedDifference } from '../../wasm/engine/means.js';
import { markOf } from '../charts/overlay.js';

/** @typedef {import('../../wasm/tools/study/studies.js').DrawnRun} Run */
/** @typedef {import('../../wasm/tools/study/studies.js').DrawnModel} Model */
/** @typedef {import('../../wasm/tools/study/studies.js').DrawnPart} Part */
/** @typedef {import('../../wasm/engine/means.js').Mean} Mean */
/** @typedef {import('../charts/overlay.js').Curve} Curve */
/** @typedef {'tf'|'bytesSeen'|'elapsedMs'} StudyAxis */

/** @param {Run[]} runs @param {(run: Run) => number|undefined} figure @returns {Map<number, number>} by seed, those that have it */
function bySeed(runs, figure) {
  return new Map(
    runs.flatMap(
      (run) => /** @type {[number, number][]} */ (figure(run) === undefined ? [] : [[run.seed, figure(run)]]),
    ),
  );
}

/**
 * A run’s curve: bits a byte of training.
 * @param {Run} run
 * @param {StudyAxis} axis
 * @returns {{x: number, y: number}[]}
 */
function curveOf({ curve, spent, tf, mb, seconds = 0 }, axis) {
  const whole = { tf, bytesSeen: 1e6 * mb, elapsedMs: 1000 * seconds }[axis];
  return curve.map((bits, i) => {
    const share = axis !== 'bytesSeen' && spent ? spent[i] / 1000 : (i + 1) / curve.length;
    return { x: whole * share, y: bits / 1000 };
  });
}

/**
 * Curves of the models that are shown: each seed’s faint, and their mean, which has the letter.
 * @param {Part} part
 * @param {StudyAxis} axis
 * @param {ReadonlySet<string>} hidden  names of models
 * @returns {Curve[]}
 */
export function studyCurves({ models, reference }, axis, hidden) {
  return models.flatMap(({ name, runs }, slot) => {
    if (hidden.has(name)) return [];
    const seeds = runs.map((run) => curveOf(run, axis));
    const look = { slot, dashed: name === reference };
    const faint = seeds.map((points, i) => ({ ...look, id: `${name} ${runs[i].seed}`, mark: '', faint: true, points }));
    const mean = { ...look, id: name, mark: markOf(slot), points: meanCurve(seeds) };
    return runs.length > 1 ? [...faint, mean] : [mean];
  });
}

/**
 * @typedef {object} Row  a model’s figures, means over its seeds
 * @property {string} name
 * @property {number} slot
 * @property {number} parameters
 * @property {number[]} seeds     the result of each, bits a byte
 * @property {Mean} bits
 * @property {Mean|null} difference  from the reference, seed by seed; null for the reference itself
 * @property {Mean|null} off      what setting all parents to zero costs; null where there are none
 * @property {number} tf
 * @property {number} mb
 * @property {number} seconds
 * @property {number[]} tokens    bytes a token
 * @property {number|null} words  percent
 */

/**
 * @param {Part} part
 * @returns {Row[]}
 */
export function studyRows({ models, reference }) {
  const compared = bySeed(models.find(({ name }) => name === reference)?.runs ?? [], ({ bits }) => bits);
  return models.map(({ name, parameters, runs }, slot) => {
    const bits = bySeed(runs, (run) => run.bits);
    const off = bySeed(runs, (run) => run.off);
    const words = [...bySeed(runs, (run) => run.words).values()];
    const mean = (/** @type {(run: Run) => number} */ of) => meanOf(runs.map(of)).mean;
    return {
      name,
      slot,
      parameters,
      seeds: [...bits.values()],
      bits: meanOf([...bits.values()]),
      difference: name === reference ? null : pairedDifference(bits, compared),
      off: off.size > 0 ? pairedDifference(off, bits) : null,
      tf: mean((run) => run.tf),
      mb: mean((run) => run.mb),
      seconds: mean((run) => run.seconds ?? 0),
      tokens: runs[0].tokens.map((_, i) => mean((run) => run.tokens[i])),
      words: words.length > 0 ? meanOf(words).mean : null,
    };
  });
}

/**
 * Where rows’ figures lie on a common scale.
 * @param {readonly Row[]} rows
 * @returns {{low: number, high: number, at: (bits: number) => number}} `at`: share of the scale, 0 to 1
 */
export function studyScale(rows) {
  const all = rows.flatMap(({ seeds, bits: { mean, error } }) => {
    const spread = Number.isFinite(error) ? error : 0;
    return [...seeds, mean - spread, mean + spread];
  });
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.1 * (most - least), 0.002);
  const [low, high] = [least - room, most + room];
  return { low, high, at: (bits) => (bits - low) / (high - low) };
}
