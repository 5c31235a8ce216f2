/** Replicas that the page starts: what the lead hears of one that ends, or that never answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinks } from '../../wasm/engine/worker/links.js';

/** Links with one replica, whose page only records what it is asked. */
function linked() {
  /** @type {any[]} */
  const posted = [];
  /** @type {any[]} */
  const events = [];
  /** @type {Map<string, () => void>} */
  const locks = new Map();
  let silent = () => {};
  const links = createLinks((event) => void posted.push(event), {
    lock: (lock, died) => locks.set(lock, died),
    word(died) {
      silent = died;
      return () => {
        silent = () => {};
      };
    },
  });
  const link = links.spawn();
  link.listen((event) => events.push(event));
  /** @type {MessagePort} */
  const port = posted[0].port;
  /** What the replica says. @param {any} event @returns {Promise<unknown>} once the lead has it */
  const says = (event) => {
    port.postMessage(event);
    return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  };
  return { links, link, posted, events, locks, says, silent: () => silent(), end: () => port.close() };
}

test('the death of a running replica is noticed by its lock, and is not taken for an answer', async () => {
  const { locks, events, says, silent, end } = linked();
  await says({ type: 'replica-alive', lock: 'its own' });
  silent();
  assert.deepEqual(events, []);
  await says({ type: 'replica-opened', memoryBytes: 1 });
  locks.get('its own')?.();
  assert.deepEqual(
    events.map(({ type, code }) => [type, code]),
    [
      ['replica-opened', undefined],
      ['replica-failed', 'worker'],
    ],
  );
  end();
});

test('one that never answers is given up; the end of one that was dismissed is not reported', () => {
  const one = linked();
  one.silent();
  assert.deepEqual(
    one.events.map(({ type, code }) => [type, code]),
    [['replica-failed', 'worker']],
  );
  one.end();
  const other = linked();
  other.link.close();
  other.silent();
  other.links.receive({ type: 'replica-ended', replica: 1, why: 'out of memory' });
  assert.deepEqual([other.events, other.posted[1]], [[], { type: 'dismiss', replica: 1 }]);
});
