/**
 * The language model that predicts while a text is compressed: with weights that were given, which stay, or with fresh
 * ones, which learn from the text as it comes.
 */

import { halved, widened } from '../files/checkpoint/half.js';
import { MODEL } from '../files/compressed/format.js';
import { sha256 } from '../files/compressed/sha256.js';
import { FormatError } from '../files/formats/error.js';
import { modelBytes } from './core.js';
import { CoreError } from './module.js';
import { Probe } from './probe.js';
import { defaults, readSettings, SETTINGS } from './settings.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('../files/compressed/format.js').Header} Header */

/** A trained model. @typedef {{settings: Settings, parameters: Float32Array}} Weights */

/**
 * What a codec needs of a model, and what the model hears of the text.
 * @typedef {object} Predictor
 * @property {import('./module.js').Instance} core
 * @property {number} at  its stream
 * @property {number} room  bytes that it hears before it learns
 * @property {(bytes: Uint8Array) => void} hear
 */

/** Settings that what a model predicts depends on, in the order of settings.js. */
const NAMES = SETTINGS.filter(({ group }) => group === 'model' || group === 'borders').map(({ name }) => name);

/**
 * They as text, without those at their defaults, which never change: so that settings may be added later.
 * @param {Settings} settings
 */
function written(settings) {
  const usual = defaults();
  const own = NAMES.filter((name) => settings[name] !== usual[name]);
  return JSON.stringify(Object.fromEntries(own.map((name) => [name, settings[name]])));
}

/**
 * What names a model: its settings and weights, whatever file they came from.
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
 * What a header says of the model.
 * @param {{weights?: Weights, includeWeights?: boolean}} options
 * @returns {Pick<Header, 'model'|'settings'|'digest'|'weights'>}
 * @throws {CoreError} `bad_settings`
 */
export function describePredictor({ weights, includeWeights = false }) {
  if (!weights) throw new CoreError('bad_settings', 'A model’s weights are missing.');
  const settings = written(weights.settings);
  if (!includeWeights) return { model: MODEL.NAMED, settings, digest: digestOf(weights) };
  const halves = halved(weights.parameters);
  return { model: MODEL.INCLUDED, settings, weights: new Uint8Array(halves.buffer) };
}

/** @param {string} text @returns {Settings} */
function settingsFrom(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    found = null;
  }
  const known = found !== null && typeof found === 'object' && Object.keys(found).every((name) => NAMES.includes(name));
  const { settings, errors } = known
    ? readSettings({ ...defaults(), ...found })
    : { settings: defaults(), errors: [''] };
  if (errors.length > 0) throw new FormatError('The file asks for a model that this program does not have.');
  return settings;
}

/** @param {Header} header @param {Settings} settings @param {Weights|undefined} given @returns {Float32Array} */
function parametersFor(header, settings, given) {
  if (header.model === MODEL.INCLUDED) {
    const bytes = header.weights ?? new Uint8Array();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength - (bytes.byteLength % 2));
    return widened(Uint16Array.from({ length: view.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true)));
  }
  if (!header.digest) throw new FormatError('The file asks for a way of learning that this program does not have.');
  const needed = hex(header.digest);
  if (!given) throw new FormatError(`The file needs the model with the digest ${needed}, and none was given.`);
  const found = hex(digestOf(given));
  if (found !== needed || written(given.settings) !== written(settings))
    throw new FormatError(`The file needs the model with the digest ${needed}; the one that was given has ${found}.`);
  return given.parameters;
}

/**
 * The model that a header asks for.
 * @param {WebAssembly.Module} module
 * @param {Header} header
 * @param {Weights} [given]
 * @returns {Predictor}
 * @throws {FormatError} where the header asks for something that is not there
 */
export function createPredictor(module, header, given) {
  const settings = settingsFrom(header.settings ?? '');
  if (modelBytes(module, settings, 1) === 0)
    throw new FormatError('The file asks for a model that this program does not have.');
  const parameters = parametersFor(header, settings, given);
  const probe = new Probe(module, settings);
  if (parameters.length !== probe.model.size) throw new FormatError('The weights do not fit the model of the file.');
  probe.copyFrom(parameters);
  return { core: probe.core, at: probe.at, room: Infinity, hear() {} };
}
