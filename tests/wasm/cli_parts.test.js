import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../wasm/cli/errors.js';
import { helpOf } from '../../wasm/cli/help.js';
import { readArguments, settingsOf } from '../../wasm/cli/options.js';
import { duration, progressBar, Reporter } from '../../wasm/cli/progress.js';
import { LINES, PARTS } from '../../wasm/cli/sentences.js';
import { trainCommand } from '../../wasm/cli/train_command.js';
import { SETTINGS } from '../../wasm/engine/settings.js';
import fc from '../random_cases.js';
import { cli } from './support/cli.js';
import { withReason } from './support/refusals.js';

const command = trainCommand('train', 'Trains.');

describe('flags', () => {
  it('are read in all their forms', () => {
    const words = [
      '--hidden-size=8',
      '--batch-size',
      '4',
      '--no-shuffle',
      '--text-file',
      'a',
      '--text-file=b=c',
      '--seed',
      '1',
      '--seed',
      '2',
    ];
    const args = readArguments(command, words);
    assert.deepEqual(args.settings, { hidden_size: 8, batch_size: 4, shuffle: false, seed: 2 });
    assert.deepEqual(args.all('text-file'), ['a', 'b=c']);
    assert.deepEqual(readArguments(command, ['-h']).has('help'), true);
    assert.throws(() => readArguments(command, ['--', '--seed']), withReason(['too_many', { word: '--seed' }]));
  });

  it('of any kind are read or refused in a sentence', () => {
    const word = fc.oneof(
      fc.constantFrom('--seed', '--no-shuffle', '--shuffle', '--output', '--', '-x', '--no-', '--=', '3', '--seed=3'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        try {
          readArguments(command, words);
        } catch (error) {
          assert.ok(error instanceof UsageError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('there is one for every setting of training, and help shows it with its default', () => {
    const help = helpOf(command, { by: 'npm run -s', before: ' --' });
    const names = ['model', 'borders', 'losses', 'training', 'stopping', 'samples', 'data'].flatMap((group) =>
      settingsOf(/** @type {any} */ (group)),
    );
    assert.equal(names.length, SETTINGS.filter(({ group }) => group !== 'generation').length);
    for (const s of SETTINGS.filter(({ group }) => group !== 'generation')) {
      const flag = `--${s.type === 'flag' && s.default ? 'no-' : ''}${s.name.replaceAll('_', '-')}`;
      const at = help.indexOf(`\n  ${flag}${s.type === 'flag' ? '' : ' '}`);
      assert.ok(at >= 0, flag);
      const entry = help
        .slice(at + 3)
        .split(/\n {2}-|\n\n/)[0]
        .replace(/\s+/g, ' ');
      if (s.type !== 'flag') assert.ok(entry.endsWith(` [${s.type === 'list' ? 'none' : s.default}]`), entry);
    }
    assert.ok(help.split('\n').every((line) => line.length <= 110));
  });
});

for (const name of ['train', 'train-adaptive', 'train-baseline', 'infer', 'evaluate', 'trace']) {
  it(`${name} --help`, async () => {
    const { status, stdout, stderr } = await cli(name, ['--help']);
    assert.deepEqual([status, stderr], [0, '']);
    const operands = name.startsWith('train') ? [] : ['CHECKPOINT'];
    const usage = LINES.usage({ by: 'npm run -s', name: name.replace('-', ':'), before: ' --', operands });
    assert.equal(stdout.split('\n')[0], usage);
  });
}

describe('progress on a terminal', () => {
  const losses = { total: 4.5, byte_encoder: 2, byte_decoder: 2, meta: 0, uncertainty: 0, entropy_reg: 0 };
  /** @param {number} step @returns {import('../../wasm/engine/protocol.js').Progress} */
  const event = (step) => ({
    type: 'progress',
    run: 0,
    step,
    maxSteps: 200,
    epoch: 0,
    bytesSeen: 0,
    thresholds: [],
    losses,
    encoderBpb: 2.885,
    decoderBpb: 2.75,
    borders: [],
    learningRate: 1,
    gradientNorm: 1,
    stepsPerSecond: 12.34,
    gflops: 1,
    elapsedMs: 0,
    remainingMs: 95000,
    logged: false,
  });

  it('a bar with loss, bits per byte and the time that remains, never wider than the terminal', () => {
    const parts = PARTS.training({ ...event(100), left: '1:35' }).join('  ');
    assert.equal(progressBar(event(100), 200), `[${'█'.repeat(12)}${'·'.repeat(12)}] ${parts}`);
    for (let columns = 1; columns < 200; columns++) {
      for (const step of [1, 199, 200])
        assert.ok(progressBar(event(step), columns).length <= Math.max(1, columns - 1), `${columns}`);
    }
  });

  it('is drawn in place; lines appear above it', () => {
    let shown = '';
    const reporter = new Reporter({ isTTY: true, columns: 40, write: (text) => (shown += text) });
    reporter.line('start');
    reporter.progress(event(200));
    reporter.line('note');
    reporter.end();
    reporter.line('end');
    const bar = progressBar(event(200), 40);
    assert.equal(shown, `start\n\r\x1b[K${bar}\r\x1b[Knote\n${bar}\nend\n`);
  });

  it('durations', () => {
    assert.deepEqual([0, 999, 61000, 3600000, 36061000].map(duration), ['0:00', '0:01', '1:01', '1:00:00', '10:01:01']);
  });
});
