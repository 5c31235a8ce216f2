/**
 * Which model a set of weights belongs to, by names and shapes alone.
 *
 * @typedef {{shape: number[], data: Float32Array}} Weights
 * @typedef {{model_type: 'adaptive'|'baseline'|'flat', wiring?: 'residual', hidden_size: number, num_levels?: number,
 *   level_widths?: string, level_blocks?: string, ngram_order?: number, ngram_rows?: number, span_order?: number, token_embeddings?: boolean, recall?: boolean,
 *   encoder_scores?: boolean}} Model
 */

import { SYMBOLS } from '../../engine/kinds.js';
import { defaults, settingOf } from '../../engine/settings.js';
import { tensorsOf } from '../../engine/tensors.js';
import { CheckpointError } from './error.js';

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
  const spans = countIndices(tensors.keys(), /^span_embeddings\.(\d+)\./);
  const tokens = tensors.get('token_embeddings.1.weight');
  const table = tensors.get('ngram_embeddings.2.weight') ?? tensors.get('span_embeddings.1.weight') ?? tokens;
  const tables = {
    ...(orders > 0 && { ngram_order: orders + 1 }),
    ...(spans > 0 && { span_order: spans }),
    ...(tokens && { token_embeddings: true }),
    ...((tensors.has('ngram_recall.2.weight') || tensors.has('span_recall.1.weight')) && { recall: true }),
    ...(table && { ngram_rows: table.shape[0] }),
  };
  const scores = tensors.has('byte_encoder_head.weight') && { encoder_scores: true };
  const shape = {
    hidden_size: H,
    level_widths: widths.join(','),
    level_blocks: blocks.join(','),
    ...scores,
    ...tables,
  };
  if (levels === 1) return { model_type: 'flat', ...shape };
  return { model_type: 'adaptive', wiring: 'residual', num_levels: levels, ...shape };
}

/**
 * A baseline. Its number of levels shows only in how many parameters it has.
 * @param {WebAssembly.Module} module  knows the size of each baseline
 * @param {Map<string, Weights>} tensors
 * @param {number} H
 * @param {number} deepest
 * @returns {Model}
 * @throws {CheckpointError}
 */
function inferBaseline(module, tensors, H, deepest) {
  const model_type = 'baseline';
  let count = 0;
  for (const { data } of tensors.values()) count += data.length;
  for (let L = 1; L <= deepest; L++) {
    const table = tensorsOf(module, defaults({ model_type, hidden_size: H, num_levels: L }));
    if (table.reduce((sum, { size }) => sum + size, 0) === count) return { model_type, hidden_size: H, num_levels: L };
  }
  throw new CheckpointError(`This baseline’s ${count} parameters are not those of any number of levels.`, 'odd_count', {
    count,
  });
}

/**
 * Model type, hidden size and number of levels of a state dict. Only the names and shapes that tell them are looked at:
 * `matchTensors` checks the rest.
 * @param {WebAssembly.Module} module
 * @param {Map<string, Weights>} tensors
 * @returns {Model}
 * @throws {CheckpointError} where the weights are of no model known here
 */
export function inferModel(module, tensors) {
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
  return inferBaseline(module, tensors, H, deepest);
}
