/** The worker's protocol: checkpoints, and one model after another. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { assertSameBits, inside, realText, sameBits } from './support/models.js';
import { clientWith, closeClients } from './support/session.js';
import { caughtWorkers } from './support/workers.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const text = realText(8000);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeClients);

/** @param {Partial<Settings>} [changes] @param {Uint8Array} [checkpoint] */
const started = (changes, checkpoint) => clientWith(text, changes, checkpoint);

describe('checkpoints', TIMEOUT, () => {
  it('go on exactly where they were exported, in another worker', async () => {
    const { client: whole } = await started({ dropout: 0.1, schedule: 'cosine' });
    await whole.train();
    const { client: first } = await started({ dropout: 0.1, schedule: 'cosine' });
    const reached = first.next('progress', ({ step }) => step === 12);
    first.send({ type: 'train' });
    await reached;
    first.send({ type: 'pause' });
    const saved = await first.export();
    const { client: second, opened } = await started({ hidden_size: 99, learning_rate: 1 }, saved.slice());
    assert.equal(opened.step, inside(saved).step);
    assert.equal(opened.settings.hidden_size, 12, 'the checkpoint’s settings win');
    await second.train();
    assertSameBits(await second.export(), await whole.export(), 'checkpoint');
  });

  it('without the optimiser start at step 0 with the same weights', async () => {
    const { client } = await started({ max_steps: 3 });
    await client.train();
    const full = await client.export();
    const bytes = await client.export(false);
    assert.ok(bytes.length < 0.5 * full.length);
    const opened = await client.open({}, bytes);
    assert.equal(opened.step, 0);
    assertSameBits(inside(await client.export(false)).state.parameters, inside(full).state.parameters, 'weights');
    assert.equal(client.all('exported')[0].name, 'adaptive_L32_B0k.safetensors');
  });

  it('without it are read by one worker, and trained by as many as were asked for', async () => {
    const { client } = await started({ max_steps: 3, workers: 2 });
    await client.train();
    const bytes = await client.export(false);
    const caught = caughtWorkers();
    const opened = await client.open({ workers: 2, max_steps: 3 }, bytes);
    assert.equal(opened.settings.workers, 2);
    await client.data(text);
    await client.trace(text.subarray(0, 40));
    assert.equal(caught.workers.length, 0);
    await client.train();
    assert.equal(caught.stop().length, 1);
    const [{ workers, memoryBytes }] = client.all('workers');
    assert.equal(workers, 2);
    assert.ok(memoryBytes > 1.5 * opened.memoryBytes, `${memoryBytes} bytes of ${opened.memoryBytes}`);
  });

  it('opening another ends the first: its events stop and its commands are refused', async () => {
    const { client } = await started({ max_steps: 100000 });
    const first = client.run;
    const reached = client.next('progress', ({ step }) => step === 3);
    client.send({ type: 'train' });
    await reached;
    await client.open({ seed: 2 });
    assert.deepEqual(await client.overhear(), []);
    for (const type of /** @type {const} */ (['train', 'pause', 'stop', 'reset', 'evaluate'])) {
      assert.equal((await client.refused({ type }, 'no_model', { run: first })).run, first);
    }
    assert.ok(!sameBits(await client.export(false), new Uint8Array()));
  });
});
