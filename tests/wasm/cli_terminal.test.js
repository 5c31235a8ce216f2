/** Training ends well and saves, whatever happens to its output: terminals close, readers leave, disks fill up. */
// tier: slow
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NOTES } from '../../wasm/cli/sentences.js';
import { TINY, workFolder } from './support/cli.js';
import { onVanishingTerminal } from './support/terminal.js';

const { folder, at, textFile, succeeds, checkpoint, remove } = workFolder();
after(remove);

const STEPS = 40;
const ARGS = ['--text-file', textFile, ...TINY, '--workers', '1', '--log-every', '1'];
const WHOLE = [...ARGS, '--max-steps', String(STEPS)];

/** @type {Buffer} */
let undisturbed;
before(async () => {
  await succeeds('train', [...WHOLE, '--output', at('undisturbed')]);
  undisturbed = readFileSync(at('undisturbed'));
});

describe('a terminal that goes away while a model is trained', () => {
  it('ends training, which is saved and can go on exactly', async () => {
    const args = [...ARGS, '--max-steps', '100000', '--output', at('hangup')];
    const status = await onVanishingTerminal('train', args, { cwd: folder, own: true, after: '/100000' });
    assert.equal(status, 130);
    const step = Number(checkpoint('hangup').resume?.state.step);
    assert.ok(step >= 1 && step < 100000, `step ${step}`);
    await succeeds('train', ['--resume', at('hangup'), '--text-file', textFile, '--max-steps', `${step + 5}`]);
    await succeeds('train', [...ARGS, '--max-steps', String(step + 5), '--output', at('hangup-whole')]);
    assert.ok(readFileSync(at('hangup')).equals(readFileSync(at('hangup-whole'))));
  });

  it('does not end training whose own terminal it is not', async () => {
    const args = [...WHOLE, '--run-name', 'named', '--output', at('other')];
    const status = await onVanishingTerminal('train', args, { cwd: folder, own: false, after: 'named' });
    assert.equal(status, 0);
    assert.ok(readFileSync(at('other')).equals(undisturbed));
  });
});

/**
 * Trains in a shell with its output redirected.
 * @param {string} redirections
 * @param {string[]} args
 * @returns {Promise<{status: number|null, stdout: string, stderr: string}>}
 */
function inShell(redirections, args) {
  const file = fileURLToPath(new URL('../../wasm/cli/train.js', import.meta.url));
  const child = spawn('sh', ['-c', `"$0" "$@" ${redirections}`, process.execPath, file, ...args], { cwd: folder });
  const result = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name].setEncoding('utf8').on('data', (text) => {
      result[name] += text;
    });
  }
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, ...result })));
}

describe('training whose output cannot be written', () => {
  const places = ['>/dev/full', '2>/dev/full', '>/dev/full 2>/dev/full', '>&-', '2>&-', '>&- 2>&- <&-'];
  for (const [i, place] of places.entries()) {
    it(`saves what it would have saved: ${place}, and no room for figures`, async () => {
      const output = at(`full${i}`);
      const { status } = await inShell(place, [...WHOLE, '--metrics', '/dev/full', '--output', output]);
      assert.equal(status, 0);
      assert.ok(readFileSync(output).equals(undisturbed));
    });
  }

  it('says once why it falls silent', async () => {
    const { stderr } = await inShell('>/dev/full', [...WHOLE, '--output', at('silent')]);
    assert.equal(stderr, `train: ${NOTES.output_lost({ code: 'ENOSPC', goesOn: true })}\n`);
  });

  it('goes on when the readers of both outputs leave and metrics find no room', async () => {
    const args = [...WHOLE, '--metrics', '/dev/full', '--output', at('left')];
    const left = { status: -1 };
    const file = fileURLToPath(new URL('../../wasm/cli/train.js', import.meta.url));
    const child = spawn(process.execPath, [file, ...args], { cwd: folder });
    child.stdout.once('data', () => {
      child.stdout.destroy();
      child.stderr.destroy();
    });
    left.status = await new Promise((resolve) => child.on('exit', resolve));
    assert.equal(left.status, 0);
    assert.ok(readFileSync(at('left')).equals(undisturbed));
  });
});

describe('results that cannot be written', () => {
  for (const [command, args] of /** @type {[string, string[]][]} */ ([
    ['trace', ['--text-file', textFile]],
    ['evaluate', ['--text-file', textFile]],
    ['infer', ['--prompt', 'The ']],
  ])) {
    it(`are an error of ${command}, in one sentence`, async () => {
      const file = fileURLToPath(new URL(`../../wasm/cli/${command}.js`, import.meta.url));
      const words = [process.execPath, file, at('undisturbed'), ...args];
      const child = spawn('sh', ['-c', '"$0" "$@" >/dev/full', ...words], { cwd: folder });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
      });
      const status = await new Promise((resolve) => child.on('close', resolve));
      const sentence = NOTES.output_lost({ code: 'ENOSPC', goesOn: false });
      assert.deepEqual([status, stderr], [1, `${command}: ${sentence}\n`]);
    });
  }
});
