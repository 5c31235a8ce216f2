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
import { progressText } from '../../wasm/cli/packing.js';
import { cli, workFolder } from './support/cli.js';

const { at, text, folder, remove } = workFolder(5000);

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
    assert.match(stderr, /^text\.txt: 5000 bytes to \d+, [\d.]+ bits a byte, in [\d.]+ s\.\n$/);
    assert.ok(existsSync(at('text.txt')));
    const packed = statSync(at('text.txt.acz'));
    assert.equal(packed.mode & 0o777, 0o640);
    assert.equal(packed.mtimeMs, 1e12);
    const back = await run('decompress', ['text.txt.acz', '-o', 'back.txt']);
    assert.equal(back.status, 0, back.stderr);
    assert.deepEqual(readFileSync(at('back.txt')), Buffer.from(text));
    assert.equal(statSync(at('back.txt')).mtimeMs, 1e12);
  });

  it('replace a file only when told to, and never the input', async () => {
    const again = await run('compress', ['text.txt']);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /text\.txt\.acz is there already: --force replaces it\./);
    assert.equal((await run('compress', ['text.txt', '--force', '-q'])).status, 0);
    linkSync(at('text.txt'), at('other.txt'));
    const over = await run('compress', ['text.txt', '-f', '-o', 'other.txt']);
    assert.equal(over.status, 2);
    assert.match(over.stderr, /other\.txt is the input itself/);
    assert.deepEqual(readFileSync(at('text.txt')), Buffer.from(text));
  });

  it('work on standard input and output', () => {
    const packed = piped('compress', text);
    assert.equal(packed.status, 0, String(packed.stderr));
    const back = piped('decompress', packed.stdout);
    assert.equal(back.status, 0, String(back.stderr));
    assert.ok(back.stdout.equals(Buffer.from(text)));
  });

  it('remove the input when told to', async () => {
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
    assert.match(whole.stderr, /text\.txt\.acz is whole: 5000 bytes\./);
    const bad = readFileSync(at('text.txt.acz'));
    bad[bad.length - 30] ^= 4;
    writeFileSync(at('bad.acz'), bad);
    const before = readdirSync(folder).sort();
    for (const args of [['bad.acz'], ['--test', 'bad.acz']]) {
      const { status, stderr } = await run('decompress', args);
      assert.equal(status, 1);
      assert.match(stderr, /^decompress: bad\.acz: The file is damaged in piece 1, .*\.\n$/);
    }
    assert.deepEqual(readdirSync(folder).sort(), before);
    const long = await run('decompress', ['text.txt.acz', '-o', 'long.txt', '--limit', '4999']);
    assert.equal(long.status, 1);
    assert.match(long.stderr, /longer than the limit of 4999 bytes/);
  });

  it('say what is not there', async () => {
    for (const [command, args, sentence, code] of /** @type {const} */ ([
      ['compress', ['none.txt'], /There is no file none\.txt\./, 1],
      ['compress', ['.'], /\. is a folder, not a file\./, 1],
      ['compress', ['text.txt', '-z'], /There is no option -z\./, 2],
      ['compress', ['text.txt', '--include-weights', '-c'], /needs a --model/, 2],
      ['decompress', ['text.txt'], /does not end in \.acz/, 2],
      ['decompress', ['text.txt', '-o', 'x'], /text\.txt: This is no file that this program compressed/, 1],
      ['compress', ['text.txt', '-o', path.join('text.txt', 'x')], /./, 1],
    ])) {
      const { status, stderr } = await run(command, [...args]);
      assert.equal(status, code, stderr);
      assert.match(stderr, sentence);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }
  });

  it('show how far they are on one line of any width', () => {
    const progress = { plain: 250_000, coded: 62_500, length: 1_000_000 };
    assert.equal(progressText(progress, 10_000, 80), '25 %  63 kB for 250 kB  2.000 bits a byte  25 kB/s  0:30 left');
    assert.equal(progressText(progress, 10_000, 12).length, 11);
    assert.equal(progressText({ plain: 0, coded: 20 }, 0, 80), '20 B for 0 B');
  });
});
