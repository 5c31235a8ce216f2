/** The worker's estimate of settings before training; and texts that come as Blobs. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { borderLevelsOf } from '../../wasm/engine/config.js';
import { surroundings } from '../../wasm/engine/node/surroundings.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { Estimator, expectedTokens } from '../../wasm/engine/worker/estimate.js';
import { serve } from '../../wasm/engine/worker/worker.js';
import { module, realText, small } from './support/models.js';
import { Client, closeClients } from './support/session.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const TIMEOUT = { timeout: 60_000 };
afterEach(closeClients);

/** @param {Client} client @param {Partial<Settings>} changes */
function estimate(client, changes) {
  const id = ++client.lastId;
  return client.ask({ type: 'estimate', id, settings: small(changes) }, 'estimate', (event) => event.id === id);
}

describe('an estimate', TIMEOUT, () => {
  it('needs no model, and says what one then has', async () => {
    for (const changes of /** @type {const} */ ([
      {},
      { model_type: 'baseline' },
      { hidden_size: 24, num_levels: 2, workers: 2 },
    ])) {
      const client = new Client();
      const said = await estimate(client, changes);
      const { parameterCount, memoryBytes } = await client.open(changes);
      assert.equal(said.parameterCount, parameterCount);
      assert.equal(said.workers, small(changes).workers);
      // Beside the models there are their buffers for bytes and results, and the module's own data.
      const besides = memoryBytes + said.readersBytes - said.memoryBytes;
      assert.ok(besides >= 0 && besides < said.workers * 2 ** 18, `${said.memoryBytes} of ${memoryBytes}`);
      assert.ok(said.readersBytes > 4 * parameterCount, 'readers have the weights');
      assert.ok(said.workerBytes >= (said.memoryBytes - said.readersBytes) / said.workers);
      assert.ok(said.gflopPerStep > 0);
      assert.ok(said.gflops !== null && said.gflops > 0.01);
    }
  });

  it('grows with what costs more', async () => {
    const client = new Client();
    const [a, b, c] = [
      await estimate(client, {}),
      await estimate(client, { hidden_size: 48 }),
      await estimate(client, { batch_size: 16 }),
    ];
    assert.ok(b.parameterCount > a.parameterCount && b.memoryBytes > a.memoryBytes && b.gflopPerStep > a.gflopPerStep);
    assert.ok(c.parameterCount === a.parameterCount && c.memoryBytes > a.memoryBytes);
    assert.ok(Math.abs(c.gflopPerStep / a.gflopPerStep - 4) < 1e-9, 'four times the sequences');
  });

  it('is measured again until it settles, and never falls', async () => {
    const client = new Client();
    let [last, asked] = [await estimate(client, {}), 1];
    assert.equal(last.settled, false, 'one figure may be too low');
    for (; !last.settled && asked < 40; asked++) {
      const next = await estimate(client, {});
      assert.ok(Number(next.gflops) >= Number(last.gflops));
      last = next;
    }
    assert.ok(last.settled, `after ${asked} times`);
    assert.equal((await estimate(client, {})).gflops, last.gflops);
  });

  it('counts what workers trade, as long as the open model’s, for so many parameters', async () => {
    const estimator = new Estimator({ ...surroundings(), cores: 2, module: async () => module });
    /** @param {Partial<Settings>} changes @param {{ms: number, size: number}|null} exchange @param {boolean} busy */
    const ms = async (changes, exchange, busy) => {
      const { gflopPerStep, gflops } = await estimator.estimate(small(changes), exchange, {
        training: () => busy,
        other: () => false,
      });
      return (1000 * gflopPerStep) / Number(gflops);
    };
    const [size, more] = [500, 30];
    for (const [workers, expected] of [
      [2, more],
      [1, 0],
    ]) {
      const { parameterCount } = await estimator.estimate(small({ workers }), null, {
        training: () => false,
        other: () => false,
      });
      const known = await ms({ workers }, null, true);
      const trading = await ms({ workers }, { ms: more, size }, true);
      assert.ok(Math.abs(trading - known - (expected * parameterCount) / size) < 1e-6, `workers: ${workers}`);
    }
  });

  it('measures nothing while training goes on, and changes nothing of it', async () => {
    const client = new Client();
    await client.open({ max_steps: 1e6 });
    await client.data(realText(6000));
    const begun = client.next('progress');
    client.send({ type: 'train' });
    await begun;
    assert.equal((await estimate(client, { hidden_size: 20 })).gflops, null);
    const paused = client.next('state', ({ state }) => state === 'paused');
    client.send({ type: 'pause' });
    await paused;
    assert.ok(Number((await estimate(client, { hidden_size: 20 })).gflops) > 0);
  });

  it('of wrong settings is refused in a sentence', async () => {
    const client = new Client();
    await client.refused({ type: 'estimate', id: 1, settings: small({ hidden_size: 0 }) }, 'bad_settings');
  });

  it('expects fewer tokens the higher the level', () => {
    for (const { changes } of Object.values(PRESETS)) {
      const tokens = expectedTokens(small(changes), borderLevelsOf(module, small(changes)));
      assert.equal(tokens.length, small(changes).num_levels);
      for (let level = 1; level < tokens.length; level++) assert.ok(tokens[level - 1] > tokens[level]);
      assert.ok(tokens[tokens.length - 1] >= small(changes).batch_size);
    }
  });
});

describe('a text as a Blob', TIMEOUT, () => {
  it('is trained on as the same bytes are, with the same held-out part', async () => {
    const text = realText(8000);
    const blob = (/** @type {Uint8Array} */ bytes) => new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]);
    const ends = [];
    for (const command of [
      { text: text.slice(0, 7000), heldOut: text.slice(7000) },
      { text: blob(text.subarray(0, 7000)), heldOut: blob(text.subarray(7000)) },
    ]) {
      const client = new Client();
      await client.open({ max_steps: 10, eval_every: 5 });
      const dataset = await client.ask({ type: 'data', ...command }, 'dataset');
      await client.train();
      ends.push([dataset.trainBytes, dataset.heldOutBytes, client.all('validation').map((event) => event.losses)]);
    }
    assert.deepEqual(ends[1], ends[0]);
    const client = new Client();
    await client.open();
    const { trainBytes, heldOutBytes } = await client.ask({ type: 'data', text: blob(text) }, 'dataset');
    assert.deepEqual([trainBytes, heldOutBytes], [7200, 800]);
  });

  it('that can’t be read any more is reported in a sentence, and the text before stays', async () => {
    /** @type {import('../../wasm/engine/protocol.js').Event[]} */
    const events = [];
    const answer = serve((event) => events.push(event), surroundings());
    // Commands of one queue: each waits for the one before.
    answer({ type: 'open', run: 1, settings: small() });
    answer({ type: 'data', run: 1, text: realText(6000) });
    const gone = /** @type {any} */ ({ arrayBuffer: () => Promise.reject(new Error('gone')) });
    answer({ type: 'data', run: 1, text: gone });
    answer({ type: 'evaluate', run: 1 });
    while (!events.some(({ type }) => type === 'validation')) await new Promise((resolve) => setTimeout(resolve, 5));
    const failed = events.find((event) => event.type === 'failed');
    assert.equal(failed?.code, 'unreadable_text');
    assert.equal(failed?.fatal, false);
  });
});
