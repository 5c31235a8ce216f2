/** The PyTorch package against the core: the same numbers and the same files, on one process and on two. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { PYTORCH_LISTS } from '../../wasm/tools/pytorch_settings.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { module } from '../wasm/support/models.js';
import { writeCases } from './cases.js';
import { writeRules } from './rules.js';
import { assertNear, at, COMMON, cli, figures, folder, KINDS, python, SMALL } from './support.js';

describe('the PyTorch package', () => {
  it('shares the core’s lists of settings and presets', () => {
    for (const [file, list] of Object.entries(PYTORCH_LISTS))
      assert.deepEqual(JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')), JSON.parse(JSON.stringify(list)));
  });

  it('gives the golden numbers: logits, borders, losses, gradients, updated weights', async () => {
    const { stderr } = await python('tests/pytorch/golden_test.py');
    assert.match(stderr, /Ran 10 tests/);
    assert.match(stderr, /^OK$/m);
  });

  it('gives the core’s numbers on random configurations of every kind of model', async () => {
    await writeCases(folder, 60);
    const { stdout, stderr } = await python('tests/pytorch/cases_test.py', folder);
    assert.match(stdout, /"residual": \d+/);
    assert.match(stderr, /^OK$/m);
  });

  it('puts the core’s borders by every rule, to the bit', async () => {
    await writeRules(at('rules.json'), 40);
    const { stdout, stderr } = await python('tests/pytorch/rules_test.py', at('rules.json'));
    assert.match(stderr, /^OK$/m);
    const met = JSON.parse(stdout);
    assert.deepEqual(Object.keys(met).sort(), ['accumulated', 'every_nth', 'level', 'random', 'rise', 'whitespace']);
    assert.ok(Object.values(met).every((count) => count === 40));
  });

  for (const [model, kind] of Object.entries(KINDS)) {
    it(`resumes from a checkpoint of the core, and the core from one of its own: ${model}`, async () => {
      const fresh = [...COMMON, ...SMALL, ...kind, '--workers', '1', '--max-steps'];
      await cli('train', ...fresh, '10', '--output', at('ten'));
      const more = ['--text-file', at('text.txt'), '--log-every', '1', '--eval-every', '10', '--max-steps', '30'];
      await cli('train', ...more, '--resume', at('ten'), '--output', at('core'), '--metrics', at(`${model}.jsonl`));
      const { stdout } = await python(
        ...['-m', 'adaptive_compressor.train', ...more],
        ...['--resume', at('ten'), '--output', at('torch')],
      );
      const theirs = figures(stdout).filter((line) => 'train/loss' in line);
      const ours = figures(readFileSync(at(`${model}.jsonl`), 'utf8')).filter((line) => 'train/loss' in line);
      assert.equal(theirs.length, 20);
      for (const [i, line] of theirs.entries()) {
        for (const name of ['train/byte_decoder_loss', 'train/loss', 'train/uncertainty_loss'])
          assert.ok(Math.abs(line[name] - ours[i][name]) < 1e-4 * Math.max(1, ours[i][name]), `${name} ${line.step}`);
      }
      // The core evaluates step 10 once more.
      const held = [stdout, readFileSync(at(`${model}.jsonl`), 'utf8')].map((lines) =>
        figures(lines).flatMap((line) => (line.step > 10 && line['val/byte_decoder_bpb']) || []),
      );
      assert.equal(held[0].length, 2);
      assertNear(held[0], held[1], 'held-out bits a byte');
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
      assert.equal(mine.carried !== undefined, kind.includes('--carry-state'));
      const thresholds = [core, torch].map(({ settings }) => (settings.level_thresholds ?? '').split(',').map(Number));
      assertNear(thresholds[1], thresholds[0], 'thresholds');
      assert.equal(thresholds[0][0] !== 0.05, model !== 'flat', 'thresholds are steered');
      await cli('train', ...COMMON, '--max-steps', '32', '--resume', at('torch'), '--output', at('back'));
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
