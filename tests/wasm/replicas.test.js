/** Replicas in worker threads: the numbers of one worker but for the order of sums; their end is reported, and nothing hangs. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { CoreError } from '../../wasm/engine/module.js';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { Group, workersFor } from '../../wasm/engine/replicas.js';
import { defaults } from '../../wasm/engine/settings.js';
import {
  advance,
  assertClose,
  assertSameState,
  closeGroups,
  module,
  RESIDUAL,
  realText,
  small,
  trainerOn,
} from './support/models.js';
import { caughtWorkers } from './support/workers.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const text = realText(9000);
const TIMEOUT = { timeout: 60_000 };
const STEPS = 50;

afterEach(closeGroups);

/** @param {Settings} settings @param {number} workers */
async function run(settings, workers) {
  const { group, trainer } = await trainerOn(settings, text, { workers, spawn: spawnReplica });
  assert.equal(group.workers, workers);
  const losses = await advance(trainer, STEPS);
  const figures = await trainer.evaluate();
  assert.ok(figures);
  const state = group.state();
  group.close();
  return { losses, figures, state };
}

describe('workers', TIMEOUT, () => {
  // Five sequences are shared unevenly, and no sum comes so close to a threshold that its last bits matter.
  const settings = small({ batch_size: 5, byte_entropy_threshold: 12.3, val_max_batches: 4 });
  for (const changes of [
    {},
    { dropout: 0.1 },
    { model_type: 'baseline' },
    { ...RESIDUAL, level_rules: 'whitespace', level_target_rates: '', dropout: 0.1 },
    { ...RESIDUAL, encoder_scores: true, level_rules: 'whitespace', level_target_rates: '', dropout: 0.1 },
    { model_type: 'flat', carry_state: true },
  ]) {
    it(`one, two and three agree, ${JSON.stringify(changes)}`, async () => {
      const same = /** @type {Settings} */ ({ ...settings, ...changes });
      const expected = await run(same, 1);
      for (const found of [await run(same, 2), await run(same, 3)]) {
        assertClose(found.losses, expected.losses, { absolute: 0, relative: 1e-5 }, 'losses');
        assertClose(
          [found.figures.losses.total],
          [expected.figures.losses.total],
          { absolute: 0, relative: 1e-5 },
          'evaluation',
        );
        assertClose(found.figures.borders, expected.figures.borders, { absolute: 1e-9 }, 'borders');
      }
    });
  }

  for (const changes of [
    { dropout: 0.1 },
    { ...RESIDUAL, dropout: 0.1 },
    { ...RESIDUAL, dropout: 0.1, encoder_scores: true },
  ]) {
    it(`two are two, bit for bit, ${JSON.stringify(changes)}`, async () => {
      const same = /** @type {Settings} */ ({ ...settings, ...changes });
      const [a, b] = [await run(same, 2), await run(same, 2)];
      assert.deepEqual(a.losses, b.losses);
      assert.deepEqual(a.figures, b.figures);
      assertSameState(a.state, b.state, 'state');
    });
  }

  it('a reset brings all of them back to fresh weights', async () => {
    const { group, trainer } = await trainerOn(settings, text, { workers: 2, spawn: spawnReplica });
    const losses = await advance(trainer, 4);
    group.reset();
    trainer.step = 0;
    assert.deepEqual(await advance(trainer, 4), losses);
  });

  it('a short last batch is shared, too, with fewer sequences than workers or more', async () => {
    const { group: one } = await trainerOn(settings, text);
    const { group: three } = await trainerOn(settings, text, { workers: 3, spawn: spawnReplica });
    for (let sequences = 1; sequences <= 5; sequences++) {
      const batch = { bytes: text.subarray(0, sequences * 32) };
      const [expected, found] = [await one.evaluate(batch), await three.evaluate(batch)];
      assertClose(
        [found.losses.total],
        [expected.losses.total],
        { absolute: 0, relative: 1e-6 },
        `${sequences} sequences`,
      );
      assertClose(found.borders, expected.borders, { absolute: 1e-12 }, `borders of ${sequences} sequences`);
    }
  });

  it('are as many as asked for or as the machine has, at most one for each sequence', () => {
    assert.equal(workersFor(defaults({ workers: 0, batch_size: 8 }), 4), 4);
    assert.equal(workersFor(defaults({ workers: 0, batch_size: 2 }), 4), 2);
    assert.equal(workersFor(defaults({ workers: 3, batch_size: 8 }), 16), 3);
    assert.equal(workersFor(defaults({ workers: 0, batch_size: 8 }), 0), 1);
  });

  it('there is one where no others can be started', async () => {
    const group = await Group.open(module, settings, 4);
    assert.equal(group.workers, 1);
    assert.equal(group.lead.sequences, 5);
  });
});

describe('replicas that start later', TIMEOUT, () => {
  const settings = /** @type {Settings} */ ({ ...small(), ...RESIDUAL, carry_state: true, dropout: 0.1 });

  it('go on like those that were there all along, with what they carry and changed settings, bit for bit', async () => {
    const before = await trainerOn(settings, text, { workers: 2, spawn: spawnReplica });
    await advance(before.trainer, 3);
    const from = { state: before.group.state(), step: 3 };
    const changed = { ...settings, weight_decay: 0.3, clip_norm: 0.1 };
    const all = [];
    for (const later of [false, true]) {
      const caught = caughtWorkers();
      const group = await Group.open(module, settings, 2, spawnReplica, { later });
      const { trainer } = await trainerOn(settings, text, { group, from });
      trainer.configure(changed);
      assert.equal(group.workers, 2);
      await new Promise(setImmediate);
      assert.equal(caught.workers.length, later ? 0 : 1);
      assert.equal(await group.connect(), later);
      assert.equal(await group.connect(), false, 'connected once');
      await new Promise(setImmediate);
      assert.equal(caught.stop().length, 1);
      const losses = await advance(trainer, 4);
      all.push({ losses, state: group.state(), memoryBytes: group.memoryBytes });
      group.close();
    }
    assert.deepEqual(all[1].losses, all[0].losses);
    assertSameState(all[1].state, all[0].state, 'state');
    assert.deepEqual(all[1].state.carried, all[0].state.carried);
    assert.equal(all[1].memoryBytes, all[0].memoryBytes);
  });

  it('may fail, which is said, and be tried again', async () => {
    const caught = caughtWorkers();
    const group = await Group.open(module, settings, 2, spawnReplica, { later: true });
    const { trainer } = await trainerOn(settings, text, { group });
    const failing = group.connect();
    await new Promise(setImmediate);
    caught.workers[0].terminate();
    await fails(failing);
    assert.equal(await group.connect(), true);
    assert.equal(caught.stop().length, 2);
    await advance(trainer, 2);
    group.close();
  });
});

/** @param {Promise<unknown>} work */
const fails = (work) =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof CoreError && error.code === 'worker', String(error));
    return true;
  });

describe('a replica that dies', { timeout: 20_000 }, () => {
  const settings = small();

  /** @param {number} workers */
  async function withWorkers(workers) {
    const caught = caughtWorkers();
    const opened = await trainerOn(settings, text, { workers, spawn: spawnReplica });
    assert.equal(caught.stop().length, workers - 1);
    return { ...opened, threads: caught.workers };
  }

  it('between steps: the next step fails, and every one after it', async () => {
    const { trainer, threads } = await withWorkers(3);
    await advance(trainer, 2);
    await threads[1].terminate();
    for (let i = 0; i < 3; i++) await fails(trainer.advance());
    await fails(trainer.evaluate());
  });

  it('in the middle of a step: the step fails', async () => {
    const { trainer, threads } = await withWorkers(2);
    await advance(trainer, 2);
    const step = trainer.advance();
    threads[0].terminate();
    await fails(step);
    await fails(trainer.advance());
  });

  it('before it is ready: opening fails, and the others are ended', async () => {
    const caught = caughtWorkers();
    const opening = Group.open(module, settings, 3, spawnReplica);
    await new Promise(setImmediate); // threads are announced a moment after their start
    const threads = caught.stop();
    assert.equal(threads.length, 2);
    threads[0].terminate();
    const others = threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve)));
    await fails(opening);
    await Promise.all(others);
  });

  it('by a throw: the sentence says why', async () => {
    const { trainer, threads } = await withWorkers(2);
    threads[0].emit('error', new Error('out of memory'));
    await assert.rejects(trainer.advance(), /out of memory/);
  });
});
