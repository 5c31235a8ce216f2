/** A run as it is kept: what it was asked for, on which text, how far it came. Nothing that was kept is trusted. */
import { counterpartOf } from '../../../wasm/engine/kinds.js';
import { readSettings, runName } from '../../../wasm/engine/settings.js';
import { readReason } from '../../../wasm/engine/stopping.js';
import { MOST_SAMPLES } from '../samples.js';
import { thinned } from '../thinning.js';
import { readFigures } from './points.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('./points.js').Point} Point */

/** Which text a run was trained on; `id` names a sample; `heldOut`: bytes at its end that are held out, where the data said so. @typedef {{name: string, bytes: number, digest: string, id?: string, heldOut?: number}} TextIdentity */
/** Kept weights, and the training that they are from. @typedef {{slot: 'a'|'b', step: number, elapsedMs: number, digest: string, bytes: number, at: number}} Saved */
/** @typedef {import('../samples.js').Sample} Sample */
/** @typedef {{trainBytes: number, heldOutBytes: number, gzipBpb: number|null}} DatasetFigures */

/**
 * @typedef {object} Run
 * @property {string} id
 * @property {string} name
 * @property {string} notes
 * @property {number} created          milliseconds since 1970
 * @property {number} updated
 * @property {Settings} settings       what it is trained with: as the worker has them, steps counted from the first one
 * @property {Settings} wanted         what was asked for in the form
 * @property {TextIdentity} text
 * @property {DatasetFigures|null} dataset
 * @property {number} parameterCount
 * @property {number} firstStep        steps that the weights had when it began
 * @property {string|null} from        whose weights it began from; null for fresh ones
 * @property {'training'|'paused'|'finished'} state
 * @property {import('../../../wasm/engine/protocol.js').StopReason|null} ended   why it ended, where it did
 * @property {boolean} aside           the reader does not want to be asked about it again
 * @property {number} step             of its latest figures
 * @property {number} elapsedMs        time in training
 * @property {Point|null} train        latest figures in training
 * @property {Point|null} validation   latest figures on the held-out text
 * @property {{step: number, decoderBpb: number}|null} best
 * @property {Sample[]} samples
 * @property {Saved|null} saved        the weights that are kept
 * @property {Saved|null} before       those before them, until the next ones are complete
 * @property {string|null} counterpart the run that this one is to be compared with
 * @property {string} owner            the tab that may write it
 * @property {boolean} deleted         until it can't be taken back
 */

const LONGEST_NAME = 120;
const LONGEST_NOTES = 20_000;
const LONGEST_SAMPLE = 4000;

/** An id that no other run has. @returns {string} */
export function newId() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10).padEnd(8, '0')}`;
}

/** The name of a run's counterpart. @param {string} name  of the run @param {{model_type?: unknown}} settings  of the counterpart @returns {string} */
export const counterpartName = (name, { model_type }) => `${name} as ${model_type}`;

/**
 * A name that no other run has: the one wanted, or that with a number after it.
 * @param {string} wanted
 * @param {Iterable<{name: string}>} runs
 * @returns {string}
 */
export function freeName(wanted, runs) {
  const names = new Set([...runs].map(({ name }) => name));
  if (!names.has(wanted)) return wanted;
  for (let n = 2; ; n++) if (!names.has(`${wanted} ${n}`)) return `${wanted} ${n}`;
}

/**
 * The prototype's name of what settings train.
 * @param {Settings} settings
 * @param {Iterable<{name: string}>} runs
 * @returns {string}
 */
export function defaultName(settings, runs) {
  return freeName(runName(settings), runs);
}

/**
 * @typedef {Pick<Run, 'name'|'settings'|'wanted'|'text'|'dataset'|'parameterCount'|'firstStep'|'from'|'counterpart'>} Beginnings
 */

/** A run that begins. @param {Beginnings} beginnings @returns {Run} */
export function newRun(beginnings) {
  const now = Date.now();
  return {
    ...beginnings,
    id: newId(),
    notes: '',
    created: now,
    updated: now,
    state: 'training',
    ended: null,
    aside: false,
    step: beginnings.firstStep,
    elapsedMs: 0,
    train: null,
    validation: null,
    best: null,
    samples: [],
    saved: null,
    before: null,
    owner: '',
    deleted: false,
  };
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {unknown} value @param {number} [least] */
const whole = (value, least = 0) => Number.isSafeInteger(value) && Number(value) >= least;
/** @param {unknown} value */
const time = (value) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0);
/** @param {unknown} value @param {number} length */
const textOf = (value, length) => (typeof value === 'string' ? value.slice(0, length) : '');

/** @param {unknown} raw @returns {Saved|null} */
function readSaved(raw) {
  if (!isObject(raw) || (raw.slot !== 'a' && raw.slot !== 'b') || typeof raw.digest !== 'string') return null;
  if (!whole(raw.step) || !whole(raw.bytes, 1)) return null;
  const [step, bytes] = [Number(raw.step), Number(raw.bytes)];
  return { slot: raw.slot, step, bytes, digest: raw.digest, elapsedMs: time(raw.elapsedMs), at: time(raw.at) };
}

/**
 * A text's identity from storage or a file.
 * @param {unknown} raw
 * @returns {TextIdentity|null} null where it is none
 */
export function readText(raw) {
  if (!isObject(raw) || typeof raw.digest !== 'string' || !whole(raw.bytes)) return null;
  const id = typeof raw.id === 'string' ? { id: raw.id } : {};
  const heldOut = whole(raw.heldOut, 1) ? { heldOut: Number(raw.heldOut) } : {};
  const name = textOf(raw.name, LONGEST_NAME) || 'a text';
  return { name, bytes: Number(raw.bytes), digest: raw.digest, ...id, ...heldOut };
}

/** @param {unknown} raw @returns {Settings|null} */
function readAll(raw) {
  if (!isObject(raw)) return null;
  const { settings, errors } = readSettings(raw);
  return errors.length > 0 ? null : settings;
}

/** @param {unknown} raw @returns {DatasetFigures|null} */
function readDataset(raw) {
  if (!isObject(raw) || !whole(raw.trainBytes) || !whole(raw.heldOutBytes)) return null;
  const gzipBpb = typeof raw.gzipBpb === 'number' && Number.isFinite(raw.gzipBpb) ? raw.gzipBpb : null;
  return { trainBytes: Number(raw.trainBytes), heldOutBytes: Number(raw.heldOutBytes), gzipBpb };
}

/** @param {unknown} raw @returns {Sample[]} */
function readSamples(raw) {
  if (!Array.isArray(raw)) return [];
  const samples = raw.filter((sample) => isObject(sample) && whole(sample.step) && typeof sample.text === 'string');
  return thinned(samples, MOST_SAMPLES).map(({ step, prompt, text }) => ({
    step,
    prompt: textOf(prompt, LONGEST_SAMPLE),
    text: text.slice(0, LONGEST_SAMPLE),
  }));
}

/** @param {unknown} raw @returns {Run['best']} */
function readBest(raw) {
  if (!isObject(raw) || !whole(raw.step) || !Number.isFinite(raw.decoderBpb)) return null;
  return { step: Number(raw.step), decoderBpb: Number(raw.decoderBpb) };
}

/**
 * A run from storage or a file.
 * @param {unknown} raw
 * @returns {Run|null} null where it can't be made sense of
 */
export function readRun(raw) {
  if (!isObject(raw) || typeof raw.id !== 'string' || !/^[\w-]{1,64}$/.test(raw.id)) return null;
  const [settings, wanted, text] = [readAll(raw.settings), readAll(raw.wanted), readText(raw.text)];
  if (!settings || !wanted || !text || !whole(raw.step) || !whole(raw.firstStep)) return null;
  const { state } = raw;
  if (state !== 'training' && state !== 'paused' && state !== 'finished') return null;
  return {
    id: raw.id,
    name: textOf(raw.name, LONGEST_NAME) || runName(settings),
    notes: textOf(raw.notes, LONGEST_NOTES),
    created: time(raw.created),
    updated: time(raw.updated),
    settings,
    wanted,
    text,
    dataset: readDataset(raw.dataset),
    parameterCount: whole(raw.parameterCount) ? Number(raw.parameterCount) : 0,
    firstStep: Number(raw.firstStep),
    from: typeof raw.from === 'string' ? textOf(raw.from, LONGEST_NAME) : null,
    state,
    ended: state === 'finished' ? readReason(raw.ended) : null,
    aside: raw.aside === true,
    step: Number(raw.step),
    elapsedMs: time(raw.elapsedMs),
    train: readFigures(raw.train),
    validation: readFigures(raw.validation),
    best: readBest(raw.best),
    samples: readSamples(raw.samples),
    saved: readSaved(raw.saved),
    before: readSaved(raw.before),
    counterpart: typeof raw.counterpart === 'string' ? raw.counterpart : null,
    owner: typeof raw.owner === 'string' ? raw.owner : '',
    deleted: raw.deleted === true,
  };
}

/** Columns of the table of final figures, by which it can be sorted. @type {Record<string, (run: Run) => number|string>} */
export const COLUMNS = {
  name: ({ name }) => name,
  model: ({ settings }) => settings.model_type,
  decoderBpb: ({ validation }) => validation?.decoderBpb ?? Number.NaN,
  encoderBpb: ({ validation }) => validation?.encoderBpb ?? Number.NaN,
  best: ({ best }) => best?.decoderBpb ?? Number.NaN,
  step: ({ step }) => step,
  bytesSeen: ({ step, settings }) => step * settings.batch_size * settings.sequence_length,
  elapsedMs: ({ elapsedMs }) => elapsedMs,
  parameterCount: ({ parameterCount }) => parameterCount,
  created: ({ created }) => created,
};

/**
 * Runs in the order of a column; what has no figure comes last either way.
 * @param {Run[]} runs
 * @param {string} column
 * @param {boolean} down  largest, or latest, first
 * @returns {Run[]}
 */
export function sorted(runs, column, down) {
  const value = COLUMNS[column] ?? COLUMNS.created;
  const missing = (/** @type {number|string} */ v) => typeof v === 'number' && Number.isNaN(v);
  return [...runs].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b)) || other.created - one.created;
    const order = typeof a === 'string' ? a.localeCompare(String(b), 'en', { numeric: true }) : a - Number(b);
    return (down ? -order : order) || other.created - one.created;
  });
}

/**
 * Settings with which a run could begin anew from fresh weights. One that began from other weights has the model settings of
 * those, whatever the form said, and makes as many steps as it was asked for.
 * @param {Pick<Run, 'from'|'settings'|'wanted'>} run
 * @returns {Settings}
 */
export function freshSettings({ from, settings: trained, wanted }) {
  const { max_steps, workers } = wanted;
  return from === null ? wanted : { ...trained, max_steps, workers };
}

/**
 * Settings of the run that it is fair to compare with: with a hierarchy or without, all else equal.
 * @param {Pick<Run, 'from'|'settings'|'wanted'>} run
 * @returns {Settings}
 */
export function counterpartSettings(run) {
  const settings = freshSettings(run);
  return { ...settings, ...counterpartOf(settings) };
}
