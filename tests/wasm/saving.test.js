import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { CoreError } from '../../wasm/engine/module.js';
import { settled, stateOf } from '../../wasm/engine/opening.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { saveModel } from '../../wasm/engine/saving.js';
import { defaults, SETTINGS } from '../../wasm/engine/settings.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { CheckpointError } from '../../wasm/files/checkpoint/error.js';
import { parse, tensorOf } from '../../wasm/files/checkpoint/safetensors.js';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import { assertSameBits, assertSameState, module, realText, small } from './support/models.js';
import { withReason } from './support/refusals.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const STEP = 5;

/** A model after a few steps, so that moments are not zero. @param {Settings} settings */
function trained(settings) {
  const model = new Model(module, settings);
  const [T, B] = [settings.sequence_length, settings.batch_size];
  const text = realText(STEP * T * B);
  for (let step = 0; step < STEP; step++) {
    model.setStep(step);
    model.forward(text.subarray(step * T * B, (step + 1) * T * B), T, { training: true });
    model.backward();
    model.update(1e-3);
  }
  return model;
}

/** What opening a file gives. @param {Uint8Array} bytes @param {Settings} [settings] */
function opened(bytes, settings = defaults()) {
  const { checkpoint, settings: merged } = settled(readCheckpoint(module, bytes), settings);
  const model = new Model(module, merged);
  return { settings: merged, model, ...stateOf(checkpoint, model) };
}

/**
 * A file like another with some tensors changed.
 * @param {Uint8Array} bytes
 * @param {(tensors: Map<string, import('../../wasm/files/checkpoint/safetensors.js').Tensor>, metadata: Record<string, string>) => void} change
 */
function changed(bytes, change) {
  const { metadata, tensors } = parse(bytes);
  change(tensors, metadata);
  return serialize({ metadata, tensors });
}

const MODELS = {
  adaptive: small({ hidden_size: 10 }),
  'one level': small({ num_levels: 1, hidden_size: 7 }),
  'teacher-forced': small({ border_mode: 'teacher_forced', dropout: 0.25, seed: 4294967295 }),
  baseline: small({ model_type: 'baseline', num_levels: 2, hidden_size: 5 }),
};

for (const [name, settings] of Object.entries(MODELS)) {
  describe(`a saved model, ${name}`, () => {
    const model = trained(settings);

    it('comes back with the same weights and settings', () => {
      const back = opened(saveModel(model, settings, null));
      assertSameBits(back.state.parameters, model.parameters, 'weights');
      assert.deepEqual(back.settings, settings);
      assert.equal(back.step, 0);
      const zero = [back.state.first, back.state.second, back.state.updates].every((array) =>
        array.every((x) => x === 0),
      );
      assert.ok(zero, 'the optimiser starts afresh');
    });

    it('comes back with everything that training needs to go on', () => {
      const back = opened(saveModel(model, settings, STEP));
      assertSameState(back.state, model.state(), 'state');
      assert.equal(back.step, STEP);
      assert.ok(back.state.updates.some((k) => k === STEP) && back.state.second.some((x) => x > 0));
    });

    it('can be inferred from its tensors alone', () => {
      const plain = changed(saveModel(model, settings, null), (_, metadata) => {
        for (const key of Object.keys(metadata)) delete metadata[key];
      });
      const back = opened(plain, defaults({ batch_size: 2, learning_rate: 0.5 }));
      assertSameBits(back.state.parameters, model.parameters, 'weights');
      const { model_type, hidden_size, num_levels } = settings;
      assert.deepEqual(
        back.settings,
        defaults({ batch_size: 2, learning_rate: 0.5, model_type, hidden_size, num_levels }),
      );
    });
  });
}

describe('opening a checkpoint', () => {
  const settings = MODELS.adaptive;
  const model = trained(settings);
  const file = saveModel(model, settings, STEP);
  const weights = saveModel(model, settings, null);

  /** @param {Uint8Array} bytes @param {import('./support/refusals.js').Reason} says */
  const refuses = (bytes, says) =>
    assert.throws(
      () => opened(bytes),
      (error) => error instanceof CheckpointError && withReason(says)(error),
    );

  it('puts the checkpoint’s settings over others', () => {
    const { settings: merged } = settled(
      readCheckpoint(module, file),
      defaults({ hidden_size: 99, num_levels: 7, learning_rate: 1 }),
    );
    assert.deepEqual(merged, settings);
  });

  it('gives a setting newer than the checkpoint its default, whatever the form says', () => {
    const residual = small({ wiring: 'residual', carry_state: true, hidden_size: 6 });
    const older = changed(saveModel(trained(residual), residual, null), (_, metadata) => {
      for (const name of ['ngram_order', 'ngram_rows']) delete metadata[name];
    });
    assert.equal(opened(older, defaults(PRESETS.quick_start.changes)).settings.ngram_order, 0);
  });

  it('knows each setting of the core that the first checkpoints lacked', () => {
    const first = parse(readFileSync(new URL('../browser/support/mirror.safetensors', import.meta.url)));
    const usual = /** @type {Record<string, unknown>} */ (defaults());
    const other = Object.fromEntries(SETTINGS.map(({ name, choices }) => [name, choices?.at(-1) ?? 'of the form']));
    const read = /** @type {Record<string, unknown>} */ (
      settled(readCheckpoint(module, serialize(first)), /** @type {any} */ (other)).settings
    );
    const younger = SETTINGS.filter(({ core, name }) => core && !(name in first.metadata));
    assert.ok(younger.length > 5);
    for (const { name } of younger) assert.deepEqual(read[name], usual[name], name);
  });

  it('leaves the model unchanged when a checkpoint is only read', () => {
    const before = model.state();
    saveModel(model, settings, 3);
    assertSameState(model.state(), before, 'state');
  });

  it('refuses a tensor of the wrong shape', () => {
    refuses(
      changed(weights, (tensors) => tensors.set('byte_encoder_head.bias', tensorOf([256], new Float32Array(256)))),
      ['shape', { name: 'byte_encoder_head.bias', shape: [256], wanted: [257] }],
    );
    refuses(
      changed(weights, (tensors) => tensors.set('meta_predictors.0.weight', tensorOf([100], new Float32Array(100)))),
      ['shape', { name: 'meta_predictors.0.weight' }],
    );
  });

  it('refuses a tensor too few and one too many', () => {
    refuses(
      changed(weights, (tensors) => void tensors.delete('meta_eos_embeddings.1')),
      ['no_tensor', { name: 'meta_eos_embeddings.1' }],
    );
    refuses(
      changed(weights, (tensors) => tensors.set('extra', tensorOf([1], new Float32Array(1)))),
      ['extra_tensor', { name: 'extra' }],
    );
  });

  it('refuses weights and moments that are not finite', () => {
    for (const name of ['byte_embedding.weight', 'adaptive_compressor.exp_avg.byte_embedding.weight']) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const shape = [257, settings.hidden_size];
        const data = new Float32Array(shape[0] * shape[1]);
        data[data.length - 1] = value;
        refuses(
          changed(file, (tensors) => tensors.set(name, tensorOf(shape, data))),
          'not_finite',
        );
      }
    }
  });

  it('refuses metadata of another model, and a setting out of range', () => {
    refuses(
      changed(file, (_, metadata) => {
        metadata.hidden_size = '11';
      }),
      ['other_model', { name: 'hidden_size', said: 11, weights: 10 }],
    );
    refuses(
      changed(file, (_, metadata) => {
        metadata.sequence_length = '0';
      }),
      ['wrong_setting', { name: 'sequence_length' }],
    );
  });

  it('starts the optimiser afresh where the training state makes no sense', () => {
    for (const state of [
      {},
      { step: -1, updates: [] },
      { step: STEP, updates: [1, 2] },
      { step: 1e20, updates: 'x' },
    ]) {
      const bytes = changed(file, (_, metadata) => {
        metadata['adaptive_compressor.state'] = JSON.stringify(state);
      });
      const back = opened(bytes);
      assert.equal(back.step, 0);
      assertSameBits(back.state.parameters, model.parameters, 'weights');
      assert.ok(back.state.first.every((x) => x === 0) && back.state.second.every((x) => x === 0));
    }
  });
});

describe('numbers that are not finite', () => {
  const settings = MODELS.adaptive;
  const nothing = (/** @type {unknown} */ error) => error instanceof CoreError && error.code === 'not_finite';

  it('are never saved, be they weights or moments', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      for (const part of /** @type {const} */ (['parameters', 'first', 'second'])) {
        const model = trained(settings);
        const state = model.state();
        state[part][state[part].length - 1] = value;
        model.restore(state);
        for (const step of [STEP, null]) assert.throws(() => saveModel(model, settings, step), nothing);
      }
    }
    const model = trained(settings);
    assert.ok(model.finite && saveModel(model, settings, STEP).length > 0);
  });
});

it('a checkpoint from before the residual wiring opens whatever settings the page has', () => {
  const old = small({ hidden_size: 8, num_levels: 2 });
  const bytes = changed(saveModel(new Model(module, old), old, null), (_, metadata) => {
    for (const name of Object.keys(metadata)) if (/^level_|^wiring$|^carry|^segment/.test(name)) delete metadata[name];
  });
  const { settings, step } = opened(bytes, defaults(PRESETS.quick_start.changes));
  assert.deepEqual([settings.wiring, settings.carry_state, settings.level_rules], ['mirror', false, '']);
  assert.equal(step, 0);
});
