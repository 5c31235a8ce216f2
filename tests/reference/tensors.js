/**
 * Which parameters a model has: their names, shapes and numbers, in the order of a checkpoint.
 * `H` is the hidden size, `L` the number of levels, V = 257 the symbols.
 */

import { defaults } from '../../wasm/engine/settings.js';

/** Bytes 0–255 and the end of the sequence. */
const VOCABULARY = 257;

/** The symbol that follows a sequence's last byte. */
export const EOS = 256;

/**
 * The settings that the mathematics depends on.
 * @typedef {object} ModelSettings
 * @property {'adaptive'|'baseline'} model_type
 * @property {number} hidden_size  H
 * @property {number} num_levels  L, at least 1
 * @property {'uncertainty'|'teacher_forced'} border_mode
 * @property {number} byte_entropy_threshold  nats
 * @property {number} meta_uncertainty_threshold  squared error
 * @property {number} threshold  squared error, with teacher forcing only
 * @property {number} entropy_floor  nats
 * @property {number} entropy_reg_weight
 * @property {number} encoder_loss_weight
 * @property {number} decoder_loss_weight
 * @property {number} meta_loss_weight
 * @property {number} uncertainty_loss_weight
 * @property {number} learning_rate
 * @property {number} weight_decay
 * @property {number} dropout
 * @property {number} seed
 *
 * @typedef {{name: string, shape: number[]}} TensorShape
 * @typedef {{shape: number[], data: Float64Array}} Parameter  data row-major
 * @typedef {Map<string, Parameter>} Parameters  by name
 */

/**
 * The project's default settings with some replaced.
 * @param {Partial<ModelSettings>} changes
 * @returns {ModelSettings}
 */
export function modelSettings(changes) {
  const all = /** @type {unknown} */ (defaults(/** @type {any} */ (changes)));
  return /** @type {ModelSettings} */ (all);
}

/** @param {TensorShape[]} table @returns {number} */
export function countParameters(table) {
  return table.reduce((sum, { shape }) => sum + shape.reduce((n, m) => n * m, 1), 0);
}

/** A linear layer. @param {string} prefix @param {number} outputs @param {number} inputs @returns {TensorShape[]} */
function linearTensors(prefix, outputs, inputs) {
  return [
    { name: `${prefix}.weight`, shape: [outputs, inputs] },
    { name: `${prefix}.bias`, shape: [outputs] },
  ];
}

/** A GRU block: two layers, H in and H out. @param {string} prefix @param {number} H @returns {TensorShape[]} */
function gruTensors(prefix, H) {
  return [0, 1].flatMap((layer) => [
    { name: `${prefix}.weight_ih_l${layer}`, shape: [3 * H, H] },
    { name: `${prefix}.weight_hh_l${layer}`, shape: [3 * H, H] },
    { name: `${prefix}.bias_ih_l${layer}`, shape: [3 * H] },
    { name: `${prefix}.bias_hh_l${layer}`, shape: [3 * H] },
  ]);
}

/** @template T @param {number} count @param {(i: number) => T[]} f @returns {T[]} f(0), …, f(count − 1) in a row */
function repeat(count, f) {
  return Array.from({ length: count }, (_, i) => f(i)).flat();
}

/**
 * @param {number} H
 * @param {number} L
 * @returns {TensorShape[]}
 */
function adaptiveTensors(H, L) {
  return [
    { name: 'byte_embedding.weight', shape: [VOCABULARY, H] },
    ...repeat(L, (l) => gruTensors(`encoder_blocks.${l}.gru`, H)),
    ...repeat(L - 1, (l) => linearTensors(`meta_predictors.${l}`, H, H)),
    ...repeat(L - 1, (l) => linearTensors(`meta_uncertainty_heads.${l}`, 1, H)),
    ...repeat(L - 1, (l) => [
      ...linearTensors(`decoder_blocks.${l}.parent_projection`, H, H),
      ...gruTensors(`decoder_blocks.${l}.gru.gru`, H),
    ]),
    ...linearTensors('byte_encoder_head', VOCABULARY, H),
    ...linearTensors('byte_decoder_head', VOCABULARY, H),
    ...repeat(L - 1, (l) => [{ name: `meta_eos_embeddings.${l}`, shape: [H] }]),
  ];
}

/**
 * The baseline without its pad.
 * @param {number} H
 * @param {number} blocks
 * @returns {TensorShape[]}
 */
function stackTensors(H, blocks) {
  return [
    { name: 'byte_embedding.weight', shape: [VOCABULARY, H] },
    ...repeat(blocks, (k) => gruTensors(`blocks.${k}.gru_block.gru`, H)),
    ...linearTensors('byte_head', VOCABULARY, H),
  ];
}

/**
 * How large the baseline must be to have as many parameters as the adaptive model of the same H and L.
 * @param {number} H
 * @param {number} L
 * @returns {{blocks: number, pad: number}}  K, the largest of 1 … 8L that is not larger, and P, what is then missing
 */
export function baselineSize(H, L) {
  const target = countParameters(adaptiveTensors(H, L));
  let blocks = 1;
  while (blocks < 8 * L && countParameters(stackTensors(H, blocks + 1)) <= target) blocks++;
  return { blocks, pad: target - countParameters(stackTensors(H, blocks)) };
}

/**
 * Every parameter of a model.
 * @param {Pick<ModelSettings, 'model_type'|'hidden_size'|'num_levels'>} settings
 * @returns {TensorShape[]}
 */
export function tensorTable({ model_type, hidden_size: H, num_levels: L }) {
  if (model_type === 'adaptive') return adaptiveTensors(H, L);
  const { blocks, pad } = baselineSize(H, L);
  return [{ name: 'parameter_match_pad', shape: [pad] }, ...stackTensors(H, blocks)];
}
