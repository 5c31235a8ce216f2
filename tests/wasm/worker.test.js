/** The worker's protocol: a model's life from opening to export, in usual and in odd orders. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { NO_VALIDATION } from '../../wasm/engine/corpus.js';
import { advance, assertSameBits, inside, module, realText, small, trainerOn } from './support/models.js';
import { aWhile, Client, clientWith, closeClients } from './support/session.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const text = realText(8000);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeClients);

/** @param {Partial<Settings>} [changes] @param {Uint8Array} [checkpoint] */
const started = (changes, checkpoint) => clientWith(text, changes, checkpoint);

describe('opening', TIMEOUT, () => {
  it('describes the model', async () => {
    const { opened } = await started();
    const model = new Model(module, small());
    assert.equal(opened.parameterCount, model.size);
    assert.equal(opened.step, 0);
    assert.ok(opened.memoryBytes >= model.memoryBytes);
    assert.deepEqual(
      opened.tensors,
      model.tensors.map(({ name, shape }) => ({ name, shape })),
    );
    assert.equal(opened.settings.hidden_size, 12);
  });

  it('takes as many workers as the machine has unless told how many, at most one for each sequence', async () => {
    const client = new Client({ cores: 3 });
    assert.equal((await client.open({ workers: 0 })).settings.workers, 3);
    assert.equal((await client.open({ workers: 0, batch_size: 2 })).settings.workers, 2);
    assert.equal((await client.open({ workers: 1 })).settings.workers, 1);
  });

  it('describes the text', async () => {
    const client = new Client();
    await client.open({ val_fraction: 0.25 });
    const whole = await client.data(text);
    const { trainBytes, heldOutBytes, windows, stepsPerEpoch, note } = whole;
    assert.deepEqual(
      { trainBytes, heldOutBytes, windows, stepsPerEpoch, note },
      {
        trainBytes: 6000,
        heldOutBytes: 2000,
        windows: 187,
        stepsPerEpoch: 46,
        note: undefined,
      },
    );
    const { gzipBpb } = await client.next('dataset', (event) => event.gzipBpb !== null);
    assert.ok(gzipBpb !== null && gzipBpb > 2 && gzipBpb < 8, `${gzipBpb}`);
    const two = await client.data(text.subarray(0, 1000), text.subarray(1000, 1010));
    assert.equal(two.trainBytes, 1000);
    assert.equal(two.heldOutBytes, 10);
    assert.equal(two.note, NO_VALIDATION);
  });

  it('describes the latest text when two come in a row', async () => {
    const client = new Client();
    await client.open();
    client.send({ type: 'data', text });
    client.send({ type: 'data', text: text.subarray(0, 2000) });
    const last = await client.next('dataset', (event) => event.gzipBpb !== null);
    await aWhile();
    assert.deepEqual([last.trainBytes, last.heldOutBytes], [1800, 200]);
    assert.equal(client.all('dataset').at(-1), last);
  });
});

describe('training', TIMEOUT, () => {
  it('takes the trainer’s steps, with evaluations in between', async () => {
    const { client } = await started({ schedule: 'cosine', warmup_steps: 3, clip_norm: 1, dropout: 0.1 });
    await client.train();
    const settings = small({ schedule: 'cosine', warmup_steps: 3, clip_norm: 1, dropout: 0.1, max_steps: 30 });
    const { group, trainer } = await trainerOn(settings, text);
    const losses = await advance(trainer, 30);
    const progress = client.all('progress');
    assert.deepEqual(
      progress.map(({ losses: { total } }) => total),
      losses,
    );
    assert.deepEqual(
      progress.map(({ step }) => step),
      losses.map((_, i) => i + 1),
    );
    const { state, step } = inside(await client.export());
    assert.equal(step, 30);
    assertSameBits(state.parameters, group.lead.parameters, 'weights');
    const validations = client.all('validation');
    assert.deepEqual(
      validations.map((v) => v.step),
      [0, 10, 20, 30],
    );
    assert.equal(validations[3].losses.total, (await trainer.evaluate())?.losses.total);
    assert.deepEqual(
      client.all('state').map((s) => s.state),
      ['training', 'finished'],
    );
  });

  it('has consistent figures', async () => {
    const { client } = await started();
    await client.train();
    for (const p of client.all('progress')) {
      assert.equal(p.encoderBpb, p.losses.byte_encoder / Math.LN2);
      assert.equal(p.decoderBpb, p.losses.byte_decoder / Math.LN2);
      assert.equal(p.bytesSeen, p.step * 4 * 32);
      assert.equal(p.maxSteps, 30);
      assert.equal(p.borders.length, 2);
      assert.ok(p.borders[0] >= p.borders[1] && p.borders[1] >= 1, `${p.borders}`);
      for (const figure of [p.gradientNorm, p.stepsPerSecond, p.gflops, p.elapsedMs]) {
        assert.ok(Number.isFinite(figure) && figure > 0);
      }
      assert.ok(p.remainingMs >= 0 && p.logged);
    }
    assert.equal(client.all('progress').at(-1)?.remainingMs, 0);
  });

  it('logs every so many steps, the first and the last', async () => {
    const { client } = await started({ log_every: 7 });
    await client.train();
    const logged = client.all('progress').filter((p) => p.logged);
    assert.deepEqual(
      logged.map((p) => p.step),
      [1, 7, 14, 21, 28, 30],
    );
  });

  for (const workers of [1, 2]) {
    it(`pauses after the step under way and goes on to the same bits, ${workers} worker(s)`, async () => {
      const { client: whole } = await started({ workers });
      await whole.train();
      const { client } = await started({ workers });
      for (const stop of [4, 9, 17]) {
        const reached = client.next('progress', ({ step }) => step === stop);
        await client.ask({ type: 'train' }, 'state', ({ state }) => state === 'training');
        await reached;
        await client.ask({ type: 'pause' }, 'state', ({ state }) => state === 'paused');
        await aWhile();
        // The step under way when the page received `stop`, and the one under way when the worker received the pause.
        const made = client.all('progress').at(-1)?.step ?? 0;
        assert.ok(made >= stop && made <= stop + 2, `${made} steps, not ${stop}`);
        assert.equal(inside(await client.export()).step, made);
      }
      await client.train();
      assertSameBits(await client.export(), await whole.export(), 'checkpoint');
    });
  }

  it('withdraws a pause that has not taken effect', async () => {
    const { client } = await started();
    const finished = client.next('state', ({ state }) => state === 'finished');
    client.send({ type: 'train' });
    client.send({ type: 'pause' });
    client.send({ type: 'train' });
    await finished;
    assert.deepEqual(
      client.all('progress').map((p) => p.step),
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
  });

  it('stops with a last evaluation, and goes on where it is asked to', async () => {
    const { client } = await started({ eval_every: 1000 });
    const reached = client.next('progress', ({ step }) => step === 5);
    client.send({ type: 'train' });
    await reached;
    const { step } = await client.ask({ type: 'stop' }, 'state', ({ state }) => state === 'finished');
    assert.ok(step >= 5 && step < 30);
    assert.deepEqual(
      client.all('validation').map((v) => v.step),
      [0, step],
    );
    await client.train();
    assert.equal(client.all('validation').at(-1)?.step, 30);
    assert.equal((await client.train()).step, 30, 'all steps are made already');
  });

  it('accepts settings that do not change the model', async () => {
    const { client } = await started({ max_steps: 3 });
    await client.train();
    await client.train({ max_steps: 6, learning_rate: 0 });
    const rates = client.all('progress').map((p) => p.learningRate);
    assert.deepEqual(rates, [3e-3, 3e-3, 3e-3, 0, 0, 0]);
    const { settings } = inside(await client.export());
    assert.equal(settings.learning_rate, 0);
    assert.equal(settings.max_steps, 6);
  });

  it('resets to fresh weights and the same text, even while training', async () => {
    const { client } = await started();
    const fresh = await client.export();
    const reached = client.next('progress', ({ step }) => step === 6);
    client.send({ type: 'train' });
    await reached;
    await client.ask({ type: 'reset' }, 'state', ({ state, step }) => state === 'idle' && step === 0);
    assert.deepEqual(await client.overhear(), [], 'nothing goes on');
    assertSameBits(await client.export(), fresh, 'checkpoint');
    await client.train();
    const { client: other } = await started();
    await other.train();
    assertSameBits(await client.export(), await other.export(), 'checkpoint');
  });
});

describe('evaluation', TIMEOUT, () => {
  for (const workers of [1, 2]) {
    it(`comes when asked for, idle, training and paused, ${workers} worker(s)`, async () => {
      const { client } = await started({ workers, eval_every: 1000, max_steps: 40 });
      const { losses } = await client.ask({ type: 'evaluate' }, 'validation');
      const again = await client.ask({ type: 'evaluate' }, 'validation');
      assert.deepEqual(again.losses, losses);
      assert.deepEqual(client.all('state'), []);
      const reached = client.next('progress', ({ step }) => step === 5);
      client.send({ type: 'train' });
      await reached;
      const { step } = await client.ask({ type: 'evaluate' }, 'validation', (v) => v.step > 0);
      assert.ok(step >= 5 && step < 40);
      client.send({ type: 'evaluate' });
      await client.ask({ type: 'pause' }, 'validation', (v) => v.step > step);
      assert.equal((await client.ask({ type: 'evaluate' }, 'validation')).step, client.all('progress').at(-1)?.step);
    });

    it(`is not confused by training that starts or a reset meanwhile, ${workers} worker(s)`, async () => {
      const { client } = await started({ workers, val_fraction: 0.5, max_steps: 10 });
      client.send({ type: 'evaluate' });
      await client.train();
      assert.deepEqual(
        client.all('validation').map((v) => v.step),
        [0, 10],
      );
      const [first] = client.all('validation');
      client.send({ type: 'evaluate' });
      await client.ask({ type: 'reset' }, 'state', ({ state }) => state === 'idle');
      assert.deepEqual(
        (await client.ask({ type: 'evaluate' }, 'validation', (v) => v.step === 0)).losses,
        first.losses,
      );
    });
  }
});
