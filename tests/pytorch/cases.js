/**
 * Random configurations of every kind of model, and the core's results for them: losses, logits, borders, gradients and
 * carried state, window after window. cases_test.py compares the PyTorch package with them.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Model } from '../../wasm/engine/core.js';
import { hasOneHead } from '../../wasm/engine/kinds.js';
import { loadModule } from '../../wasm/engine/node/surroundings.js';
import { defaults } from '../../wasm/engine/settings.js';
import { tensorOf } from '../../wasm/files/checkpoint/safetensors.js';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import fc from '../random_cases.js';
import { gradientsOf } from '../wasm/support/models.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const WINDOWS = 3;
const BYTES = 3 * (WINDOWS * 12 + 1);

const level = fc.record({
  rule: fc.constantFrom(
    'accumulated',
    'accumulated_rise',
    'accumulated_word_end',
    'level',
    'rise',
    'whitespace',
    'every_nth',
    'random',
    'given',
  ),
  /** Scores of random weights are near 5.5 at bytes where the encoder has a head, and near 0.7 elsewhere. */
  threshold: fc.constantFrom(0, 0.1, 0.7, 1.6, 2.5, 5.5, 11),
  width: fc.constantFrom(0, 3, 5, 8, 9),
  blocks: fc.integer({ min: 0, max: 2 }),
});

const weight = fc.constantFrom(0, 0.5, 1, 2);

const cases = fc.record({
  model: fc.constantFrom(
    { model_type: 'adaptive', wiring: 'residual', carry_state: true },
    { model_type: 'adaptive', wiring: 'residual' },
    { model_type: 'flat', carry_state: true },
    { model_type: 'adaptive', wiring: 'mirror' },
    { model_type: 'baseline' },
  ),
  border_mode: fc.constantFrom('uncertainty', 'teacher_forced'),
  thresholds: fc.record({
    threshold: fc.constantFrom(0.05, 0.5),
    byte_entropy_threshold: fc.constantFrom(3, 8),
    meta_uncertainty_threshold: fc.constantFrom(0.9, 1.4),
  }),
  num_levels: fc.integer({ min: 1, max: 4 }),
  hidden_size: fc.integer({ min: 1, max: 12 }),
  levels: fc.array(level, { minLength: 4, maxLength: 4 }),
  /** Entries of the lists; without any, all levels are like the model. */
  entries: fc.constantFrom(0, 2, 4, 4),
  weights: fc.record({
    entropy_floor: fc.constantFrom(0, 2.5, 5.5),
    entropy_reg_weight: weight,
    encoder_loss_weight: weight,
    decoder_loss_weight: weight,
    meta_loss_weight: weight,
    uncertainty_loss_weight: weight,
  }),
  seed: fc.nat(),
  scale: fc.constantFrom(1, 2),
  batch_size: fc.integer({ min: 1, max: 3 }),
  sequence_length: fc.constantFrom(1, 2, 5, 12),
  ngram_order: fc.constantFrom(0, 0, 2, 5),
  ngram_rows: fc.constantFrom(1, 9),
  span_order: fc.constantFrom(0, 1, 2, 4),
  token_embeddings: fc.boolean(),
  recall: fc.boolean(),
  encoder_scores: fc.boolean(),
  dropout: fc.constantFrom(0, 0.2, 0.9),
  step: fc.constantFrom(0, 1, 70_000),
  /** Of as many bytes. */
  marks: fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2, 4), { minLength: BYTES, maxLength: BYTES }),
  bytes: fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: BYTES, maxLength: BYTES }),
    fc.array(fc.constantFrom(9, 32, 97, 101), { minLength: BYTES, maxLength: BYTES }),
  ),
});

/** @typedef {typeof cases extends fc.Arbitrary<infer T> ? T : never} Case */

/** @param {Case} given @returns {Settings} */
function settingsOf({
  model,
  border_mode,
  thresholds,
  num_levels,
  hidden_size,
  levels,
  entries,
  weights,
  seed,
  ...more
}) {
  const list = (/** @type {(each: typeof levels[0]) => number|string} */ entry) =>
    levels.slice(0, entries).map(entry).join(',');
  return defaults({
    ...model,
    ...weights,
    // A residual stream has no rule that looks ahead.
    border_mode: model.model_type === 'adaptive' && model.wiring === 'mirror' ? border_mode : 'uncertainty',
    num_levels,
    hidden_size,
    seed,
    ...thresholds,
    level_rules: list(({ rule }) => rule),
    level_thresholds: list(({ threshold }) => threshold),
    level_widths: list(({ width }) => width),
    level_blocks: list(({ blocks }) => blocks),
    batch_size: more.batch_size,
    sequence_length: more.sequence_length,
    ngram_order: more.ngram_order,
    ngram_rows: more.ngram_rows,
    span_order: more.span_order,
    token_embeddings: more.token_embeddings,
    recall: more.recall,
    encoder_scores: more.encoder_scores,
    dropout: more.dropout,
  });
}

/**
 * The core's results for one case, as a safetensors file.
 * @param {WebAssembly.Module} module
 * @param {Case} given
 * @returns {Uint8Array}
 */
function answer(module, given) {
  const settings = settingsOf(given);
  const [T, B] = [given.sequence_length, given.batch_size];
  const model = new Model(module, settings);
  // Tables of n-grams and spans start as zeros.
  model.setParameters(model.parameters.map((p, i) => (i < model.denseSize ? p : Math.sin(i * 12.9898)) * given.scale));
  /** @type {Map<string, import('../../wasm/files/checkpoint/safetensors.js').Tensor>} */
  const tensors = new Map();
  const add = (/** @type {string} */ prefix, /** @type {Float32Array} */ flat) => {
    for (const { name, shape, offset, size } of model.tensors)
      tensors.set(`${prefix}/${name}`, tensorOf(shape, flat.slice(offset, offset + size)));
  };
  add('weights', model.parameters);
  const windows = Array.from({ length: WINDOWS }, (_, k) => {
    const from = Array.from({ length: B }, (_, b) => b * (WINDOWS * 12 + 1) + k * T);
    const symbols = from.map((at) => given.bytes.slice(at, at + T));
    const following = from.map((at) => given.bytes[at + T]);
    const input = Uint8Array.from(symbols.flat());
    const given_marks = from.map((at) => given.marks.slice(at, at + T));
    const flatMarks = Uint8Array.from(given_marks.flat());
    const next = model.carries ? Int32Array.from(following) : undefined;
    const marks = () =>
      model.result().borders.map((_, l) => {
        const { positions, mask } = model.borderMask(l);
        return Array.from({ length: B }, (_, b) => [...mask.subarray(b * positions, (b + 1) * positions)]);
      });
    const { encoder, decoder } = model.logits(input, T, 0, next, flatMarks);
    tensors.set(`logits/${k}`, tensorOf([B, T, 257], decoder));
    tensors.set(`encoder_logits/${k}`, tensorOf([B, T, 257], hasOneHead(settings) ? decoder : encoder));
    const readMasks = marks();
    model.setStep(given.step + k);
    model.forward(input, T, { training: true, next, marks: flatMarks });
    const { losses } = model.result();
    const masks = marks();
    const { states, rules } = model.carried;
    if (model.carries) tensors.set(`carried/${k}`, tensorOf([B, states.length / B], states));
    model.backward();
    add(`gradients/${k}`, gradientsOf(model));
    const step = given.step + k;
    const texts = { symbols, given_marks, following: next ? following : null };
    return { step, ...texts, losses, masks, readMasks, rules: [...rules] };
  });
  const changes = Object.entries(settings).filter(([name]) => name !== 'workers');
  return serialize({
    metadata: { settings: JSON.stringify(Object.fromEntries(changes)), windows: JSON.stringify(windows) },
    tensors,
  });
}

/**
 * Writes cases into a folder.
 * @param {string} folder
 * @param {number} count
 * @returns {Promise<Settings[]>} their settings
 */
export async function writeCases(folder, count) {
  const module = await loadModule();
  const all = fc.sample(cases, { numRuns: count, seed: 5 });
  for (const [i, given] of all.entries())
    writeFileSync(path.join(folder, `case-${i}.safetensors`), answer(module, given));
  return all.map(settingsOf);
}
