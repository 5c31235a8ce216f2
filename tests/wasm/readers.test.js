/** Readers of a model: no memory for training, and one copy of the weights for all that read the same ones while it trains on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { Probe, streamModel } from '../../wasm/engine/probe.js';
import { Readers } from '../../wasm/engine/readers.js';
import { saveModel } from '../../wasm/engine/saving.js';
import { compareRules } from '../../wasm/engine/worker/comparing_rules.js';
import { readersBytes } from '../../wasm/engine/worker/estimate.js';
import { checkCausality, passesWith, regenerate } from '../../wasm/engine/worker/recomputing.js';
import { checkpoints, generate, load, trace, train } from '../../wasm/library/index.js';
import { memoryOf } from '../../wasm/tools/bench/memory_use.js';
import { module, RESIDUAL, realText, small } from './support/models.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const text = realText(400);
const JOB = { id: 0, cancelled: false };

/** One training step. @param {Model} model */
function step(model) {
  const [length, batch] = [model.settings.sequence_length, model.settings.batch_size];
  model.forward(text.subarray(0, length * batch), length, { training: true });
  model.backward();
  model.update(0.01);
}

/** A trained model and its readers. @param {Partial<Settings>} [changes] */
function trained(changes) {
  const settings = small(changes);
  const model = new Model(module, settings);
  for (let i = 0; i < 3; i++) step(model);
  return { settings, model, readers: new Readers({ lead: model }, settings) };
}

/** How a reader reads the text. @param {Probe} probe */
function answer(probe) {
  const before = new Array(probe.levels).fill(0);
  return probe.tracePiece(text, 0, 200, 2, before);
}

/** How a reader with weights of its own reads it. @param {Model} model @param {Settings} settings */
function expected(model, settings) {
  const probe = new Probe(module, settings);
  probe.copyFrom(model.parameters, model.thresholds);
  return answer(probe);
}

describe('readers', () => {
  it('share one copy of the weights, and read as one with its own copy does', () => {
    const scored = { ...RESIDUAL, encoder_scores: true };
    for (const changes of /** @type {const} */ ([{}, { model_type: 'baseline' }, RESIDUAL, scored])) {
      const { settings, model, readers } = trained(changes);
      const first = readers.probe('a');
      const used = readers.memoryBytes;
      const second = readers.probe('b');
      assert.equal(first.model, second.model);
      const own = second.blockBytes + second.core.constants['sizeof ac_trace'];
      assert.ok(readers.memoryBytes - used < own + 2 ** 14, 'only what each stream needs');
      for (const probe of [first, second]) assert.deepEqual(answer(probe), expected(model, settings));
    }
  });

  it('neither copy nor pack when a knob is turned', () => {
    const { readers } = trained();
    const { model } = readers.probe('a');
    let copied = 0;
    const { setParameters } = model;
    model.setParameters = (values) => {
      copied++;
      setParameters.call(model, values);
    };
    const packed = model.core.bytes(0, 1).buffer.byteLength;
    for (const threshold of [3, 9, 27]) {
      const probe = readers.probe('a');
      probe.configure([threshold, 1]);
      answer(probe);
      readers.probe('b').configure([threshold]);
    }
    assert.equal(copied, 0);
    assert.equal(model.core.bytes(0, 1).buffer.byteLength, packed, 'memory does not grow');
  });

  it('keep their weights while the model trains on, until they ask again', () => {
    const { settings, model, readers } = trained(RESIDUAL);
    const before = expected(model, settings);
    const first = readers.probe('a');
    step(model);
    const second = readers.probe('b');
    const after = expected(model, settings);
    assert.notDeepEqual(before.decoderEntropy, after.decoderEntropy);
    assert.deepEqual(answer(first), before);
    assert.deepEqual(answer(second), after);
    assert.deepEqual(answer(readers.probe('a')), after);
    assert.equal(readers.copies.length, 2);
  });

  it('leave their copy of the weights to others when they are done', () => {
    const { model, readers } = trained();
    for (let i = 0; i < 4; i++) {
      readers.probe('a');
      readers.done('a');
      step(model);
      readers.probe('b');
      readers.done('b');
      step(model);
    }
    assert.equal(readers.copies.length, 1);
    readers.probe('a');
    step(model);
    readers.probe('b');
    assert.equal(readers.copies.length, 2, 'the other one still reads');
  });

  it('take as much memory as was estimated', () => {
    for (const changes of [{}, { hidden_size: 48 }, RESIDUAL]) {
      const { settings, readers } = trained(changes);
      readers.probe('a');
      const besides = readers.memoryBytes - readersBytes(module, settings);
      assert.ok(besides >= 0 && besides < 2 ** 17, `${besides} bytes more`);
    }
  });

  it('free what full passes took', async () => {
    const { settings, readers } = trained();
    const lender = readers.weights('a');
    const used = readers.memoryBytes;
    const { leaks } = await checkCausality(lender, settings, text.subarray(0, 24), JOB);
    assert.equal(leaks, false);
    const { uncertainty, teacherForced } = await compareRules(lender, settings, text.subarray(0, 24), JOB);
    assert.ok(!uncertainty.leaks && teacherForced.borders.length === 2);
    const choice = { temperature: 1, top_k: 0, stop_at_eos: false, seed: 1, max_new_bytes: 4 };
    /** @type {any[]} */
    const events = [];
    const command = /** @type {any} */ ({ run: 0, id: 0, prompt: text.subarray(0, 12), ...choice });
    await regenerate(lender, settings, command, JOB, (event) => events.push(event));
    assert.equal(events.at(-1).reason, 'length');
    assert.equal(readers.memoryBytes, used);
    assert.deepEqual(lender.core.holes, []);
  });
});

describe('a model that reads', () => {
  it('takes less memory, and refuses to be trained', () => {
    const { settings, model } = trained({ hidden_size: 64 });
    const reader = new Model(module, settings, { reads: true });
    reader.setParameters(model.parameters);
    const bytes = 4 * model.size;
    assert.ok(
      model.memoryBytes - reader.memoryBytes > 4 * bytes,
      'gradients, two moments, weights packed for gradients',
    );
    assert.ok(streamModel(module, settings).core.used < reader.memoryBytes);
    const window = text.subarray(0, 32);
    reader.forward(window, 32);
    model.forward(window, 32);
    assert.deepEqual(reader.sums, model.sums);
    assert.throws(() => reader.forward(window, 32, { training: true }), { code: 'reads_only' });
    assert.throws(() => saveModel(reader, settings, 3), { code: 'reads_only' });
    assert.deepEqual(saveModel(reader, settings, null), saveModel(model, settings, null));
  });

  it('is what the library loads on request', async () => {
    const settings = small();
    const whole = await load({ settings, module });
    const reader = await load({ settings, module, readOnly: true });
    assert.ok(reader.memoryBytes < whole.memoryBytes);
    assert.deepEqual(checkpoints.write(reader), checkpoints.write(whole));
    const choice = { seed: 3, max_new_bytes: 30, stop_at_eos: false };
    const { used } = reader.group.lead.core;
    assert.deepEqual(await generate(reader, 'The ', choice), await generate(whole, 'The ', choice));
    for await (const piece of trace(reader, text)) assert.ok(piece.levels.length === 3);
    assert.equal(reader.group.lead.core.used, used, 'memory is freed');
    await assert.rejects(() => train(reader, text, { steps: 1 }), { code: 'reads_only' });
  });
});

it('the bench counts memory as it is allocated', () => {
  for (const { parameters, train: training, evaluate, read, more } of memoryOf(module)) {
    // To train: parameters, gradients, two moments, weights packed for both passes. To read: parameters, weights packed forward.
    assert.ok(training > 24 * parameters && read > 8 * parameters && read < 8 * parameters + 2 ** 23);
    assert.ok(read < evaluate && evaluate < training && more < 2 ** 18);
  }
});

it('freed memory is handed out again, zeroed', () => {
  const { core } = streamModel(module, small());
  const start = core.used;
  const at = [1000, 64, 3000, 10].map((bytes) => core.take(bytes));
  const full = core.used;
  core.bytes(at[0], 1000).fill(7);
  core.give(at[0], 1000);
  core.give(at[2], 3000);
  const again = core.take(2000);
  assert.equal(again, at[2], 'the first hole with room');
  const small2 = core.take(500);
  assert.equal(small2, at[0]);
  assert.ok(core.bytes(small2, 500).every((byte) => byte === 0));
  assert.equal(core.used, full);
  core.give(again, 2000);
  core.give(small2, 500);
  core.give(at[3], 10);
  core.give(at[1], 64);
  assert.deepEqual(core.holes, []);
  assert.ok(core.used - start < core.constants.AC_ALIGNMENT);
});

it('freed memory at the end is zeroed, too, when it is taken again, in part or beyond where it ended', () => {
  const { core } = streamModel(module, small());
  const at = core.take(1000);
  core.bytes(at, 1000).fill(7);
  core.give(at, 1000);
  for (const bytes of [300, 2000]) {
    assert.equal(core.take(bytes), at);
    assert.ok(
      core.bytes(at, bytes).every((byte) => byte === 0),
      `${bytes} bytes`,
    );
    core.bytes(at, bytes).fill(9);
    core.give(at, bytes);
  }
});

it('a pass in memory that was used before fills what it was asked for, and nothing else', () => {
  const { settings, model, readers } = trained(RESIDUAL);
  const lender = readers.weights('a');
  const expectedLogits = new Model(module, { ...settings, batch_size: 1 }, { reads: true });
  expectedLogits.setParameters(model.parameters);
  const bytes = 2 ** 20;
  const used = lender.core.take(bytes);
  lender.core.ints(used, bytes / 4).fill(0x41414141);
  lender.core.give(used, bytes);
  const passes = passesWith(lender, settings, settings.sequence_length);
  const part = text.subarray(0, settings.sequence_length);
  assert.deepEqual(passes.logits(part, part.length), expectedLogits.logits(part, part.length));
});
