import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createClient, Refusal } from '../../web/state/client.js';

/** @typedef {import('../../wasm/engine/protocol.js').Event} Event */

/** A client whose workers only record what they are sent; `says` answers as the latest one. */
function connected() {
  /** @type {any[]} */
  const workers = [];
  /** @type {any[]} */
  const events = [];
  /** Reports that a worker has long been silent, or is gone, by the order in which they were started. @type {(() => void)[]} */
  const silent = [];
  /** @type {Map<string, () => void>} */
  const locks = new Map();
  const client = createClient(
    (event) => events.push(event),
    (name = '') => {
      const worker = {
        name,
        sent: /** @type {any[]} */ ([]),
        ended: false,
        onmessage: null,
        onerror: null,
        onmessageerror: null,
        postMessage: (/** @type {any} */ message) => worker.sent.push(message),
        terminate: () => {
          worker.ended = true;
        },
      };
      workers.push(worker);
      return worker;
    },
    {
      lock: (lock, died) => locks.set(lock, died),
      word(died) {
        const at = silent.push(died) - 1;
        return () => {
          silent[at] = () => {};
        };
      },
    },
  );
  /** @param {object} event */
  const says = (event) => workers.at(-1).onmessage({ data: event });
  return { client, workers, events, says, silent, locks };
}

test('no worker is started before it is needed', () => {
  const { client, workers } = connected();
  client.send({ type: 'pause' });
  assert.equal(workers.length, 0);
});

test('a model is the current one once it is opened; events of the one before are stale', async () => {
  const { client, workers, events, says } = connected();
  const opened = client.open(defaults());
  assert.equal(client.run, 0);
  says({ type: 'opened', run: 1, step: 0 });
  assert.equal((await opened).step, 0);
  assert.equal(client.run, 1);
  const second = client.open(defaults());
  says({ type: 'progress', run: 1, step: 3 });
  says({ type: 'opened', run: 2, step: 0 });
  await second;
  says({ type: 'progress', run: 1, step: 4 });
  assert.deepEqual(
    events.map(({ type, run }) => [type, run]),
    [
      ['opened', 1],
      ['progress', 1],
      ['opened', 2],
    ],
  );
  client.send({ type: 'pause' });
  assert.deepEqual(workers[0].sent.at(-1), { type: 'pause', run: 2 });
});

test('a refused model leaves the number of the one before', async () => {
  const { client, says } = connected();
  const first = client.open(defaults());
  says({ type: 'opened', run: 1 });
  await first;
  const second = client.open(defaults(), new Uint8Array(3));
  says({ type: 'failed', run: 2, code: 'bad_checkpoint', message: 'No.', fatal: true });
  await assert.rejects(second, (error) => error instanceof Refusal && error.event.code === 'bad_checkpoint');
  assert.equal(client.run, 1);
});

test('answers go to whoever asked, by id', async () => {
  const { client, says } = connected();
  const opened = client.open(defaults());
  says({ type: 'opened', run: 1 });
  await opened;
  const id = client.nextId();
  const exported = client.export(false);
  says({ type: 'failed', run: 1, id, code: 'worker', message: 'The trace failed.', fatal: false });
  says({ type: 'exported', run: 1, id: id + 1, bytes: new Uint8Array(2), name: 'x' });
  assert.equal((await exported).name, 'x');
});

test('replicas are started for the lead, and ended when it says so or ends itself', () => {
  const { client, workers } = connected();
  client.warm();
  const [lead] = workers;
  const ask = (/** @type {number} */ replica) => {
    const { port1 } = new MessageChannel();
    lead.onmessage({ data: { type: 'spawn', replica, port: port1 } });
    port1.close();
    return port1;
  };
  const port = ask(1);
  assert.equal(workers[1].name, 'replica');
  assert.deepEqual(workers[1].sent, [{ type: 'replica-port', port }]);
  ask(2);
  lead.onmessage({ data: { type: 'dismiss', replica: 1 } });
  assert.deepEqual(
    workers.map(({ ended }) => ended),
    [false, true, false],
  );
  workers[2].onerror({ message: 'out of memory' });
  assert.deepEqual(lead.sent, [{ type: 'replica-ended', replica: 2, why: 'out of memory' }]);
  lead.onerror({ message: 'out of memory' });
  assert.equal(workers[2].ended, true);
});

test('a worker that dies is reported once, and the next command starts another', async () => {
  const { client, workers, events, says } = connected();
  const opened = client.open(defaults());
  says({ type: 'opened', run: 1 });
  await opened;
  const data = client.data(new Uint8Array(1));
  workers[0].onerror({ preventDefault() {} });
  await assert.rejects(data, Refusal);
  assert.equal(workers[0].ended, true);
  const failures = events.filter(({ type }) => type === 'failed');
  assert.equal(failures.length, 1);
  assert.equal(failures[0].fatal, true);
  assert.equal(client.run, 0);
  // Its last events come too late.
  workers[0].onmessage({ data: { type: 'progress', run: 1 } });
  workers[0].onerror({});
  assert.equal(events.filter(({ type }) => type === 'progress').length, 0);
  assert.equal(events.filter(({ type }) => type === 'failed').length, 1);
  const again = client.open(defaults());
  assert.equal(workers.length, 2);
  says({ type: 'opened', run: 2 });
  await again;
  assert.equal(client.run, 2);
});

test('a worker that never answers is given up, and a running one once its lock is free', async () => {
  const { client, workers, says, silent, locks } = connected();
  const opened = client.open(defaults());
  silent[0]();
  await assert.rejects(opened, (error) => error instanceof Refusal && error.event.code === 'worker');
  assert.equal(workers[0].ended, true);
  const again = client.open(defaults());
  says({ type: 'alive', run: 0, lock: 'mine' });
  silent[1]();
  says({ type: 'opened', run: 2 });
  await again;
  const data = client.data(new Uint8Array(1));
  locks.get('mine')?.();
  await assert.rejects(data, (error) => error instanceof Refusal && error.event.code === 'worker');
});

test('a worker in which something broke is ended', async () => {
  const { client, workers, events, says } = connected();
  client.open(defaults());
  says({ type: 'opened', run: 1 });
  const failure = { type: 'failed', run: 1, code: 'worker', message: 'A replica is gone.', fatal: true };
  says({ ...failure, id: 5 });
  assert.equal(workers[0].ended, false, 'only one answer failed');
  says(failure);
  assert.deepEqual([workers[0].ended, client.run, events.at(-1).message], [true, 0, 'A replica is gone.']);
});

test('answers to a job go to whoever asked, and to nobody once it has ended', async () => {
  const { client, workers, events, says } = connected();
  const opened = client.open(defaults());
  says({ type: 'opened', run: 1, step: 0 });
  await opened;
  const before = events.length;
  /** @type {any[]} */
  const answers = [];
  const job = client.job({ type: 'trace', text: new Uint8Array(3) }, [], (event) => answers.push(event));
  assert.deepEqual(workers[0].sent.at(-1), { type: 'trace', text: new Uint8Array(3), id: job.id, run: 1 });
  says({ type: 'trace', run: 1, id: job.id, done: false });
  says({ type: 'trace', run: 1, id: job.id + 1, done: false });
  assert.deepEqual([answers.length, events.length - before], [1, 1]);
  job.end();
  assert.deepEqual(workers[0].sent.at(-1), { type: 'cancel', id: job.id, run: 1 });
  says({ type: 'trace', run: 1, id: job.id, done: false });
  says({ type: 'failed', run: 1, id: job.id, code: 'leaks', message: 'It can’t be read.', fatal: false });
  assert.deepEqual([answers.length, events.length - before], [1, 1]);
});

test('a job that has had its last answer has nothing left to cancel', async () => {
  const { client, workers, says } = connected();
  const opened = client.open(defaults());
  says({ type: 'opened', run: 1 });
  await opened;
  /** @type {any[]} */
  const answers = [];
  const onEvent = (/** @type {any} */ event) => answers.push(event);
  const once = client.job({ type: 'export', resumable: true }, [], onEvent);
  const pieces = client.job({ type: 'trace', text: new Uint8Array(3) }, [], onEvent);
  const sent = workers[0].sent.length;
  says({ type: 'exported', run: 1, id: once.id });
  for (const done of [false, true]) says({ type: 'trace', run: 1, id: pieces.id, done });
  once.end();
  pieces.end();
  assert.deepEqual([answers.length, workers[0].sent.length], [3, sent]);
});

test('a cancelled job that fails all the same is reported to nobody', async () => {
  const { client, workers, events, says } = connected();
  const opened = client.open(defaults());
  says({ type: 'opened', run: 1 });
  await opened;
  const [dropped, kept] = [client.nextId(), client.nextId()];
  client.cancel(dropped);
  assert.deepEqual(workers[0].sent.at(-1), { type: 'cancel', id: dropped, run: 1 });
  for (const id of [dropped, kept])
    says({ type: 'failed', run: 1, id, code: 'leaks', message: 'It can’t be read.', fatal: false });
  assert.deepEqual(
    events.filter(({ type }) => type === 'failed').map(({ id }) => id),
    [kept],
  );
});

test('a job ends with a failure when its model goes, or if there was none', async () => {
  const { client, workers, says } = connected();
  /** @type {any[]} */
  const answers = [];
  const ask = () => client.job({ type: 'trace', text: new Uint8Array(1) }, [], (event) => answers.push(event));
  ask();
  assert.equal(answers.length, 0, 'not before whoever asked has the job');
  await Promise.resolve();
  assert.deepEqual([answers[0].type, answers[0].code], ['failed', 'no_model']);
  client.open(defaults());
  says({ type: 'opened', run: 1 });
  ask();
  client.open(defaults());
  assert.equal(answers.length, 1, 'the model before is still there');
  says({ type: 'opened', run: 2 });
  assert.equal(answers.length, 2);
  ask();
  workers[0].onerror({});
  assert.equal(answers.length, 3);
});

test('a question that comes too late for its model is refused once another is open', async () => {
  const { client, says } = connected();
  client.open(defaults());
  says({ type: 'opened', run: 1 });
  const second = client.open(defaults());
  const data = client.data(new Uint8Array(3));
  says({ type: 'opened', run: 2 });
  await second;
  await assert.rejects(data, (error) => error instanceof Refusal && error.event.code === 'no_model');
});

test('the failure of a job is no answer to whoever waits for something else', async () => {
  const { client, says } = connected();
  const opened = client.open(defaults());
  says({ type: 'opened', run: 1 });
  await opened;
  const dataset = client.data(new Uint8Array(3));
  says({ type: 'failed', run: 1, id: 77, code: 'leaks', message: 'No.', fatal: false });
  says({ type: 'dataset', run: 1, trainBytes: 2, gzipBpb: 4 });
  says({ type: 'dataset', run: 1, trainBytes: 3, gzipBpb: null });
  assert.equal((await dataset).trainBytes, 3);
});
