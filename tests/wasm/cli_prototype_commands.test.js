/** Command lines written for the PyTorch prototype run unchanged but for the command's name. */
// tier: slow
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'fflate';
import { RunError, UsageError } from '../../wasm/cli/errors.js';
import { LINES, NOTES, WARNINGS } from '../../wasm/cli/sentences.js';
import { ANY, lineOfText } from '../wording.js';
import { TINY, workFolder } from './support/cli.js';
import { eventsIn } from './support/events.js';

const { at, text, textFile, succeeds, refuses, checkpoint, remove } = workFolder();
after(remove);
const TEXT = ['--text-file', textFile];

/** Every flag of its training, each with a value that a tiny run takes. */
const TRAINING = {
  'border-mode': 'uncertainty',
  'sequence-length': '24',
  'batch-size': '4',
  'hidden-size': '12',
  'num-levels': '3',
  threshold: '0.2',
  'byte-entropy-threshold': '12',
  'meta-uncertainty-threshold': '0.5',
  'entropy-floor': '0.1',
  'entropy-reg-weight': '0.002',
  dropout: '0.1',
  'learning-rate': '0.001',
  'weight-decay': '0.02',
  'max-steps': '2',
  'log-every': '1',
  'eval-every': '1',
  'max-documents': '10',
  'val-max-documents': '5',
  'val-max-batches': '2',
};
/** Flags that are not settings. */
const PLACES = {
  output: 'out.safetensors',
  'wandb-project': 'project',
  'wandb-run-name': 'run',
  'num-workers': '0',
  device: 'cpu',
};
/** The environment variables that its helper scripts read. @param {Record<string, string>} flags */
const asEnvironment = (flags) =>
  Object.fromEntries(Object.entries(flags).map(([name, value]) => [name.replaceAll('-', '_').toUpperCase(), value]));
/** @param {Record<string, string>} flags */
const asFlags = (flags) => Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
/** @param {Record<string, unknown>} settings */
const chosen = (settings) => Object.keys(TRAINING).map((name) => String(settings[name.replaceAll('-', '_')]));

before(() => succeeds('train', [...TEXT, ...TINY, '--max-steps', '5', '--output', at('model')]));

describe('training', () => {
  for (const type of ['adaptive', 'baseline']) {
    it(`of the ${type} takes every flag`, async () => {
      const { stderr } = await succeeds('train', [
        ...['--model-type', type, ...TEXT, '--disable-wandb'],
        ...asFlags({ ...TRAINING, ...PLACES }),
      ]);
      assert.equal(stderr, '');
      const { settings } = checkpoint('out.safetensors');
      assert.equal(settings.model_type, type);
      assert.deepEqual(chosen(settings), Object.values(TRAINING));
    });

    it(`of the ${type} takes every one from the environment, as its script does`, async () => {
      const { stderr } = await succeeds(`train-${type}`, TEXT, {
        env: asEnvironment({ ...TRAINING, ...PLACES, output: `env-${type}` }),
      });
      assert.equal(stderr, '');
      const { settings } = checkpoint(`env-${type}`);
      assert.equal(settings.model_type, type);
      assert.deepEqual(chosen(settings), Object.values(TRAINING));
    });
  }

  it('is never evaluated with --eval-every 0, not even after --resume', async () => {
    const args = [...TEXT, '--metrics', at('off.jsonl'), '--output', at('off')];
    await succeeds('train', [...args, ...TINY, '--max-steps', '2', '--eval-every', '0', '--sample-bytes', '4']);
    const { stdout } = await succeeds('train', [...args, '--resume', at('off'), '--max-steps', '4']);
    assert.ok(stdout.split('\n').includes(NOTES.saved({ file: at('off'), step: 4 })), stdout);
    const [step, unknown] = [Number.NaN, Number.NaN];
    const figures = { losses: { total: unknown }, encoderBpb: unknown, decoderBpb: unknown };
    for (const line of [LINES.validation({ step, ...figures }), LINES.sample({ step, text: ANY })])
      assert.doesNotMatch(stdout, lineOfText(line));
    assert.ok(!/val\/|sample\//.test(readFileSync(at('off.jsonl'), 'utf8')));
    assert.equal(checkpoint('off').settings.eval_every, 0);
    assert.equal(checkpoint('off').resume?.state.step, 4);
  });

  it('warns of a device that is missing', async () => {
    const run = [...TEXT, ...TINY, '--max-steps', '1', '--output', at('cuda')];
    const { stderr } = await succeeds('train', [...run, '--device', 'cuda:0', '--num-workers', '4']);
    assert.deepEqual(stderr.split('\n'), [
      LINES.warning({ sentence: WARNINGS.no_device({ device: 'cuda:0' }) }),
      LINES.warning({ sentence: WARNINGS.no_readers() }),
      '',
    ]);
    assert.equal((await succeeds('train', [...run, '--device', 'auto'])).stderr, '');
    await refuses(
      'train',
      [...run, '--num-workers', 'many'],
      new UsageError('whole', { option: '--num-workers', least: 0, most: 1024 }),
    );
  });
});

describe('inference', () => {
  /** What is said once so many positions were found causal. @param {number} positions */
  const checked = (positions) =>
    lineOfText(NOTES.causality({ positions, worst: Number.NaN, difference: Number.NaN, verdict: 'causal' }));

  it('takes every flag', async () => {
    const flags = {
      prompt: 'The ',
      'max-new-bytes': '5',
      temperature: '0.8',
      'top-k': '20',
      seed: '3',
      'causality-max-positions': '4',
      device: 'cpu',
    };
    for (const mode of ['cached', 'recompute']) {
      const { stderr } = await succeeds('infer', [
        ...[at('model'), '--check-causality', '--inference-mode', mode],
        ...asFlags(flags),
      ]);
      assert.match(stderr, checked(4));
    }
  });

  it('writes 128 bytes and checks 64 positions by default', async () => {
    const prompt = 'x'.repeat(100);
    const args = [at('model'), '--prompt', prompt, '--no-stop-at-eos', '--check-causality'];
    const { stdout, stderr } = await succeeds('infer', args);
    assert.match(stderr, checked(64));
    const more = await succeeds('infer', [...args, '--max-new-bytes', '129']);
    assert.equal(stdout, (await succeeds('infer', [...args, '--max-new-bytes', '128'])).stdout);
    assert.ok(more.stdout.length > stdout.length && more.stdout.startsWith(stdout.slice(0, 100)));
    const help = (await succeeds('infer', ['--help'])).stdout;
    for (const [flag, otherwise] of [
      ['max-new-bytes', '[128]'],
      ['causality-max-positions', '[64]'],
    ])
      assert.ok(help.split(`--${flag} `)[1].split('\n  --')[0].includes(otherwise), flag);
  });
});

describe('standard input', () => {
  it('is a text like any other: plain or packed, for training, evaluation and traces', async () => {
    const args = [...TINY, '--max-steps', '1', '--workers', '1'];
    await succeeds('train', [...TEXT, ...args, '--output', at('from-file')]);
    for (const input of [text, gzipSync(text)]) {
      await succeeds('train', ['--text-file', '-', ...args, '--output', at('from-input')], { input });
      assert.ok(readFileSync(at('from-input')).equals(readFileSync(at('from-file'))));
    }
    for (const command of ['evaluate', 'trace']) {
      const file = await succeeds(command, [at('model'), ...TEXT]);
      assert.equal((await succeeds(command, [at('model'), '--text-file', '-'], { input: text })).stdout, file.stdout);
    }
  });

  it('is read once, and empty input is an empty text', async () => {
    const twice = ['--text-file', '-', '--val-text-file', '-', ...TINY];
    await refuses('train', twice, new RunError('input_twice'), { input: text });
    await refuses('trace', [at('model'), '--text-file', '-'], new RunError('text_empty'), { input: new Uint8Array() });
  });
});

describe('event files of a run that goes on', () => {
  it('start a session after the last step, so that TensorBoard drops earlier events of later steps', async () => {
    const args = [...TEXT, ...TINY, '--log-every', '1', '--tensorboard', at('tb'), '--output', at('tb-model')];
    await succeeds('train', [...args, '--max-steps', '3']);
    const [first] = readdirSync(at('tb'));
    assert.ok(eventsIn(readFileSync(at(`tb/${first}`))).every(({ session }) => session === undefined));
    await succeeds('train', [...args, '--resume', at('tb-model'), '--max-steps', '5']);
    const second = readdirSync(at('tb')).find((name) => name !== first);
    const [version, start, ...rest] = eventsIn(readFileSync(at(`tb/${second}`)));
    assert.equal(version.version, 'brain.Event:2');
    assert.deepEqual([start.session, start.step, start.values], [1, 4, []]);
    assert.ok(rest.length > 0 && rest.every(({ step = 0, session }) => step >= 4 && session === undefined));
  });
});
