/** No file that a command reads is written over, and no two outputs go to the same file. */
// tier: slow
import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { UsageError } from '../../wasm/cli/errors.js';
import { writeWhole } from '../../wasm/cli/files.js';
import { TINY, workFolder } from './support/cli.js';

const { folder, at, text, textFile, succeeds, refuses, checkpoint, remove } = workFolder();
after(remove);
const TEXT = ['--text-file', textFile];
const ONE_STEP = [...TINY, '--max-steps', '1'];

before(async () => {
  await succeeds('train', [...TEXT, ...ONE_STEP, '--output', at('model')]);
  mkdirSync(at('sub'));
  symlinkSync(textFile, at('link.txt'));
  linkSync(textFile, at('hard.txt'));
  symlinkSync(at('model'), at('sub/model'));
  symlinkSync(folder, at('again'));
  symlinkSync('new', at('dangling'));
});

describe('outputs over inputs', () => {
  const wrong = /** @type {[string, string[], UsageError][]} */ ([
    [
      'the text',
      [...TEXT, '--output', textFile],
      new UsageError('over_input', { option: '--output', input: '--text-file', file: textFile }),
    ],
    [
      'the text, spelled differently',
      [...TEXT, '--weights', 'sub/../text.txt'],
      new UsageError('over_input', { option: '--weights', input: '--text-file', file: 'sub/../text.txt' }),
    ],
    [
      'the text through a link',
      ['--text-file', 'text.txt', '--metrics', 'link.txt'],
      new UsageError('over_input', { option: '--metrics', input: '--text-file', file: 'link.txt' }),
    ],
    [
      'the text by a second name (a hard link)',
      [...TEXT, '--output', 'hard.txt'],
      new UsageError('over_input', { option: '--output', input: '--text-file', file: 'hard.txt' }),
    ],
    [
      'the text through a linked folder',
      [...TEXT, '--output', 'again/text.txt'],
      new UsageError('over_input', { option: '--output', input: '--text-file', file: 'again/text.txt' }),
    ],
    [
      'the second text',
      [...TEXT, '--text-file', 'model', '--output', 'model'],
      new UsageError('over_input', { option: '--output', input: '--text-file', file: 'model' }),
    ],
    [
      'the text to hold out',
      [...TEXT, '--val-text-file', 'model', '--weights', 'model'],
      new UsageError('over_input', { option: '--weights', input: '--val-text-file', file: 'model' }),
    ],
    [
      'a Parquet file',
      ['--parquet', 'model', '--output', 'model'],
      new UsageError('over_input', { option: '--output', input: '--parquet', file: 'model' }),
    ],
    [
      'the weights started from',
      [...TEXT, '--init', 'model', '--output', 'sub/model'],
      new UsageError('over_input', { option: '--output', input: '--init', file: 'sub/model' }),
    ],
    [
      'the checkpoint gone on from',
      [...TEXT, '--resume', 'model', '--weights', 'model'],
      new UsageError('over_input', { option: '--weights', input: '--resume', file: 'model' }),
    ],
    [
      'metrics over the checkpoint gone on from',
      [...TEXT, '--resume', 'model', '--metrics', 'sub/model'],
      new UsageError('over_input', { option: '--metrics', input: '--resume', file: 'sub/model' }),
    ],
    [
      'two outputs in one file',
      [...TEXT, '--output', 'x', '--weights', './x'],
      new UsageError('over_output', { other: '--output', option: '--weights', file: './x' }),
    ],
    [
      'two outputs, one through a dangling link',
      [...TEXT, '--output', 'new', '--metrics', 'dangling'],
      new UsageError('over_output', { other: '--output', option: '--metrics', file: 'dangling' }),
    ],
    [
      'two outputs in a folder still to be made',
      [...TEXT, '--output', 'a/b', '--weights', 'again/a/b'],
      new UsageError('over_output', { other: '--output', option: '--weights', file: 'again/a/b' }),
    ],
    [
      'two outputs of a run that goes on',
      [...TEXT, '--resume', 'model', '--output', 'y', '--metrics', 'y'],
      new UsageError('over_output', { other: '--output', option: '--metrics', file: 'y' }),
    ],
    [
      'an output under the run’s own name',
      [...TEXT, '--run-name', 'r', '--metrics', 'r.safetensors'],
      new UsageError('over_output', { other: '--output', option: '--metrics', file: 'r.safetensors' }),
    ],
    [
      'in a folder',
      [...TEXT, '--run-name', 'r', '--output', 'sub', '--weights', 'sub/r.safetensors'],
      new UsageError('over_output', { other: '--output', option: '--weights', file: 'sub/r.safetensors' }),
    ],
  ]);
  for (const [name, args, error] of wrong) {
    it(`are refused before anything is read: ${name}`, async () => {
      const names = readdirSync(folder);
      const model = readFileSync(at('model'));
      const { stdout } = await refuses('train', args, error);
      assert.equal(stdout, '');
      assert.deepEqual(readdirSync(folder), names);
      assert.ok(readFileSync(textFile).equals(text) && readFileSync(at('model')).equals(model));
    });
  }

  it('are refused even where the input is damaged or missing', async () => {
    await refuses(
      'train',
      ['--text-file', 'none', '--output', './none'],
      new UsageError('over_input', { option: '--output', input: '--text-file', file: './none' }),
    );
    await refuses(
      'train',
      ['--init', 'text.txt', '--output', 'text.txt'],
      new UsageError('over_input', { option: '--output', input: '--init', file: 'text.txt' }),
    );
  });

  it('but a run that goes on may be saved over the checkpoint it came from, figures are appended, devices are for all', async () => {
    const more = ['--resume', 'sub/model', '--max-steps', '2', '--output', 'model'];
    writeFileSync(at('figures'), '{}\n');
    await succeeds('train', [...TEXT, ...more, '--metrics', 'figures', '--weights', '/dev/null']);
    assert.equal(checkpoint('model').resume?.state.step, 2);
    assert.match(readFileSync(at('figures'), 'utf8'), /^\{\}\n\{"step":/);
    assert.ok(statSync('/dev/null').isCharacterDevice());
  });
});

describe('a file that is written whole', () => {
  it('keeps links and permissions, and leaves no other file behind', () => {
    writeFileSync(at('whole'), 'old');
    chmodSync(at('whole'), 0o640);
    symlinkSync('whole', at('whole-link'));
    writeWhole(at('whole-link'), Buffer.from('new'));
    assert.ok(lstatSync(at('whole-link')).isSymbolicLink());
    assert.equal(readFileSync(at('whole'), 'utf8'), 'new');
    assert.equal(statSync(at('whole')).mode & 0o777, 0o640);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('is created where a dangling link points', () => {
    writeWhole(at('dangling'), Buffer.from('made'));
    assert.equal(readFileSync(at('new'), 'utf8'), 'made');
  });
});
