/** `npm run compress` and `npm run decompress`: files in and out as people expect of such programs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { aboutFile, RunError, UsageError } from '../../wasm/cli/errors.js';
import { progressText } from '../../wasm/cli/packing.js';
import { NOTES, PARTS } from '../../wasm/cli/sentences.js';
import { decompress } from '../../wasm/library/index.js';
import { wholly } from '../wording.js';
import { cli, lineOf, workFolder } from './support/cli.js';
import { assertReason } from './support/refusals.js';

const { at, text, folder, refuses, remove } = workFolder(5000);

/** @param {string} command @param {string[]} args */
const run = (command, args) => cli(command, args, { cwd: folder });

/** A command from standard input to standard output. @param {string} command @param {Uint8Array} input */
function piped(command, input) {
  const file = fileURLToPath(new URL(`../../wasm/cli/${command}.js`, import.meta.url));
  return spawnSync(process.execPath, [file, '-'], { input, maxBuffer: 1 << 26 });
}

describe('compress and decompress', () => {
  after(remove);

  it('keep the input, its mode and its time, and print the size', async () => {
    chmodSync(at('text.txt'), 0o640);
    utimesSync(at('text.txt'), 1e9, 1e9);
    const { status, stderr } = await run('compress', ['text.txt']);
    assert.equal(status, 0, stderr);
    assert.ok(existsSync(at('text.txt')));
    const packed = statSync(at('text.txt.acz'));
    const sizes = { from: 5000, to: packed.size };
    assert.match(stderr, wholly(`${NOTES.compressed({ file: 'text.txt', ...sizes, seconds: Number.NaN })}\n`));
    assert.equal(packed.mode & 0o777, 0o640);
    assert.equal(packed.mtimeMs, 1e12);
    const back = await run('decompress', ['text.txt.acz', '-o', 'back.txt']);
    assert.equal(back.status, 0, back.stderr);
    assert.deepEqual(readFileSync(at('back.txt')), Buffer.from(text));
    assert.equal(statSync(at('back.txt')).mtimeMs, 1e12);
  });

  it('replace a file only on request, and never the input', async () => {
    const again = await run('compress', ['text.txt']);
    assert.equal(again.status, 1);
    assert.equal(again.stderr, lineOf('compress', new RunError('is_there', { file: 'text.txt.acz' })));
    assert.equal((await run('compress', ['text.txt', '--force', '-q'])).status, 0);
    linkSync(at('text.txt'), at('other.txt'));
    const over = await run('compress', ['text.txt', '-f', '-o', 'other.txt']);
    assert.equal(over.status, 2);
    assert.equal(over.stderr, lineOf('compress', new UsageError('over_itself', { file: 'other.txt' })));
    assert.deepEqual(readFileSync(at('text.txt')), Buffer.from(text));
  });

  it('work on standard input and output', () => {
    const packed = piped('compress', text);
    assert.equal(packed.status, 0, String(packed.stderr));
    const back = piped('decompress', packed.stdout);
    assert.equal(back.status, 0, String(back.stderr));
    assert.ok(back.stdout.equals(Buffer.from(text)));
  });

  it('remove the input on request', async () => {
    writeFileSync(at('gone.txt'), text);
    assert.equal((await run('compress', ['gone.txt', '--rm', '-q'])).status, 0);
    assert.ok(!existsSync(at('gone.txt')));
    assert.equal((await run('decompress', ['gone.txt.acz', '--rm', '-q'])).status, 0);
    assert.deepEqual(readFileSync(at('gone.txt')), Buffer.from(text));
    assert.ok(!existsSync(at('gone.txt.acz')));
  });

  it('test a file without writing, and leave nothing of one that is damaged', async () => {
    const whole = await run('decompress', ['--test', 'text.txt.acz']);
    assert.equal(whole.status, 0);
    assert.equal(whole.stderr, `${NOTES.whole({ file: 'text.txt.acz', bytes: 5000 })}\n`);
    const bad = readFileSync(at('text.txt.acz'));
    bad[bad.length - 30] ^= 4;
    writeFileSync(at('bad.acz'), bad);
    const before = readdirSync(folder).sort();
    const damaged = await decompress(bad).catch((error) => error);
    assertReason(damaged, ['damaged_piece', { number: 1 }]);
    for (const args of [['bad.acz'], ['--test', 'bad.acz']]) {
      const { status, stderr } = await run('decompress', args);
      assert.equal(status, 1);
      assert.equal(stderr, lineOf('decompress', aboutFile(damaged, 'bad.acz')));
    }
    assert.deepEqual(readdirSync(folder).sort(), before);
    const long = await run('decompress', ['text.txt.acz', '-o', 'long.txt', '--limit', '4999']);
    assert.equal(long.status, 1);
    const beyond = await decompress(readFileSync(at('text.txt.acz')), { limit: 4999 }).catch((error) => error);
    assertReason(beyond, ['too_long', { limit: 4999 }]);
    assert.equal(long.stderr, lineOf('decompress', aboutFile(beyond, 'text.txt.acz')));
  });

  it('name what is missing', async () => {
    const foreign = await decompress(text).catch((error) => error);
    assertReason(foreign, 'not_compressed');
    const inside = path.join('text.txt', 'x');
    for (const [command, args, error] of /** @type {const} */ ([
      ['compress', ['none.txt'], new RunError('no_file', { file: 'none.txt' })],
      ['compress', ['.'], new RunError('folder', { file: '.' })],
      ['compress', ['text.txt', '-z'], new UsageError('no_option', { option: '-z' })],
      [
        'compress',
        ['text.txt', '--include-weights', '-c'],
        new UsageError('needs_model', { option: '--include-weights' }),
      ],
      ['decompress', ['text.txt'], new UsageError('no_ending', { file: 'text.txt', ending: '.acz' })],
      ['decompress', ['text.txt', '-o', 'x'], aboutFile(foreign, 'text.txt')],
      ['compress', ['text.txt', '-o', inside], new RunError('in_no_folder', { file: inside })],
    ]))
      await refuses(command, [...args], error);
  });

  it('show their progress on one line, however narrow', () => {
    const progress = { plain: 250_000, coded: 62_500, length: 1_000_000 };
    const sizes = { share: 0.25, coded: '63 kB', plain: '250 kB' };
    const parts = PARTS.packing({ ...sizes, bits: 2, rate: 25, left: '0:30' });
    assert.equal(progressText(progress, 10_000, 80), parts.join('  '));
    assert.equal(progressText(progress, 10_000, 12).length, 11);
    assert.equal(progressText({ plain: 0, coded: 20 }, 0, 80), PARTS.packing({ coded: '20 B', plain: '0 B' })[0]);
  });
});
