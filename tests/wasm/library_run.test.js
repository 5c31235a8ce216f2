/** A training run of the library with followers: what it reports, how it ends, and how its weights read a text. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { Corpus, splitText } from '../../wasm/engine/corpus.js';
import { CoreError, defaults, load, startRun, TrainingRun } from '../../wasm/library/index.js';
import { module, utf8 } from './support/models.js';

const TEXT = 'The sea was calm, and the ship lay still. '.repeat(100);
const SETTINGS = {
  hidden_size: 12,
  num_levels: 2,
  sequence_length: 32,
  batch_size: 2,
  byte_entropy_threshold: 10,
  learning_rate: 0.01,
};
const PASSAGE = new TextEncoder().encode(TEXT.slice(0, 120));

/** Bits per byte that a run's weights pay for a passage. @param {TrainingRun} run */
async function cost(run) {
  const thresholds = run.model.levels.map(({ threshold }) => threshold);
  let [bits, bytes] = [0, 0];
  for await (const { decoderBits } of run.trace(PASSAGE, { thresholds })) {
    for (const each of decoderBits.filter(Number.isFinite)) bits += each;
    bytes += decoderBits.length;
  }
  assert.equal(bytes, PASSAGE.length);
  return bits / (PASSAGE.length - 1);
}

describe('run of the library', () => {
  it('reports its steps, and reads with its current weights', async () => {
    const run = startRun(await load({ settings: SETTINGS }), TEXT, { steps: 40 });
    assert.deepEqual([run.state, run.progress.step, run.progress.maxSteps], ['training', 0, 40]);
    const before = await cost(run);
    assert.ok(before > 6, `${before} bits per byte before it has learned anything`);
    /** @type {number[]} */
    const steps = [];
    run.addEventListener('step', () => steps.push(run.progress.step));
    await once(run, 'end');
    assert.deepEqual([run.state, run.problem, run.progress.step], ['ended', '', 40]);
    assert.ok(steps.length > 30 && steps.every((step, i) => i === 0 || step > steps[i - 1]));
    assert.ok(run.progress.decoderBpb > 0);
    assert.ok((await cost(run)) < before - 1, 'what it learned is seen');
  });

  it('ends when it is stopped, and can still read', async () => {
    const model = await load({ settings: SETTINGS });
    const run = startRun(model, TEXT, { steps: 1e6 });
    await once(run, 'step');
    run.stop();
    await once(run, 'end');
    const { step } = model;
    assert.ok(step < 1e6 && step >= run.progress.step);
    assert.equal(run.problem, '');
    assert.ok((await cost(run)) < 9);
    assert.equal(model.step, step, 'training has stopped');
  });

  it('is closed once its last follower has left', async () => {
    const run = startRun(await load({ settings: SETTINGS }), TEXT, { steps: 1e6 });
    const leave = [run.attach(), run.attach()];
    leave[0]();
    leave[0]();
    await after(20);
    assert.equal(run.state, 'training', 'one follower is left');
    leave[1]();
    const back = run.attach();
    await after(20);
    assert.equal(run.state, 'training', 'a follower that only moved is back');
    back();
    await once(run, 'end');
    assert.equal(run.state, 'closed');
  });

  it('says what went wrong', async () => {
    const run = startRun(await load({ settings: SETTINGS }), 'short', { steps: 1 });
    await once(run, 'end');
    assert.equal(run.state, 'ended');
    const settings = defaults(SETTINGS);
    const short = () => new Corpus(module, splitText(utf8('short'), settings.val_fraction), settings);
    assert.throws(short, { code: 'short_text', message: run.problem });
    await assert.rejects(async () => {
      for await (const _ of run.trace(new Uint8Array(), { thresholds: [] }));
    }, CoreError);
  });

  it('may wrap a training that runs elsewhere', () => {
    /** @type {string[]} */
    const said = [];
    const run = new TrainingRun({
      model: () => ({ settings: defaults(), levels: [] }),
      trace: async function* () {},
      stop: () => said.push('stop'),
      close: () => said.push('close'),
    });
    for (const type of ['step', 'end']) run.addEventListener(type, () => said.push(`${type} ${run.state}`));
    run.report({ step: 1, maxSteps: 2, decoderBpb: 8 });
    run.stop();
    run.close();
    run.report({ step: 2, maxSteps: 2, decoderBpb: 8 });
    run.end('too late');
    run.close();
    assert.deepEqual(said, ['step training', 'stop', 'end ended', 'close']);
    assert.deepEqual([run.state, run.problem, run.progress.step], ['closed', '', 1]);
  });
});
