/** Stop rules, which end training at the same step whether or not it was interrupted; and samples, which change nothing. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { LINES, NOTES } from '../../wasm/cli/sentences.js';
import { defaults } from '../../wasm/engine/settings.js';
import { evaluationsUpTo, readMemory, reasonText, StopRules } from '../../wasm/engine/stopping.js';
import { ANY, wholly } from '../wording.js';
import { cli, TINY, workFolder } from './support/cli.js';
import { assertSameBits, realText, sameBits, small } from './support/models.js';
import { Client, closeClients } from './support/session.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const TIMEOUT = { timeout: 60_000 };
const text = realText(6000);
const { at, textFile, succeeds, remove } = workFolder();
after(remove);
afterEach(closeClients);

describe('the rules', () => {
  const settings = defaults({ eval_every: 10, patience: 2, target_bpb: 3, max_minutes: 1, max_steps: 100 });
  const at = (/** @type {number} */ step, elapsedMs = 0) => ({ step, elapsedMs });

  it('count evaluations that are due, each step once', () => {
    const rules = new StopRules();
    rules.count(0, 8, settings);
    rules.count(5, 7, settings);
    assert.deepEqual(rules.memory, { best: 8, stale: 0, counted: 0 });
    for (const [step, bpb] of [
      [10, 6],
      [20, 6],
      [20, 5],
      [30, 7],
    ])
      rules.count(step, bpb, settings);
    assert.deepEqual(rules.memory, { best: 6, stale: 2, counted: 30 }, 'the same figure is no progress');
    assert.equal(rules.reason(at(30), settings), 'no_progress');
    rules.startOver();
    assert.equal(rules.reason(at(30), settings), null);
    assert.equal(rules.isDue(30, settings), false);
  });

  it('add early evaluations at powers of two before the first regular one, which patience does not count', () => {
    const dense = { ...settings, eval_early: true };
    const rules = new StopRules();
    const steps = Array.from({ length: 31 }, (_, step) => step);
    const dueSteps = (/** @type {Settings} */ with_) => steps.filter((step) => new StopRules().isDue(step, with_));
    assert.deepEqual(dueSteps(dense), [0, 1, 2, 4, 8, 10, 20, 30]);
    assert.deepEqual(dueSteps(settings), [0, 10, 20, 30]);
    for (const step of [0, 1, 2, 4, 8]) rules.count(step, 8 + step, dense);
    assert.deepEqual(rules.memory, { best: 8, stale: 0, counted: 8 });
    rules.count(10, 7, dense);
    rules.count(20, 7, dense);
    assert.deepEqual(rules.memory, { best: 7, stale: 1, counted: 20 });
  });

  it('give the reason, and 0 turns each of them off', () => {
    const rules = new StopRules({ best: 3, stale: 0, counted: 40 });
    assert.equal(rules.reason(at(40), settings), 'target');
    assert.equal(rules.reason(at(100), settings), 'steps');
    assert.equal(rules.reason(at(40, 60_000), { ...settings, target_bpb: 0 }), 'minutes');
    assert.equal(rules.reason(at(40, 59_999), { ...settings, target_bpb: 0 }), null);
    const off = { ...settings, target_bpb: 0, patience: 0, max_minutes: 0 };
    assert.equal(new StopRules({ best: 0, stale: 99, counted: 40 }).reason(at(40, 1e9), off), null);
    assert.ok(reasonText('no_progress', settings).includes('2'));
    for (const reason of /** @type {const} */ (['steps', 'target', 'no_progress', 'minutes', 'stopped'])) {
      assert.match(reasonText(reason, settings), /^[a-z].*[a-z0-9]$/);
    }
  });

  it('do not accept a memory that makes no sense', () => {
    const good = { best: 2.5, stale: 1, counted: 30 };
    assert.deepEqual(readMemory(good), good);
    assert.deepEqual(readMemory({ best: null, stale: 0, counted: -1 }), { best: null, stale: 0, counted: -1 });
    const wrong = [null, 'x', {}, { ...good, best: 'a' }, { ...good, stale: -1 }, { ...good, counted: 0.5 }];
    for (const raw of wrong) assert.equal(readMemory(raw), null);
  });
});

it('the number of evaluations up to a step is that of those due on the way', () => {
  for (const eval_every of [0, 1, 2, 8, 9, 250])
    for (const eval_early of [false, true]) {
      const settings = defaults({ eval_every, eval_early });
      let due = 0;
      for (let step = 0; step <= 600; step++) {
        if (step > 0 && new StopRules().isDue(step, settings)) due++;
        assert.equal(evaluationsUpTo(step, settings), due, `${eval_every} ${eval_early} ${step}`);
      }
    }
});

describe('a run', TIMEOUT, () => {
  /** A learning rate with which nothing is learned, so that patience ends. @param {Partial<Settings>} [changes] */
  const stuck = (changes) => ({ learning_rate: 0, eval_every: 5, log_every: 5, max_steps: 100, ...changes });

  /** @param {Partial<Settings>} changes */
  async function run(changes) {
    const client = new Client();
    await client.open(changes);
    await client.data(text.slice());
    const state = await client.train();
    return { client, state };
  }

  it('ends when evaluations bring no progress, with the evaluation that showed it', async () => {
    const { client, state } = await run(stuck({ patience: 3 }));
    assert.deepEqual([state.step, state.reason], [15, 'no_progress']);
    assert.deepEqual(
      client.all('validation').map(({ step }) => step),
      [0, 5, 10, 15],
    );
  });

  it('ends at the target', async () => {
    const { client, state } = await run({ learning_rate: 0.01, eval_every: 4, max_steps: 400, target_bpb: 6 });
    assert.equal(state.reason, 'target');
    const figures = client.all('validation').map(({ decoderBpb }) => decoderBpb);
    assert.ok(figures[figures.length - 1] <= 6);
    assert.ok(figures.slice(0, -1).every((bpb) => bpb > 6));
    assert.ok(state.step < 400);
  });

  it('ends when its time is over, after a last evaluation', async () => {
    const { client, state } = await run(stuck({ max_minutes: 0.001, max_steps: 1e8, eval_every: 1e6 }));
    assert.equal(state.reason, 'minutes');
    assert.equal(client.all('validation').at(-1)?.step, state.step);
  });

  it('says that all steps are done, or that it was stopped', async () => {
    assert.equal((await run(stuck({ max_steps: 7 }))).state.reason, 'steps');
    const client = new Client();
    await client.open({ max_steps: 1e8 });
    await client.data(text.slice());
    const ended = client.next('state', ({ state }) => state === 'finished');
    const begun = client.next('progress');
    client.send({ type: 'train' });
    await begun;
    client.send({ type: 'stop' });
    assert.equal((await ended).reason, 'stopped');
  });

  it('resumes exactly: patience counts on from where it was', async () => {
    const settings = stuck({ learning_rate: 0.02, eval_every: 3, patience: 4, max_steps: 600 });
    const whole = await run(settings);
    assert.equal(whole.state.reason, 'no_progress');
    const bits = await whole.client.export();
    // Stopped between two evaluations, and right at one.
    for (const back of [4, 3]) {
      const half = await run({ ...settings, max_steps: whole.state.step - back });
      assert.equal(half.state.reason, 'steps');
      const client = new Client();
      await client.open({}, await half.client.export());
      await client.data(text.slice());
      const on = await client.ask(
        { type: 'train', settings: small(settings) },
        'state',
        (event) => event.state === 'finished',
      );
      assert.deepEqual([on.step, on.reason], [whole.state.step, 'no_progress']);
      assertSameBits(await client.export(), bits, `${back} steps before the end`);
    }
  });

  it('that ended starts counting afresh when it is resumed all the same', async () => {
    const { client } = await run(stuck({ patience: 2 }));
    const again = await client.train();
    assert.deepEqual([again.step, again.reason], [25, 'no_progress']);
  });
});

describe('samples', TIMEOUT, () => {
  const settings = { eval_every: 10, max_steps: 30, dropout: 0.1, sample_bytes: 24, sample_prompt: 'Ahab ä' };

  /** @param {Partial<Settings>} changes */
  async function run(changes) {
    const client = new Client();
    await client.open(changes);
    await client.data(text.slice());
    await client.train();
    return { samples: client.all('sample'), bits: await client.export(false), client };
  }

  it('come after each evaluation, the same each time, and change nothing of training', async () => {
    const [a, b, without] = [await run(settings), await run(settings), await run({ ...settings, sample_bytes: 0 })];
    assert.deepEqual(
      a.samples.map(({ step }) => step),
      [0, 10, 20, 30],
    );
    for (const [i, { prompt, bytes }] of a.samples.entries()) {
      assert.equal(new TextDecoder().decode(prompt), 'Ahab ä');
      assert.equal(bytes.length, 24);
      assertSameBits(bytes, b.samples[i].bytes, `sample ${i}`);
    }
    assert.ok(!sameBits(a.samples[0].bytes, a.samples[3].bytes), 'the model changed');
    assert.equal(without.samples.length, 0);
    const weights = (/** @type {Uint8Array} */ file) =>
      file.subarray(8 + Number(new DataView(file.buffer).getBigUint64(0, true)));
    assertSameBits(weights(a.bits), weights(without.bits), 'weights');
    const order = a.client.events.map(({ type }) => type).filter((type) => type === 'sample' || type === 'validation');
    assert.deepEqual(order.slice(0, 4), ['validation', 'sample', 'validation', 'sample']);
  });

  it('are left out where borders look at the next byte, unless the model has no borders', async () => {
    assert.equal((await run({ ...settings, border_mode: 'teacher_forced' })).samples.length, 0);
    assert.equal((await run({ ...settings, border_mode: 'teacher_forced', model_type: 'baseline' })).samples.length, 4);
  });
});

describe('the command line', TIMEOUT, () => {
  it('says why it ended, prints samples, and writes them to the metrics', async () => {
    const args = ['--text-file', textFile, ...TINY, '--learning-rate', '0', '--eval-every', '4', '--patience', '2'];
    const more = [
      '--sample-bytes',
      '16',
      '--sample-prompt',
      'Call me',
      '--metrics',
      at('m.jsonl'),
      '--output',
      at('p'),
    ];
    const { stdout } = await succeeds('train', [...args, ...more, '--max-steps', '500']);
    const why = reasonText('no_progress', defaults({ patience: 2 }));
    const ending = `\n${NOTES.saved({ file: at('p'), step: 8, why })}\n`;
    assert.ok(stdout.endsWith(ending), stdout);
    const sample = wholly(LINES.sample({ step: Number.NaN, text: `"Call me${ANY}"` }));
    assert.equal(stdout.split('\n').filter((line) => sample.test(line)).length, 3);
    const { readFileSync } = await import('node:fs');
    const notes = readFileSync(at('m.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(notes.filter((note) => note['sample/text']?.startsWith('Call me')).length, 3);
    const again = await cli('train', ['--text-file', textFile, '--resume', at('p')]);
    assert.ok(again.stdout.endsWith(ending), again.stdout);
  });
});
