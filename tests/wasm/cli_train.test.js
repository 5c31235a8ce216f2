import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { RunError } from '../../wasm/cli/errors.js';
import { LINES, NOTES, WARNINGS } from '../../wasm/cli/sentences.js';
import { lineOfText } from '../wording.js';
import { cli, lineOf, TINY, warningOf, workFolder } from './support/cli.js';
import { eventsIn } from './support/events.js';

const { folder, at, textFile, succeeds, checkpoint, remove } = workFolder();
after(remove);
const TEXT = ['--text-file', textFile];

/** @param {string[]} args @param {Parameters<typeof succeeds>[2]} [options] */
const train = (args, options) => succeeds('train', [...TEXT, ...args], options);
/** @param {string} name @returns {Record<string, number>[]} */
const metricsIn = (name) =>
  readFileSync(at(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const LOSSES = [
  'loss',
  'byte_encoder_loss',
  'byte_encoder_bpb',
  'meta_loss',
  'uncertainty_loss',
  'entropy_reg_loss',
  'byte_decoder_loss',
  'byte_decoder_bpb',
];
const COMMON = ['step', 'wall_time'];
const VALIDATION = [...COMMON, ...LOSSES.map((name) => `val/${name}`)].sort();
/** @param {number} levels  with borders */
const training = (levels) =>
  [
    ...COMMON,
    ...LOSSES.map((name) => `train/${name}`),
    'train/parameter_count',
    ...Array.from({ length: levels }, (_, l) => `train/border_count_level_${l}`),
  ].sort();

describe('train', () => {
  it('warns of a held-out text that it trains on', async () => {
    const few = [...TINY, '--max-steps', '1', '--val-max-batches', '1', '--output', at('known.safetensors')];
    assert.equal((await train([...few, '--val-text-file', textFile])).stderr, warningOf(WARNINGS.held_out_known()));
    assert.equal((await train(few)).stderr, '');
  });

  it('writes plain lines, the metrics with the prototype’s names, event files and a checkpoint', async () => {
    const where = [
      '--output',
      at('deep/er/model.safetensors'),
      '--metrics',
      at('metrics.jsonl'),
      '--tensorboard',
      at('tb'),
    ];
    const { stdout, stderr } = await train([...TINY, '--max-steps', '20', '--eval-every', '10', ...where]);
    assert.equal(stderr, '');
    assert.ok(!stdout.includes('\r') && !stdout.includes('\x1b'));
    const lines = metricsIn('metrics.jsonl');
    /** @param {string} part @param {Record<string, number>} line */
    const figures = (part, line) => ({
      step: line.step,
      losses: { total: line[`${part}/loss`] },
      encoderBpb: line[`${part}/byte_encoder_bpb`],
      decoderBpb: line[`${part}/byte_decoder_bpb`],
    });
    const progress = { ...figures('train', lines[2]), maxSteps: 20 };
    assert.match(stdout, lineOfText(LINES.progress({ ...progress, left: 'NaN:NaN' })));
    const said = stdout.trimEnd().split('\n');
    assert.ok(said.includes(LINES.validation(figures('val', lines[3]))), stdout);
    assert.equal(said.at(-1), NOTES.saved({ file: at('deep/er/model.safetensors'), step: 20 }));
    const steps = lines.map(({ step, ...rest }) => `${'val/loss' in rest ? 'val' : 'train'} ${step}`);
    assert.deepEqual(steps, ['val 0', 'train 1', 'train 10', 'val 10', 'train 20', 'val 20']);
    for (const line of lines) {
      assert.deepEqual(Object.keys(line).sort(), 'val/loss' in line ? VALIDATION : training(2));
      for (const [name, value] of Object.entries(line)) assert.ok(Number.isFinite(value), name);
    }
    assert.ok(lines[5]['val/loss'] < lines[0]['val/loss']);
    assert.ok(Math.abs(lines[1]['train/byte_encoder_bpb'] * Math.LN2 - lines[1]['train/byte_encoder_loss']) < 1e-9);

    const { tensors, settings, resume } = checkpoint('deep/er/model.safetensors');
    assert.equal(
      lines[1]['train/parameter_count'],
      [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
    );
    assert.equal(settings.sequence_length, 24);
    assert.equal(resume?.state.step, 20);

    const [file] = readdirSync(at('tb'));
    assert.match(file, /^events\.out\.tfevents\.\d+\./);
    const events = eventsIn(readFileSync(at(`tb/${file}`)));
    assert.equal(events[0].version, 'brain.Event:2');
    const expected = lines.map(({ step, wall_time, ...values }) => ({
      step,
      values: Object.entries(values).map(([name, value]) => [name, Math.fround(value)]),
    }));
    assert.deepEqual(
      events.slice(1).map(({ step = 0, values }) => ({ step, values })),
      expected,
    );
  });

  it('names runs and files as the prototype did, and overwrites nothing unless asked to', async () => {
    const args = ['--hidden-size', '8', '--max-steps', '1', '--batch-size', '10', '--sequence-length', '100'];
    const first = await train(args);
    const named = { run: 'adaptive_L100_B1k', type: 'adaptive' };
    assert.match(
      first.stdout,
      lineOfText(LINES.model({ ...named, parameters: Number.NaN, workers: Number.NaN, mebibytes: Number.NaN })),
    );
    assert.ok(existsSync(at('adaptive_L100_B1k.safetensors')));
    const before = readFileSync(at('adaptive_L100_B1k.safetensors'));
    const saved = NOTES.saved({ file: 'adaptive_L100_B1k-2.safetensors', step: 1 });
    assert.ok((await train(args)).stdout.split('\n').includes(saved));
    assert.ok(existsSync(at('adaptive_L100_B1k-2.safetensors')));
    assert.deepEqual(readFileSync(at('adaptive_L100_B1k.safetensors')), before);
    await train([...args, '--run-name', '../my run/1']);
    assert.ok(existsSync(at('__my_run_1.safetensors')));
    assert.ok(!existsSync(path.join(folder, '../my run')));
  });

  it('takes the prototype’s wandb flags', async () => {
    const args = [...TINY, '--max-steps', '1', '--wandb-project', 'chunks', '--wandb-run-name', 'mine'];
    const { stdout } = await train(args);
    assert.ok(
      stdout.endsWith(`\n${LINES.wandb({ project: 'chunks', folder: path.join('runs', 'chunks', 'mine') })}\n`),
    );
    assert.equal(readdirSync(at('runs/chunks/mine')).length, 1);
    assert.ok(existsSync(at('mine.safetensors')));
    await train([...args, '--disable-wandb', '--output', at('w')]);
    assert.equal(readdirSync(at('runs/chunks/mine')).length, 1);
  });

  it('gives the same bits for the same seed, others for another or without shuffling', async () => {
    const runs = [[], [], ['--seed', '2'], ['--no-shuffle']];
    const files = await Promise.all(
      runs.map(async (more, i) => {
        await train([...TINY, '--max-steps', '5', '--output', at(`seed${i}`), ...more]);
        return readFileSync(at(`seed${i}`));
      }),
    );
    assert.ok(files[0].equals(files[1]));
    const weights = files.map((_, i) => checkpoint(`seed${i}`).tensors.get('byte_decoder_head.bias')?.data);
    assert.notDeepEqual(weights[2], weights[0]);
    assert.notDeepEqual(weights[3], weights[0]);
    assert.equal(checkpoint('seed3').settings.shuffle, false);
  });

  it('warns of teacher-forced borders, and of a held-out text that is too short', async () => {
    const { stderr } = await train([
      ...TINY,
      '--max-steps',
      '1',
      '--border-mode',
      'teacher_forced',
      '--val-fraction',
      '0',
      '--output',
      at('tf'),
    ]);
    assert.equal(stderr, warningOf(WARNINGS.leaks()) + warningOf(WARNINGS.no_validation()));
  });

  it('goes on when nobody reads its output any longer', async () => {
    const args = [...TINY, '--max-steps', '60', '--log-every', '1', '--output', at('deaf')];
    assert.equal((await train(args, { watch: (_, child) => child.stdout?.destroy() })).stderr, '');
    assert.equal(checkpoint('deaf').resume?.state.step, 60);
  });

  it('saves the weights alone as well', async () => {
    await train([...TINY, '--max-steps', '2', '--output', at('both'), '--weights', at('new/alone')]);
    const [both, alone] = [checkpoint('both'), checkpoint('new/alone')];
    assert.deepEqual(alone.tensors, both.tensors);
    assert.deepEqual(alone.settings, both.settings);
    assert.equal(alone.resume, null);
    const failing = await cli('train', [
      ...TEXT,
      ...TINY,
      '--max-steps',
      '2',
      '--output',
      at('kept'),
      '--weights',
      folder,
    ]);
    const error = new RunError('folder', { file: folder });
    assert.deepEqual([failing.status, failing.stderr], [1, lineOf('train', error)]);
    assert.equal(checkpoint('kept').resume?.state.step, 2);
  });

  it('logs the baseline’s own metrics', async () => {
    const where = ['--metrics', at('b.jsonl'), '--output', at('b')];
    await train(['--model-type', 'baseline', ...TINY, '--max-steps', '1', ...where]);
    const line = metricsIn('b.jsonl')[1];
    assert.deepEqual(Object.keys(line).sort(), training(0));
    assert.equal(line['train/byte_encoder_loss'], line['train/byte_decoder_loss']);
    assert.equal(line['train/meta_loss'], 0);
  });
});
