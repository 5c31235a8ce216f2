/** The PyTorch package as people run it: installed by pip, started by torchrun in several processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { tool } from '../../wasm/tools/setup/tools.js';
import { module } from '../wasm/support/models.js';
import { assertNear, at, COMMON, cli, env, execute, figures, folder, KINDS, python, SMALL } from './support.js';

const TRAIN = ['-m', 'adaptive_compressor.train'];
/** Where pip puts the package. */
const INSTALLED = at('installed');
const surroundings = { ...env, PYTHONPATH: INSTALLED };

/**
 * The flags of torchrun for two processes (gloo), at a port that is free: `--standalone` has always the same in PyTorch 1.13.
 * Under Python 3.11, that version starts none unless output goes to files as well.
 */
const TWO = [
  ...['--rdzv_backend', 'c10d', '--rdzv_endpoint', 'localhost:0', '--nproc_per_node', '2'],
  ...['--redirects', '1', '--tee', '1', '--log_dir', at('logs')],
];

/** @param {string[]} args @returns {[string, string[]]} */
const torchrun = (...args) => [tool('python3-torch'), ['-m', 'torch.distributed.run', ...TWO, ...TRAIN, ...args]];

/** Lines of the first process, which torchrun marks. @param {string} output */
const ofFirst = (output) =>
  output
    .split('\n')
    .flatMap((line) => /^\[\w+0\]:(.*)$/.exec(line)?.[1] ?? [])
    .join('\n');

/** @param {Record<string, number>[]} lines */
const losses = (lines) => lines.flatMap((line) => line['train/loss'] ?? []);

/** @param {string} name */
const resumeOf = (name) => readCheckpoint(module, new Uint8Array(readFileSync(at(name)))).resume;

before(async () => {
  mkdirSync(at('logs'));
  // pip builds beside the sources.
  cpSync(path.join(ROOT, 'wasm/pytorch'), at('source'), { recursive: true });
  const offline = ['--no-index', '--no-deps', '--no-build-isolation', '--root-user-action', 'ignore'];
  await execute(tool('pip'), ['install', '--quiet', ...offline, '--target', INSTALLED, at('source')], { env });
});

describe('the PyTorch package that pip installed', () => {
  it('has a program, and everything that it needs', async () => {
    const program = path.join(INSTALLED, 'bin/adaptive-compressor-train');
    const args = [...COMMON, ...SMALL, '--preset', 'prototype', '--max-steps', '2', '--output', at('two')];
    const { stdout } = await execute(program, args, { env: surroundings, cwd: folder });
    assert.equal(losses(figures(stdout)).length, 2);
    const { stdout: places } = await execute(
      tool('python3-torch'),
      ['-c', 'import adaptive_compressor; print(adaptive_compressor.__file__)'],
      { env: surroundings, cwd: folder },
    );
    assert.equal(path.dirname(path.dirname(places.trim())), INSTALLED);
  });
});

describe('torchrun', () => {
  for (const [model, kind] of Object.entries(KINDS))
    it(`gives the same loss in two processes as in one, over 50 steps: ${model}`, async () => {
      const all = [...COMMON, ...SMALL, ...kind, '--max-steps', '50', '--output'];
      const one = figures((await python(...TRAIN, ...all, at('one'))).stdout);
      const options = { env: surroundings, cwd: folder, timeout: 240_000 };
      const { stdout } = await execute(...torchrun(...all, at('both')), options);
      const two = figures(ofFirst(stdout));
      assert.equal(losses(two).length, 50);
      losses(one).forEach((loss, i) => {
        assert.ok(Math.abs(losses(two)[i] - loss) < 1e-5 * Math.max(1, loss), `step ${i + 1}`);
      });
      assert.ok('val/byte_decoder_bpb' in (two.at(-1) ?? {}));
      assert.doesNotMatch(stdout, /^\[\w+1\]:/m, 'one process reports for both');
      const [own, other] = [resumeOf('both'), resumeOf('one')];
      assert.deepEqual(own?.state.updates, other?.state.updates);
      assertNear(own?.carried?.data ?? [], other?.carried?.data ?? [], 'carried states');
      const { stdout: read } = await cli('evaluate', at('both'), '--text-file', at('text.txt'));
      assert.ok(JSON.parse(read).decoder_bpb < 8);
    });

  it('ends both processes at the same step when asked to stop, and saves', async () => {
    const all = [...COMMON, ...SMALL, ...KINDS.residual, '--max-steps', '100000', '--output', at('cut')];
    const child = spawn(...torchrun(...all), { env: surroundings, cwd: folder });
    let said = '';
    child.stdout.on('data', (data) => {
      if (said === '') child.kill('SIGTERM');
      said += data;
    });
    await new Promise((resolve) => child.once('close', resolve));
    assert.ok(existsSync(at('cut')), said);
    const step = Number(resumeOf('cut')?.state.step);
    assert.ok(step >= 1 && step < 1000);
    const going = ['--resume', at('cut'), '--max-steps', `${step + 2}`, '--output', at('on')];
    const { stdout } = await execute(...torchrun(...COMMON, ...going), { env: surroundings, cwd: folder });
    assert.equal(losses(figures(ofFirst(stdout))).length, 2);
  });
});
