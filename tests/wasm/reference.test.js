/**
 * The double-precision reference against the golden vectors: what the core's tests compare with is itself compared with
 * numbers from outside.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdamW } from '../reference/adamw.js';
import { createGenerator } from '../reference/generation.js';
import { GOLDEN_CASES, LOSS_NAMES, readGolden, TOLERANCES } from '../reference/golden.js';
import { crossEntropy, entropy } from '../reference/losses.js';
import { forward, forwardBackward } from '../reference/model.js';
import { gradientOf, Tape } from '../reference/tape.js';
import { baselineSize, countParameters, modelSettings, tensorTable } from '../reference/tensors.js';

/** @typedef {import('../reference/golden.js').GoldenCase} GoldenCase */
/** @typedef {import('../reference/tape.js').Matrix} Matrix */

/**
 * Asserts |actual − expected| ≤ absolute + relative · |expected| for every element; NaN fails.
 * @param {ArrayLike<number>} actual
 * @param {ArrayLike<number>} expected
 * @param {{absolute?: number, relative?: number}} tolerance
 * @param {string} what
 */
function assertClose(actual, expected, { absolute = 0, relative = 0 }, what) {
  assert.equal(actual.length, expected.length, `${what}: number of values`);
  for (let i = 0; i < expected.length; i++) {
    const allowed = absolute + relative * Math.abs(expected[i]);
    const close = Math.abs(actual[i] - expected[i]) <= allowed;
    assert.ok(close, `${what}[${i}] is ${actual[i]}, expected ${expected[i]} ± ${allowed}`);
  }
}

/** @param {Float64Array[]} parts @returns {Float64Array} */
const joined = (parts) => Float64Array.from(parts.flatMap((part) => Array.from(part)));

/**
 * Masks of one level, laid out as in the golden files.
 * @param {Uint8Array[]} masks  [B] of [T_l]
 * @returns {number[]} [B · longest], padded with 0
 */
function padded(masks) {
  const longest = Math.max(...masks.map((mask) => mask.length));
  return masks.flatMap((mask) => [...mask, ...new Array(longest - mask.length).fill(0)]);
}

/** @param {GoldenCase} golden */
function checkTable(golden) {
  const table = tensorTable(golden.settings);
  assert.equal(countParameters(table), golden.metadata.parameter_count);
  const stored = Array.from(golden.group('init'), ([name, { shape }]) => [name, shape]);
  assert.deepEqual(new Map(table.map(({ name, shape }) => [name, shape])), new Map(/** @type {any} */ (stored)));
  if (golden.settings.model_type === 'baseline') {
    const { hidden_size, num_levels } = golden.settings;
    assert.equal(baselineSize(hidden_size, num_levels).blocks, golden.metadata.num_blocks);
  }
}

/** @param {GoldenCase} golden */
function checkForward(golden) {
  const result = forward(golden.settings, golden.group('init'), golden.batch(1));
  const tolerance = { absolute: TOLERANCES.logits };
  const expected = (/** @type {string} */ name) => golden.values(`forward/${name}`);
  assertClose(joined(result.encoderLogits), expected('byte_encoder_logits'), tolerance, 'encoder logits');
  assertClose(joined(result.decoderLogits), expected('byte_decoder_logits'), tolerance, 'decoder logits');
  const stored = Array.from(golden.tensors.keys()).filter((name) => name.startsWith('forward/border_mask/'));
  assert.equal(result.borderMasks.length, stored.length, 'levels with borders');
  result.borderMasks.forEach((masks, l) => {
    assert.deepEqual(padded(masks), Array.from(expected(`border_mask/${l}`)), `borders of level ${l}`);
  });
}

/** @param {GoldenCase} golden */
function checkGradients(golden) {
  const { gradients } = forwardBackward(golden.settings, golden.group('init'), golden.batch(1));
  const stored = golden.group('grad');
  assert.deepEqual(new Set(gradients.keys()), new Set(stored.keys()), 'parameters that a gradient reaches');
  const tolerance = { absolute: TOLERANCES.gradient, relative: TOLERANCES.gradientRelative };
  for (const [name, { data }] of stored) {
    assertClose(/** @type {Float64Array} */ (gradients.get(name)), data, tolerance, `gradient of ${name}`);
  }
}

/** @param {GoldenCase} golden */
function checkTraining(golden) {
  const parameters = golden.group('init');
  const optimizer = new AdamW();
  for (let k = 1; k <= golden.steps; k++) {
    const { losses, borderCounts, gradients } = forwardBackward(golden.settings, parameters, golden.batch(k));
    for (const [name, value] of Object.entries(losses)) {
      const storedName = LOSS_NAMES[/** @type {keyof typeof LOSS_NAMES} */ (name)];
      const expected = golden.values(`trajectory/${storedName}`)[k - 1];
      assertClose([value], [expected], { relative: TOLERANCES.lossRelative }, `${storedName} of step ${k}`);
    }
    // The files truncate the mean to a whole number: adaptive-l3-teacher-forced says 14 where its own mask has 14 and 15.
    assert.deepEqual(borderCounts.map(Math.floor), golden.metadata.border_counts[k - 1], `border counts of step ${k}`);
    optimizer.update(parameters, gradients, golden.settings);
    if (!golden.metadata.snapshots.includes(k)) continue;
    for (const [name, { data }] of golden.group(`after/${k}`)) {
      const actual = /** @type {import('../reference/tensors.js').Parameter} */ (parameters.get(name)).data;
      assertClose(actual, data, { absolute: TOLERANCES.parameter }, `${name} after step ${k}`);
    }
  }
}

/** @param {GoldenCase} golden */
function checkCached(golden) {
  const { shape } = /** @type {{shape: number[]}} */ (golden.tensors.get('cached/logits'));
  const bytes = golden.batch(1)[0].slice(0, shape[0]);
  const parameters = golden.group('init');
  const generator = createGenerator(golden.settings, parameters);
  const steps = bytes.map((byte) => generator.step(byte));
  const tolerance = { absolute: TOLERANCES.logits };
  assertClose(joined(steps.map(({ logits }) => logits)), golden.values('cached/logits'), tolerance, 'cached logits');
  const { borderMasks } = forward(golden.settings, parameters, [bytes]);
  borderMasks.forEach(([mask], l) => {
    const reached = steps.map(({ borders }) => borders).filter((borders) => borders >= l);
    assert.deepEqual(
      reached.map((borders) => Number(borders > l)),
      Array.from(mask),
      `cached borders of level ${l}`,
    );
  });
}

for (const name of GOLDEN_CASES) {
  describe(`reference, golden case ${name}`, () => {
    const golden = readGolden(name);
    it('has the same parameters', () => checkTable(golden));
    it('gives the same logits and borders', () => checkForward(golden));
    it('gives the same gradients, and none where the golden file has none', () => checkGradients(golden));
    it('trains through the same losses to the same parameters', () => checkTraining(golden));
    if (golden.settings.border_mode === 'uncertainty') {
      it('gives the same logits and borders a byte at a time', () => checkCached(golden));
    } else {
      it('refuses to generate with borders that look ahead', () => {
        assert.throws(() => createGenerator(golden.settings, golden.group('init')), /next byte/);
      });
    }
  });
}

describe('reference, losses', () => {
  // Probabilities from nearly 1 to far below the 1e-8 at which the entropy's logarithm stops: no golden case has such.
  const logits = [12, 3, -4, -9, -30];

  for (const [what, loss] of /** @type {const} */ ([
    ['entropy', entropy],
    ['cross-entropy', (/** @type {Tape} */ tape, /** @type {Matrix} */ m) => crossEntropy(tape, m, [2])],
  ])) {
    it(`has the gradient of the ${what} that finite differences give`, () => {
      const tape = new Tape();
      const leaf = tape.leaf(1, logits.length, Float64Array.from(logits));
      tape.backward(loss(tape, leaf));
      const at = (/** @type {number} */ i, /** @type {number} */ step) => {
        const moved = Float64Array.from(logits, (x, v) => (v === i ? x + step : x));
        return loss(tape, tape.leaf(1, moved.length, moved)).data[0];
      };
      const differences = logits.map((_, i) => (at(i, 1e-4) - at(i, -1e-4)) / 2e-4);
      assertClose(gradientOf(leaf), differences, { absolute: 1e-11, relative: 1e-6 }, `gradient of the ${what}`);
    });
  }
});

describe('reference, input', () => {
  const golden = readGolden('adaptive-l2');

  it('counts 1,156,484 parameters at the default size, for either model', () => {
    for (const model_type of /** @type {const} */ (['adaptive', 'baseline'])) {
      assert.equal(
        countParameters(tensorTable(modelSettings({ model_type, hidden_size: 128, num_levels: 3 }))),
        1156484,
      );
    }
  });

  it('refuses parameters of another model', () => {
    const parameters = golden.group('init');
    parameters.delete('meta_eos_embeddings.0');
    assert.throws(() => forward(golden.settings, parameters, golden.batch(1)), /meta_eos_embeddings\.0 should be/);
  });

  it('refuses ragged batches and values that are not bytes', () => {
    const parameters = golden.group('init');
    assert.throws(() => forward(golden.settings, parameters, [[1, 2], [3]]), /same length/);
    assert.throws(() => forward(golden.settings, parameters, []), /same length/);
    assert.throws(() => forward(golden.settings, parameters, [[256]]), /0 to 255/);
  });
});
