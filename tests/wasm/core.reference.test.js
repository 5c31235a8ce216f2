// tier: slow
/**
 * The built module against the reference in double precision, on random configurations, weights and bytes. A case is
 * only left out where a border depends on rounding, which has to be rare.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import fc from '../random_cases.js';
import { AdamW } from '../reference/adamw.js';
import { adaptiveForward } from '../reference/adaptive.js';
import { forward, forwardBackward, lookup, parameterLeaves } from '../reference/model.js';
import { Tape } from '../reference/tape.js';
import { modelSettings } from '../reference/tensors.js';
import { assertClose, conditioned, gradientsOf, module, named, settingsFor } from './support/models.js';
import { assertBorders, assertGradients, assertLosses, assertUpdate, LOGITS } from './support/reference.js';

/** @typedef {import('../reference/tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('../reference/model.js').ForwardResult} ForwardResult */

const RUNS = 150;
/** Within this distance of a threshold, a border depends on rounding: for running sums, and for single numbers. */
const SUM_MARGIN = 1e-4;
const ERROR_MARGIN = 1e-5;
const SYMBOLS = 257;

const weight = fc.constantFrom(0, 0.1, 0.5, 1, 2);

/** Thresholds from "a border everywhere" to "few": entropies of random weights are near 5.5, upper scores near 0.7. */
const configurations = fc.record({
  model_type: fc.constantFrom('adaptive', 'adaptive', 'adaptive', 'baseline'),
  border_mode: fc.constantFrom('uncertainty', 'uncertainty', 'teacher_forced'),
  num_levels: fc.integer({ min: 1, max: 5 }),
  hidden_size: fc.integer({ min: 1, max: 12 }),
  byte_entropy_threshold: fc.constantFrom(0, 3, 4.5, 7, 10, 16),
  meta_uncertainty_threshold: fc.constantFrom(0, 0.5, 0.9, 1.6),
  threshold: fc.constantFrom(0, 0.05, 0.3),
  entropy_floor: fc.constantFrom(0, 0, 2.5, 5.3, 6),
  entropy_reg_weight: weight,
  encoder_loss_weight: weight,
  decoder_loss_weight: weight,
  meta_loss_weight: weight,
  uncertainty_loss_weight: weight,
  dropout: fc.constantFrom(0, 0, 0.1, 0.5),
  weight_decay: fc.constantFrom(0, 0.01, 0.5),
});

const cases = fc.record({
  configuration: configurations,
  seed: fc.nat(),
  step: fc.nat(100_000),
  /** Above 1, entropies and scores scatter more than in fresh weights. */
  scale: fc.constantFrom(1, 1.5, 2.5),
  batch_size: fc.integer({ min: 1, max: 3 }),
  sequence_length: fc.constantFrom(1, 2, 3, 5, 8, 9, 10, 11, 12),
  /** More than enough for every batch, drawn from few or from all byte values. */
  bytes: fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 36, maxLength: 36 }),
    fc.array(fc.constantFrom(0, 32, 101, 255), { minLength: 36, maxLength: 36 }),
  ),
});

/**
 * The smallest distance of a running sum from its threshold.
 * @param {ModelSettings} settings
 * @param {ForwardResult} reference
 */
function marginOfSums(settings, { borderMasks, scores }) {
  let least = Number.POSITIVE_INFINITY;
  for (const [l, masks] of borderMasks.entries()) {
    const threshold = l === 0 ? settings.byte_entropy_threshold : settings.meta_uncertainty_threshold;
    for (const [b, mask] of masks.entries()) {
      let sum = 0;
      for (let t = 1; t < mask.length; t++) {
        sum += scores[l][b][t];
        least = Math.min(least, Math.abs(sum - threshold));
        if (mask[t] === 1) sum = 0;
      }
    }
  }
  return least;
}

/**
 * The smallest distance of teacher-forced borders from tipping over: between the two likeliest symbols, and of a squared
 * error from the threshold.
 * @param {ModelSettings} settings
 * @param {import('../reference/tensors.js').Parameters} parameters
 * @param {number[][]} batch
 * @param {number|null} step
 */
function marginOfErrors(settings, parameters, batch, step) {
  const tape = new Tape();
  const { sequences } = adaptiveForward(tape, settings, lookup(parameterLeaves(tape, parameters)), batch, step);
  let least = Number.POSITIVE_INFINITY;
  for (const { encoderLogits, squaredErrors } of sequences) {
    for (let at = 0; at < encoderLogits.data.length; at += SYMBOLS) {
      const [first, second] = encoderLogits.data
        .slice(at, at + SYMBOLS)
        .sort()
        .reverse();
      least = Math.min(least, first - second);
    }
    for (const s of squaredErrors.slice(0, -1)) {
      for (const error of s.data) least = Math.min(least, Math.abs(error - settings.threshold));
    }
  }
  return least;
}

/**
 * Whether a border depends on rounding.
 * @param {ModelSettings} settings
 * @param {ForwardResult} reference
 * @param {import('../reference/tensors.js').Parameters} parameters
 * @param {number[][]} batch
 * @param {number|null} step  of training, null for an evaluation
 */
function undecided(settings, reference, parameters, batch, step) {
  if (settings.model_type === 'baseline' || settings.num_levels === 1) return false;
  if (settings.border_mode === 'uncertainty') return marginOfSums(settings, reference) < SUM_MARGIN;
  return marginOfErrors(settings, parameters, batch, step) < ERROR_MARGIN;
}

/**
 * One case through both.
 * @param {typeof cases extends fc.Arbitrary<infer T> ? T : never} given
 * @returns {{compared: boolean, model: Model}}
 */
function compare({ configuration, seed, step, scale, batch_size: B, sequence_length: T, bytes }) {
  const settings = modelSettings(/** @type {Partial<ModelSettings>} */ ({ ...configuration, seed }));
  const model = new Model(module, settingsFor(settings, { batch_size: B, sequence_length: T }));
  model.setParameters(model.parameters.map((p) => p * scale));
  const batch = Array.from({ length: B }, (_, b) => bytes.slice(b * T, (b + 1) * T));
  const input = Uint8Array.from(batch.flat());
  const parameters = named(model, model.parameters);
  const reference = forwardBackward(settings, parameters, batch, step);
  const evaluated = forward(settings, parameters, batch);
  if (
    undecided(settings, reference, parameters, batch, step) ||
    undecided(settings, evaluated, parameters, batch, null)
  )
    return { compared: false, model };

  const { encoder, decoder } = model.logits(input, T);
  const flat = (/** @type {Float64Array[]} */ parts) => parts.flatMap((part) => [...part]);
  assertBorders(model, evaluated);
  if (settings.model_type === 'adaptive') assertClose(encoder, flat(evaluated.encoderLogits), LOGITS, 'encoder logits');
  assertClose(decoder, flat(evaluated.decoderLogits), LOGITS, 'decoder logits');

  model.setStep(step);
  model.forward(input, T, { training: true });
  assertBorders(model, reference);
  assertLosses(model, reference);
  model.backward();
  const gradients = named(model, gradientsOf(model));
  const optimiser = new AdamW();
  assertUpdate(model, optimiser, settings);
  assertGradients(model, gradients, reference);
  // A second update, which has moments to build on.
  model.setStep(step + 1);
  model.forward(input, T, { training: true });
  model.backward();
  assertUpdate(model, optimiser, settings);
  return { compared: true, model };
}

it('losses, logits, borders, gradients and updates of random configurations, with and without dropout', (t) => {
  let [compared, left, conditionedCases] = [0, 0, 0];
  fc.assert(
    fc.property(cases, (given) => {
      const result = compare(given);
      if (!result.compared) left++;
      else {
        compared++;
        const adaptive = result.model.settings.model_type === 'adaptive';
        if (adaptive && conditioned(result.model).some((count) => count > 0)) conditionedCases++;
      }
    }),
    { numRuns: RUNS, seed: 12 },
  );
  t.diagnostic(`${compared} compared, ${left} left out, ${conditionedCases} with conditioned positions`);
  assert.ok(left <= 0.05 * RUNS, `${left} of ${RUNS} cases depended on rounding`);
  assert.ok(conditionedCases >= 0.1 * RUNS, `only ${conditionedCases} cases had conditioned positions`);
});
