/**
 * The language model that predicts while a text is compressed: with given weights or fresh ones, which stay as they are or
 * learn from the text as it comes.
 */

import { halved, widened } from '../files/checkpoint/half.js';
import { MODEL } from '../files/compressed/format.js';
import { sha256 } from '../files/compressed/sha256.js';
import { FormatError } from '../files/formats/error.js';
import { modelBytes } from './config.js';
import { createLearner, RECIPE_FOR, RECIPES } from './lessons.js';
import { CoreError } from './module.js';
import { stateOf } from './opening.js';
import { Probe, streamModel } from './probe.js';
import { defaults, readSettings, SETTINGS } from './settings.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('../files/compressed/format.js').Header} Header */

/** A trained model. @typedef {{settings: Settings, parameters: Float32Array}} Weights */

/**
 * What a codec needs of a model.
 * @typedef {object} Predictor
 * @property {import('./module.js').Instance} core
 * @property {number} at  an `ac_predictor`
 * @property {number} [stride]  bytes from a lesson to the next, where it learns
 */

/**
 * Which model predicts, and how.
 * @typedef {object} Prediction
 * @property {Weights} [weights]        a trained model
 * @property {boolean} [includeWeights] puts them into the file, in half precision
 * @property {'flat'|'hierarchy'|'model'} [learn]  who learns on the way: a fresh model of one of these kinds, or the trained one
 * @property {boolean} [withoutParents] predictions go without the parents of a hierarchy
 */

/**
 * The weights of a checkpoint.
 * @param {WebAssembly.Module} module
 * @param {import('../files/checkpoint/plain.js').Checkpoint} checkpoint
 * @param {Settings} settings  of its model
 * @returns {Weights}
 * @throws {import('../files/checkpoint/error.js').CheckpointError} where they do not fit
 */
export function trainedWeights(module, checkpoint, settings) {
  const model = streamModel(module, settings);
  const { state } = stateOf(checkpoint, model);
  model.thresholds.set(state.thresholds);
  return { settings: model.reading(model.settings), parameters: state.parameters };
}

/** Settings that a model's predictions depend on, in the order of settings.js. */
const NAMES = SETTINGS.filter(({ group }) => group === 'model' || group === 'borders').map(({ name }) => name);

/**
 * Those settings as text, without any at their defaults, which never change: so settings may be added later.
 * @param {Settings} settings
 */
function written(settings) {
  const usual = defaults();
  const own = NAMES.filter((name) => settings[name] !== usual[name]);
  return JSON.stringify(Object.fromEntries(own.map((name) => [name, settings[name]])));
}

/**
 * Identifies a model by its settings and weights, whatever file they came from.
 * @param {Weights} weights
 * @returns {Uint8Array<ArrayBuffer>} SHA-256
 */
function digestOf({ settings, parameters }) {
  const text = new TextEncoder().encode(written(settings));
  const all = new Uint8Array(text.length + parameters.byteLength);
  all.set(text);
  const numbers = new DataView(all.buffer, text.length);
  parameters.forEach((value, i) => {
    numbers.setFloat32(4 * i, value, true);
  });
  return sha256(all);
}

/** @param {Uint8Array} digest */
const hex = (digest) => [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * What a header says about the model.
 * @param {Prediction} options
 * @returns {Pick<Header, 'model'|'recipe'|'settings'|'digest'|'weights'|'withoutParents'>}
 * @throws {CoreError} `bad_settings`
 */
export function describePredictor({ weights, includeWeights = false, learn, withoutParents }) {
  if (learn && learn !== 'model') {
    if (weights) throw new CoreError('bad_settings', 'A model that starts from nothing takes no weights.');
    return { model: MODEL.LEARNED, recipe: RECIPE_FOR[learn], settings: '{}', withoutParents };
  }
  if (!weights) throw new CoreError('bad_settings', 'A model’s weights are missing.');
  // Whoever has the named weights has their settings, too.
  const named = { settings: '', digest: digestOf(weights), withoutParents };
  if (learn) {
    if (includeWeights) throw new CoreError('bad_settings', 'Weights that learn on can’t be put into the file.');
    return { model: MODEL.TAUGHT, recipe: RECIPE_FOR.model, ...named };
  }
  if (!includeWeights) return { model: MODEL.NAMED, ...named };
  const halves = halved(weights.parameters);
  return {
    model: MODEL.INCLUDED,
    settings: written(weights.settings),
    weights: new Uint8Array(halves.buffer),
    withoutParents,
  };
}

/** @param {string} text @param {Settings} usual  where the text says nothing @returns {Settings} */
function settingsFrom(text, usual) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    found = null;
  }
  const known =
    found !== null &&
    typeof found === 'object' &&
    Object.keys(found).every((name) => NAMES.some((one) => one === name));
  const { settings, errors } = known ? readSettings({ ...usual, ...found }) : { settings: defaults(), errors: [''] };
  if (errors.length > 0)
    throw new FormatError('The file asks for a model that this program does not have.', 'unknown_model');
  return settings;
}

/**
 * The weights that a header names, which must be given.
 * @param {Header} header
 * @param {Weights|undefined} given
 * @returns {Weights}
 */
function namedBy(header, given) {
  const needed = hex(header.digest ?? new Uint8Array());
  if (!given)
    throw new FormatError(`The file needs the model with the digest ${needed}, and none was given.`, 'no_weights', {
      digest: needed,
    });
  const found = hex(digestOf(given));
  // Older files say the settings once more.
  if (
    found !== needed ||
    (header.settings && written(settingsFrom(header.settings, defaults())) !== written(given.settings))
  )
    throw new FormatError(
      `The file needs the model with the digest ${needed}; the one that was given has ${found}.`,
      'other_weights',
      { digest: needed, given: found },
    );
  // Whatever else a checkpoint says, such as how it was trained, must not matter: the other side's may differ.
  return { settings: settingsFrom(written(given.settings), defaults()), parameters: given.parameters };
}

/** The weights that a header brings along. @param {Header} header @returns {Weights} */
function includedIn(header) {
  const bytes = header.weights ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength - (bytes.byteLength % 2));
  const halves = Uint16Array.from({ length: view.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true));
  return { settings: settingsFrom(header.settings ?? '', defaults()), parameters: widened(halves) };
}

/**
 * A model that reads and does not learn, as a predictor.
 * @param {Probe} probe  at the start of a text
 * @returns {Predictor}
 */
export function listening({ core, at }) {
  const out = core.take(core.constants['sizeof ac_predictor']);
  core.call.acw_listener_make(at, core.take(core.constants['sizeof ac_listener']), out);
  return { core, at: out };
}

/** @typedef {{parameters?: Float32Array, parents: boolean}} Start */

/** @param {WebAssembly.Module} module @param {Settings} settings @param {Start} start @returns {Predictor|null} */
function createReader(module, settings, { parameters, parents }) {
  const probe = new Probe(module, settings);
  if (parameters?.length !== probe.model.size) return null;
  probe.copyFrom(parameters);
  probe.configure([], parents);
  return listening(probe);
}

/**
 * @param {WebAssembly.Module} module
 * @param {import('./lessons.js').Recipe} recipe
 * @param {Settings} settings
 * @param {Start} start
 */
function createPupil(module, recipe, settings, start) {
  try {
    return createLearner(module, settings, recipe, start);
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'bad_setting') throw error;
    throw new FormatError(
      'This kind of model can’t learn on the way: only one that carries its state can.',
      'no_learning',
    );
  }
}

/**
 * Makes the models that a header asks for. Its weights are checked once, however many are made.
 * @param {WebAssembly.Module} module
 * @param {Header} header
 * @param {Weights} [given]
 * @returns {() => Predictor} a fresh one each time
 * @throws {FormatError} where the header asks for something that this program does not have
 */
export function predictorsOf(module, header, given) {
  const fresh = header.model === MODEL.LEARNED;
  const recipe = header.recipe === undefined ? undefined : RECIPES[header.recipe];
  if (header.recipe !== undefined && !recipe)
    throw new FormatError('The file asks for a way of learning that this program does not have.', 'unknown_recipe');
  const weights = fresh ? null : header.model === MODEL.INCLUDED ? includedIn(header) : namedBy(header, given);
  const settings = weights?.settings ?? settingsFrom(header.settings ?? '', defaults(recipe?.model));
  if (modelBytes(module, settings, 1) === 0)
    throw new FormatError('The file asks for a model that this program does not have.', 'unknown_model');
  const [parents, parameters] = [!header.withoutParents, weights?.parameters];
  return () => {
    const predictor = recipe
      ? createPupil(module, recipe, settings, { parameters, parents })
      : createReader(module, settings, { parameters, parents });
    if (!predictor) throw new FormatError('The weights do not fit the model of the file.', 'weights_shape');
    return predictor;
  };
}
