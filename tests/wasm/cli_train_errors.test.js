import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { aboutFile, RunError, UsageError } from '../../wasm/cli/errors.js';
import { Corpus, splitText } from '../../wasm/engine/corpus.js';
import { CoreError } from '../../wasm/engine/module.js';
import { defaults } from '../../wasm/engine/settings.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { readTextColumn } from '../../wasm/files/formats/parquet.js';
import { fileOfBytes } from '../../wasm/files/formats/random_access.js';
import { failureOf, TINY, workFolder, wrongSetting } from './support/cli.js';
import { module } from './support/models.js';
import { assertReason } from './support/refusals.js';

const { folder, at, text, textFile, succeeds, refuses, remove } = workFolder();
after(remove);
const TEXT = ['--text-file', textFile];

const notAModel = await failureOf(() => readCheckpoint(module, text));
assertReason(notAModel, 'not_safetensors');
const notParquet = await failureOf(() => readTextColumn(fileOfBytes(text)));
assertReason(notParquet, 'damaged_parquet');
const long = defaults({ sequence_length: 8000 });
const shortText = await failureOf(() => new Corpus(module, splitText(text, long.val_fraction), long));
assert.ok(shortText instanceof CoreError && shortText.code === 'short_text');

describe('what train refuses, in one line', () => {
  const wrong = /** @type {[string, string[], UsageError][]} */ ([
    ['an unknown flag', ['--bogus'], new UsageError('no_option', { option: '--bogus' })],
    ['an argument too many', ['more'], new UsageError('too_many', { word: 'more' })],
    ['a flag without its value', ['--max-steps'], new UsageError('needs_value', { option: '--max-steps' })],
    [
      'a flag with a value that takes none',
      ['--no-shuffle=1'],
      new UsageError('takes_no_value', { option: '--no-shuffle' }),
    ],
    ['a setting out of range', ['--hidden-size', '0'], wrongSetting('--hidden-size', '0')],
    ['an unknown choice', ['--model-type', 'gpt'], wrongSetting('--model-type', 'gpt')],
    ['two starts', ['--init', 'a', '--resume', 'b'], new UsageError('two_starts')],
    [
      'two ways to hold out',
      [...TEXT, '--val-text-file', textFile, '--val-fraction', '0.2'],
      new UsageError('two_held_out'),
    ],
    ['a text to hold out alone', ['--val-text-file', textFile], new UsageError('held_out_alone')],
  ]);
  for (const [name, args, error] of wrong) {
    it(name, async () => {
      assert.equal((await refuses('train', args, error)).stdout, '');
    });
  }

  const failing = /** @type {[string, string[], unknown][]} */ ([
    ['a text that is not there', ['--text-file', at('none')], new RunError('no_file', { file: at('none') })],
    ['a text that is a folder', ['--text-file', folder], new RunError('folder', { file: folder })],
    ['a text too short for a batch', ['--text-file', textFile, '--sequence-length', '8000'], shortText],
    ['a broken Parquet file', ['--parquet', textFile], aboutFile(notParquet, textFile)],
    ['a file that is no checkpoint', ['--init', textFile, ...TEXT], aboutFile(notAModel, textFile)],
    [
      'an output that cannot be written',
      [...TEXT, '--output', path.join(textFile, 'x')],
      new RunError('in_no_folder', { file: path.join(textFile, 'x') }),
    ],
    [
      'metrics that cannot be written',
      [...TEXT, ...TINY, '--metrics', folder],
      new RunError('folder', { file: folder }),
    ],
    ['a host that is no address', [], new RunError('no_host', { host: 'nonsense' })],
  ]);
  // A command that gets as far as the data set does not find it.
  const env = { HF_ENDPOINT: 'nonsense' };
  for (const [name, args, error] of failing) it(name, () => refuses('train', args, error, { env }).then(() => {}));

  it('to go on inexactly', async () => {
    await succeeds('train', [...TEXT, ...TINY, '--max-steps', '2', '--output', at('r')]);
    const resume = ['--resume', at('r'), ...TEXT];
    await refuses('train', resume, new RunError('all_steps', { file: at('r'), step: 2, most: 2 }));
    await refuses(
      'train',
      [...resume, '--max-steps', '3', '--seed', '9'],
      new UsageError('other_setting', { option: '--seed', own: 9, value: 1 }),
    );
    await refuses(
      'train',
      [...resume, '--max-steps', '3', '--hidden-size', '16'],
      new UsageError('other_setting', { option: '--hidden-size', own: 16, value: 12 }),
    );
    writeFileSync(
      at('other.txt'),
      text.map((byte) => byte ^ 1),
    );
    await refuses(
      'train',
      ['--resume', at('r'), '--text-file', at('other.txt'), '--max-steps', '3'],
      new RunError('other_text', { file: at('r') }),
    );
    const pt = new URL('../golden/checkpoints/prototype-adaptive-h32.pt', import.meta.url).pathname;
    await refuses('train', ['--resume', pt, ...TEXT], new RunError('weights_only', { file: pt }));
  });
});
