/** From a study's file to its list of jobs. A job is one training: a model, a text, a budget, a learning rate, a seed. */
import { createHash } from 'node:crypto';
import { changesOf } from '../../engine/changes.js';
import { readPreset } from '../../engine/presets.js';
import { readSettings } from '../../engine/settings.js';
import { SetupError } from '../setup/run.js';

/** @typedef {import('../../engine/settings.js').Settings} Settings */
/** @typedef {{unit: 'steps'|'seconds'|'tf', amount: number}} Budget  one tf is 10¹² floating-point operations */
/**
 * A text; `from`, `to`, `heldOut`: shares of the file; `borders`: a file with a list of borders, for the rule “given”.
 * @typedef {{name: string, file: string, from: number, to: number, heldOut: number, borders?: string}} StudyText
 */

/**
 * @typedef {object} Job
 * @property {string} key      by which a finished job is known again
 * @property {string} model    name of the row
 * @property {StudyText} text
 * @property {Budget} budget
 * @property {Settings} settings  all of them
 */

/**
 * @typedef {object} Study
 * @property {string} title
 * @property {string} about
 * @property {string} reference  name of the model that others are compared with
 * @property {number} page       its place among the studies that the page draws, from 1; 0 where it does not
 * @property {boolean} timed     whether its seconds were measured with nothing beside it, so that they say something
 * @property {ReadonlyMap<string, string>} labels  of texts, by name, for readers
 * @property {Job[]} jobs
 */

const UNITS = /** @type {const} */ (['steps', 'seconds', 'tf']);

/**
 * A digest of what decides a job’s outcome. Where the text’s file lies is no part of it, nor are settings that came later. A
 * list of borders goes by its name.
 * @param {Omit<Job, 'key'>} job
 * @returns {string}
 */
export function keyOf({ model, text: { name, from, to, heldOut, borders }, budget, settings }) {
  const decisive = [model, name, from, to, heldOut, budget.unit, budget.amount, changesOf(settings)];
  if (borders !== undefined) decisive.push(borders);
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 16);
}

/** @param {unknown} value @param {string} what @returns {unknown[]} */
function listOf(value, what) {
  if (!Array.isArray(value) || value.length === 0) throw new SetupError(`The study needs a list “${what}”.`, 'list');
  return value;
}

/** @param {unknown} value @param {string} what @returns {Record<string, unknown>} */
function objectOf(value, what) {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SetupError(`Each entry of “${what}” is an object.`, 'object');
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} raw @returns {Budget} */
function budgetOf(raw) {
  const entries = Object.entries(objectOf(raw, 'budgets'));
  const [unit, amount] = entries[0] ?? [];
  const known = UNITS.find((each) => each === unit);
  if (entries.length !== 1 || !known || !(Number(amount) > 0))
    throw new SetupError('A budget is {"steps": …}, {"seconds": …} or {"tf": …}, with a number above 0.', 'budget');
  return { unit: known, amount: Number(amount) };
}

/** @param {unknown} raw @returns {StudyText} */
function textOf(raw) {
  const { name, file, from = 0, to = 1, held_out: heldOut = 0.1, borders } = objectOf(raw, 'texts');
  const shares = [from, to, heldOut].map(Number);
  const inRange = shares.every((x) => x >= 0 && x <= 1) && shares[0] < shares[1] && shares[2] > 0;
  if (typeof name !== 'string' || typeof file !== 'string' || !inRange)
    throw new SetupError('A text has a name and a file; from, to and held_out are shares between 0 and 1.', 'text');
  const own = borders === undefined ? {} : { borders: String(borders) };
  return { name, file, from: shares[0], to: shares[1], heldOut: shares[2], ...own };
}

/**
 * The settings of a model's row, once for each point of the grid of learning rates.
 * @param {Record<string, unknown>} common  of all models
 * @param {unknown} raw
 * @returns {{name: string, settings: Settings}[]}
 */
function modelOf(common, raw) {
  const { name, preset, learning_rates: rates, ...changes } = objectOf(raw, 'models');
  if (typeof name !== 'string') throw new SetupError('A model has a name.', 'model_name');
  const { changes: base, error } = preset === undefined ? { changes: {} } : readPreset(String(preset));
  if (error !== undefined) throw new SetupError(error, 'preset');
  const grid = rates === undefined ? [undefined] : listOf(rates, 'learning_rates');
  return grid.map((rate) => {
    const own = rate === undefined ? {} : { learning_rate: rate };
    const { settings, errors } = readSettings({ ...base, ...common, ...changes, ...own });
    if (errors.length > 0) throw new SetupError(`${name}: ${errors.join(' ')}`, 'settings');
    return { name: rate === undefined ? name : `${name}, rate ${rate}`, settings: { ...settings, workers: 1 } };
  });
}

/**
 * Reads a study's file.
 * @param {string} json
 * @returns {Study}
 * @throws {SetupError} one sentence that says what is wrong
 */
export function readStudy(json) {
  let raw;
  try {
    raw = objectOf(JSON.parse(json), 'the file');
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError('The study is not JSON.', 'not_json');
  }
  const common = objectOf(raw.settings ?? {}, 'settings');
  const models = listOf(raw.models, 'models').flatMap((each) => modelOf(common, each));
  const texts = listOf(raw.texts, 'texts').map(textOf);
  const budgets = listOf(raw.budgets, 'budgets').map(budgetOf);
  const seeds = listOf(raw.seeds, 'seeds').map(Number);
  if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new SetupError('Seeds are whole numbers from 0.', 'seeds');
  const reference = String(raw.reference ?? models[0].name);
  if (!models.some(({ name }) => name === reference))
    throw new SetupError(`There is no model ${reference}.`, 'no_model');
  if (new Set(models.map(({ name }) => name)).size < models.length)
    throw new SetupError('Two models have the same name.', 'same_name');
  const jobs = budgets.flatMap((budget) =>
    texts.flatMap((text) =>
      seeds.flatMap((seed) =>
        models.map(({ name, settings }) => {
          const job = { model: name, text, budget, settings: { ...settings, seed } };
          return { key: keyOf(job), ...job };
        }),
      ),
    ),
  );
  const labels = listOf(raw.texts, 'texts').map((each) => {
    const { name, label = name } = objectOf(each, 'texts');
    return /** @type {const} */ ([String(name), String(label)]);
  });
  const [title, about] = [String(raw.title ?? 'Study'), String(raw.about ?? '')];
  return {
    title,
    about,
    reference,
    timed: raw.timed === true,
    page: Number(raw.page ?? 0),
    labels: new Map(labels),
    jobs,
  };
}
