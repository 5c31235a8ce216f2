/** The page's side of the worker for texts: what it does when that worker is killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTextsWorker } from '../../web/state/texts_worker.js';

/** Workers that only record what they are asked; `kill` ends the latest one silently. */
function connected() {
  /** @type {any[]} */
  const workers = [];
  /** @type {Map<string, () => void>} */
  const locks = new Map();
  /** @type {(() => void)[]} */
  const silent = [];
  let again = 0;
  const worker = createTextsWorker(
    () => {},
    () => void again++,
    () => {
      const one = {
        asked: /** @type {any[]} */ ([]),
        ended: false,
        onmessage: /** @type {any} */ (null),
        onerror: null,
        postMessage: (/** @type {any} */ command) => void one.asked.push(command),
        terminate() {
          one.ended = true;
        },
      };
      workers.push(one);
      return one;
    },
    {
      lock: (lock, died) => locks.set(lock, died),
      word: (died) => {
        silent.push(died);
        return () => {};
      },
    },
  );
  /** @param {object} event */
  const says = (event) => workers.at(-1).onmessage({ data: event });
  const kill = () => {
    says({ type: 'alive', run: 0, lock: `lock ${workers.length}` });
    locks.get(`lock ${workers.length}`)?.();
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { worker, workers, says, kill, silent, settle, again: () => again };
}

const CHOICE = { field: null, encoding: 'detected' };

test('when a worker is killed, its question goes to another, which first gets the files it is about', async () => {
  const { worker, workers, says, kill, settle, again } = connected();
  const inspected = worker.ask({ type: 'inspect', files: [] }, 'inspected');
  says({ type: 'inspected', id: 1, found: 'two files' });
  assert.equal((await inspected).found, 'two files');
  const taken = worker.ask({ type: 'take', choice: CHOICE }, 'taken');
  kill();
  await settle();
  assert.deepEqual([workers.length, workers[0].ended, again()], [2, true, 1]);
  assert.deepEqual(workers[1].asked, [{ type: 'inspect', files: [], id: 3 }]);
  says({ type: 'inspected', id: 3, found: 'two files' });
  await settle();
  assert.deepEqual(workers[1].asked[1], { type: 'take', choice: CHOICE, id: 4 });
  says({ type: 'taken', id: 4, text: 'both' });
  assert.equal((await taken).text, 'both');
});

test('a worker killed while idle is replaced at the next question', async () => {
  const { worker, workers, says, kill, settle } = connected();
  const inspected = worker.ask({ type: 'inspect', files: [] }, 'inspected');
  says({ type: 'inspected', id: 1, found: 'a file' });
  await inspected;
  kill();
  assert.equal(workers.length, 1);
  const preview = worker.ask({ type: 'preview', choice: CHOICE }, 'preview');
  says({ type: 'inspected', id: 2, found: 'a file' });
  await settle();
  says({ type: 'preview', id: 3, text: 'It begins' });
  assert.equal((await preview).text, 'It begins');
});

test('a text that kills every worker is refused, and no worker is started after the end', async () => {
  const { worker, workers, kill, silent, settle } = connected();
  const refused = assert.rejects(worker.ask({ type: 'inspect', files: [] }, 'inspected'), { reason: 'worker' });
  kill();
  await settle();
  // This one is killed before it answers.
  silent[1]();
  await refused;
  assert.equal(workers.length, 2);
  worker.end();
  kill();
  assert.equal(workers.length, 2);
});
