/**
 * One job of a study, as a program of its own: reads a job as JSON from its arguments, trains, reads the held-out text
 * streamed, and writes one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { Corpus, splitText } from '../../engine/corpus.js';
import { forwardFlops } from '../../engine/flops.js';
import { checkMarks } from '../../engine/marks.js';
import { loadModule } from '../../engine/node/surroundings.js';
import { Probe } from '../../engine/probe.js';
import { Group } from '../../engine/replicas.js';
import { readStreamed } from '../../engine/streamed.js';
import { Trainer } from '../../engine/trainer.js';
import { readBorders } from '../../files/texts/borders.js';
import { runAsProgram } from '../setup/run.js';

/** @typedef {import('./plan.js').Job} Job */
/** @typedef {import('../../engine/settings.js').Settings} Settings */

/** A point of the training curve; bits are means since the point before. @typedef {{step: number, tf: number, seconds: number, bytes: number, trainBpb: number}} Point */

/**
 * @typedef {object} Outcome
 * @property {number} parameters
 * @property {number} steps
 * @property {number} tf          counted arithmetic: three forward passes a step
 * @property {number} seconds     of training alone
 * @property {number} bytes       trained on
 * @property {number} decoderBpb  of the held-out text, streamed from one state
 * @property {number|null} withoutParentsBpb  of the same weights, parents set to zero; null where there are none
 * @property {number|null} error  standard error over blocks of the held-out text
 * @property {number[]} bytesPerToken  of each level, bytes first
 * @property {number|null} bordersAtWords
 * @property {Point[]} curve
 */

/** Steps that a schedule's length is measured by, where the budget is arithmetic or time; they are taken back. */
const PILOT = 40;
const POINTS = 40;
const TERA = 1e12;

/** @param {import('./plan.js').StudyText} text @returns {import('../../engine/corpus.js').Texts} */
function readText({ file, from, to, heldOut, borders }) {
  const all = new Uint8Array(readFileSync(file));
  const marks = borders === undefined ? undefined : readBorders(readFileSync(borders), all.length);
  const part = (/** @type {Uint8Array} */ of) => of.subarray(Math.floor(of.length * from), Math.floor(of.length * to));
  return splitText(part(all), heldOut, marks && part(marks));
}

/**
 * Trains a number of steps.
 * @param {Trainer} trainer
 * @param {(made: {tf: number, seconds: number}) => boolean} ended
 * @param {(point: Point, tf: number) => void} [noted]  hears of each point, and of a step's arithmetic since the one before
 * @returns {Promise<{tf: number, seconds: number, curve: Point[]}>}
 */
async function trainUntil(trainer, ended, noted) {
  const { group, settings, corpus } = trainer;
  const every = Math.max(1, Math.floor(settings.max_steps / POINTS));
  const startedAt = performance.now();
  let [tf, bits, counted] = [0, 0, 0];
  /** @type {Point[]} */
  const curve = [];
  const seconds = () => (performance.now() - startedAt) / 1000;
  while (!trainer.finished && !ended({ tf, seconds: seconds() })) {
    const { tokens, decoderBpb } = await trainer.advance();
    tf += (3 * forwardFlops(settings, tokens, group.lead.blocks)) / TERA;
    bits += decoderBpb;
    counted++;
    if (trainer.step % every > 0) continue;
    const bytes = trainer.step * corpus.batch * corpus.length;
    const point = { step: trainer.step, tf, seconds: seconds(), bytes, trainBpb: bits / counted };
    noted?.(point, (tf - (curve.at(-1)?.tf ?? 0)) / counted);
    curve.push(point);
    [bits, counted] = [0, 0];
  }
  return { tf, seconds: seconds(), curve };
}

/**
 * How many steps a budget comes to, measured by a few that are taken back.
 * @param {Group} group
 * @param {Corpus} corpus
 * @param {Job} job
 * @returns {Promise<number>}
 */
async function stepsOf(group, corpus, { budget, settings }) {
  if (budget.unit === 'steps') return Math.max(1, Math.floor(budget.amount));
  const state = group.state();
  const pilot = new Trainer(group, corpus, { ...settings, max_steps: PILOT });
  const { tf, seconds } = await trainUntil(pilot, () => false);
  group.restore(state);
  return Math.max(1, Math.round((budget.amount / (budget.unit === 'tf' ? tf : seconds)) * PILOT));
}

/**
 * @param {Job} job
 * @returns {Promise<Outcome>}
 */
async function runJob(job) {
  const module = await loadModule();
  const texts = readText(job.text);
  const group = await Group.open(module, job.settings, 1);
  checkMarks(group.lead.startLevels, texts.train, texts.marks?.train);
  const corpus = new Corpus(module, texts, job.settings);
  const settings = { ...job.settings, max_steps: await stepsOf(group, corpus, job) };
  const trainer = new Trainer(group, corpus, settings);
  const { unit, amount } = job.budget;
  // A rule that has learnt puts borders at another rate than in the pilot: so the end is moved to where the budget is used up.
  const made = await trainUntil(
    trainer,
    ({ seconds }) => unit === 'seconds' && seconds >= amount,
    ({ step, tf }, each) => {
      const left = Math.max(0, Math.round((amount - tf) / each));
      if (unit === 'tf') trainer.configure({ ...settings, max_steps: step + left });
    },
  );
  const probe = new Probe(module, settings);
  probe.copyFrom(group.lead.weights, group.lead.thresholds);
  const read = await readStreamed(probe, texts.heldOut, undefined, texts.marks?.heldOut);
  let without = null;
  if (probe.levels > 1) {
    probe.configure([], false);
    without = (await readStreamed(probe, texts.heldOut, undefined, texts.marks?.heldOut)).decoderBpb;
  }
  const finite = (/** @type {number} */ x) => (Number.isFinite(x) ? x : null);
  return {
    parameters: group.lead.size,
    steps: trainer.step,
    tf: made.tf,
    seconds: made.seconds,
    bytes: trainer.bytesSeen,
    decoderBpb: read.decoderBpb,
    withoutParentsBpb: without,
    error: finite(read.error),
    bytesPerToken: read.tokens.map((n) => texts.heldOut.length / n),
    bordersAtWords: finite(read.bordersAtWords),
    curve: made.curve,
  };
}

await runAsProgram(import.meta.url, async () => {
  process.stdout.write(`${JSON.stringify(await runJob(JSON.parse(process.argv[2])))}\n`);
});
