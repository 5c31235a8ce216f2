/** The number of workers that the machine chooses: measured before the first step, which is then as if it had been asked for. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { chooseWorkers, knownChoice } from '../../wasm/engine/choosing.js';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { Group } from '../../wasm/engine/replicas.js';
import { advance, assertSameState, closeGroups, RESIDUAL, realText, small, trainerOn } from './support/models.js';
import { Client, closeClients } from './support/session.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const TIMEOUT = { timeout: 60_000 };
const text = realText(9000);
const pause = async () => {};
/** Long enough to be worth measuring. */
const LONG = { max_steps: 1000, workers: 2 };

afterEach(() => {
  closeGroups();
  return closeClients();
});

/** Each test has a model of another width: what was found of one is remembered. */
let width = 8;

/** Settings of a model that nobody has measured. @param {Partial<Settings>} [changes] */
const unknown = (changes = {}) => small({ ...LONG, hidden_size: ++width, ...changes });

/**
 * A clock by which a step takes one worker and two so long.
 * @param {import('node:test').TestContext} t
 * @param {number} alone  milliseconds
 * @param {number} both
 */
function clock(t, alone, both) {
  const seen = { now: 0, steps: 0 };
  const step = Group.prototype.step;
  t.mock.method(
    Group.prototype,
    'step',
    /** @this {Group} @param {Parameters<Group['step']>} args */ function (...args) {
      seen.now += this.workers === 1 ? alone : both;
      seen.steps++;
      return step.apply(this, args);
    },
  );
  return { seen, way: { pause, now: () => seen.now } };
}

/** Losses and the state after some steps. @param {Settings} settings @param {number} workers */
async function straight(settings, workers) {
  const { trainer, group } = await trainerOn(settings, text, { workers, spawn: spawnReplica });
  return { losses: await advance(trainer, 5), state: group.state() };
}

describe('the number of workers', TIMEOUT, () => {
  for (const [expected, alone, both] of [
    [1, 4, 5],
    [2, 5, 4],
    [2, 5, 5.1],
  ])
    for (const changes of [{ dropout: 0.1 }, RESIDUAL])
      it(`is ${expected} where steps take ${alone} and ${both} ms, as if asked for, ${Object.keys(changes)}`, async (t) => {
        const settings = unknown(/** @type {Partial<Settings>} */ (changes));
        const wanted = await straight(settings, expected);
        const { trainer, group } = await trainerOn(settings, text, { workers: 2, spawn: spawnReplica });
        const { seen, way } = clock(t, alone, both);
        const choice = await chooseWorkers(trainer, way);
        assert.deepEqual([choice?.workers, group.workers, settings.workers], [expected, expected, expected]);
        assert.ok(seen.now <= 0.05 * 1000 * both, `${seen.now} ms of ${1000 * both}`);
        assert.deepEqual(await advance(trainer, 5), wanted.losses);
        assertSameState(group.state(), wanted.state, 'state');
      });

  it('is remembered, and then costs no step', async (t) => {
    const settings = unknown();
    const again = { ...settings };
    const { trainer } = await trainerOn(settings, text, { workers: 2, spawn: spawnReplica });
    const { seen, way } = clock(t, 4, 6);
    assert.equal(knownChoice(settings, 2), undefined);
    await chooseWorkers(trainer, way);
    const { steps } = seen;
    assert.ok(steps > 4);
    assert.equal(knownChoice(again, 2)?.workers, 1);
    const { trainer: next, group } = await trainerOn(again, text, { workers: 2, spawn: spawnReplica });
    await chooseWorkers(next, way);
    assert.deepEqual([seen.steps, group.workers], [steps, 1]);
    assert.equal(knownChoice(again, 3), undefined, 'another machine');
    assert.equal(knownChoice({ ...again, batch_size: 8 }, 2), undefined, 'other work');
  });

  it('is not measured where that would take more than a twentieth of the run, or long', async (t) => {
    /** @type {[Partial<Settings>, number, number][]} changes, milliseconds of a step, most steps that are made */
    const cases = [
      [{ max_steps: 100 }, 5, 0],
      [{ max_minutes: 0.01 }, 10, 2],
      [{ max_steps: 100_000 }, 300, 2],
      [{ max_steps: 100_000 }, 500, 1],
    ];
    for (const [changes, ms, most] of cases) {
      const settings = unknown(changes);
      const wanted = await straight(settings, 2);
      const { trainer, group } = await trainerOn(settings, text, { workers: 2, spawn: spawnReplica });
      const { seen, way } = clock(t, ms, ms);
      assert.equal(await chooseWorkers(trainer, way), null);
      assert.ok(seen.steps <= most, `${seen.steps} steps, ${JSON.stringify(changes)}`);
      t.mock.restoreAll();
      assert.deepEqual([group.workers, await advance(trainer, 5)], [2, wanted.losses]);
      assert.equal(knownChoice(settings, 2), undefined);
    }
  });

  it('stays where steps were made', async (t) => {
    const settings = unknown();
    const { trainer, group } = await trainerOn(settings, text, { workers: 2, spawn: spawnReplica });
    await advance(trainer, 1);
    const { seen, way } = clock(t, 1, 5);
    assert.equal(await chooseWorkers(trainer, way), null);
    assert.deepEqual([seen.steps, group.workers], [0, 2]);
  });

  it('is all of them where numbers stop being finite', async () => {
    const { trainer, group } = await trainerOn(unknown(), text, { workers: 2, spawn: spawnReplica });
    const { good } = trainer;
    good.state.parameters.fill(Number.NaN);
    group.restore(good.state);
    assert.equal(await chooseWorkers(trainer, { pause }), null);
    assert.equal(group.workers, 2);
  });
});

/** A replica that answers late. */
function slowReplica() {
  const link = spawnReplica();
  const { post } = link;
  link.post = (command, transfer) => void setTimeout(post, command.type === 'replica-step' ? 15 : 0, command, transfer);
  return link;
}

describe('a session that leaves the number to the machine', TIMEOUT, () => {
  const surroundings = { cores: 2, spawn: slowReplica };

  it('says which one it took, ends with its bits, and reckons with it', async () => {
    const settings = { workers: 0, max_steps: 300, hidden_size: ++width, eval_every: 0, sample_bytes: 0 };
    const client = new Client(surroundings);
    const opened = await client.open(settings);
    assert.equal(opened.settings.workers, 2);
    await client.data(text);
    await client.train();
    const chosen = client.all('workers');
    assert.deepEqual(
      chosen.map(({ workers }) => workers),
      [1],
    );
    assert.ok(chosen[0].memoryBytes < opened.memoryBytes);
    const bytes = await client.export();
    const asked = new Client(surroundings);
    await asked.open({ ...settings, workers: 1 });
    await asked.data(text);
    await asked.train();
    assert.equal(asked.all('workers').length, 0, 'nothing is left to the machine');
    assert.ok(Buffer.from(bytes).equals(Buffer.from(await asked.export())));
    const id = ++client.lastId;
    const said = await client.ask({ type: 'estimate', id, settings: small(settings) }, 'estimate');
    assert.deepEqual([said.workers, said.choice?.workers, said.choice?.all], [1, 1, 2]);
    // What is gone on with has the number that it had.
    const goes = new Client(surroundings);
    const again = await goes.open({ workers: 0 }, bytes);
    assert.equal(again.settings.workers, 1);
  });
});
