/**
 * `npm run -s studies`: from the studies in web/docs/studies/, their reports, and what the page draws of them. It trains
 * nothing; results that were added to a study’s file are taken in, and the file is put in order.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { meanOf } from '../../engine/means.js';
import { ROOT, runAsProgram } from '../setup/run.js';
import { readStudy } from './plan.js';
import { shownBudget, writeReport } from './report.js';
import { lineOf, readResults, rounded, trainingsThere } from './results.js';

/** @typedef {import('./results.js').Result} Result */
/** @typedef {import('./plan.js').Study} Study */

/** Where studies are, and what the page draws; from the project’s folder. */
export const STUDIES = 'web/docs/studies';
export const DRAWN = 'web/figures/studies.json';

/** Points of a curve that the page gets, and the share of all arithmetic by which they may be off. */
const POINTS = 4;
const OFF = 0.015;

/**
 * One training. Bits are bits a byte of the held-out text; `off`: with all parents set to zero.
 * @typedef {object} DrawnRun
 * @property {number} seed
 * @property {number} bits
 * @property {number} [off]
 * @property {number} tf        arithmetic, 10¹² operations
 * @property {number} mb        read, 10⁶ bytes
 * @property {number} [seconds] where the study’s are timed
 * @property {number[]} tokens  bytes a token of each level above the bytes
 * @property {number} [words]   share of the borders at words, percent
 * @property {number[]} curve   thousandths of bits a byte of training, means over equal parts of the text that was read
 * @property {number[]} [spent] thousandths of the arithmetic at each point, where that is not as even as the bytes
 */
/** @typedef {{name: string, parameters: number, runs: DrawnRun[]}} DrawnModel */
/** One text and budget of a study. @typedef {{text: string, budget: string, reference: string, models: DrawnModel[]}} DrawnPart */
/** @typedef {{name: string, title: string, about: string, timed: boolean, parts: DrawnPart[]}} DrawnStudy */

/** @param {number} seed @param {Result['outcome']} outcome @param {boolean} timed @returns {DrawnRun} */
function drawnRun(seed, outcome, timed) {
  const { curve, decoderBpb, withoutParentsBpb, tf, bytes, seconds, bytesPerToken, bordersAtWords } = outcome;
  const count = Math.min(POINTS, curve.length);
  const ends = Array.from({ length: count }, (_, i) => Math.round(((i + 1) * curve.length) / count));
  const means = ends.map((end, i) => meanOf(curve.slice(ends[i - 1] ?? 0, end).map(({ trainBpb }) => trainBpb)).mean);
  const spent = ends.map((end) => curve[end - 1].tf / tf);
  const uneven = ends.some((end, i) => Math.abs(spent[i] - end / curve.length) > OFF);
  return {
    seed,
    bits: rounded(decoderBpb, 6),
    ...(withoutParentsBpb !== null && { off: rounded(withoutParentsBpb, 4) }),
    tf: rounded(tf, 2),
    mb: rounded(bytes / 1e6, 2),
    ...(timed && { seconds: Math.round(seconds) }),
    tokens: bytesPerToken.slice(1).map((n) => rounded(n, 2)),
    ...(bordersAtWords !== null && { words: Math.round(100 * bordersAtWords) }),
    curve: means.map((bits) => Math.round(1000 * bits)),
    ...(uneven && { spent: spent.map((share) => Math.round(1000 * share)) }),
  };
}

/** @param {string} name @param {Study} study @param {Result[]} results @returns {DrawnStudy} */
function drawnStudy(name, { title, about, reference, timed, labels, jobs }, results) {
  /** @type {Map<string, DrawnPart>} */
  const parts = new Map();
  for (const { text, budget, model, settings, outcome } of results) {
    const [label, amount] = [labels.get(text.name) ?? text.name, shownBudget(budget)];
    const part = parts.get(`${label} ${amount}`) ?? { text: label, budget: amount, reference, models: [] };
    parts.set(`${label} ${amount}`, part);
    const own = part.models.find((each) => each.name === model);
    const drawn = drawnRun(settings.seed, outcome, timed);
    if (own) own.runs.push(drawn);
    else part.models.push({ name: model, parameters: outcome.parameters, runs: [drawn] });
  }
  const order = [...new Set(jobs.map(({ model }) => model))];
  for (const { models } of parts.values()) models.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { name, title, about, timed, parts: [...parts.values()] };
}

/**
 * The studies of a folder that have results.
 * @param {string} folder
 * @returns {{name: string, study: Study, results: Result[], there: Result[]}[]} `results`: of the study, in its order; `there`: all that are in its file, those first
 */
export function readStudies(folder) {
  const files = readdirSync(folder).filter(
    (file) => file.endsWith('.json') && existsSync(path.join(folder, `${file}l`)),
  );
  return files.sort().map((file) => {
    const study = readStudy(readFileSync(path.join(folder, file), 'utf8'));
    const known = readResults(path.join(folder, `${file}l`));
    const results = study.jobs.flatMap(({ key }) => known.get(key) ?? []);
    const there = [...new Set([...results, ...known.values()])];
    return { name: file.replace(/\.json$/, ''), study, results, there };
  });
}

/**
 * What the page draws of studies: those that have a place on it, in that order.
 * @param {ReturnType<typeof readStudies>} studies
 * @returns {string} JSON, a line a training
 */
export function drawnStudies(studies) {
  const drawn = studies.filter(({ study, results }) => study.page > 0 && results.length > 0);
  drawn.sort((a, b) => a.study.page - b.study.page);
  const all = drawn.map(({ name, study, results }) => drawnStudy(name, study, results));
  return `${JSON.stringify(all).replaceAll('{"seed"', '\n{"seed"')}\n`;
}

await runAsProgram(import.meta.url, async () => {
  const folder = path.join(ROOT, STUDIES);
  for (const { name, there } of readStudies(folder))
    writeFileSync(path.join(folder, `${name}.jsonl`), there.map((result) => `${lineOf(result)}\n`).join(''));
  // Read as it is kept, where curves have fewer digits.
  const studies = readStudies(folder);
  for (const { name, study, results } of studies) {
    if (results.length > 0) writeReport(study, results, path.join(folder, name));
    console.log(trainingsThere(name, results.length, study.jobs.length));
  }
  writeFileSync(path.join(ROOT, DRAWN), drawnStudies(studies));
});
