/** What the reader does with runs, one action right after another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createRunActions } from '../../web/state/runs/actions.js';
import { emptyPoints } from '../../web/state/runs/points.js';
import { createShelf } from '../../web/state/runs/shelf.js';
import { createStore } from '../../web/state/store.js';
import { memoryDatabase } from '../../web/storage/memory.js';
import { noise, run } from './support/runs.js';

/**
 * A kept run, the actions on it, and what was refused because another tab has the run.
 * @param {any} [keeper]
 */
async function withRun(keeper = { amend() {} }) {
  const store = createStore({ settings: defaults(), theme: 'light' });
  const shelf = createShelf(memoryDatabase(), 'me');
  const { id } = await shelf.add(run({ name: 'first' }), emptyPoints());
  store.runs.list.value = (await shelf.list()).runs;
  const seen = { refused: 0, opened: '', files: /** @type {Uint8Array[]} */ ([]) };
  let held = false;
  const tools = /** @type {any} */ ({
    shelf,
    keeper,
    announce() {},
    parts: {
      unlessUnsaved: (/** @type {string} */ _, /** @type {() => void} */ proceed) => proceed(),
      download: (/** @type {Uint8Array} */ bytes) => seen.files.push(bytes),
    },
    show: (/** @type {any} */ one) => {
      store.runs.list.value = one.deleted ? [] : [one];
    },
    opening: {
      async openAgain() {
        seen.opened = held ? 'too early' : store.runs.list.value[0].name;
      },
    },
    async take() {
      if (held) {
        seen.refused++;
        return null;
      }
      held = true;
      const taken = await shelf.claim(id);
      const release = () => {
        held = false;
      };
      return { run: taken, release };
    },
  });
  return { store, shelf, seen, id, ...createRunActions(store, tools) };
}

test('changes follow one another, however quickly they are asked for', async () => {
  const { shelf, seen, id, rename, setNotes, remove } = await withRun();
  const done = await Promise.all([rename(id, 'second'), setNotes(id, 'good'), remove(id)]);
  assert.deepEqual(done.slice(0, 2), [true, true]);
  assert.equal(seen.refused, 0);
  const [{ name, notes, deleted }] = (await shelf.list()).runs;
  assert.deepEqual([name, notes, deleted], ['second', 'good', true]);
});

test('a run is opened after its last change', async () => {
  const { seen, id, rename, goOn } = await withRun();
  const renamed = rename(id, 'second');
  goOn(id);
  await renamed;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(seen.opened, 'second');
});

test('the weights of the run under way are saved as they are now', async () => {
  const keeper = { open: { run: { id: '' } }, save: async () => {} };
  const { store, shelf, seen, id, exportRun } = await withRun(keeper);
  const weights = (/** @type {number} */ step) => ({ bytes: noise(1000, step), step, elapsedMs: 9 });
  store.runs.list.value = [await shelf.change(id, {}, { weights: weights(4) })];
  keeper.save = async () => {
    store.runs.list.value = [await shelf.change(id, { state: 'finished' }, { weights: weights(8), last: true })];
  };
  await exportRun(id, 'weights');
  keeper.open.run.id = id;
  await exportRun(id, 'weights');
  assert.deepEqual(seen.files, [weights(4).bytes, weights(8).bytes]);
});
