/** Opens checkpoints: their settings over others, and the state that they put a model in. */
import { matchTensors, readPlain } from '../files/checkpoint/plain.js';
import { isZip } from '../files/formats/zip_start.js';
import { NOTHING_CARRIED } from './carried.js';
import { SETTINGS } from './settings.js';
import { readMemory } from './stopping.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./core.js').Model} Model */
/** @typedef {import('./core.js').ModelState} ModelState */
/** @typedef {import('../files/checkpoint/plain.js').Checkpoint} Checkpoint */

/** Settings newer than the first checkpoints. A checkpoint without them means their defaults, and those of lists. */
const YOUNGER = new Set([
  'weight_averaging',
  'wiring',
  'carry_state',
  'segment_length',
  'ngram_order',
  'recall',
  'ngram_rows',
  'span_order',
  'encoder_scores',
  'token_embeddings',
]);

/**
 * A checkpoint's settings over others: what the weights mean, and what training needs to go on exactly.
 * @param {Checkpoint} checkpoint
 * @param {Settings} settings
 * @returns {{checkpoint: Checkpoint, settings: Settings}}
 */
export function settled(checkpoint, settings) {
  const younger = SETTINGS.filter(({ name, type }) => type === 'list' || YOUNGER.has(name));
  const given = Object.entries(checkpoint.settings).filter(([, value]) => value !== undefined);
  const before = Object.fromEntries([...younger.map((s) => [s.name, s.default]), ...given]);
  return { checkpoint, settings: { ...settings, ...before } };
}

/**
 * Reads a checkpoint of either kind, and puts its settings over others. The reader of `.pt` files is loaded when one comes.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} bytes
 * @param {Settings} settings
 * @returns {Promise<{checkpoint: Checkpoint, settings: Settings}>}
 * @throws {import('../files/checkpoint/error.js').CheckpointError}
 */
export async function openCheckpoint(module, bytes, settings) {
  const read = isZip(bytes) ? (await import('../files/checkpoint/checkpoint.js')).readCheckpoint : readPlain;
  return settled(read(module, bytes), settings);
}

/**
 * What a checkpoint's sequences carry; nothing where it does not fit the model.
 * @param {import('../files/checkpoint/plain.js').Resume} resume
 * @param {Model} model
 * @returns {import('./carried.js').Carried}
 */
function carriedFrom({ state, carried }, model) {
  const { rules } = state;
  const batch = model.settings.batch_size;
  const width = model.carries ? model.carriedWidth : 0;
  const fits = carried?.shape.length === 2 && carried.shape[0] === batch && carried.shape[1] === width;
  const numbers = Array.isArray(rules) && rules.length === batch * model.rulesWidth && rules.every(Number.isFinite);
  if (!fits || !numbers || !model.carries) return NOTHING_CARRIED;
  return { states: carried.data.slice(), rules: Float64Array.from(rules) };
}

/**
 * The state that a checkpoint puts a model in. Without moments in it they are zero.
 * @param {Checkpoint} checkpoint
 * @param {Model} model  of the checkpoint's settings
 * @returns {{state: ModelState, step: number, memory: import('./stopping.js').Memory|null}} `memory`: of the stop rules
 * @throws {import('../files/checkpoint/error.js').CheckpointError} where tensors do not fit the model
 */
export function stateOf({ tensors, resume }, model) {
  /** @type {ModelState} */
  const state = {
    parameters: new Float32Array(model.size),
    first: new Float32Array(model.size),
    second: new Float32Array(model.size),
    updates: new Int32Array(model.tensors.length),
    thresholds: model.thresholds.slice(),
    carried: NOTHING_CARRIED,
  };
  /** @param {Float32Array} flat @param {Map<string, import('../files/checkpoint/plain.js').Weights>} found */
  const fill = (flat, found) => {
    for (const [i, data] of matchTensors(model.tensors, found).entries()) flat.set(data, model.tensors[i].offset);
  };
  fill(state.parameters, tensors);
  if (!resume) return { state, step: 0, memory: null };
  fill(state.first, resume.expAvg);
  fill(state.second, resume.expAvgSq);
  const { step, updates, averaged } = resume.state;
  const whole = (/** @type {unknown} */ x) => Number.isInteger(x) && Number(x) >= 0 && Number(x) < 2 ** 31;
  if (!whole(step) || !Array.isArray(updates) || updates.length !== model.tensors.length || !updates.every(whole)) {
    return { state: { ...state, first: state.first.fill(0), second: state.second.fill(0) }, step: 0, memory: null };
  }
  state.updates.set(updates);
  if (whole(averaged) && Number(averaged) > 0 && resume.latest && !model.reads) {
    // The tensors are the average, and training goes on from the latest weights.
    state.average = { weights: state.parameters.slice(), count: Number(averaged) };
    fill(state.parameters, resume.latest);
  }
  state.carried = carriedFrom(resume, model);
  return { state, step: Number(step), memory: readMemory(resume.state.stopping) };
}
