/** Training with the PyTorch package as a program: its flags, figures, devices, number formats, and how it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { trainCommand } from '../../wasm/cli/train_command.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults, settingOf } from '../../wasm/engine/settings.js';
import { reasonText } from '../../wasm/engine/stopping.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { tool } from '../../wasm/tools/setup/tools.js';
import { eventsIn } from '../wasm/support/events.js';
import { module } from '../wasm/support/models.js';
import { ANY, lineOfText, wholly } from '../wording.js';
import { at, COMMON, cli, env, figures, KINDS, python, SMALL, said } from './support.js';

const TRAIN = ['-m', 'adaptive_compressor.train'];
const TEXT = ['--text-file', at('text.txt')];

/** @param {string[]} args */
const train = (...args) => python(...TRAIN, ...args);

/** @param {string} file */
const opened = (file) => readCheckpoint(module, new Uint8Array(readFileSync(file)));

/** The step at which a checkpoint is. @param {string} file */
const stepOf = (file) => opened(file).resume?.state.step;

/** The events of each file in a folder, in the order in which the files were begun. @param {string} name */
const eventsOf = (name) =>
  readdirSync(at(name))
    .sort()
    .map((file) => eventsIn(new Uint8Array(readFileSync(path.join(at(name), file)))));

/** Options of `train` that the package lacks: for files other than plain text, and for naming a run. */
const OWN = ['parquet', 'val-parquet', 'run-name', 'wandb-project', 'wandb-run-name', 'disable-wandb'];
/** Options that turn off a default come in addition to the list. */
const OF_READING = ['Text', 'Machine'];

describe('training with the PyTorch package', () => {
  it('takes the flags of the command line', async () => {
    const { stdout } = await train('--help');
    const known = new Set(stdout.match(/(?<=\s)--[\w-]+/g)?.map((flag) => flag.replace(/^--(?:no-)?/, '')));
    const { groups } = trainCommand('train', '');
    const wanted = groups.flatMap(([group, options]) =>
      options.filter(({ setting, name }) => setting || name.endsWith('text-file') || !OF_READING.includes(group)),
    );
    assert.ok(wanted.length > 50);
    assert.deepEqual(
      wanted.map(({ name }) => name.replace(/^no-/, '')).filter((name) => !known.has(name)),
      OWN.filter((name) => !name.endsWith('parquet')),
    );
    for (const flag of ['device', 'bfloat16']) assert.ok(known.has(flag));
  });

  it('writes the same figures as lines and as TensorBoard events, and continues in a second file', async () => {
    const more = [...COMMON, '--metrics', at('lines.jsonl'), '--tensorboard', at('events'), '--output', at('board')];
    const { stdout } = await train(...more, ...SMALL, '--max-steps', '3');
    const [[version, ...events]] = eventsOf('events');
    assert.equal(version.version, 'brain.Event:2');
    const told = figures(stdout);
    assert.deepEqual(
      events.map(({ step }) => step),
      [1, 2, 3, 3],
    );
    for (const [i, { step, seconds, ...values }] of told.entries()) {
      assert.equal(events[i].step, step);
      assert.ok(seconds >= 0);
      assert.deepEqual(
        events[i].values,
        Object.entries(values).map(([tag, value]) => [tag, Math.fround(value)]),
      );
    }
    assert.deepEqual(Object.keys(told[0]).slice(2, 5), [
      'train/loss',
      'train/byte_encoder_loss',
      'train/byte_decoder_loss',
    ]);
    const lines = figures(readFileSync(at('lines.jsonl'), 'utf8'));
    assert.deepEqual(
      lines.map(({ wall_time, ...rest }) => rest),
      told.map(({ seconds, ...rest }) => rest),
    );
    assert.ok(events.every(({ wallTime }) => Math.abs(wallTime - lines[0].wall_time) < 60));
    await train(...more, '--resume', at('board'), '--max-steps', '4');
    const [, [, start, first]] = eventsOf('events').sort((a, b) => a[0].wallTime - b[0].wallTime);
    assert.deepEqual([start.session, start.step, first.step], [1, 4, 4]);
  });

  for (const [model, kind] of Object.entries(KINDS).filter(([name]) => name === 'adaptive' || name === 'residual')) {
    it(`gets as far in bfloat16 as in float32, and the core opens what it saved: ${model}`, async () => {
      const all = [...COMMON, ...SMALL, ...kind, '--max-steps', '50', '--output'];
      const [whole, half] = [await train(...all, at('whole')), await train(...all, at('half'), '--bfloat16')].map(
        ({ stdout }) => figures(stdout).flatMap((line) => line['train/byte_decoder_bpb'] ?? []),
      );
      assert.equal(half.length, 50);
      assert.notDeepEqual(half, whole);
      assert.ok(half[49] < 0.8 * half[0], `${half[0]} → ${half[49]} bits a byte`);
      const apart = Math.abs(half[49] - whole[49]);
      assert.ok(apart < 0.1, `${half[49]}, not ${whole[49]} bits a byte`);
      assert.equal(stepOf(at('half')), 50);
      const measured = [at('half'), at('whole')].map((file) => cli('evaluate', file, ...TEXT));
      const [own, other] = (await Promise.all(measured)).map(({ stdout }) => JSON.parse(stdout).decoder_bpb);
      assert.ok(Math.abs(own - other) < 0.1, `${own}, not ${other} bits a byte`);
    });
  }

  it('reads a list of borders: one of a rule’s own borders leads to the same figures', async () => {
    const text = readFileSync(at('text.txt'));
    const ends = [...text.keys()].filter((i) => i > 0 && text[i] === 32 && text[i - 1] !== 32);
    writeFileSync(at('list.txt'), `# words\n${ends.join('\n')}\n`);
    const list = ['--borders', at('list.txt')];
    for (const wiring of [['--wiring', 'residual', '--carry-state', '--segment-length', '0'], []]) {
      const model = [...SMALL, ...wiring, '--max-steps', '12', '--eval-every', '6', '--output', at('listed')];
      const told = [];
      for (const rule of ['whitespace', 'given']) {
        const own = ['--level-rules', `${rule},every_nth`, ...(rule === 'given' ? list : [])];
        const { stdout, stderr } = await train(...TEXT, ...model, ...own);
        assert.equal(stderr, '');
        told.push(figures(stdout).map(({ seconds, ...rest }) => rest));
      }
      assert.deepEqual(told[1], told[0]);
    }
    const refuses = (/** @type {string[]} */ args, /** @type {string} */ sentence) =>
      assert.rejects(train(...TEXT, ...SMALL, '--level-rules', 'given', ...args), ({ stderr }) => {
        assert.equal(stderr, `${sentence}\n`);
        return true;
      });
    await refuses([], said('borders_missing'));
    await refuses([...list, '--val-text-file', at('text.txt')], said('held_out_borders_missing'));
    for (const [content, sentence] of [
      ['1\nx\n', said('borders_line', { line: 2 })],
      ['999999\n', said('borders_position', { line: 1, position: 999999, length: text.length })],
      ['1 8\n', said('borders_level', { line: 1, level: 8, most: 7 })],
      ['#\n', said('no_borders')],
    ]) {
      writeFileSync(at('wrong.txt'), content);
      await refuses(['--borders', at('wrong.txt')], sentence);
    }
  });

  it('computes entirely on the device that it is given', async () => {
    const { stderr } = await python('tests/pytorch/device_test.py');
    assert.match(stderr, /Ran 7 tests/);
    assert.match(stderr, /^OK$/m);
  });

  it('says that a device is missing', async () => {
    /** @param {string} device @param {string[]} sentences  one of these */
    const named = async (device, ...sentences) =>
      assert.rejects(train(...TEXT, '--device', device), (/** @type {any} */ { stderr }) => {
        assert.match(stderr, /^[^\n]+\n$/);
        assert.ok(
          sentences.some((sentence) => wholly(sentence).test(stderr.trim())),
          stderr,
        );
        return true;
      });
    await named('cuda:99', said('no_cuda'), said('no_device', { device: 'cuda:99', count: Number.NaN }));
    await named('abacus', said('unknown_device', { device: 'abacus' }));
  });

  it('ends where a stop rule says so, records that, and saves', async () => {
    const all = [...COMMON, ...SMALL, '--eval-every', '2', '--max-steps', '30', '--output', at('ended')];
    const { stdout } = await train(...all, '--target-bpb', '7.9', '--weights', at('alone'));
    const reached = said('target', { target: 7.9 });
    assert.match(stdout, lineOfText(said('saved', { file: at('ended'), step: Number.NaN, why: `: ${reached}` })));
    const { settings, resume } = opened(at('ended'));
    const memory = /** @type {{best: number, stale: number, counted: number}} */ (resume?.state.stopping);
    assert.ok(memory.best <= 7.9 && memory.counted === resume?.state.step && Number(memory.counted) < 30);
    assert.equal(settings.target_bpb, 7.9);
    assert.equal(opened(at('alone')).resume, null);
    // Resumed, the core ends at once for the same reason.
    const { stdout: ours } = await cli(
      'train',
      ...TEXT,
      '--resume',
      at('ended'),
      '--output',
      at('core'),
      '--workers',
      '1',
    );
    assert.ok(ours.includes(reasonText('target', defaults({ target_bpb: 7.9 }))), ours);
    assert.equal(reasonText('target', defaults({ target_bpb: 7.9 })), reached, 'both call it the same');
    /** @param {string} why */
    const ended = (why) => lineOfText(said('saved', { file: at('ended'), step: Number.NaN, why: `: ${why}` }));
    const stuck = await train(...all, '--learning-rate', '1e-12', '--patience', '2');
    assert.match(stuck.stdout, ended(reasonText('no_progress', defaults({ patience: 2 }))));
    const timed = await train(...all, '--max-minutes', '1e-6');
    const [, step] = ended(said('minutes', { count: `1e-06 ${ANY}` })).exec(timed.stdout) ?? [];
    assert.ok(step === '0' || step === '1', timed.stdout);
  });

  it('saves when it is interrupted, and goes on to the same weights', async () => {
    const all = [...COMMON, ...SMALL, ...KINDS.residual, '--max-steps'];
    const child = spawn(tool('python3-torch'), [...TRAIN, ...all, '100000', '--output', at('cut')], { env, cwd: ROOT });
    child.stdout.once('data', () => child.kill('SIGTERM'));
    const status = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(status, 130);
    const step = Number(stepOf(at('cut')));
    assert.ok(step >= 1 && step < 1000);
    const last = `${step + 3}`;
    await train(...COMMON, '--resume', at('cut'), '--max-steps', last, '--output', at('rest'));
    await train(...all, last, '--output', at('through'));
    assert.deepEqual(opened(at('rest')), opened(at('through')));
  });

  it('saves on the way, so that a killed training loses little', async () => {
    const all = [...COMMON, ...SMALL, '--max-steps', '100000', '--output', at('killed')];
    // Without a minute between two saves.
    const often = `import sys, adaptive_compressor.train as train; train._SAVE_EVERY = 0; train.main(sys.argv[1:])`;
    const child = spawn(tool('python3-torch'), ['-c', often, ...all], { env, cwd: ROOT });
    let said = '';
    child.stdout.on('data', (data) => {
      said += data;
      if (said.split('\n').length > 4) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.once('close', resolve));
    assert.ok(Number(stepOf(at('killed'))) >= 3);
  });

  it('keeps the existing file when numbers stop being finite', async () => {
    const all = [...COMMON, ...SMALL, '--output', at('finite')];
    await train(...all, '--max-steps', '2');
    const huge = [
      'from adaptive_compressor import read_checkpoint, write_checkpoint',
      `kept = read_checkpoint(r"${at('finite')}")`,
      'kept.tensors["byte_decoder_head.weight"].fill_(3e38)[::2] *= -1',
      `write_checkpoint(r"${at('finite')}", kept)`,
    ];
    await python('-c', huge.join('\n'));
    const before = readFileSync(at('finite'));
    const more = ['--resume', at('finite'), '--max-steps', '60'];
    const stopped = said('not_finite', { step: Number.NaN });
    await assert.rejects(train(...COMMON, ...more), { stderr: wholly(`${stopped}\n`) });
    assert.deepEqual(readFileSync(at('finite')), before);
  });

  it('takes a separate held-out text, and a preset', async () => {
    writeFileSync(at('held.txt'), 'The ship lay still, and the whale swam past. '.repeat(30));
    const preset = ['--preset', 'quick-start', '--ngram-rows', '50', '--hidden-size', '16', '--max-steps', '2'];
    const { stdout, stderr } = await train(
      ...TEXT,
      '--val-text-file',
      at('held.txt'),
      ...preset,
      '--output',
      at('set'),
      '--workers',
      '2',
    );
    assert.equal(stderr, `${said('no_effect', { option: '--workers' })}\n`);
    const { settings, resume } = opened(at('set'));
    assert.deepEqual([settings.wiring, settings.ngram_order, settings.ngram_rows], ['residual', 6, 50]);
    await cli(
      'train',
      ...TEXT,
      '--val-text-file',
      at('held.txt'),
      ...preset,
      '--output',
      at('core-set'),
      '--workers',
      '1',
    );
    assert.equal(resume?.state.text_sha256, opened(at('core-set')).resume?.state.text_sha256);
    assert.ok(figures(stdout).some((line) => line['val/byte_decoder_bpb'] > 0));
  });

  it('refuses wrong input in a sentence, and leaves existing files alone', async () => {
    writeFileSync(at('cut-off'), readFileSync(path.join(ROOT, 'public/example.safetensors')).subarray(0, 1000));
    await train(...COMMON, ...SMALL, '--max-steps', '2', '--output', at('two'), '--weights', at('two-weights'));
    const before = readFileSync(at('two'));
    /** A setting as sentences name it. @param {string} name */
    const named = (name) => `${settingOf(name)?.label} (${name})`;
    const { min: low, max: high } = Object(settingOf('hidden_size'));
    const { min: fewest, max: most } = Object(settingOf('level_blocks'));
    /** @param {string} option @param {number} own @param {number} value */
    const other = (option, own, value) => said('other_setting', { option, own, value });
    /** @type {[string[], string][]} */
    const cases = [
      [['--init', at('cut-off')], said('not_safetensors')],
      [['--hidden-size', '0'], said('range', { setting: named('hidden_size'), low, high })],
      [['--level-rules', 'rise,none'], said('rules', { setting: named('level_rules'), choices: ANY })],
      [['--level-widths', '1,x'], said('number', { setting: named('level_widths') })],
      [['--level-blocks', '65'], said('range', { setting: named('level_blocks'), low: fewest, high: most })],
      [['--preset', 'none'], said('no_preset', { name: 'none', choices: Object.keys(PRESETS).join(', ') })],
      [['--init', at('two'), '--resume', at('two')], said('two_starts')],
      [['--resume', at('two'), '--batch-size', '2', '--max-steps', '9'], other('--batch-size', 2, 4)],
      [['--init', at('two'), '--hidden-size', '8'], other('--hidden-size', 8, 16)],
      [['--resume', at('two')], said('all_steps', { file: at('two'), step: 2, most: 2 })],
      [['--resume', at('two-weights')], said('weights_only', { file: at('two-weights') })],
      [['--resume', at('two'), '--max-steps', '9', '--text-file', path.join(ROOT, 'README.md')], said('other_text')],
      [['--text-file', at('nowhere')], `${ANY}nowhere${ANY}`],
      [['--output', path.join(at('two'), 'below')], `${ANY}two${ANY}`],
    ];
    for (const [args, sentence] of cases)
      await assert.rejects(train(...TEXT, ...args), (/** @type {any} */ { stderr }) => {
        assert.match(stderr, /^[^\n]+\n$/);
        assert.match(stderr.trim(), wholly(sentence));
        return true;
      });
    assert.deepEqual(readFileSync(at('two')), before);
    assert.equal(existsSync(at('nowhere')), false);
  });
});
