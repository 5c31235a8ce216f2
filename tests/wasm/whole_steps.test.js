// tier: quick
/** What the worker says of several workers' speed: from whole steps that they take before there is a model. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { madeUpText } from '../../wasm/engine/worker/whole_steps.js';
import { realText, small } from './support/models.js';
import { Client, closeClients } from './support/session.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const TIMEOUT = { timeout: 120_000 };
/** Milliseconds by which a replica is late; and what a step with it takes at least, with fewer tokens than were measured. */
const [LATE, SEEN] = [130, 65];

afterEach(closeClients);

/** Each test has a model of another width: what was found of one is remembered. */
let width = 12;

/** Surroundings with replicas that answer late, and what became of them. */
function late() {
  const seen = { spawned: 0, closed: 0, steps: 0, onStep: () => {} };
  const spawn = () => {
    const link = spawnReplica();
    const { post, close } = link;
    seen.spawned++;
    link.post = (command, transfer) => {
      if (command.type !== 'replica-step') return post(command, transfer);
      seen.steps++;
      seen.onStep();
      setTimeout(post, LATE, command, transfer);
    };
    link.close = () => {
      seen.closed++;
      close();
    };
    return link;
  };
  return { seen, surroundings: { cores: 2, spawn } };
}

/** @param {Client} client @param {Partial<Settings>} changes */
function ask(client, changes) {
  const id = ++client.lastId;
  return client.ask({ type: 'estimate', id, settings: small(changes) }, 'estimate', (event) => event.id === id);
}

/** Milliseconds of a step. @param {import('../../wasm/engine/protocol.js').EstimateEvent} said */
const msOf = ({ gflopPerStep, gflops }) => (1000 * gflopPerStep) / Number(gflops);

describe('whole steps of two workers', TIMEOUT, () => {
  it('are what the second answer tells: a replica that is late shows in it', async () => {
    const { seen, surroundings } = late();
    const client = new Client(surroundings);
    const changes = { workers: 2, hidden_size: ++width };
    const first = await ask(client, changes);
    assert.deepEqual([first.settled, seen.spawned], [false, 0], 'the first answer comes at once');
    const second = await ask(client, changes);
    assert.ok(second.settled);
    assert.ok(msOf(second) > SEEN && seen.steps > 3, `${msOf(second)} ms by ${seen.steps} steps`);
    assert.deepEqual([seen.spawned, seen.closed], [1, 1], 'nothing is left of it');
    const { steps } = seen;
    assert.equal((await ask(client, changes)).gflops, second.gflops);
    assert.equal(seen.steps, steps, 'it is known');
    assert.equal((await ask(client, { ...changes, batch_size: 6 })).settled, false, 'of other work it is not');
  });

  it('find the number of workers for the model that is trained then', async () => {
    const { seen, surroundings } = late();
    const changes = { workers: 0, hidden_size: ++width, max_steps: 300, eval_every: 0, sample_bytes: 0 };
    const client = new Client(surroundings);
    assert.equal((await ask(client, changes)).choice, null);
    const said = await ask(client, changes);
    assert.deepEqual([said.workers, said.choice?.workers, said.choice?.all, said.settled], [1, 1, 2, true]);
    assert.ok(1000 / Number(said.choice?.allSpeed) > SEEN);
    assert.ok(Math.abs(1000 / Number(said.choice?.aloneSpeed) - msOf(said)) < 1e-6, 'one speed, said twice');
    const { steps } = seen;
    await client.open(changes);
    await client.data(realText(9000));
    const found = client.next('workers');
    client.send({ type: 'train' });
    assert.equal((await found).workers, 1);
    assert.equal(seen.steps, steps, 'nothing is measured again');
  });

  it('find no number for a run that is too short for one', async () => {
    const client = new Client(late().surroundings);
    const changes = { workers: 0, hidden_size: ++width, max_steps: 50 };
    await ask(client, changes);
    const { choice, workers, settled } = await ask(client, changes);
    assert.deepEqual([choice, workers, settled], [null, 2, true]);
  });

  it('end where something else is asked, or a model is opened or read with', async () => {
    const { seen, surroundings } = late();
    const client = new Client(surroundings);
    const changes = { workers: 2, hidden_size: ++width };
    await ask(client, changes);
    for (const other of [
      () => ask(client, { workers: 1 }),
      () => client.open({ workers: 1 }),
      () => client.generate({ max_new_bytes: 100_000 }),
    ]) {
      const begun = new Promise((resolve) => {
        seen.onStep = () => resolve(undefined);
      });
      const asked = ask(client, changes);
      await begun;
      const { steps } = seen;
      const done = other();
      assert.equal((await asked).settled, false);
      assert.ok(seen.steps <= steps + 2, `${seen.steps - steps} more steps`);
      assert.equal(seen.closed, seen.spawned);
      // What reads with a model has no end of its own.
      if (client.run > 0) client.send({ type: 'cancel', id: client.lastId });
      await done;
    }
    assert.ok((await ask(client, changes)).settled, 'asked again, it is measured');
  });

  it('are given up where a worker can’t be had, or their steps are long', async () => {
    const gone = () => {
      const link = spawnReplica();
      const { listen } = link;
      link.listen = (listener) => {
        listen(() => {});
        setTimeout(listener, 5, { type: 'replica-failed', code: 'worker', message: 'Gone.' });
      };
      return link;
    };
    const { seen, surroundings } = late();
    const large = { batch_size: 64, sequence_length: 1024, hidden_size: 512 };
    for (const [spawn, changes] of /** @type {const} */ ([
      [gone, { hidden_size: ++width }],
      [surroundings.spawn, large],
    ])) {
      const client = new Client({ cores: 2, spawn });
      let said = await ask(client, { workers: 2, ...changes });
      const first = msOf(said);
      for (let asked = 1; !said.settled && asked < 40; asked++) said = await ask(client, { workers: 2, ...changes });
      assert.ok(said.settled && msOf(said) <= first);
      assert.equal(seen.spawned, 0);
    }
  });
});

describe('a text that is made up', () => {
  it('is the same for the same seed, and has spaces as English has', () => {
    const text = madeUpText(30_000);
    assert.deepEqual(madeUpText(30_000), text);
    assert.notDeepEqual(madeUpText(30_000, 2), text);
    const spaces = text.filter((byte) => byte === 32).length / text.length;
    assert.ok(spaces > 0.15 && spaces < 0.25, `${spaces}`);
    const seen = new Set(Array.from({ length: text.length - 5 }, (_, i) => text.subarray(i, i + 6).join()));
    assert.ok(seen.size > 0.9 * text.length, `${seen.size} sequences of six bytes`);
  });
});
