/**
 * Which model a set of weights belongs to, told from names and shapes alone.
 *
 * @typedef {{shape: number[], data: Float32Array}} Weights
 * @typedef {{model_type: 'adaptive'|'baseline', hidden_size: number, num_levels: number}} Model
 */

import { settingOf } from '../../engine/settings.js';
import { CheckpointError } from './error.js';

/** Bytes and the end of the text. */
const SYMBOLS = 257;

/**
 * Trainable numbers of the adaptive model; the baseline has exactly as many, its pad included.
 * @param {number} H  hidden size
 * @param {number} L  levels
 * @returns {number}
 */
export function parameterCount(H, L) {
  const block = 2 * (2 * 3 * H * H + 2 * 3 * H);
  const linear = (/** @type {number} */ out) => out * H + out;
  const upperLevel = block + linear(H) + linear(1) + (linear(H) + block) + H;
  return SYMBOLS * H + 2 * linear(SYMBOLS) + block + (L - 1) * upperLevel;
}

/**
 * How many different numbers follow a prefix in the names.
 * @param {Iterable<string>} names
 * @param {RegExp} pattern  its first group is the number
 */
function countIndices(names, pattern) {
  const indices = new Set();
  for (const name of names) {
    const match = pattern.exec(name);
    if (match) indices.add(match[1]);
  }
  return indices.size;
}

/**
 * Model type, hidden size and number of levels of a state dict. The names and shapes are only looked at as far as it
 * takes to tell; whether all are there is for `matchTensors` to say.
 * @param {Map<string, Weights>} tensors
 * @returns {Model}
 * @throws {CheckpointError} where the weights are of no model known here
 */
export function inferModel(tensors) {
  const embedding = tensors.get('byte_embedding.weight');
  const [symbols, H] = embedding?.shape ?? [];
  const widest = settingOf('hidden_size')?.max ?? 0;
  const deepest = settingOf('num_levels')?.max ?? 0;
  if (embedding?.shape.length !== 2 || symbols !== SYMBOLS || H < 1) {
    throw new CheckpointError('These weights are of another model: there is no byte_embedding.weight of 257 rows.');
  }
  if (H > widest) throw new CheckpointError(`This model has a hidden size of ${H}, and at most ${widest} is possible.`);
  const encoders = countIndices(tensors.keys(), /^encoder_blocks\.(\d+)\./);
  if (encoders > deepest) {
    throw new CheckpointError(`This model has ${encoders} levels, and at most ${deepest} are possible.`);
  }
  if (encoders > 0) return { model_type: 'adaptive', hidden_size: H, num_levels: encoders };
  if (countIndices(tensors.keys(), /^blocks\.(\d+)\./) === 0) {
    throw new CheckpointError('These weights are of another model: there are neither encoder_blocks nor blocks.');
  }
  let count = 0;
  for (const { data } of tensors.values()) count += data.length;
  for (let L = 1; L <= deepest; L++) {
    if (parameterCount(H, L) === count) return { model_type: 'baseline', hidden_size: H, num_levels: L };
  }
  throw new CheckpointError(`This baseline’s ${count} parameters are not those of any number of levels.`);
}
