/** The golden cases through the built module: another implementation's numbers, within the tolerances stated with them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { Probe } from '../../wasm/engine/probe.js';
import { GOLDEN_CASES, LOSS_NAMES, readGolden, TOLERANCES } from '../reference/golden.js';
import { assertClose, gradientsOf, module, named, setNamed, settingsFor } from './support/models.js';

/** @typedef {import('../reference/golden.js').GoldenCase} GoldenCase */

const LOGITS = { absolute: TOLERANCES.logits };
const GRADIENT = { absolute: TOLERANCES.gradient, relative: TOLERANCES.gradientRelative };
const PARAMETER = { absolute: TOLERANCES.parameter };
const LOSS = { absolute: 1e-12, relative: TOLERANCES.lossRelative };

/** A model of a case, with the weights before step 1. @param {GoldenCase} golden */
function modelOf(golden) {
  const { batch_size, sequence_length } = golden.metadata;
  const model = new Model(module, settingsFor(golden.settings, { batch_size, sequence_length }));
  setNamed(model, golden.group('init'));
  return model;
}

/** @param {GoldenCase} golden @param {number} k */
const bytesOf = (golden, k) => Uint8Array.from(golden.batch(k).flat());

/** @param {GoldenCase} golden @param {Model} model @param {number} k */
function assertLosses(golden, model, k) {
  const { losses, borders } = model.result();
  for (const [ours, theirs] of Object.entries(LOSS_NAMES)) {
    const found = losses[/** @type {keyof typeof losses} */ (ours)];
    assertClose([found], [golden.values(`trajectory/${theirs}`)[k - 1]], LOSS, `${ours} of step ${k}`);
  }
  // Recorded as whole numbers.
  const expected = golden.settings.model_type === 'adaptive' ? golden.metadata.border_counts[k - 1] : [];
  assertClose(borders, expected, { absolute: 0.5 }, `border counts of step ${k}`);
}

/** @param {Model} model @param {GoldenCase} golden */
function assertBorders(model, golden) {
  for (let l = 0; l < model.result().borders.length; l++) {
    const { positions, mask } = model.borderMask(l);
    const stored = golden.tensors.get(`forward/border_mask/${l}`);
    assert.deepEqual(stored?.shape, [mask.length / positions, positions], `positions of level ${l}`);
    assert.deepEqual([...mask], [...golden.values(`forward/border_mask/${l}`)], `borders of level ${l}`);
  }
}

/** @param {Model} model @param {GoldenCase} golden */
function assertGradients(model, golden) {
  const expected = golden.group('grad');
  const before = golden.group('init');
  const found = named(model, gradientsOf(model));
  const after = named(model, model.parameters);
  assert.ok(expected.size > 0 && [...expected.keys()].every((name) => found.has(name)), 'gradients are of known names');
  for (const [name, { data }] of found) {
    const reference = expected.get(name);
    if (reference) assertClose(data, reference.data, GRADIENT, `gradient of ${name}`);
    else
      assert.deepEqual(
        after.get(name)?.data,
        before.get(name)?.data,
        `${name}, which no gradient reaches, is untouched`,
      );
  }
}

for (const name of GOLDEN_CASES) {
  describe(name, () => {
    const golden = readGolden(name);
    const { steps, snapshots, sequence_length: T, parameter_count: count } = golden.metadata;

    it('parameter count, logits and borders', () => {
      const model = modelOf(golden);
      assert.equal(model.size, count);
      const { encoder, decoder } = model.logits(bytesOf(golden, 1), T);
      if (golden.settings.model_type === 'adaptive') {
        assertClose(encoder, golden.values('forward/byte_encoder_logits'), LOGITS, 'encoder logits');
      }
      assertClose(decoder, golden.values('forward/byte_decoder_logits'), LOGITS, 'decoder logits');
      assertBorders(model, golden);
    });

    it('losses, gradients and weights step by step', () => {
      const model = modelOf(golden);
      for (let k = 1; k <= steps; k++) {
        model.forward(bytesOf(golden, k), T, { training: true });
        assertLosses(golden, model, k);
        model.backward();
        model.update(golden.settings.learning_rate);
        if (k === 1) assertGradients(model, golden);
        if (!snapshots.includes(k)) continue;
        const after = named(model, model.parameters);
        for (const [tensor, { data }] of golden.group(`after/${k}`)) {
          assertClose(after.get(tensor)?.data ?? [], data, PARAMETER, `${tensor} after ${k} steps`);
        }
      }
    });

    if (golden.tensors.has('cached/logits')) {
      it('cached logits', () => {
        const probe = new Probe(module, settingsFor(golden.settings, {}));
        probe.copyFrom(modelOf(golden).parameters);
        const expected = golden.values('cached/logits');
        const symbols = probe.core.constants.AC_SYMBOLS;
        const bytes = golden.batch(1)[0].slice(0, expected.length / symbols);
        assert.ok(bytes.length > 0);
        bytes.forEach((byte, t) => {
          const logits = probe.core.floats(probe.feed(byte, true).logits, symbols);
          assertClose(logits, expected.subarray(t * symbols, (t + 1) * symbols), LOGITS, `logits after byte ${t}`);
        });
      });
    }
  });
}

it('every kind of recorded number appears in some case', () => {
  const all = GOLDEN_CASES.map((name) => readGolden(name));
  for (const prefix of ['cached/logits', 'after/', 'grad/', 'forward/border_mask/2']) {
    assert.ok(
      all.some(({ tensors }) => [...tensors.keys()].some((name) => name.startsWith(prefix))),
      prefix,
    );
  }
  assert.equal(all.filter(({ settings }) => settings.border_mode === 'teacher_forced').length, 1);
});
