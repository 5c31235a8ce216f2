/** The PyTorch package against the core: the same numbers and the same files, on one process and on two. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RULES } from '../../wasm/engine/lists.js';
import { SETTINGS } from '../../wasm/engine/settings.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { PYTORCH_LISTS } from '../../wasm/tools/pytorch_settings.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { module } from '../wasm/support/models.js';
import { writeCases } from './cases.js';
import { writeRules } from './rules.js';
import { assertNear, at, COMMON, cli, figures, folder, KINDS, python, SMALL } from './support.js';

/** Options of the core that only updates depend on, not passes: trained with below. */
const OF_UPDATES = ['learning_rate', 'weight_decay', 'clip_norm', 'level_target_rates', 'level_learning_rate_factors'];

/** When evaluations are due. */
const EVALUATIONS = ['--eval-every', '10', '--eval-early', '--val-max-batches', '3'];

/** Settings of training that say nothing to it, or nothing about weights. */
const OF_RUNS = ['workers', 'max_documents', 'val_max_documents', 'log_every'];

describe('the PyTorch package', () => {
  it('shares the core’s lists of settings and presets', () => {
    for (const [file, list] of Object.entries(PYTORCH_LISTS))
      assert.deepEqual(JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')), JSON.parse(JSON.stringify(list)));
  });

  it('has modules of a page each', () => {
    const folder = path.join(ROOT, 'wasm/pytorch/adaptive_compressor/models');
    const modules = readdirSync(folder)
      .filter((name) => name.endsWith('.py'))
      .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split(/^(?=\S)/m))
      .filter((part) => /^class \w+\(nn\.Module/.test(part));
    assert.ok(modules.length >= 8);
    for (const part of modules) assert.ok(part.trim().split('\n').length < 100, part.split('\n')[0]);
  });

  it('gives the golden numbers: logits, borders, losses, gradients, updated weights', async () => {
    const { stderr } = await python('tests/pytorch/golden_test.py');
    assert.match(stderr, /Ran 10 tests/);
    assert.match(stderr, /^OK$/m);
  });

  it('gives the core’s numbers on random configurations of every kind of model', async () => {
    const cases = await writeCases(folder, 60);
    const options = SETTINGS.filter(({ name, core }) => core && !OF_UPDATES.includes(name));
    assert.ok(options.length > 20);
    for (const { name } of options) assert.ok(new Set(cases.map((each) => each[name])).size > 1, `${name} varies`);
    const { stdout, stderr } = await python('tests/pytorch/cases_test.py', folder);
    assert.match(stdout, /"residual": \d+/);
    assert.match(stderr, /^OK$/m);
  });

  it('puts the core’s borders by every rule, to the bit', async () => {
    await writeRules(at('rules.json'), 40);
    const { stdout, stderr } = await python('tests/pytorch/rules_test.py', at('rules.json'));
    assert.match(stderr, /^OK$/m);
    const met = JSON.parse(stdout);
    assert.deepEqual(
      Object.keys(met).sort(),
      Object.keys(RULES)
        .filter((rule) => !['teacher_forced', 'given'].includes(rule))
        .sort(),
    );
    assert.ok(Object.values(met).every((count) => count === 40));
  });

  it('is trained beside the core with every option of training', () => {
    const flags = [...COMMON, ...SMALL, ...EVALUATIONS, ...Object.values(KINDS).flat()];
    const options = SETTINGS.filter(
      ({ name, group }) =>
        OF_UPDATES.includes(name) || (['training', 'data'].includes(group) && !OF_RUNS.includes(name)),
    );
    assert.ok(options.length > 15);
    const named = (/** @type {string} */ name) =>
      ['', 'no-'].some((no) => flags.includes(`--${no}${name.replaceAll('_', '-')}`));
    assert.deepEqual(
      options.map(({ name }) => name).filter((name) => !named(name)),
      [],
    );
  });

  for (const [model, kind] of Object.entries(KINDS)) {
    it(`resumes from a checkpoint of the core, and the core from one of its own: ${model}`, async () => {
      const fresh = [...COMMON, ...SMALL, ...kind, '--workers', '1', '--max-steps'];
      await cli('train', ...fresh, '20', '--output', at('first'));
      const more = ['--text-file', at('text.txt'), '--log-every', '1', ...EVALUATIONS, '--max-steps', '40'];
      await cli('train', ...more, '--resume', at('first'), '--output', at('core'), '--metrics', at(`${model}.jsonl`));
      const { stdout } = await python(
        ...['-m', 'adaptive_compressor.train', ...more],
        ...['--resume', at('first'), '--output', at('torch')],
      );
      const theirs = figures(stdout).filter((line) => 'train/loss' in line);
      const ours = figures(readFileSync(at(`${model}.jsonl`), 'utf8')).filter((line) => 'train/loss' in line);
      assert.equal(theirs.length, 20);
      for (const [i, line] of theirs.entries()) {
        for (const name of ['train/byte_decoder_loss', 'train/loss', 'train/uncertainty_loss'])
          assert.ok(Math.abs(line[name] - ours[i][name]) < 1e-4 * Math.max(1, ours[i][name]), `${name} ${line.step}`);
      }
      // The core evaluates step 20 once more.
      const held = [stdout, readFileSync(at(`${model}.jsonl`), 'utf8')].map((lines) =>
        figures(lines).filter((line) => line.step > 20 && 'val/byte_decoder_bpb' in line),
      );
      for (const each of held)
        assert.deepEqual(
          each.map(({ step }) => step),
          [30, 40],
        );
      const [measured, wanted] = held.map((each) => each.map((line) => line['val/byte_decoder_bpb']));
      assertNear(measured, wanted, 'held-out bits a byte');
      const [core, torch] = [at('core'), at('torch')].map((file) =>
        readCheckpoint(module, new Uint8Array(readFileSync(file))),
      );
      assert.deepEqual([...torch.tensors.keys()], [...core.tensors.keys()]);
      for (const [name, { data }] of core.tensors) assertNear(torch.tensors.get(name)?.data ?? [], data, name);
      const [mine, own] = [core, torch].map(({ resume }) => resume);
      assert.ok(mine && own);
      assert.deepEqual(own.state.updates, mine.state.updates);
      assertNear(own.carried?.data ?? [], mine.carried?.data ?? [], 'carried states');
      assertNear(
        /** @type {number[]} */ (own.state.rules ?? []),
        /** @type {number[]} */ (mine.state.rules ?? []),
        'rules',
      );
      assert.equal(mine.state.averaged, kind.includes('--weight-averaging') ? 2 : undefined);
      assert.equal(own.state.averaged, mine.state.averaged);
      for (const [name, { data }] of mine.latest ?? [])
        assertNear(own.latest?.get(name)?.data ?? [], data, `latest ${name}`);
      assert.equal(mine.carried !== undefined, kind.includes('--carry-state'));
      const thresholds = [core, torch].map(({ settings }) => (settings.level_thresholds ?? '').split(',').map(Number));
      assertNear(thresholds[1], thresholds[0], 'thresholds');
      assert.equal(thresholds[0][0] !== 0.05, model !== 'flat', 'thresholds are steered');
      await cli('train', ...COMMON, '--max-steps', '42', '--resume', at('torch'), '--output', at('back'));
      const { stdout: read } = await cli('evaluate', at('back'), '--text-file', at('text.txt'), '--stream');
      assert.ok(JSON.parse(read).decoder_bpb < 8);
    });
  }

  for (const [model, kind] of Object.entries(KINDS).filter(([name]) => name === 'adaptive' || name === 'residual')) {
    it(`gives the same borders with weights that passed through it: ${model}`, async () => {
      const fresh = [...COMMON, ...SMALL, ...kind, '--workers', '1', '--max-steps', '20'];
      await cli('train', ...fresh, '--output', at('there'));
      const through = `from adaptive_compressor import load_model, write_checkpoint; m, s, c = load_model(r"${at('there')}"); write_checkpoint(r"${at('again')}", c)`;
      await python('-c', through);
      const trace = async (/** @type {string} */ file) =>
        JSON.parse((await cli('trace', file, '--text-file', at('text.txt'), '--top', '0')).stdout).rows;
      assert.deepEqual(await trace(at('again')), await trace(at('there')));
      const [there, again] = [at('there'), at('again')].map((file) =>
        readCheckpoint(module, new Uint8Array(readFileSync(file))),
      );
      assert.deepEqual(again, there);
    });
  }
});
