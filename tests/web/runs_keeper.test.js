import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createRunActions } from '../../web/state/runs/actions.js';
import { createKeeper } from '../../web/state/runs/keeper.js';
import { emptyPoints } from '../../web/state/runs/points.js';
import { createShelf } from '../../web/state/runs/shelf.js';
import { createStore } from '../../web/state/store.js';
import { memoryDatabase } from '../../web/storage/memory.js';
import { noise, point, run } from './support/runs.js';

/**
 * A keeper with a clock, a worker that answers at once, and a storage that can be full.
 * @param {(step: number) => Uint8Array} [weightsAt]
 */
async function keeping(weightsAt = (step) => noise(30, step)) {
  const state = { time: 1000, date: 1.7e12, full: false, gone: false, step: 0, exports: 0, freed: 0, released: 0 };
  const full = Object.assign(new Error('full'), { name: 'QuotaExceededError' });
  const database = memoryDatabase((deed, table) => (state.full && deed === 'put' && table === 'weights' ? full : null));
  const real = createShelf(database, 'me');
  /** @type {Promise<unknown>} */
  let pending = Promise.resolve();
  const shelf = {
    ...real,
    lasting: true,
    /** @param {Parameters<typeof real.change>} change */
    change: (...change) => {
      const changing = real.change(...change);
      pending = changing.catch(() => {});
      return changing;
    },
  };
  /** Waits for all that goes to the storage. */
  async function settle() {
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      await pending;
    }
  }
  const store = createStore({ settings: defaults(), theme: 'light' });
  const client = /** @type {any} */ ({
    job(/** @type {any} */ _command, /** @type {any} */ _transfer, /** @type {(event: any) => void} */ onEvent) {
      state.exports++;
      const bytes = weightsAt(state.step);
      // Not every engine that runs this test has it.
      Object.assign(bytes.buffer, { transfer: (/** @type {number} */ length) => length === 0 && state.released++ });
      const event = state.gone
        ? { type: 'failed' }
        : { type: 'exported', bytes, step: state.step, elapsedMs: state.step * 10 };
      queueMicrotask(() => onEvent(event));
      return { id: 1, end() {} };
    },
  });
  const keeper = createKeeper(store, client, shelf, () => {}, {
    now: () => state.time,
    date: () => state.date + state.time,
  });
  const mine = run();
  const release = () => void state.freed++;
  keeper.attach({ run: mine, points: emptyPoints(), release, added: false }, 0);
  /** @param {string} type @param {object} [more] */
  const say = async (type, more = {}) => {
    keeper.receive(/** @type {any} */ ({ type, run: 1, logged: true, ...point(state.step), ...more }));
    await settle();
  };
  const stored = async () => (await shelf.list()).runs[0];
  return { database, state, shelf, store, keeper, say, stored };
}

test('a run is kept at its start, then every few seconds of training, and when it pauses or ends', async () => {
  const { state, shelf, store, say, stored } = await keeping();
  await say('state', { state: 'training' });
  assert.deepEqual([(await stored()).saved?.step, state.exports], [0, 1]);
  let saved = 1;
  for (state.step = 1; state.step <= 60; state.step++) {
    state.time += 500;
    await say('progress');
    saved = state.exports;
    assert.ok(state.date + state.time - store.runs.keptAt.value < 10_000, 'never more than ten seconds can be lost');
  }
  assert.ok(saved >= 6 && saved <= 12, `saved ${saved} times in 30 seconds`);
  await say('validation');
  assert.equal(state.exports, saved, 'not between');
  await say('state', { state: 'paused' });
  const kept = await stored();
  assert.deepEqual([kept.state, kept.saved?.step, kept.step], ['paused', 61, 61]);
  assert.equal(store.runs.keptStep.value, 61);
  assert.equal((await shelf.points(kept.id)).train.length, 60);
  assert.equal(kept.best?.step, 61);
  await say('state', { state: 'finished' });
  assert.equal((await stored()).before, null, 'a run that ended keeps only its last weights');
});

test('large weights are saved less often, the first times sooner', async () => {
  const { state, say } = await keeping(() => new Uint8Array(60e6));
  await say('state', { state: 'training' });
  /** Seconds of training at which they are saved. @type {number[]} */
  const at = [];
  for (state.step = 1; state.step <= 90; state.step++) {
    state.time += 1000;
    const before = state.exports;
    await say('progress');
    if (state.exports > before) at.push(state.step);
  }
  // 60 MB take twenty seconds at the pace.
  assert.deepEqual(at, [5, 15, 30, 50, 70, 90]);
});

test('a full storage is reported, curves are still kept, and weights are once there is room', async () => {
  const { state, shelf, store, keeper, say, stored } = await keeping();
  await say('state', { state: 'training' });
  state.full = true;
  state.step = 50;
  state.time += 5000;
  await say('progress');
  assert.equal(store.runs.problem.value?.reason, 'full');
  const kept = await stored();
  assert.deepEqual([kept.step, kept.saved?.step], [50, 0]);
  assert.equal((await shelf.points(kept.id)).train.length, 1);
  assert.equal(await keeper.keep(), false);
  assert.equal(store.runs.safe.value, false);
  state.full = false;
  await keeper.save();
  assert.equal(store.runs.problem.value, null);
  assert.equal((await stored()).saved?.step, 50);
});

test('weights that are kept no longer take memory in the page', async () => {
  const { state, shelf, say, stored } = await keeping();
  await say('state', { state: 'training' });
  state.step = 9;
  state.full = true;
  await say('state', { state: 'paused' });
  assert.deepEqual([state.exports, state.released], [2, 2], 'nor do weights that there was no room for');
  state.full = false;
  await say('state', { state: 'finished' });
  assert.equal(state.released, 3);
  const kept = await shelf.weights(await stored());
  assert.deepEqual([kept?.saved.step, kept?.bytes.length], [9, 30]);
});

test('a run that another tab took over is given up, and the page says so', async () => {
  const { database, state, store, keeper, say, stored } = await keeping();
  await say('state', { state: 'training' });
  const { id } = await stored();
  await createShelf(database, 'another tab').claim(id);
  state.step = 12;
  await keeper.save();
  assert.equal(store.runs.problem.value?.reason, 'taken');
  assert.deepEqual([keeper.open, store.runs.current.value], [null, null]);
  assert.equal((await stored()).saved?.step, 0);
});

test('a model that is gone is not a problem with the storage', async () => {
  const { state, store, keeper, say } = await keeping();
  await say('state', { state: 'training' });
  state.gone = true;
  assert.equal(await keeper.keep(), false);
  assert.equal(store.runs.problem.value, null);
});

test('leaving a run in training leaves it paused, at what was last kept', async () => {
  const { state, store, keeper, say, stored } = await keeping();
  await say('state', { state: 'training' });
  state.step = 9;
  assert.equal(await keeper.keep(), true);
  await keeper.leave();
  const kept = await stored();
  assert.deepEqual([kept.state, kept.saved?.step], ['paused', 9]);
  assert.deepEqual([store.runs.current.value, state.freed], [null, 1]);
  await say('progress');
  assert.equal(state.exports, 2, 'later events belong to another model');
});

test('a new name for a run survives the next saving', async () => {
  const { shelf, keeper, say, stored } = await keeping();
  await say('state', { state: 'training' });
  const { id } = await stored();
  keeper.amend(id, { name: 'my name' });
  await shelf.change(id, { name: 'my name' });
  await keeper.save();
  assert.equal((await stored()).name, 'my name');
});

test('a new name is kept even while the run is first written, at any moment', async () => {
  for (let moment = 0; moment < 40; moment++) {
    const { shelf, store, keeper, stored } = await keeping();
    /** @type {import('../../web/state/runs/record.js').Run[]} */
    const list = [];
    const tools = { shelf, keeper, announce() {}, show: (/** @type {any} */ one) => void list.push(one) };
    const actions = createRunActions(store, /** @type {any} */ (tools));
    const { id } = /** @type {import('../../web/state/runs/keeper.js').Open} */ (keeper.open).run;
    const saved = keeper.save();
    for (let turn = 0; turn < moment; turn++) await null;
    const done = await Promise.all([actions.rename(id, 'my name'), actions.setNotes(id, 'my notes')]);
    await saved;
    const { name, notes } = await stored();
    const shown = [done, name, notes, list.at(-1)?.name];
    assert.deepEqual(shown, [[true, true], 'my name', 'my notes', 'my name'], `${moment} turns later`);
  }
});

test('a run whose storage was emptied meanwhile is written again as a whole', async () => {
  const { database, state, shelf, store, keeper, say, stored } = await keeping();
  await say('state', { state: 'training' });
  for (state.step = 1; state.step <= 3; state.step++) await say('progress');
  await keeper.save();
  for (const rows of database.tables.values()) rows.clear();
  database.opened++;
  state.step = 5;
  await say('progress');
  await keeper.save();
  const kept = await stored();
  assert.deepEqual([kept.step, kept.saved?.step, kept.before], [5, 5, null]);
  assert.deepEqual((await shelf.weights(kept))?.bytes, noise(30, 5));
  assert.deepEqual(
    (await shelf.points(kept.id)).train.map(({ step }) => step),
    [1, 2, 3, 5],
  );
  assert.equal(store.runs.problem.value, null);
});

for (const [name, jump] of /** @type {const} */ ([
  ['back by an hour', -3_600_000],
  ['on by a day', 86_400_000],
])) {
  test(`a clock that is set ${name} does not change when runs are saved, only the date shown`, async () => {
    const { state, store, say } = await keeping();
    await say('state', { state: 'training' });
    for (state.step = 1; state.step <= 60; state.step++) {
      state.time += 500;
      if (state.step === 30) state.date += jump;
      await say('progress');
      const shown = state.date + state.time - store.runs.keptAt.value;
      if (state.step > 45) assert.ok(shown >= 0 && shown < 10_000, `kept ${shown} ms ago`);
    }
    assert.ok(state.exports >= 6 && state.exports <= 12, `saved ${state.exports} times in 30 seconds`);
  });
}
