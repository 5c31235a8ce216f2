/**
 * Which model a set of weights belongs to, by names and shapes alone.
 *
 * @typedef {{shape: number[], data: Float32Array}} Weights
 * @typedef {{model_type: 'adaptive'|'baseline'|'flat', wiring?: 'residual', hidden_size: number, num_levels?: number,
 *   level_widths?: string, level_blocks?: string, ngram_order?: number, ngram_rows?: number}} Model
 */

import { SYMBOLS } from '../../engine/kinds.js';
import { settingOf } from '../../engine/settings.js';
import { CheckpointError } from './error.js';

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
 * A residual stream, whose levels may have widths and numbers of blocks of their own.
 * @param {Map<string, Weights>} tensors
 * @param {number} H
 * @param {number} deepest
 * @returns {Model}
 * @throws {CheckpointError}
 */
function inferResidual(tensors, H, deepest) {
  const levels = countIndices(tensors.keys(), /^levels\.(\d+)\.encoder\./);
  if (levels > deepest) {
    throw new CheckpointError(
      `This model has ${levels} levels, and at most ${deepest} are possible.`,
      'too_many_levels',
      { levels },
    );
  }
  const each = Array.from({ length: levels }, (_, l) => l);
  const widths = each.map((l) => tensors.get(`levels.${l}.encoder.weight_hh_l0`)?.shape[1] ?? 0);
  const blocks = each.map((l) => countIndices(tensors.keys(), new RegExp(`^levels\\.${l}\\.blocks\\.(\\d+)\\.`)));
  const orders = countIndices(tensors.keys(), /^ngram_embeddings\.(\d+)\./);
  const rows = tensors.get('ngram_embeddings.2.weight')?.shape[0] ?? 0;
  const ngrams = orders > 0 ? { ngram_order: orders + 1, ngram_rows: rows } : {};
  const shape = { hidden_size: H, level_widths: widths.join(','), level_blocks: blocks.join(','), ...ngrams };
  if (levels === 1) return { model_type: 'flat', ...shape };
  return { model_type: 'adaptive', wiring: 'residual', num_levels: levels, ...shape };
}

/**
 * Model type, hidden size and number of levels of a state dict. The names and shapes are only looked at as far as that
 * takes; whether all are there is for `matchTensors` to say.
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
    throw new CheckpointError(
      'These weights are of another model: there is no byte_embedding.weight of 257 rows.',
      'no_embedding',
    );
  }
  if (H > widest)
    throw new CheckpointError(`This model has a hidden size of ${H}, and at most ${widest} is possible.`, 'too_wide', {
      hidden_size: H,
    });
  if (tensors.has('levels.0.encoder.weight_hh_l0')) return inferResidual(tensors, H, deepest);
  const encoders = countIndices(tensors.keys(), /^encoder_blocks\.(\d+)\./);
  if (encoders > deepest) {
    throw new CheckpointError(
      `This model has ${encoders} levels, and at most ${deepest} are possible.`,
      'too_many_levels',
      { levels: encoders },
    );
  }
  if (encoders > 0) return { model_type: 'adaptive', hidden_size: H, num_levels: encoders };
  if (countIndices(tensors.keys(), /^blocks\.(\d+)\./) === 0) {
    throw new CheckpointError(
      'These weights are of another model: there are neither encoder_blocks nor blocks.',
      'no_blocks',
    );
  }
  let count = 0;
  for (const { data } of tensors.values()) count += data.length;
  for (let L = 1; L <= deepest; L++) {
    if (parameterCount(H, L) === count) return { model_type: 'baseline', hidden_size: H, num_levels: L };
  }
  throw new CheckpointError(`This baseline’s ${count} parameters are not those of any number of levels.`, 'odd_count', {
    count,
  });
}
