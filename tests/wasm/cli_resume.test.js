import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { LINES, NOTES } from '../../wasm/cli/sentences.js';
import { defaults } from '../../wasm/engine/settings.js';
import { reasonText } from '../../wasm/engine/stopping.js';
import { cli, TINY, workFolder } from './support/cli.js';

const { folder, at, textFile, succeeds, checkpoint, remove } = workFolder();
after(remove);
const TEXT = ['--text-file', textFile];

/** @param {string[]} args @param {Parameters<typeof succeeds>[2]} [options] */
const train = (args, options) => succeeds('train', [...TEXT, ...args], options);

describe('training that goes on', () => {
  for (const workers of [1, 2]) {
    it(`goes on exactly: 200 steps are 77 and 123, with ${workers} worker${workers > 1 ? 's' : ''}`, async () => {
      const args = [
        ...TINY,
        '--dropout',
        '0.2',
        '--learning-rate',
        '0.003',
        '--workers',
        String(workers),
        '--log-every',
        '50',
      ];
      const [whole, part] = [at(`whole${workers}`), at(`part${workers}`)];
      await Promise.all([
        train([...args, '--max-steps', '200', '--output', whole]),
        train([...args, '--max-steps', '77', '--output', part]),
      ]);
      const half = readFileSync(part);
      const { stdout } = await train(['--resume', part, '--max-steps', '200']);
      assert.ok(stdout.split('\n').includes(NOTES.going_on({ file: part, step: 77 })), 'where it goes on is said');
      assert.ok(!half.equals(readFileSync(part)), 'saved over the file that was gone on from');
      assert.ok(readFileSync(part).equals(readFileSync(whole)));
      assert.equal(checkpoint(`whole${workers}`).settings.workers, workers);
    });
  }

  it('is interrupted, saves, says where, and goes on exactly', async () => {
    const args = [...TINY, '--max-steps', '100000', '--log-every', '10', '--workers', '1'];
    const { status, stdout, stderr } = await cli('train', [...TEXT, ...args, '--output', at('int')], {
      cwd: folder,
      watch: (so, child) => {
        if (!child.killed && so.includes('20/100000')) child.kill('SIGINT');
      },
    });
    assert.equal(status, 130, stderr);
    assert.equal(stderr, '');
    const { step } = Object(checkpoint('int').resume?.state);
    assert.ok(step >= 20 && step < 100000);
    const file = at('int');
    assert.deepEqual(stdout.trimEnd().split('\n').slice(-2), [NOTES.saved({ file, step }), LINES.to_go_on({ file })]);
    const last = String(step + 10);
    await train(['--resume', at('int'), '--max-steps', last, '--output', at('int2')]);
    await train([...args, '--max-steps', last, '--output', at('int3')]);
    assert.ok(readFileSync(at('int2')).equals(readFileSync(at('int3'))));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('starts from other weights, with their model settings but its own training', async () => {
    await train([
      ...TINY,
      '--num-levels',
      '2',
      '--learning-rate',
      '0',
      '--weight-decay',
      '0',
      '--max-steps',
      '2',
      '--output',
      at('from'),
    ]);
    await train([
      '--init',
      at('from'),
      '--learning-rate',
      '0',
      '--weight-decay',
      '0',
      '--max-steps',
      '3',
      '--sequence-length',
      '32',
      '--output',
      at('to'),
    ]);
    const [from, to] = [checkpoint('from'), checkpoint('to')];
    assert.deepEqual(to.tensors, from.tensors);
    assert.equal(to.settings.byte_entropy_threshold, 12);
    assert.equal(to.settings.sequence_length, 32);
    assert.equal(to.settings.batch_size, 8);
    assert.equal(to.resume?.state.step, 3);
  });

  it('counts the time that training took before against a time limit', async () => {
    const args = [...TINY, '--max-steps', '100000', '--workers', '1'];
    const first = await train([...args, '--max-minutes', '0.01', '--output', at('timed')]);
    const why = reasonText('minutes', defaults({ max_minutes: 0.01 }));
    const { step, elapsed_ms: elapsed } = Object(checkpoint('timed').resume?.state);
    const saved = NOTES.saved({ file: at('timed'), step, why });
    assert.ok(first.stdout.split('\n').includes(saved), first.stdout);
    assert.ok(step > 0 && elapsed >= 600, `${elapsed} ms`);
    const again = await train(['--resume', at('timed')]);
    assert.ok(again.stdout.split('\n').includes(saved), again.stdout);
    await train(['--resume', at('timed'), '--max-minutes', '0.02']);
    const later = Object(checkpoint('timed').resume?.state);
    assert.ok(later.step > step && later.elapsed_ms >= 1200);
  });
});
