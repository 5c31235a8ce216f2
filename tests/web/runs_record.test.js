import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPoint, curvesOf, emptyPoints, readPoints, upTo } from '../../web/state/runs/points.js';
import { counterpartSettings, defaultName, freeName, readRun, sorted } from '../../web/state/runs/record.js';
import fc from '../random_cases.js';
import { point, run } from './support/runs.js';

test('a run comes back from storage unchanged', () => {
  const saved = /** @type {const} */ ({ slot: 'a', step: 5, elapsedMs: 3, digest: 'd', bytes: 10, at: 4 });
  const sample = { step: 5, prompt: 'The ', text: 'sea' };
  const whole = run({
    train: point(7),
    validation: point(5),
    best: { step: 5, decoderBpb: 2 },
    saved,
    samples: [sample],
  });
  assert.deepEqual(readRun(structuredClone(whole)), whole);
  assert.deepEqual(readRun(JSON.parse(JSON.stringify(whole))), whole);
});

test('an invalid record is not a run, whatever is wrong with it', () => {
  const good = run();
  for (const wrong of [
    { id: '../up' },
    { step: -1 },
    { step: 1.5 },
    { settings: { ...good.settings, hidden_size: 1e9 } },
    { settings: null },
    { text: { name: 'x', bytes: 3 } },
    { state: 'idle' },
    { firstStep: '1' },
  ]) {
    assert.equal(readRun({ ...good, ...wrong }), null, JSON.stringify(wrong));
  }
  assert.equal(readRun({ ...good, name: 'n'.repeat(1000) })?.name.length, 120);
  assert.deepEqual(readRun({ ...good, saved: { slot: '../x' } })?.saved, null);
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...Object.keys(good)), (value, key) => {
      readRun(value);
      readRun({ ...good, [key]: value });
      readPoints({ train: value, validation: [value] });
    }),
  );
});

test('the reason why a run ended is kept if it is a known one and the run did end', () => {
  const kept = (/** @type {object} */ changes) => readRun({ ...run(), ...changes })?.ended;
  for (const reason of ['steps', 'minutes', 'no_progress', 'target', 'stopped'])
    assert.equal(kept({ state: 'finished', ended: reason }), reason);
  assert.equal(kept({ state: 'finished', ended: '<b>' }), null);
  assert.equal(kept({ state: 'finished', ended: undefined }), null, 'as in earlier records');
  assert.equal(kept({ state: 'paused', ended: 'minutes' }), null);
});

test('points of repeated steps replace the earlier ones', () => {
  const { train } = emptyPoints();
  for (const step of [1, 10, 20, 30]) addPoint(train, point(step));
  addPoint(train, point(20, 3));
  assert.deepEqual(
    train.map(({ step, decoderBpb }) => [step, decoderBpb]),
    [
      [1, 7.99],
      [10, 7.9],
      [20, 3],
    ],
  );
  for (let step = 21; step < 9000; step++) addPoint(train, point(step));
  assert.ok(train.length > 600 && train.length <= 2000);
  assert.deepEqual([train[0].step, train.at(-1)?.step], [1, 8999]);
});

test('longer lists of points and samples, from a file or an earlier version, are thinned as a whole', () => {
  const steps = Array.from({ length: 4000 }, (_, i) => i);
  const { train, validation } = readPoints({ train: steps.map((step) => point(step)), validation: [point(7)] });
  assert.ok(train.length > 600 && train.length <= 2000, `${train.length} points`);
  assert.deepEqual([train[0].step, train.at(-1)?.step, validation.length], [0, 3999, 1]);
  const kept = readRun({ ...run(), samples: steps.map((step) => ({ step, prompt: '', text: 'sea' })) })?.samples ?? [];
  assert.ok(kept.length > 20 && kept.length <= 60, `${kept.length} samples`);
  assert.deepEqual([kept[0].step, kept.at(-1)?.step], [0, 3999]);
});

test('curves of a run are rebuilt from its points', () => {
  const points = { train: [point(1), point(10), point(20)], validation: [point(0), point(20)] };
  assert.deepEqual(readPoints(JSON.parse(JSON.stringify(points))), points);
  const curves = curvesOf(upTo(points, 10));
  assert.deepEqual(curves.step, [0, 1, 10]);
  assert.deepEqual(curves.valDecoder, [8, null, null]);
  assert.deepEqual(curves.trainDecoder, [null, 7.99, 7.9]);
});

test('a new name is not taken, and the first is the prototype’s', () => {
  const list = [run({ name: 'adaptive_L128_B1k' }), run({ name: 'x' }), run({ name: 'x 2' })];
  assert.equal(defaultName(list[0].settings, []), 'adaptive_L128_B1k');
  assert.equal(defaultName(list[0].settings, list), 'adaptive_L128_B1k 2');
  assert.equal(freeName('x', list), 'x 3');
});

test('the counterpart differs in the model alone', () => {
  const { settings } = run();
  const other = counterpartSettings(run());
  assert.deepEqual({ ...other, model_type: 'adaptive' }, settings);
  assert.equal(other.model_type, 'baseline');
  assert.deepEqual(counterpartSettings(run({ wanted: other })), settings);
});

test('the counterpart of a run from other weights has their size, and as many steps as were asked for', () => {
  const { wanted } = run();
  const settings = {
    ...wanted,
    hidden_size: 64,
    num_levels: 2,
    max_steps: 7000 + Number(wanted.max_steps),
    workers: 2,
  };
  const other = counterpartSettings(run({ from: 'the example', firstStep: 7000, settings, wanted }));
  assert.deepEqual(other, { ...wanted, hidden_size: 64, num_levels: 2, model_type: 'baseline' });
});

test('runs are sorted by any column, those without a figure last', () => {
  const a = run({ name: 'a 10', created: 1, validation: point(9, 3) });
  const b = run({ name: 'a 9', created: 2, validation: point(9, 2) });
  const c = run({ name: 'b', created: 3 });
  /** @param {string} column @param {boolean} down */
  const order = (column, down) => sorted([a, b, c], column, down).map(({ name }) => name);
  assert.deepEqual(order('decoderBpb', false), ['a 9', 'a 10', 'b']);
  assert.deepEqual(order('decoderBpb', true), ['a 10', 'a 9', 'b']);
  assert.deepEqual(order('name', false), ['a 9', 'a 10', 'b']);
  assert.deepEqual(order('created', true), ['b', 'a 9', 'a 10']);
  assert.deepEqual(order('unknown', false), ['a 10', 'a 9', 'b']);
});
