// tier: quick
/** A series of trainings to compare: what is trained, with which settings, and how the series is kept. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardFlops } from '../../wasm/engine/flops.js';
import { defaults } from '../../wasm/engine/settings.js';
import { arithmeticOf } from '../../web/state/runs/arithmetic.js';
import {
  changedOf,
  emptySeries,
  jobsOf,
  partOf,
  readSeries,
  remainingMs,
  settingsOf,
  stepsOf,
  writeSeries,
} from '../../web/state/runs/series.js';
import { studyRows } from '../../web/statistics/studies.js';
import { point } from './support/runs.js';

/** @typedef {import('../../web/state/runs/series.js').Series} Series */

/** @param {Partial<Series>} [changes] @returns {Series} */
const series = (changes = {}) => ({
  ...emptySeries(),
  entries: [
    { name: 'tall', settings: defaults({ max_steps: 100, batch_size: 4, sequence_length: 64, seed: 7 }), gflop: 3 },
    {
      name: 'flat',
      settings: defaults({ model_type: 'flat', max_steps: 50, batch_size: 8, sequence_length: 64 }),
      gflop: 2,
    },
  ],
  seeds: 2,
  text: { name: 'a text', bytes: 1000, digest: 'sha256:00' },
  ...changes,
});

/** @param {number} entry @param {number} seed @param {number} bits @returns {import('../../web/state/runs/series.js').Job} */
const done = (entry, seed, bits) => ({
  entry,
  seed,
  steps: 10,
  run: `run-${entry}-${seed}`,
  state: 'done',
  problem: null,
  outcome: { bits, parameters: 9, step: 10, bytesSeen: 2e6, elapsedMs: 3000, tf: 1.5 },
});

describe('a series', () => {
  it('trains all settings with one seed before the next, starting from the seed of the reference', () => {
    assert.deepEqual(
      jobsOf(series({ equal: 'own' })).map(({ entry, seed, steps, state }) => [entry, seed, steps, state]),
      [
        [0, 7, 100, 'waiting'],
        [1, 7, 50, 'waiting'],
        [0, 8, 100, 'waiting'],
        [1, 8, 50, 'waiting'],
      ],
    );
  });

  it('makes bytes or arithmetic equal to those of the reference', () => {
    assert.deepEqual(
      [0, 1].map((i) => stepsOf(series({ equal: 'bytes' }), i)),
      [100, 50],
    );
    assert.deepEqual(
      [0, 1].map((i) => stepsOf(series({ equal: 'arithmetic' }), i)),
      [100, 150],
    );
    assert.deepEqual(
      [0, 1].map((i) => stepsOf(series({ equal: 'arithmetic', reference: 1 }), i)),
      [33, 50],
    );
    const unknown = series().entries.map((entry) => ({ ...entry, gflop: 0 }));
    assert.equal(stepsOf(series({ entries: unknown }), 1), 50);
  });

  it('holds out and evaluates the same part of the text for all', () => {
    const apart = series();
    const [tall, flat] = [0, 1].map((entry) => settingsOf(apart, { entry, seed: 3, steps: 20 }));
    assert.deepEqual([tall.seed, tall.max_steps, flat.model_type], [3, 20, 'flat']);
    assert.deepEqual(
      [tall.val_max_batches, flat.val_max_batches],
      [1e6, 1e6],
      'batches of other shapes: everything held out',
    );
    const [one, other] = apart.entries;
    one.settings.val_fraction = 0.2;
    other.settings.eval_every = 0;
    other.settings.batch_size = 4;
    other.settings.val_max_batches = 33;
    const alike = [0, 1].map((entry) => settingsOf(apart, { entry, seed: 3, steps: 20 }));
    assert.deepEqual(
      alike.map(({ val_max_batches, val_fraction }) => [val_max_batches, val_fraction]),
      [
        [33, 0.2],
        [33, 0.2],
      ],
    );
    assert.deepEqual(
      alike.map(({ eval_every }) => eval_every),
      [one.settings.eval_every, 2],
      'settings that ask for no evaluation are evaluated all the same',
    );
    assert.deepEqual(
      changedOf(other.settings, { ...other.settings, batch_size: 9, level_blocks: '2', seed: 4 }),
      ['blocks of each level as usual', 'batch size 4'].filter((words) =>
        changedOf(other.settings, { ...other.settings, batch_size: 9, level_blocks: '2' }).includes(words),
      ),
    );
  });

  it('comes back from storage as it was, or empty where the record makes no sense', () => {
    const whole = series({
      jobs: [done(0, 7, 2), { ...done(1, 7, 0), state: 'failed', problem: 'no', outcome: null }],
    });
    assert.deepEqual(readSeries(JSON.parse(writeSeries(whole))), whole);
    assert.ok(writeSeries(whole).length < 1500);
    const raw = JSON.parse(writeSeries(whole));
    for (const broken of [
      null,
      [],
      { ...raw, entries: 3 },
      { ...raw, entries: [{ name: 'x', settings: { hidden_size: -1 } }], jobs: [] },
      { ...raw, jobs: [{ ...raw.jobs[0], entry: 2 }] },
      { ...raw, jobs: [{ ...raw.jobs[0], outcome: { bits: 'x' } }] },
      { ...raw, text: null },
    ])
      assert.deepEqual(readSeries(broken), emptySeries());
    assert.equal(readSeries({ ...raw, reference: 9, seeds: 77 }).reference, 0);
    assert.equal(readSeries({ ...raw, jobs: [{ ...raw.jobs[0], run: '../x' }] }).jobs[0].run, null);
  });

  it('is compared like a study, by the seeds that are there', () => {
    const jobs = [
      done(0, 7, 2),
      done(1, 7, 2.1),
      done(0, 8, 2.2),
      { ...done(1, 8, 0), state: /** @type {const} */ ('waiting'), outcome: null },
    ];
    const part = partOf(series({ jobs }));
    const [tall, flat] = studyRows({ ...part, reference: 'flat' });
    assert.deepEqual([tall.seeds, flat.seeds], [[2, 2.2], [2.1]]);
    assert.equal(tall.difference?.n, 1);
    assert.deepEqual([tall.mb, tall.seconds, tall.tf], [2, 3, 1.5]);
    assert.deepEqual(partOf(series()).models, []);
  });

  it('estimates the time left from the time that the arithmetic took so far', () => {
    const [first, second, third, fourth] = jobsOf(series({ equal: 'own' }));
    const jobs = [
      {
        ...done(0, 7, 2),
        steps: 100,
        outcome: { bits: 2, parameters: 1, step: 100, bytesSeen: 1, elapsedMs: 600, tf: 1 },
      },
      { ...second, state: /** @type {const} */ ('training') },
      third,
      fourth,
    ];
    assert.equal(first.steps, 100);
    // 2 ms a unit of work: 300 and 50 are done, 50, 300 and 100 are left.
    assert.equal(Math.round(remainingMs(series({ jobs }), { step: 25, elapsedMs: 100 })), 900);
    assert.ok(Number.isNaN(remainingMs(series({ jobs: jobsOf(series()) }), { step: 0, elapsedMs: 0 })));
  });
});

describe('arithmetic of a run', () => {
  const settings = defaults({ wiring: 'residual', num_levels: 2, hidden_size: 16, batch_size: 2, sequence_length: 32 });
  const of = (/** @type {number} */ borders) => (3 * forwardFlops(settings, [64, borders * 2], 0)) / 1e12;

  it('follows its borders from point to point', () => {
    const train = [
      { ...point(10), borders: [8] },
      { ...point(30), borders: [4] },
    ];
    const at = arithmeticOf({ train, validation: [] }, settings, 5);
    const near = (/** @type {number} */ a, /** @type {number} */ b) =>
      assert.ok(Math.abs(a - b) < 1e-15 + 1e-9 * b, `${a} ${b}`);
    near(at(0), 0);
    near(at(5), 5 * of(8));
    near(at(10), 10 * of(8));
    near(at(20), 10 * of(8) + 10 * of(4));
    near(at(40), 10 * of(8) + 30 * of(4));
    near(arithmeticOf({ train: train.slice(0, 1), validation: [] }, settings, 5)(20), 20 * of(8));
  });

  it('is the same at every step without levels, or where there are no points', () => {
    assert.equal(arithmeticOf({ train: [point(10)], validation: [] }, { ...settings, model_type: 'flat' }, 5)(20), 0.1);
    assert.equal(arithmeticOf({ train: [], validation: [] }, settings, 5)(20), 0.1);
  });
});
