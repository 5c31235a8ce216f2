// tier: slow
/** The bench: its measurements are consistent, and its tables show what its rows hold. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardFlops } from '../../wasm/engine/flops.js';
import { loadModule } from '../../wasm/engine/node/surroundings.js';
import { defaults } from '../../wasm/engine/settings.js';
import { Kernels } from '../../wasm/tools/bench/kernels.js';
import { MISSED, optionsThere, REACHED, report, table, targets, timePerFlop } from '../../wasm/tools/bench/tables.js';
import { benchText, measureGeneration, measureOne, measureShared } from '../../wasm/tools/bench/whole_models.js';
import { run } from '../../wasm/tools/setup/run.js';

/** @typedef {import('../../wasm/tools/bench/whole_models.js').Row} Row */

const EFFORT = { seconds: 0.02, least: 2, learn: 3 };
const SMALL = { hidden: 12, batch: 3, length: 20 };

/** @param {Partial<Row>} given @returns {Row} */
const row = (given) => ({
  what: 'train',
  model: 'adaptive',
  workers: 1,
  batch: 8,
  hidden: 128,
  length: 128,
  ms: 100,
  gflops: 40,
  share: 0.8,
  bytes_per_s: 10240,
  ...given,
});

describe('operations', async () => {
  it('follow the formulas of the model', () => {
    const h = 128;
    const settings = defaults();
    const adaptive = 2 * (1024 * (25 * h * h + 2 * 257 * h) + 100 * 26 * h * h + 10 * 13 * h * h);
    assert.equal(forwardFlops(settings, [1024, 100, 10], 0), adaptive);
    const baseline = defaults({ model_type: 'baseline' });
    assert.equal(forwardFlops(baseline, [1024], 5), 2 * 1024 * (60 * h * h + 257 * h));
    assert.equal(forwardFlops(defaults({ num_levels: 1 }), [10], 0), 2 * 10 * (12 * h * h + 2 * 257 * h));
    // A residual stream: two blocks a level below the top; a second head where the encoder scores the bytes.
    const stream = (/** @type {boolean} */ encoder_scores, /** @type {number} */ num_levels) =>
      forwardFlops(defaults({ wiring: 'residual', encoder_scores, num_levels }), [100, 10, 1].slice(0, num_levels), 0);
    const bytes = 100 * (18 * h * h + 257 * h);
    assert.equal(stream(false, 2), 2 * (bytes + 10 * 7 * h * h));
    assert.equal(stream(true, 2), stream(false, 2) + 2 * 100 * 257 * h);
    assert.equal(stream(true, 1), 2 * bytes);
  });
});

describe('measurements', async () => {
  const module = await loadModule();
  const kernels = await Kernels.open();

  for (const model of ['adaptive', 'baseline']) {
    it(`train and evaluate the ${model} model`, async () => {
      const { train, evaluate, settings, parameters } = await measureOne(module, kernels, { model, ...SMALL }, EFFORT);
      const parts = /** @type {import('../../wasm/tools/bench/whole_models.js').Phases} */ (train.phases);
      const sum = parts.pack + parts.forward + parts.backward + parts.update;
      assert.ok(sum > 0 && sum < train.ms + 1e-9, 'the fastest phases take no longer than the fastest step');
      assert.ok(Object.values(parts).every((ms) => ms >= 0));
      assert.deepEqual([train.batch, train.hidden, train.length, train.workers], [3, 12, 20, 1]);
      assert.ok(Math.abs(train.bytes_per_s - 60000 / train.ms) < 1e-6);
      // Training takes three times the operations of an evaluation of the same bytes.
      assert.ok(Math.abs(train.gflops * train.ms - 3 * evaluate.gflops * evaluate.ms) < 1e-9);
      const generated = await measureGeneration(module, kernels, settings, parameters, EFFORT);
      assert.ok(Math.abs(generated.bytes_per_s * generated.ms - 1000) < 1e-6);
      assert.ok(Number(generated.stream) > 0 && Number(generated.stream) < 1);
    });
  }

  it('share a training between workers', async () => {
    const shared = await measureShared(module, kernels, { model: 'adaptive', ...SMALL, workers: 2 }, EFFORT);
    const { train } = await measureOne(module, kernels, { model: 'adaptive', ...SMALL }, EFFORT);
    assert.equal(shared.workers, 2);
    // The same steps on the same bytes: the same borders, and so the same operations.
    assert.ok(Math.abs(shared.gflops * shared.ms - train.gflops * train.ms) < 1e-9);
  });

  it('know every kernel', () => {
    const rows = kernels.measure(SMALL, 0.005);
    assert.ok(rows.every(({ each }) => each > 0 && each < 1e6));
    const products = rows.filter(({ gflops }) => gflops);
    assert.ok(products.length >= 8 && products.every(({ share }) => Number(share) > 0 && Number(share) < 1.5));
    assert.ok(kernels.peak > 1);
    const used = kernels.core.used;
    kernels.stream(100_000, 0.005);
    assert.equal(kernels.core.used, used, 'memory is freed');
  });

  it('read a text that is always the same', () => {
    const text = benchText(5000);
    assert.equal(text.length, 5000);
    assert.deepEqual(benchText(5000), text);
    assert.ok(new Set(text).size > 15);
  });
});

describe('report', () => {
  const rows = [
    row({ phases: { pack: 1, forward: 40, backward: 57, update: 2 } }),
    row({ what: 'evaluate', ms: 32, gflops: 41 }),
    row({ what: 'generate', batch: 1, ms: 0.05, bytes_per_s: 20000, stream: 0.65 }),
    row({ workers: 2, ms: 52 }),
    row({ hidden: 64, gflops: 20 }),
    row({ batch: 1, gflops: 32 }),
  ];

  it('compares rows with targets', () => {
    const found = Object.fromEntries(targets(rows).map(({ key, value, reached }) => [key, [value, reached]]));
    assert.deepEqual(found, {
      'adaptive share': [0.8, true],
      'adaptive evaluation': [3.125, true],
      'adaptive workers 8': [100 / 52, true],
      'adaptive size': [0.5, false],
      'adaptive generated': [20000, false],
    });
    const enough = rows.map((r) => (r.what === 'generate' ? { ...r, stream: 0.71 } : r));
    assert.ok(targets(enough).some(({ key, reached }) => key === 'adaptive generated' && reached));
    assert.equal(timePerFlop(rows, rows[5]), 1.25);
  });

  it('prints every row and phase', () => {
    const kernels = [{ name: 'gates', unit: 'hidden unit', each: 4.2 }];
    const text = report({ peak_gflops: 47.41, rows, kernels });
    assert.match(text, /47\.4 GFLOP\/s/);
    assert.match(text, /^\| train, adaptive +\| +2 \| +8 \| +128 \| +128 \| +52\.0 \| +40\.0 \| +80 % \|/m);
    assert.match(text, /^\| adaptive +\| +1\.0 \(1 %\) \| +40\.0 \(40 %\) \|/m);
    assert.match(text, /65 % \(adaptive\)/);
    assert.match(text, /4\.20 a hidden unit/);
    const rowsOf = text.split('\n');
    for (const { name, reached } of targets(rows)) {
      const row = rowsOf.find((line) => line.startsWith(`| ${name} `));
      assert.ok(row?.endsWith(` ${reached ? REACHED : MISSED} |`), name);
    }
    assert.match(text, /20,000 \| 25,000 \| /);
  });

  it('keeps columns apart', () => {
    assert.equal(table(['a', 'bcd'], [['long', '1']]), '| a    | bcd |\n| ---- | --: |\n| long |   1 |');
  });
});

describe('program', () => {
  it('says which options it takes', async () => {
    const { code, output } = await run('node', ['wasm/tools/bench/bench.js', '--fast']);
    assert.equal(code, 1);
    assert.equal(output.trim(), optionsThere("Unknown option '--fast'"));
  });
});
