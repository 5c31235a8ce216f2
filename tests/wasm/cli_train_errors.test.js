import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { TINY, workFolder } from './support/cli.js';

const { folder, at, text, textFile, succeeds, refuses, remove } = workFolder();
after(remove);
const TEXT = ['--text-file', textFile];

describe('what train refuses, in one line', () => {
  const wrong = /** @type {[string, string[], RegExp][]} */ ([
    ['an unknown flag', ['--bogus'], /no option --bogus\./],
    ['an argument too many', ['more'], /“more” is one argument too many/],
    ['a flag without its value', ['--max-steps'], /--max-steps needs a value/],
    ['a flag with a value that takes none', ['--no-shuffle=1'], /--no-shuffle takes no value/],
    ['a setting out of range', ['--hidden-size', '0'], /--hidden-size: .* from 1 to 1024/],
    ['a choice that is none', ['--model-type', 'gpt'], /one of adaptive, baseline/],
    ['two starts', ['--init', 'a', '--resume', 'b'], /not both/],
    ['two ways to hold out', [...TEXT, '--val-text-file', textFile, '--val-fraction', '0.2'], /not both/],
    ['a text to hold out alone', ['--val-text-file', textFile], /needs one for training/],
  ]);
  for (const [name, args, line] of wrong) {
    it(name, async () => {
      assert.equal((await refuses('train', args, 2, line)).stdout, '');
    });
  }

  const failing = /** @type {[string, string[], RegExp][]} */ ([
    ['a text that is not there', ['--text-file', at('none')], /There is no file .*none\./],
    ['a text that is a folder', ['--text-file', folder], /is a folder, not a file/],
    [
      'a text too short for a batch',
      ['--text-file', textFile, '--sequence-length', '8000'],
      /leaves 5400 bytes to train on/,
    ],
    ['a broken Parquet file', ['--parquet', textFile], /text\.txt: This Parquet file is damaged/],
    ['a checkpoint that is none', ['--init', textFile, ...TEXT], /text\.txt: This is not a safetensors file/],
    ['an output that cannot be', [...TEXT, '--output', path.join(textFile, 'x')], /not a folder/],
    ['metrics that cannot be', [...TEXT, ...TINY, '--metrics', folder], /is a folder/],
    ['a host that is no address', [], /HF_ENDPOINT is no address/],
  ]);
  // That which gets as far as looking for the data set does not find it.
  const env = { HF_ENDPOINT: 'nonsense' };
  for (const [name, args, line] of failing) it(name, () => refuses('train', args, 1, line, { env }).then(() => {}));

  it('to go on inexactly', async () => {
    await succeeds('train', [...TEXT, ...TINY, '--max-steps', '2', '--output', at('r')]);
    const resume = ['--resume', at('r'), ...TEXT];
    await refuses('train', resume, 1, /is at step 2 of 2 already: a larger --max-steps goes on/);
    await refuses(
      'train',
      [...resume, '--max-steps', '3', '--seed', '9'],
      2,
      /--seed 9 does not go with the checkpoint, where it is 1/,
    );
    await refuses(
      'train',
      [...resume, '--max-steps', '3', '--hidden-size', '16'],
      2,
      /--hidden-size 16 does not go with/,
    );
    writeFileSync(
      at('other.txt'),
      text.map((byte) => byte ^ 1),
    );
    await refuses(
      'train',
      ['--resume', at('r'), '--text-file', at('other.txt'), '--max-steps', '3'],
      1,
      /was trained on another text/,
    );
    const pt = new URL('../golden/checkpoints/prototype-adaptive-h32.pt', import.meta.url).pathname;
    await refuses('train', ['--resume', pt, ...TEXT], 1, /has weights only/);
  });
});
