/**
 * The golden cases of tests/golden/, as settings, parameters and batches.
 */

import { readFileSync } from 'node:fs';
import { settingOf } from '../../wasm/engine/settings.js';
import { parse } from '../../wasm/files/checkpoint/safetensors.js';
import { modelSettings } from './tensors.js';

/** @typedef {import('./tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('./tensors.js').Parameters} Parameters */

/** Names of the cases, which are those of the files. */
export const GOLDEN_CASES = Object.freeze([
  'adaptive-l1',
  'adaptive-l2',
  'adaptive-l3',
  'adaptive-l4',
  'adaptive-l3-trained',
  'adaptive-l3-collapsed',
  'adaptive-l3-entropy-floor',
  'adaptive-l3-teacher-forced',
  'baseline-l1',
  'baseline-l3',
]);

/** How far a correct implementation may be from the golden numbers; absolute unless said otherwise. */
export const TOLERANCES = Object.freeze({
  lossRelative: 1e-5,
  logits: 2e-5,
  gradient: 1e-5,
  gradientRelative: 1e-4,
  parameter: 1e-5,
});

/** The names of the recorded losses, by ours. */
export const LOSS_NAMES = Object.freeze({
  total: 'loss',
  byte_encoder: 'byte_encoder_loss',
  byte_decoder: 'byte_decoder_loss',
  meta: 'meta_loss',
  uncertainty: 'uncertainty_loss',
  entropy_reg: 'entropy_reg_loss',
});

/**
 * A tensor of a golden file, with its values as numbers.
 * @typedef {{shape: number[], data: Float32Array|Int32Array|Uint8Array}} GoldenTensor  data row-major
 *
 * @typedef {object} GoldenCase
 * @property {string} name
 * @property {ModelSettings} settings
 * @property {Record<string, any>} metadata  every value of the file's metadata, parsed
 * @property {number} steps  training steps recorded
 * @property {Map<string, GoldenTensor>} tensors  everything in the file, by its full name
 * @property {(name: string) => Float64Array} values  a tensor's values; fails on a missing name
 * @property {(prefix: string) => Parameters} group  tensors under `prefix/`, named without it, in double precision
 * @property {(k: number) => number[][]} batch  [B][T], the bytes of step k, from 1
 */

/**
 * @param {string} name  of the tensor
 * @param {import('../../wasm/files/checkpoint/safetensors.js').Tensor} stored
 * @returns {GoldenTensor}
 */
function withValues(name, { dtype, shape, data }) {
  const { buffer } = Uint8Array.from(data); // a copy, because the values of some files lie unaligned
  if (dtype === 'F32') return { shape, data: new Float32Array(buffer) };
  if (dtype === 'I32') return { shape, data: new Int32Array(buffer) };
  if (dtype === 'U8') return { shape, data: new Uint8Array(buffer) };
  throw new Error(`Tensor ${name} is stored as ${dtype}, which the golden files do not use.`);
}

/**
 * Reads a case; nothing is shared between two reads.
 * @param {string} name  one of GOLDEN_CASES
 * @param {URL} [folder]  where its file is, with a slash at the end
 * @returns {GoldenCase}
 */
export function readGolden(name, folder = new URL('../golden/', import.meta.url)) {
  const file = readFileSync(new URL(`${name}.safetensors`, folder));
  const { tensors: stored, metadata: texts } = parse(file);
  const tensors = new Map(Array.from(stored, ([tensor, entry]) => [tensor, withValues(tensor, entry)]));
  const metadata = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, JSON.parse(text)]));
  const find = (/** @type {string} */ tensor) => {
    const found = tensors.get(tensor);
    if (!found) throw new Error(`The golden case ${name} has no tensor ${tensor}.`);
    return found;
  };
  return {
    name,
    settings: modelSettings(Object.fromEntries(Object.entries(metadata).filter(([key]) => settingOf(key)))),
    metadata,
    steps: metadata.steps,
    tensors,
    values: (tensor) => Float64Array.from(find(tensor).data),
    group(prefix) {
      const under = Array.from(tensors).filter(([tensor]) => tensor.startsWith(`${prefix}/`));
      return new Map(
        under.map(([tensor, { shape, data }]) => [
          tensor.slice(prefix.length + 1),
          { shape, data: Float64Array.from(data) },
        ]),
      );
    },
    batch(k) {
      const { shape, data } = find(`batch/${k}`);
      const [B, T] = shape;
      return Array.from({ length: B }, (_, b) => Array.from(data.subarray(b * T, (b + 1) * T)));
    },
  };
}
