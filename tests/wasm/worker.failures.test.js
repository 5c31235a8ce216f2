/** The worker's refusals: one sentence each, nothing lost; odd orders of commands; workers that die. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { ENOUGH } from '../../wasm/engine/browsers.js';
import { compile } from '../../wasm/engine/module.js';
import { readSettings } from '../../wasm/engine/settings.js';
import { parse, tensorOf } from '../../wasm/files/checkpoint/safetensors.js';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import { assertSameBits, realText, small, utf8 } from './support/models.js';
import { aWhile, Client, closeClients } from './support/session.js';
import { caughtWorkers } from './support/workers.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const text = realText(8000);
const NOTHING = new Uint8Array();
const TIMEOUT = { timeout: 60_000 };
const GENERATION = { prompt: utf8('a'), temperature: 1, top_k: 0, max_new_bytes: 3, stop_at_eos: true, seed: 1 };

afterEach(closeClients);

/** A model with a text. @param {Partial<Settings>} [changes] */
async function started(changes) {
  const client = new Client();
  await client.open({ max_steps: 20, log_every: 1, ...changes });
  await client.data(text);
  return client;
}

/**
 * Asserts that the model goes on as if nothing had happened.
 * @param {Client} client  at the step of `before`
 * @param {Uint8Array} before  its checkpoint
 */
async function unharmed(client, before) {
  assertSameBits(await client.export(), before, 'checkpoint');
  await client.train();
  assert.equal(client.all('progress').at(-1)?.step, 20);
}

/** A checkpoint with a tensor's values replaced. @param {Uint8Array} bytes @param {string} name @param {number} value */
function filled(bytes, name, value) {
  const { metadata, tensors } = parse(bytes);
  const shape = tensors.get(name)?.shape;
  assert.ok(shape);
  tensors.set(name, tensorOf(shape, new Float32Array(shape.reduce((n, m) => n * m, 1)).fill(value)));
  return serialize({ metadata, tensors });
}

describe('refused, and nothing lost', TIMEOUT, () => {
  it('texts: empty, too short', async () => {
    const client = await started();
    const before = await client.export();
    await client.refused({ type: 'data', text: NOTHING }, 'empty_text');
    const short = await client.refused({ type: 'data', text: text.slice(0, 100) }, 'short_text');
    assert.deepEqual(short.fields, { bytes: 90, least: 128 });
    assert.equal(short.fatal, false);
    assert.equal((await client.refused({ type: 'trace', id: 4, text: NOTHING }, 'empty_text')).id, 4);
    assert.equal((await client.refused({ type: 'causality', id: 5, text: NOTHING }, 'empty_text')).id, 5);
    await unharmed(client, before);
  });

  it('settings of training', async () => {
    const client = await started();
    const before = await client.export();
    const wrong = [{ learning_rate: -1 }, { learning_rate: 'fast' }, { max_steps: 0 }, { no_such: 1 }];
    for (const settings of /** @type {any[]} */ (wrong))
      await client.refused({ type: 'train', settings }, 'bad_settings');
    for (const settings of /** @type {any[]} */ ([
      { hidden_size: 13 },
      { byte_entropy_threshold: 3 },
      { seed: 9 },
      { batch_size: 2 },
    ])) {
      const { fields } = await client.refused({ type: 'train', settings }, 'bad_settings');
      assert.deepEqual(fields, { fixed: Object.keys(settings) });
    }
    assert.deepEqual(client.all('state'), []);
    await unharmed(client, before);
    assert.equal(
      (await client.train(small({ max_steps: 20, log_every: 1 }))).step,
      20,
      'the same settings change nothing',
    );
  });

  it('settings of generation', async () => {
    const client = await started();
    const before = await client.export();
    const wrong = [
      { temperature: 0 },
      { temperature: -1 },
      { temperature: Number.NaN },
      { top_k: -1 },
      { top_k: 1.5 },
      { max_new_bytes: 0 },
      { seed: -1 },
      { prompt: NOTHING },
      { mode: 'recompute', max_new_bytes: 9000 },
    ];
    for (const change of wrong) {
      for (const mode of /** @type {const} */ (['cached', 'recompute'])) {
        const command = /** @type {any} */ ({ type: 'generate', id: 8, ...GENERATION, mode, ...change });
        assert.equal((await client.refused(command, 'bad_settings')).id, 8, JSON.stringify(change));
      }
    }
    for (const thresholds of [[-1], [1, Number.NaN]]) {
      await client.refused({ type: 'trace', id: 9, text, thresholds }, 'bad_input');
    }
    await unharmed(client, before);
  });

  it('impossible models: the open one stays', async () => {
    const client = await started();
    const [run, before] = [client.run, await client.export()];
    const { message, fatal } = await client.refused(
      { type: 'open', settings: small({ hidden_size: 0, dropout: 2 }) },
      'bad_settings',
      { run: 70 },
    );
    assert.equal(message, readSettings({ hidden_size: 0, dropout: 2 }).errors.join(' '));
    assert.equal(fatal, false);
    for (const checkpoint of [NOTHING, utf8('PK\u0003\u0004 and no more'), before.slice(0, 1000), text.slice()]) {
      const failed = await client.refused({ type: 'open', settings: small(), checkpoint }, 'bad_checkpoint', {
        run: 71,
      });
      assert.equal(failed.run, 71);
      assert.equal(failed.fatal, false);
    }
    const broken = filled(before, 'byte_encoder_head.bias', Number.NaN);
    const refused = await client.refused({ type: 'open', settings: small(), checkpoint: broken }, 'bad_checkpoint');
    assert.deepEqual([refused.reason, refused.fields], ['not_finite', { name: 'byte_encoder_head.bias' }]);
    assert.equal(client.run, run);
    await unharmed(client, before);
  });
});

describe('refused, and the model gone', TIMEOUT, () => {
  it('without a model there is nothing to do', async () => {
    const client = new Client();
    for (const type of /** @type {const} */ (['train', 'pause', 'stop', 'reset', 'evaluate']))
      await client.refused({ type }, 'no_model');
    assert.equal((await client.refused({ type: 'export', id: 3, resumable: true }, 'no_model')).id, 3);
    assert.equal(
      (await client.refused({ type: 'open', settings: small({ hidden_size: 0 }) }, 'bad_settings')).fatal,
      true,
    );
    await client.refused({ type: 'data', text }, 'no_model');
  });

  it('a model too large for any memory, and a checkpoint at odds with itself: the open one stays', async () => {
    const client = await started();
    const huge = small({ hidden_size: 1024, num_levels: 8, batch_size: 256, sequence_length: 8192 });
    const { fields, fatal } = await client.refused({ type: 'open', settings: huge }, 'too_big', { run: 60 });
    assert.ok(Number(fields?.mib) > 1024, `${fields?.mib} MiB`);
    assert.equal(fatal, false);
    const { metadata, tensors } = parse(await client.export(false));
    tensors.delete('meta_eos_embeddings.1');
    const checkpoint = serialize({ metadata, tensors });
    const refused = await client.refused({ type: 'open', settings: small(), checkpoint }, 'bad_checkpoint', {
      run: 61,
    });
    assert.equal(refused.fatal, false);
    assert.equal((await client.export(false)).length > 0, true, 'the open model is still there');
    assert.equal((await client.open()).step, 0, 'another can be opened');
  });

  it('no module, or one that this machine cannot run', async () => {
    const client = new Client({ module: () => compile(Uint8Array.from(utf8('no program'))) });
    const { fatal } = await client.refused({ type: 'open', settings: small() }, 'no_module');
    assert.equal(fatal, true);
    const cause = new Error('offline');
    const absent = new Client({ module: () => Promise.reject(cause) });
    const { message } = await absent.refused({ type: 'open', settings: small() }, 'worker');
    assert.ok(message.includes(cause.message), message);
  });
});

describe('refused for the machine', TIMEOUT, () => {
  it('a browser without WebAssembly SIMD, or without WebAssembly', async () => {
    const given = WebAssembly;
    try {
      for (const missing of [{ ...given, validate: () => false }, undefined]) {
        Object.defineProperty(globalThis, 'WebAssembly', { value: missing, configurable: true, writable: true });
        const client = new Client({ module: () => compile(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0])) });
        const { message, fatal } = await client.refused({ type: 'open', settings: small() }, 'no_simd');
        assert.ok(message.includes(ENOUGH), 'it names browsers that are new enough');
        assert.equal(fatal, true);
      }
    } finally {
      Object.defineProperty(globalThis, 'WebAssembly', { value: given, configurable: true, writable: true });
    }
    await new Client().open();
  });
});

describe('refused for the text', TIMEOUT, () => {
  it('an evaluation where nothing is held out', async () => {
    const client = await started({ val_fraction: 0 });
    const { fields, fatal } = await client.refused({ type: 'evaluate' }, 'short_text');
    assert.deepEqual(fields, { heldOut: 0 });
    assert.equal(fatal, false);
    await client.train();
    assert.deepEqual(client.all('validation'), []);
  });
});

describe('cancelled', TIMEOUT, () => {
  it('a trace, a causality check or a comparison of rules sends nothing more', async () => {
    const client = await started();
    client.send({ type: 'trace', id: 31, text: realText(20_000) });
    client.send({ type: 'causality', id: 32, text });
    client.send({ type: 'rules', id: 33, text });
    for (const id of [31, 32, 33]) client.send({ type: 'cancel', id });
    await client.trace(text.slice(0, 600), { reader: 'other' });
    await client.ask({ type: 'causality', id: 34, text: text.slice(0, 10) }, 'causality', ({ id }) => id === 34);
    await client.ask({ type: 'rules', id: 35, text: text.slice(0, 10) }, 'rules', ({ id }) => id === 35);
    assert.ok(client.all('trace').every(({ id, done }) => id !== 31 || !done));
    assert.deepEqual(
      client.all('causality').map(({ id }) => id),
      [34],
    );
    assert.deepEqual(
      client.all('rules').map(({ id }) => id),
      [35],
    );
  });
});

describe('refused for the mode', TIMEOUT, () => {
  it('teacher-forced borders leak, so there are no traces and no cached generation', async () => {
    const client = await started({ border_mode: 'teacher_forced' });
    assert.equal((await client.refused({ type: 'trace', id: 1, text }, 'leaks')).id, 1);
    assert.equal((await client.refused({ type: 'generate', id: 2, ...GENERATION }, 'leaks')).id, 2);
    assert.equal((await client.generate({ mode: 'recompute', max_new_bytes: 5 })).bytes.length, 5);
    await client.train();
  });
});

describe('odd orders', TIMEOUT, () => {
  it('everything before there is a text', async () => {
    const client = new Client();
    await client.open();
    for (const type of /** @type {const} */ (['train', 'pause', 'stop', 'reset', 'evaluate'])) {
      const { fatal } = await client.refused({ type }, 'no_data');
      assert.equal(fatal, false);
    }
    assert.equal((await client.trace(text.slice(0, 300))).length, 2);
    assert.equal((await client.generate({ max_new_bytes: 4 })).bytes.length, 4);
    assert.ok((await client.export()).length > 1000);
  });

  it('pause and stop while idle, train twice, stop twice', async () => {
    const client = await started();
    for (const type of /** @type {const} */ (['pause', 'stop', 'pause'])) client.send({ type });
    await aWhile();
    assert.deepEqual(client.all('state'), []);
    const finished = client.next('state', ({ state }) => state === 'finished');
    for (const type of /** @type {const} */ (['train', 'train'])) client.send({ type });
    await finished;
    assert.deepEqual(
      client.all('progress').map(({ step }) => step),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    for (const type of /** @type {const} */ (['stop', 'pause', 'stop'])) client.send({ type });
    await aWhile();
    assert.deepEqual(
      client.all('state').map(({ state }) => state),
      ['training', 'finished'],
    );
  });

  it('commands all at once: open, text, train, stop, another text, reset, train', async () => {
    const client = new Client();
    client.run = 1;
    const opened = client.next('opened');
    const finished = client.next('state', ({ state, step }) => state === 'finished' && step === 20);
    client.send({ type: 'open', settings: small({ max_steps: 20, log_every: 1 }) });
    client.send({ type: 'data', text: text.slice(4000) });
    for (const type of /** @type {const} */ (['train', 'stop'])) client.send({ type });
    client.send({ type: 'data', text });
    for (const type of /** @type {const} */ (['reset', 'train'])) client.send({ type });
    await opened;
    await finished;
    const usual = await started();
    await usual.train();
    assertSameBits(await client.export(), await usual.export(), 'checkpoint');
    assert.deepEqual(client.all('failed'), []);
  });

  it('opening twice at once leaves the second open', async () => {
    const client = new Client();
    client.send({ type: 'open', settings: small({ workers: 2 }) }, { run: 1 });
    const second = client.next('opened', ({ run }) => run === 2);
    client.send({ type: 'open', settings: small({ workers: 2, seed: 5 }) }, { run: 2 });
    assert.equal((await second).settings.seed, 5);
    client.run = 2;
    await client.data(text);
    await client.refused({ type: 'train' }, 'no_model', { run: 1 });
  });
});

describe('what goes wrong in training', TIMEOUT, () => {
  it('a loss that is NaN pauses training at the last good state', async () => {
    const client = await started();
    const checkpoint = filled(await client.export(), 'byte_encoder_head.weight', 3e38);
    await client.open({ max_steps: 20 }, checkpoint);
    await client.data(text);
    const before = await client.export();
    const paused = client.next('state', ({ state }) => state === 'paused');
    const { fields, fatal } = await client.refused({ type: 'train' }, 'not_finite');
    assert.deepEqual(fields, { failed: 0, step: 0 });
    assert.equal(fatal, false);
    await paused;
    assertSameBits(await client.export(), before, 'checkpoint');
    await client.refused({ type: 'evaluate' }, 'not_finite');
    await client.open();
  });

  it('a training worker that dies is reported, and another model can be opened', async () => {
    const caught = caughtWorkers();
    const client = await started({ workers: 2, max_steps: 100_000 });
    const [thread] = caught.stop();
    const reached = client.next('progress', ({ step }) => step >= 3);
    client.send({ type: 'train' });
    await reached;
    const failed = client.next('failed');
    thread.terminate();
    const { code, fatal } = await failed;
    assert.deepEqual({ code, fatal }, { code: 'worker', fatal: true });
    await client.refused({ type: 'train' }, 'worker');
    await client.open({ max_steps: 20 });
    await client.data(text);
    await client.train();
  });
});
