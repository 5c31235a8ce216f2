// tier: slow
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { meanOf, pairedDifference, shownMean } from '../../wasm/engine/means.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { readStudy } from '../../wasm/tools/study/plan.js';
import { lineOf, readResults, trainingsThere } from '../../wasm/tools/study/results.js';

const folder = mkdtempSync(path.join(tmpdir(), 'study-'));
after(() => rmSync(folder, { recursive: true }));

const at = (/** @type {string} */ name) => path.join(folder, name);
const words = ['the ', 'whale ', 'swam ', 'past ', 'a ', 'ship, ', 'and '];
writeFileSync(at('text.txt'), Array.from({ length: 3000 }, (_, i) => words[(i * i + (i >> 3)) % 7]).join(''));

const STUDY = {
  title: 'Trial',
  settings: { hidden_size: 8, num_levels: 2, sequence_length: 32, batch_size: 2, byte_entropy_threshold: 20 },
  models: [
    { name: 'hierarchy', learning_rates: [0.003, 0.01] },
    { name: 'baseline', model_type: 'baseline' },
  ],
  reference: 'baseline',
  texts: [{ name: 'words', file: at('text.txt'), held_out: 0.2 }],
  budgets: [{ steps: 12 }, { tf: 0.0002 }],
  seeds: [1, 2],
};

/** @param {string[]} args */
const study = (...args) =>
  promisify(execFile)(process.execPath, [path.join(ROOT, 'wasm/tools/study/study.js'), ...args]);

describe('a study', () => {
  it('is the product of budgets, texts, seeds, and models with their grids, each job with its own key', () => {
    const { jobs, reference } = readStudy(JSON.stringify(STUDY));
    assert.equal(reference, 'baseline');
    assert.equal(jobs.length, 2 * 1 * 2 * 3);
    assert.equal(new Set(jobs.map(({ key }) => key)).size, jobs.length);
    assert.deepEqual(
      jobs.slice(0, 3).map(({ model, settings }) => [model, settings.learning_rate, settings.seed]),
      [
        ['hierarchy, rate 0.003', 0.003, 1],
        ['hierarchy, rate 0.01', 0.01, 1],
        ['baseline', 0.0003, 1],
      ],
    );
  });

  it('recognises a result wherever its text lies, and in the former format that lists every setting', () => {
    const { jobs } = readStudy(JSON.stringify(STUDY));
    const [job] = jobs;
    const outcome = /** @type {any} */ ({
      decoderBpb: 2,
      curve: [{ step: 4, tf: 0.25, seconds: 1.5, bytes: 256, trainBpb: 3.125 }],
    });
    const former = JSON.stringify({ ...job, key: 'another', outcome });
    writeFileSync(at('lines.jsonl'), `${lineOf({ ...job, outcome })}\n`);
    assert.ok(!readFileSync(at('lines.jsonl'), 'utf8').includes(folder));
    const short = readResults(at('lines.jsonl')).get(job.key);
    writeFileSync(at('lines.jsonl'), `${former}\n`);
    const whole = readResults(at('lines.jsonl')).get(job.key);
    assert.deepEqual(short?.settings, job.settings);
    assert.deepEqual(short?.outcome, outcome);
    assert.deepEqual(whole?.outcome, outcome);
    const keys = readStudy(JSON.stringify({ ...STUDY, texts: [{ ...STUDY.texts[0], file: 'elsewhere' }] })).jobs.map(
      ({ key }) => key,
    );
    assert.deepEqual(
      keys,
      jobs.map(({ key }) => key),
    );
  });

  it('tells trainings with another list of borders apart, by its name', () => {
    const withList = (/** @type {string} */ borders) =>
      readStudy(JSON.stringify({ ...STUDY, texts: [{ ...STUDY.texts[0], borders }] })).jobs[0];
    const [plain] = readStudy(JSON.stringify(STUDY)).jobs;
    const [words, lines] = [withList('words.txt'), withList('lines.txt')];
    assert.equal(new Set([plain, words, lines].map(({ key }) => key)).size, 3);
    writeFileSync(at('listed.jsonl'), `${lineOf({ ...words, outcome: /** @type {any} */ ({ curve: [] }) })}\n`);
    assert.deepEqual([...readResults(at('listed.jsonl')).keys()], [words.key]);
  });

  it('says what is wrong with a file', () => {
    const wrong = [
      [{ ...STUDY, seeds: [] }, 'list'],
      [{ ...STUDY, budgets: [{ hours: 2 }] }, 'budget'],
      [{ ...STUDY, models: [{ name: 'a', hidden_size: 0 }] }, 'settings'],
      [{ ...STUDY, models: [{ name: 'a', preset: 'none' }], reference: 'a' }, 'preset'],
      [{ ...STUDY, reference: 'none' }, 'no_model'],
      [{ ...STUDY, texts: [{ name: 'a', file: 'b', from: 0.5, to: 0.5 }] }, 'text'],
    ];
    for (const [file, reason] of wrong) assert.throws(() => readStudy(JSON.stringify(file)), { reason });
    assert.throws(() => readStudy('{'), { reason: 'not_json' });
  });

  it('runs, continues where it was interrupted, and reports', async () => {
    writeFileSync(at('trial.json'), JSON.stringify(STUDY));
    const { jobs } = readStudy(JSON.stringify(STUDY));
    await study(at('trial.json'));
    const results = readResults(at('trial.jsonl'));
    assert.equal(results.size, jobs.length);
    const first = readFileSync(at('trial.jsonl'), 'utf8').trimEnd().split('\n');
    // As after a crash: two results are missing, one was being written.
    writeFileSync(at('trial.jsonl'), `${first.slice(0, -2).join('\n')}\n{"key":"`);
    const { stderr } = await study(at('trial.json'));
    assert.deepEqual(stderr.match(/\d+/g)?.slice(0, 2), [jobs.length - 2, jobs.length].map(String));
    const again = readResults(at('trial.jsonl'));
    assert.equal(again.size, jobs.length);
    for (const [key, { outcome }] of results) {
      const { decoderBpb, tf, steps } = outcome;
      const other = again.get(key)?.outcome;
      assert.deepEqual([other?.decoderBpb, other?.tf, other?.steps], [decoderBpb, tf, steps], 'same bits');
      assert.ok(decoderBpb > 0.5 && decoderBpb < 9 && outcome.curve.length > 0);
    }
    for (const { model, budget, outcome } of again.values()) {
      if (budget.unit === 'steps') assert.equal(outcome.steps, 12);
      else assert.ok(Math.abs(outcome.tf / budget.amount - 1) < 0.05, `${model}: ${outcome.tf} of ${budget.amount}`);
      assert.equal(outcome.withoutParentsBpb === null, model === 'baseline');
    }
    const report = readFileSync(at('trial.md'), 'utf8');
    assert.match(report, /^# Trial\n/);
    assert.match(report, /## words, 12 steps\n/);
    const flat = [...again.values()].filter((r) => r.model === 'baseline' && r.budget.unit === 'steps');
    const shown = shownMean(meanOf(flat.map(({ outcome }) => outcome.decoderBpb)));
    assert.ok(report.includes(shown), 'the mean of the seeds stands in the table');
    assert.match(readFileSync(at('trial-1-1.svg'), 'utf8'), /<svg[^>]*>.*hierarchy, rate 0\.01.*<\/svg>/s);
  });

  it('spends the budget of arithmetic, also where borders become rarer than they were at first', async () => {
    const settings = { ...STUDY.settings, wiring: 'residual', carry_state: true, level_rules: 'level' };
    const models = [
      { name: 'steered', level_widths: '8,64', level_blocks: '1,1', level_thresholds: '0.1', level_target_rates: '16' },
    ];
    const steered = { ...STUDY, settings, models, reference: undefined, budgets: [{ tf: 0.004 }], seeds: [1] };
    writeFileSync(at('steered.json'), JSON.stringify(steered));
    await study(at('steered.json'));
    const [{ outcome }] = readResults(at('steered.jsonl')).values();
    const [early] = outcome.curve;
    const last = outcome.curve.at(-1);
    assert.ok(last && last.tf / last.step < 0.9 * (early.tf / early.step), 'a step came to need less arithmetic');
    assert.ok(Math.abs(outcome.tf / 0.004 - 1) < 0.005, `${outcome.tf} TF`);
  });

  it('reports without training on request', async () => {
    appendFileSync(at('trial.jsonl'), '\n');
    const { stderr, stdout } = await study(at('trial.json'), '--report');
    assert.equal(stderr, '');
    assert.equal(stdout, `${trainingsThere(at('trial.md'), 12, 12)}\n`);
  });
});

describe('numbers', () => {
  it('mean and standard error', () => {
    const { n, mean, error } = meanOf([2, 4, 9]);
    assert.deepEqual([n, mean], [3, 5]);
    assert.ok(Math.abs(error - Math.sqrt(13 / 3)) < 1e-12);
    assert.ok(Number.isNaN(meanOf([1]).error));
    assert.equal(shownMean(meanOf([1])), '1.0000');
    assert.equal(shownMean(meanOf([])), '–');
  });

  it('differences are taken seed by seed, over the seeds that both have', () => {
    const one = new Map([
      [1, 2],
      [2, 5],
      [3, 100],
    ]);
    const other = new Map([
      [2, 4],
      [1, 3],
    ]);
    const { n, mean, error } = pairedDifference(one, other);
    assert.deepEqual([n, mean, error], [2, 0, 1]);
  });
});
