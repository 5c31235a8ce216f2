/**
 * A series of trainings that are compared: settings × seeds, on one text. Plain values: what is to be trained, the
 * results, and the way to storage and back. Nothing that was kept is trusted.
 */
import { changesOf } from '../../../wasm/engine/changes.js';
import { differences, readSettings, SETTINGS } from '../../../wasm/engine/settings.js';
import { isolated } from '../../../wasm/files/formats/names.js';
import { integer } from '../../format/numbers.js';
import { readText } from './record.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('./record.js').TextIdentity} TextIdentity */

/** The outcome of a training. `bits`: bits a byte of the held-out text. @typedef {{bits: number, parameters: number, step: number, bytesSeen: number, elapsedMs: number, tf: number}} Outcome */
/**
 * Settings that take part. `gflop`: arithmetic of a step as far as it can be told before, 10⁹ operations; 0 before the start.
 * @typedef {{name: string, settings: Settings, gflop: number}} Entry
 */
/**
 * One training: of which settings, with which seed, in how many steps; its run, once there is one; why it failed, or what
 * else is to be said about it.
 * @typedef {{entry: number, seed: number, steps: number, run: string|null, state: 'waiting'|'training'|'done'|'failed', problem: string|null, outcome: Outcome|null}} Job
 */
/** What is made equal for all entries. @typedef {'own'|'bytes'|'arithmetic'} Equal */
/**
 * @typedef {object} Series
 * @property {Entry[]} entries
 * @property {number} reference  the entry that others are compared with
 * @property {number} seeds      how many
 * @property {Equal} equal
 * @property {TextIdentity|null} text  null before the start
 * @property {Job[]} jobs        none before the start
 */

/** Why a training has no result. */
export const NOT_TRAINED = 'Not trained: the comparison was stopped.';
/** The same, where it was stopped itself. @param {number} step @returns {string} */
export const stoppedAt = (step) => `Stopped by hand at step ${integer(step)}.`;
/** What stands in the way of settings. @param {string} name @param {string} problem @returns {string} */
export const ofEntry = (name, problem) => `“${isolated(name)}”: ${problem}`;

export const MOST_SEEDS = 5;
export const MOST_ENTRIES = 8;
const LONGEST_NAME = 80;
/** Evaluations of a training whose settings ask for none. */
const EVALUATIONS = 10;

/** @returns {Series} */
export const emptySeries = () => ({ entries: [], reference: 0, seeds: 1, equal: 'arithmetic', text: null, jobs: [] });

/**
 * How many steps an entry makes.
 * @param {Series} series
 * @param {number} index  of the entry
 * @returns {number}
 */
export function stepsOf({ entries, reference, equal }, index) {
  const [own, first] = [entries[index], entries[reference]];
  const bytes = (/** @type {Entry} */ { settings }) => settings.batch_size * settings.sequence_length;
  const work = (/** @type {Entry} */ entry) => (equal === 'bytes' ? bytes(entry) : entry.gflop);
  if (equal === 'own' || index === reference || !(work(own) > 0)) return own.settings.max_steps;
  return Math.max(1, Math.round((first.settings.max_steps * work(first)) / work(own)));
}

/**
 * The jobs of a series: all settings with one seed before the next seed, so that what is there can be compared early.
 * @param {Series} series
 * @returns {Job[]}
 */
export function jobsOf(series) {
  const first = Number(series.entries[series.reference].settings.seed);
  return Array.from({ length: series.seeds }, (_, i) => first + i).flatMap((seed) =>
    series.entries.map((_, entry) => ({
      entry,
      seed,
      steps: stepsOf(series, entry),
      run: null,
      state: /** @type {const} */ ('waiting'),
      problem: null,
      outcome: null,
    })),
  );
}

/**
 * The settings of a job. What decides which text is held out and how it is read is the same for all: they are evaluated on
 * the same bytes, in batches of other shapes on all that is held out.
 * @param {Series} series
 * @param {Pick<Job, 'entry'|'seed'|'steps'>} job
 * @returns {Settings}
 */
export function settingsOf({ entries, reference }, { entry, seed, steps }) {
  const all = entries.map(({ settings }) => settings);
  const [own, first] = [all[entry], all[reference]];
  const shape = (/** @type {Settings} */ s) =>
    [s.batch_size, s.sequence_length, s.carry_state, s.segment_length].join();
  const alike = all.every((s) => shape(s) === shape(first));
  const most = Number(SETTINGS.find(({ name }) => name === 'val_max_batches')?.max);
  return {
    ...own,
    seed,
    max_steps: steps,
    workers: first.workers,
    val_fraction: first.val_fraction,
    val_max_batches: alike ? Math.max(...all.map((s) => Number(s.val_max_batches))) : most,
    eval_every: own.eval_every === 0 ? Math.max(1, Math.ceil(steps / EVALUATIONS)) : own.eval_every,
  };
}

/**
 * In what settings differ from others, for a sentence.
 * @param {Settings} own
 * @param {Settings} other
 * @returns {string[]}
 */
export function changedOf(own, other) {
  const apart = new Set(['seed', 'workers', 'temperature', 'top_k', 'max_new_bytes', 'stop_at_eos']);
  return differences(own, other)
    .filter((name) => !apart.has(name))
    .map((name) => {
      const label = SETTINGS.find((setting) => setting.name === name)?.label ?? name;
      return `${label.toLowerCase()} ${own[name] === '' ? 'as usual' : own[name]}`;
    });
}

/**
 * What is drawn of a series, as of a study: the models that have a result.
 * @param {Series} series
 * @returns {import('../../../wasm/tools/study/studies.js').DrawnPart}
 */
export function partOf({ entries, reference, text, jobs }) {
  const models = entries.flatMap(({ name }, index) => {
    const done = jobs.filter(({ entry, outcome }) => entry === index && outcome !== null);
    const runs = done.map(({ seed, outcome }) => {
      const { bits, tf, bytesSeen, elapsedMs } = /** @type {Outcome} */ (outcome);
      return { seed, bits, tf, mb: bytesSeen / 1e6, seconds: elapsedMs / 1000, tokens: [], curve: [] };
    });
    return runs.length > 0 ? [{ name, parameters: done[0].outcome?.parameters ?? 0, runs }] : [];
  });
  return { text: text?.name ?? '', budget: '', reference: entries[reference]?.name ?? '', models };
}

/**
 * Milliseconds that are left, by what the arithmetic took so far.
 * @param {Series} series
 * @param {{step: number, elapsedMs: number}} now  of the current training
 * @returns {number} NaN where nothing is known yet
 */
export function remainingMs({ entries, jobs }, now) {
  const work = (/** @type {Job} */ { entry }, /** @type {number} */ steps) =>
    steps * Math.max(entries[entry].gflop, 1e-9);
  let [spent, took, left] = [0, 0, 0];
  for (const job of jobs) {
    const made =
      job.state === 'training' ? now : job.outcome && { step: job.outcome.step, elapsedMs: job.outcome.elapsedMs };
    if (made) [spent, took] = [spent + work(job, made.step), took + made.elapsedMs];
    if (job.state === 'training') left += work(job, Math.max(0, job.steps - now.step));
    if (job.state === 'waiting') left += work(job, job.steps);
  }
  return spent > 0 ? (left * took) / spent : Number.NaN;
}

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {unknown} value @param {number} least @param {number} most @returns {value is number} */
const within = (value, least, most) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
/** @param {unknown} value @returns {value is number} */
const amount = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** @param {unknown} raw @returns {Entry|null} */
function readEntry(raw) {
  if (!isObject(raw) || typeof raw.name !== 'string' || !isObject(raw.settings)) return null;
  const { settings, errors } = readSettings(raw.settings);
  if (errors.length > 0) return null;
  return { name: raw.name.slice(0, LONGEST_NAME), settings, gflop: amount(raw.gflop) ? raw.gflop : 0 };
}

/** @param {unknown} raw @returns {Outcome|null} */
function readOutcome(raw) {
  if (!isObject(raw)) return null;
  const { bits, parameters, step, bytesSeen, elapsedMs, tf } = raw;
  const read = { bits, parameters, step, bytesSeen, elapsedMs, tf };
  return Object.values(read).every(amount) ? read : null;
}

/** @param {unknown} raw @param {number} entries @returns {Job|null} */
function readJob(raw, entries) {
  if (!isObject(raw) || !within(raw.entry, 0, entries - 1) || !within(raw.seed, 0, 2 ** 32 - 1)) return null;
  if (!within(raw.steps, 1, 1e9)) return null;
  const { entry, seed, steps, run, state, problem } = raw;
  const outcome = readOutcome(raw.outcome);
  if (!['waiting', 'training', 'failed'].includes(state) && !(state === 'done' && outcome)) return null;
  const id = typeof run === 'string' && /^[\w-]{1,64}$/.test(run) ? run : null;
  return {
    entry,
    seed,
    steps,
    run: id,
    state,
    problem: typeof problem === 'string' ? problem.slice(0, 500) : null,
    outcome,
  };
}

/**
 * A series from storage.
 * @param {unknown} raw
 * @returns {Series} an empty one where it can't be made sense of
 */
export function readSeries(raw) {
  if (!isObject(raw) || !Array.isArray(raw.entries) || !Array.isArray(raw.jobs)) return emptySeries();
  const entries = raw.entries.slice(0, MOST_ENTRIES).map(readEntry);
  const jobs = raw.jobs.slice(0, MOST_ENTRIES * MOST_SEEDS).map((job) => readJob(job, entries.length));
  const text = readText(raw.text);
  const sound = entries.every((entry) => entry !== null) && jobs.every((job) => job !== null);
  if (!sound || entries.length === 0 || (jobs.length > 0 && !text)) return emptySeries();
  return {
    entries: /** @type {Entry[]} */ (entries),
    reference: within(raw.reference, 0, entries.length - 1) ? raw.reference : 0,
    seeds: within(raw.seeds, 1, MOST_SEEDS) ? raw.seeds : 1,
    equal: raw.equal === 'own' || raw.equal === 'bytes' ? raw.equal : 'arithmetic',
    text,
    jobs: /** @type {Job[]} */ (jobs),
  };
}

/**
 * A series as it is kept: of settings only what differs from the defaults.
 * @param {Series} series
 * @returns {string} JSON
 */
export function writeSeries(series) {
  const entries = series.entries.map(({ settings, ...rest }) => ({ ...rest, settings: changesOf(settings) }));
  return JSON.stringify({ ...series, entries });
}
