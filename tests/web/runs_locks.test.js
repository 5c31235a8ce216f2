import assert from 'node:assert/strict';
import { before, mock, test } from 'node:test';
import { askingLocks } from '../../web/storage/locks.js';

/** Tabs whose messages take a turn of the event loop. @param {number} count */
function tabs(count) {
  /** @type {import('../../web/storage/locks.js').Channel[]} */
  const channels = [];
  for (let i = 0; i < count; i++) {
    channels.push({
      onmessage: null,
      postMessage: (data) =>
        void setImmediate(() => {
          for (const channel of channels) {
            if (channel !== channels[i]) channel.onmessage?.({ data: structuredClone(data) });
          }
        }),
    });
  }
  return channels.map((channel) => askingLocks(channel));
}

/** The outcome once all messages have arrived; waits end only then. @template T @param {Promise<T>} asked */
async function settled(asked) {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  mock.timers.runAll();
  return asked;
}

before(() => mock.timers.enable({ apis: ['setTimeout'] }));

test('a lock that one tab holds can’t be taken by another until it is released', async () => {
  const [first, second] = tabs(2);
  const release = await settled(first.take('run 1'));
  assert.ok(release);
  assert.equal(await settled(second.take('run 1')), null);
  assert.equal(await settled(first.take('run 1')), null, 'nor can the same tab twice');
  assert.ok(await settled(second.take('run 2')));
  assert.deepEqual([...(await settled(first.taken()))], ['run 2']);
  assert.deepEqual([...(await settled(second.taken()))], ['run 1']);
  release();
  assert.ok(await settled(second.take('run 1')));
});

test('of tabs that want the same at once, one gets it', async () => {
  for (let i = 0; i < 5; i++) {
    const all = await settled(Promise.all(tabs(4).map((tab) => tab.take('run'))));
    assert.equal(all.filter(Boolean).length, 1);
  }
});
