/** Averaged weights: what the average is, that everyone reads with it, and that training goes on from the latest weights. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { WeightAverage } from '../../wasm/engine/averaging.js';
import { Model } from '../../wasm/engine/core.js';
import { CoreError } from '../../wasm/engine/module.js';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { settled, stateOf } from '../../wasm/engine/opening.js';
import { trainedWeights } from '../../wasm/engine/predictor.js';
import { Readers } from '../../wasm/engine/readers.js';
import { Group } from '../../wasm/engine/replicas.js';
import { saveModel } from '../../wasm/engine/saving.js';
import { defaults } from '../../wasm/engine/settings.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { writeCheckpoint } from '../../wasm/files/checkpoint/writer.js';
import * as library from '../../wasm/library/index.js';
import fc from '../random_cases.js';
import {
  advance,
  assertClose,
  assertSameBits,
  assertSameState,
  closeGroups,
  module,
  RESIDUAL,
  realText,
  sameBits,
  small,
  stateAfter,
  trainerOn,
} from './support/models.js';
import { withReason } from './support/refusals.js';

const text = realText(6000);
const TIMEOUT = { timeout: 60_000 };
const AVERAGED = { weight_averaging: 0.3 };

afterEach(closeGroups);

/** @param {Uint8Array} saved */
const opened = (saved) => settled(readCheckpoint(module, saved), defaults());

describe('the average', TIMEOUT, () => {
  it('counts every 16th set of weights, later ones more, and their mean age is the share that was asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 0.5, noNaN: true }), fc.integer({ min: 1, max: 300 }), (share, sets) => {
        // Where a set is 1 and the others are 0, the average is how much that set counts.
        const average = new WeightAverage(sets, share);
        for (let set = 0; set < sets; set++) {
          const weights = new Float32Array(sets);
          weights[set] = 1;
          for (let step = 16 * set + 1; step <= 16 * (set + 1); step++)
            average.follow(step % 16 === 0 ? weights : new Float32Array(sets).fill(9), step);
        }
        assert.equal(average.count, sets);
        const counted = [...average.weights];
        assertClose(
          Float64Array.of(counted.reduce((sum, x) => sum + x, 0)),
          Float64Array.of(1),
          { absolute: 1e-5 },
          'all of them',
        );
        for (const [set, x] of counted.entries()) assert.ok(x >= (counted[set - 1] ?? 0) * (1 - 1e-5), `set ${set}`);
        const age = counted.reduce((sum, x, set) => sum + x * (sets - 1 - set), 0);
        assertClose(Float64Array.of(age), Float64Array.of((sets - 1) * share), { absolute: 1e-6 * sets }, 'mean age');
      }),
      { numRuns: 60 },
    );
  });

  for (const [name, changes] of Object.entries({ mirror: {}, residual: RESIDUAL })) {
    it(`is of the weights that training had, in double precision, ${name}`, async () => {
      const settings = small({ ...changes, ...AVERAGED });
      const { group, trainer } = await trainerOn(settings, text);
      const expected = new Float64Array(group.lead.size);
      for (let set = 1; set <= 5; set++) {
        await advance(trainer, 16);
        const part = (1 / 0.3 - 1) / (set + 1 / 0.3 - 2);
        group.lead.parameters.forEach((x, i) => {
          expected[i] = (1 - part) * expected[i] + part * x;
        });
      }
      assert.equal(group.lead.weights, group.lead.average?.weights);
      assertClose(Float64Array.from(group.lead.weights), expected, { absolute: 1e-6 }, 'average');
      assert.ok(!sameBits(group.lead.weights, group.lead.parameters));
    });
  }

  it('leaves training itself as it is', async () => {
    const plain = await stateAfter(small(RESIDUAL), text, 40);
    const averaged = await stateAfter(small({ ...RESIDUAL, ...AVERAGED }), text, 40);
    assertSameState(averaged.state, plain.state, 'state');
    assert.deepEqual(averaged.losses, plain.losses);
    assert.equal(plain.state.average, undefined);
    assert.equal(averaged.state.average?.count, 2);
  });

  it('is the same for any number of workers, as training is', async () => {
    const one = await stateAfter(small({ ...RESIDUAL, ...AVERAGED }), text, 32, 1);
    const two = await stateAfter(small({ ...RESIDUAL, ...AVERAGED }), text, 32, 2);
    const average = (/** @type {typeof one} */ { state }) => Float64Array.from(state.average?.weights ?? []);
    assertClose(average(two), average(one), { absolute: 1e-4 }, 'average');
  });
});

describe('who reads with it', TIMEOUT, () => {
  it('evaluates, traces and saves with the average, and before there is one with the weights', async () => {
    const settings = small({ ...RESIDUAL, ...AVERAGED, val_max_batches: 4 });
    const { group, trainer } = await trainerOn(settings, text);
    await advance(trainer, 15);
    assert.equal(group.lead.weights.buffer, group.lead.parameters.buffer, 'no set counts yet');
    await advance(trainer, 25);
    const told = await trainer.evaluate();

    const { checkpoint, settings: read } = opened(saveModel(group.lead, settings, null));
    const reader = await Group.open(module, { ...read, val_max_batches: 4 }, 1, undefined, { reads: true });
    const { state } = stateOf(checkpoint, reader.lead);
    assertSameBits(state.parameters, group.lead.average?.weights ?? new Float32Array(), 'saved');
    reader.restore({ ...reader.state(), parameters: state.parameters, thresholds: group.lead.thresholds.slice() });
    const bits = [];
    for (let i = 0; i < Math.min(4, trainer.corpus.heldOutBatches); i++)
      bits.push((await reader.evaluate(trainer.corpus.heldOutBatch(i))).losses.byte_decoder / Math.LN2);
    assert.equal(told?.decoderBpb, bits.reduce((sum, x) => sum + x, 0) / bits.length);

    const resumable = opened(saveModel(group.lead, settings, trainer.step, {}, group.carried));
    assertSameBits(stateOf(resumable.checkpoint, reader.lead).state.parameters, state.parameters, 'read from a run');
    assertSameBits(
      trainedWeights(module, resumable.checkpoint, resumable.settings).parameters,
      state.parameters,
      'compressing',
    );
    const readers = new Readers(group, settings);
    assertSameBits(readers.weights('trace').parameters, state.parameters, 'reader');
    // The weights that go to and fro read otherwise.
    const latest = (await group.evaluate(trainer.corpus.heldOutBatch(0))).losses.byte_decoder;
    assert.notEqual(latest / Math.LN2, bits[0]);
  });
});

describe('the package', TIMEOUT, () => {
  it('evaluates, traces, compresses and writes files with the average', async () => {
    const settings = small({ ...RESIDUAL, ...AVERAGED, sequence_length: 32 });
    const model = await library.load({ settings, module });
    await library.train(model, text, { steps: 40 });
    const held = realText(2000, 9000);
    const copy = await library.load({ checkpoint: library.checkpoints.write(model), module, readOnly: true });
    assert.equal((await library.evaluate(model, held)).decoderBpb, (await library.evaluate(copy, held)).decoderBpb);
    assert.deepEqual(library.weightsOf(model).parameters, library.weightsOf(copy).parameters);
    assert.deepEqual(
      await library.generate(model, 'the ', { seed: 3 }),
      await library.generate(copy, 'the ', { seed: 3 }),
    );
    const again = await library.load({ checkpoint: library.checkpoints.write(model, { resumable: true }), module });
    const first = await library.train(model, text, { steps: 1 });
    assert.deepEqual(await library.train(again, text, { steps: 1 }), first);
  });
});

describe('resuming', TIMEOUT, () => {
  for (const workers of [1, 2]) {
    it(`goes on from the latest weights with the same average, ${workers} worker(s)`, async () => {
      const settings = small({ ...RESIDUAL, ...AVERAGED });
      const whole = await stateAfter(settings, text, 70, workers);
      const { saved } = await stateAfter(settings, text, 37, workers);
      const { checkpoint, settings: read } = opened(saved);
      const from = stateOf(checkpoint, new Model(module, read));
      const { group, trainer } = await trainerOn(read, text, { workers, spawn: spawnReplica, from });
      await advance(trainer, 33);
      const state = group.state();
      assertSameState(state, whole.state, 'state');
      assert.equal(state.average?.count, 4);
      assertSameBits(
        state.average?.weights ?? new Float32Array(),
        whole.state.average?.weights ?? new Float32Array(1),
        'average',
      );
      assertSameBits(saveModel(group.lead, read, trainer.step, {}, group.carried), whole.saved, 'file');
    });
  }

  it('averages anew where it starts from weights alone', async () => {
    const settings = small({ ...RESIDUAL, ...AVERAGED });
    const { group } = await trainerOn(settings, text);
    const averaged = await stateAfter(settings, text, 40);
    group.restore({ ...group.state(), parameters: averaged.state.parameters });
    assert.equal(group.lead.average?.count, 0);
    assertSameBits(group.lead.weights, averaged.state.parameters, 'weights');
  });

  it('averages anew after a reset', async () => {
    const { group, trainer } = await trainerOn(small({ ...RESIDUAL, ...AVERAGED }), text);
    const fresh = group.lead.parameters.slice();
    await advance(trainer, 32);
    group.reset();
    assert.equal(group.lead.average?.count, 0);
    assertSameBits(group.lead.weights, fresh, 'weights');
  });

  it('goes back with the weights to the last good state', async () => {
    const settings = small({ ...AVERAGED, learning_rate: 1e-3 });
    const { group, trainer } = await trainerOn(settings, text);
    await advance(trainer, 32);
    await trainer.evaluate();
    const good = group.lead.average?.state();
    await advance(trainer, 16);
    group.lead.parameters.fill(Number.NaN);
    group.lead.parametersChanged();
    await assert.rejects(
      trainer.advance(),
      (/** @type {unknown} */ error) => error instanceof CoreError && error.code === 'not_finite',
    );
    assert.equal(trainer.step, 32);
    assert.equal(group.lead.average?.count, 2);
    assertSameBits(group.lead.weights, good?.weights ?? new Float32Array(), 'average');
  });
});

describe('a file', TIMEOUT, () => {
  it('whose latest weights do not fit, or say nothing of where training was, is refused', async () => {
    const { saved } = await stateAfter(small({ ...RESIDUAL, ...AVERAGED }), text, 20);
    const { settings, tensors, resume } = readCheckpoint(module, saved);
    assert.ok(resume?.latest);
    const [[name, { data }]] = resume.latest;
    const odd = new Map([...resume.latest, [name, { shape: [data.length], data }]]);
    const file = (/** @type {typeof resume} */ changed) =>
      writeCheckpoint({ settings: { ...settings }, tensors, resume: changed });
    assert.throws(() => readCheckpoint(module, file({ ...resume, latest: odd })), withReason('latest_shape'));
    const whole = file(resume);
    assert.deepEqual(readCheckpoint(module, whole).resume?.latest?.get(name), resume.latest.get(name));
    // What is not a count, and weights without a tensor.
    for (const averaged of [0, -1, 1.5, 'many', 2 ** 40]) {
      const { checkpoint, settings: read } = opened(file({ ...resume, state: { ...resume.state, averaged } }));
      assert.equal(stateOf(checkpoint, new Model(module, read)).state.average, undefined, `${averaged}`);
    }
    const less = new Map(resume.latest);
    less.delete(name);
    const { checkpoint, settings: read } = opened(file({ ...resume, latest: less }));
    assert.throws(() => stateOf(checkpoint, new Model(module, read)), withReason('no_tensor'));
  });

  it('from before there was averaging goes on without', async () => {
    const { saved } = await stateAfter(small(RESIDUAL), text, 8);
    const { settings, tensors, resume } = readCheckpoint(module, saved);
    const { weight_averaging: _, ...before } = settings;
    const old = writeCheckpoint({ settings: before, tensors, resume });
    const { settings: read } = settled(readCheckpoint(module, old), defaults({ ...AVERAGED }));
    assert.equal(read.weight_averaging, 0);
  });
});
