/** Weights as files: the page says what it assumed of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createStore } from '../../web/state/store.js';
import { createWeightActions } from '../../web/state/weights.js';

/** @param {string[]} notes  what opening hands back */
async function opened(notes) {
  const store = createStore({ settings: defaults(), theme: 'light' });
  /** @type {Promise<unknown>} */
  let done = Promise.resolve();
  const { openWeights } = createWeightActions(store, /** @type {any} */ ({}), {
    open: async () => notes,
    handText: async () => {},
    attempt: async (work) => {
      done = work();
      await done;
      return true;
    },
    unlessUnsaved: (_, proceed) => proceed(),
    download: () => {},
  });
  openWeights({ name: 'w.pt', arrayBuffer: async () => new ArrayBuffer(4) });
  await done;
  return store.notice.value;
}

test('the page says what it assumed of opened weights, and nothing where it assumed nothing', async () => {
  assert.equal(await opened([]), null);
  const notice = await opened(['All names begin with “module.”.', 'It holds weights alone.']);
  assert.deepEqual(notice, {
    kind: 'note',
    message: 'w.pt: All names begin with “module.”. It holds weights alone.',
    reason: 'taken_for_granted',
  });
});
