/**
 * A model's parameters: their names, shapes and numbers, in the order of a checkpoint.
 * `H` is the hidden size, `L` the number of levels, V = 257 the symbols.
 */

import { defaults } from '../../wasm/engine/settings.js';
import { ROWS as RECALLED } from './recall.js';

/** Bytes 0–255 and the end of the sequence. */
const VOCABULARY = 257;

/** The symbol that follows a sequence's last byte. */
export const EOS = 256;

/**
 * The settings that the mathematics depends on.
 * @typedef {object} ModelSettings
 * @property {'adaptive'|'baseline'|'flat'} model_type
 * @property {'mirror'|'residual'} wiring  of the adaptive model
 * @property {number} hidden_size  H
 * @property {number} num_levels  L, at least 1
 * @property {'uncertainty'|'teacher_forced'} border_mode
 * @property {number} byte_entropy_threshold  nats
 * @property {number} meta_uncertainty_threshold  squared error
 * @property {number} threshold  squared error, with teacher forcing only
 * @property {string} level_rules  lists have an entry for each level, separated by commas; the residual stream reads them
 * @property {string} level_thresholds
 * @property {string} level_widths
 * @property {string} level_blocks
 * @property {string} level_target_rates
 * @property {string} level_learning_rate_factors
 * @property {number} ngram_order  bytes of the longest n-grams that have a table
 * @property {number} ngram_rows  of each table
 * @property {number} span_order  spans of bytes that have a table
 * @property {boolean} token_embeddings  whether tokens of level 1 have one
 * @property {boolean} encoder_scores  whether a head of the encoder scores the bytes of a residual stream
 * @property {boolean} recall  whether n-grams and spans that have a table have one for what followed them, too
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
 * The project's default settings with some of them replaced.
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
 * Whether a model is a residual stream, flat or with levels above.
 * @param {Pick<ModelSettings, 'model_type'|'wiring'>} settings
 */
export const isResidual = ({ model_type, wiring }) =>
  model_type === 'flat' || (model_type === 'adaptive' && wiring === 'residual');

/**
 * The entry of a list at each level of a residual stream, `otherwise` where there is none.
 * @param {string} list
 * @param {number} level
 * @param {number} otherwise
 */
function entryOf(list, level, otherwise) {
  const entry = String(list).split(',')[level];
  return entry ? Number(entry) : otherwise;
}

/**
 * The properties of each level of a residual stream, from the bytes up.
 * @param {ModelSettings} settings
 * @returns {{width: number, blocks: number, target: number, factor: number}[]}  `target`: positions for each token; `factor` of
 *   the learning rate
 */
export function residualLevels(settings) {
  const top = settings.model_type === 'flat' ? 0 : settings.num_levels - 1;
  return Array.from({ length: top + 1 }, (_, l) => ({
    width: entryOf(settings.level_widths, l, 0) || settings.hidden_size,
    blocks: entryOf(settings.level_blocks, l, 0) || (l === 0 || l < top ? 2 : 0),
    target: entryOf(settings.level_target_rates, l, 0),
    factor: entryOf(settings.level_learning_rate_factors, l, l === 0 ? 1 : 0.2),
  }));
}

/** One GRU layer. @param {string} prefix @param {number} I @param {number} H @returns {TensorShape[]} */
function layerTensors(prefix, I, H) {
  return gruTensors(prefix, H)
    .slice(0, 4)
    .map(({ name, shape }, i) => ({ name, shape: i === 0 ? [3 * H, I] : shape }));
}

/** What scores the positions of a level of a residual stream. @param {ModelSettings} settings @param {number} level @param {number} H */
const scoreTensors = (settings, level, H) =>
  level === 0 && settings.encoder_scores
    ? linearTensors('byte_encoder_head', VOCABULARY, H)
    : linearTensors(`levels.${level}.uncertainty_head`, 1, H);

/** A residual stream. @param {ModelSettings} settings @returns {TensorShape[]} */
function residualTensors(settings) {
  const levels = residualLevels(settings);
  const top = levels.length - 1;
  const widthAt = (/** @type {number} */ l) => levels[l].width;
  return [
    { name: 'byte_embedding.weight', shape: [VOCABULARY, widthAt(0)] },
    ...levels.flatMap(({ width, blocks }, l) => [
      ...layerTensors(`levels.${l}.encoder`, widthAt(Math.max(0, l - 1)), width),
      ...repeat(blocks, (k) => layerTensors(`levels.${l}.blocks.${k}`, width, width)),
      ...(l === 0 ? linearTensors('byte_head', VOCABULARY, width) : []),
      ...(l < top ? scoreTensors(settings, l, width) : []),
      ...(l < top ? [{ name: `levels.${l}.parent_projection.weight`, shape: [width, widthAt(l + 1)] }] : []),
    ]),
    ...repeat(Math.max(0, settings.ngram_order - 1), (k) => [
      { name: `ngram_embeddings.${k + 2}.weight`, shape: [settings.ngram_rows, widthAt(0)] },
    ]),
    ...repeat(top > 0 ? settings.span_order : 0, (k) => [
      { name: `span_embeddings.${k + 1}.weight`, shape: [settings.ngram_rows, widthAt(0)] },
    ]),
    ...repeat(top > 0 && settings.token_embeddings ? 1 : 0, () => [
      { name: 'token_embeddings.1.weight', shape: [settings.ngram_rows, widthAt(0)] },
    ]),
    ...repeat(settings.recall ? Math.max(0, settings.ngram_order - 1) : 0, (k) => [
      { name: `ngram_recall.${k + 2}.weight`, shape: [RECALLED, widthAt(0)] },
    ]),
    ...repeat(settings.recall && top > 0 ? settings.span_order : 0, (k) => [
      { name: `span_recall.${k + 1}.weight`, shape: [RECALLED, widthAt(0)] },
    ]),
  ];
}

/**
 * Whether only the rows of a parameter that a step reads are updated, without weight decay.
 * @param {string} name
 */
export const isSparse = (name) => /^(ngram|span|token)_(embeddings|recall)\./.test(name);

/**
 * The factor of the learning rate that a parameter has.
 * @param {ModelSettings} settings
 * @param {string} name
 * @returns {number}
 */
export function rateFactor(settings, name) {
  if (!isResidual(settings)) return 1;
  if (name.includes('uncertainty_head')) return 0.3;
  if (name.includes('parent_projection')) return 0.1;
  if (isSparse(name)) return 1;
  const level = /^levels\.(\d+)\./.exec(name);
  return residualLevels(settings)[Number(level?.[1] ?? 0)].factor;
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
 * @returns {{blocks: number, pad: number}}  K, the largest of 1 … 8L that does not exceed that number, and P, the parameters still missing
 */
export function baselineSize(H, L) {
  const target = countParameters(adaptiveTensors(H, L));
  let blocks = 1;
  while (blocks < 8 * L && countParameters(stackTensors(H, blocks + 1)) <= target) blocks++;
  return { blocks, pad: target - countParameters(stackTensors(H, blocks)) };
}

/**
 * Every parameter of a model.
 * @param {ModelSettings} settings
 * @returns {TensorShape[]}
 */
export function tensorTable(settings) {
  if (isResidual(settings)) return residualTensors(settings);
  const { model_type, hidden_size: H, num_levels: L } = settings;
  if (model_type === 'adaptive') return adaptiveTensors(H, L);
  const { blocks, pad } = baselineSize(H, L);
  return [{ name: 'parameter_match_pad', shape: [pad] }, ...stackTensors(H, blocks)];
}
