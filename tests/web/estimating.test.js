/** The page's estimate of training time, from earlier measurements and from the speed of a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createEstimating } from '../../web/state/estimating.js';
import { createEvents } from '../../web/state/events.js';
import { createStore } from '../../web/state/store.js';
import { modelOf } from './support/store.js';

const SETTINGS = {
  batch_size: 8,
  sequence_length: 128,
  max_steps: 1000,
  workers: 2,
  eval_every: 100,
  val_max_batches: 5,
};

test('steps a second come from the measured speed; the whole run includes its evaluations', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const store = createStore({ settings: defaults(SETTINGS), theme: 'light', passage: { length: 64 } });
  store.model.value = modelOf(defaults(SETTINGS));
  store.text.value = { name: 'a book', bytes: new Uint8Array(1_000_000) };
  /** @type {any[]} */
  const asked = [];
  const client = /** @type {any} */ ({
    job(/** @type {any} */ command, /** @type {any} */ _, /** @type {(event: any) => void} */ emit) {
      asked.push({ command, emit });
      return { id: asked.length, end() {} };
    },
  });
  const estimating = createEstimating(store, client);
  t.mock.timers.runAll();
  assert.deepEqual([estimating.speed.value, estimating.seconds.value], [null, null]);
  const answer = { type: 'estimate', workers: 2, gflopPerStep: 4, gflops: 80, settled: true };
  asked.at(-1).emit(answer);
  assert.ok(Math.abs(Number(estimating.speed.value) - 20) < 1e-9, '50 ms of work');
  // Ten evaluations of five batches, each a third of a step.
  assert.ok(Math.abs(Number(estimating.seconds.value) - 0.05 * (1000 + 50 / 3)) < 1e-9);

  // An unsettled estimate is asked for again by itself, a settled one is not.
  let before = asked.length;
  asked.at(-1).emit({ ...answer, settled: false });
  t.mock.timers.runAll();
  assert.equal(asked.length, before + 1);
  before = asked.length;
  asked.at(-1).emit(answer);
  t.mock.timers.runAll();
  assert.equal(asked.length, before);

  // Less is held out than an evaluation would read.
  store.settings.value = defaults({ ...SETTINGS, val_fraction: 0.002048 });
  assert.ok(Math.abs(Number(estimating.seconds.value) - 0.05 * (1000 + 20 / 3)) < 0.01);

  // A run says more than any earlier measurement.
  store.progress.value = /** @type {any} */ ({ gflops: 50 });
  t.mock.timers.runAll();
  asked.at(-1).emit(answer);
  assert.ok(Math.abs(Number(estimating.speed.value) - 12.5) < 1e-9);
  for (const changes of /** @type {const} */ ([{ hidden_size: 64 }, { batch_size: 4 }, { wiring: 'residual' }])) {
    store.settings.value = defaults({ ...SETTINGS, ...changes });
    t.mock.timers.runAll();
    asked.at(-1).emit(answer);
    const said = `of another ${Object.keys(changes)} nothing is known yet`;
    assert.ok(Math.abs(Number(estimating.speed.value) - 20) < 1e-9, said);
  }
  estimating.end();
});

test('the number of workers that was found is the model’s from then on, and the estimate is asked for again', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const store = createStore({ settings: defaults({ ...SETTINGS, workers: 0 }), theme: 'light' });
  const model = modelOf(defaults(SETTINGS));
  store.model.value = model;
  let asked = 0;
  createEstimating(store, /** @type {any} */ ({ job: () => ({ id: ++asked, end() {} }) }));
  t.mock.timers.runAll();
  assert.equal(asked, 1);
  const receive = createEvents(store, /** @type {any} */ ({}));
  receive({ type: 'workers', run: 1, workers: 1, memoryBytes: 5 });
  t.mock.timers.runAll();
  assert.deepEqual(store.model.value, { ...model, settings: { ...model.settings, workers: 1 }, memoryBytes: 5 });
  assert.equal(asked, 2);
});
