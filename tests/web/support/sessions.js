/** Sessions of runs for tests: what a browser keeps, and a session's file. */
import assert from 'node:assert/strict';
import { defaults } from '../../../wasm/engine/settings.js';
import { emptyPoints } from '../../../web/state/runs/points.js';
import { createSessionActions } from '../../../web/state/runs/session.js';
import { createShelf } from '../../../web/state/runs/shelf.js';
import { createStore } from '../../../web/state/store.js';
import { textDigest } from '../../../web/storage/digest.js';
import { memoryDatabase } from '../../../web/storage/memory.js';
import { noise, point, run } from './runs.js';

/** A browser's worth of runs. @param {Parameters<typeof memoryDatabase>[0]} [fault] */
export function browser(fault) {
  const store = createStore({ settings: defaults(), theme: 'light' });
  const shelf = createShelf(memoryDatabase(fault), 'me');
  /** @type {{name: string, bytes: Uint8Array}[]} */
  const files = [];
  const tools = /** @type {any} */ ({
    shelf,
    keeper: { save: async () => {} },
    parts: { download: (/** @type {Uint8Array} */ bytes, /** @type {string} */ name) => files.push({ name, bytes }) },
    show: (/** @type {any} */ one) => {
      store.runs.list.value = [one, ...store.runs.list.value.filter(({ id }) => id !== one.id)];
    },
    announce() {},
    pointsOf: shelf.points,
  });
  return { store, shelf, files, ...createSessionActions(store, tools) };
}

/** A text of the reader's own. */
export const own = noise(5000, 3);

/** A session with two runs that belong together, one of them on the reader's own text. */
export async function session(texts = true) {
  const from = browser();
  const digest = await textDigest(own);
  const text = { name: 'diary.txt', bytes: own.length, digest };
  const first = await from.shelf.add(run({ name: 'first', notes: 'good', text }), {
    train: [point(1), point(10)],
    validation: [point(0)],
  });
  await from.shelf.keepText(digest, { name: 'diary.txt', bytes: own });
  await from.shelf.add(run({ name: 'second', counterpart: first.id }), emptyPoints());
  await from.shelf.change(first.id, {}, { weights: { bytes: noise(100_000), step: 10, elapsedMs: 77 } });
  from.store.runs.list.value = (await from.shelf.list()).runs;
  await from.exportSession(texts);
  assert.match(from.files[0].name, /^adaptive-compressor-\d{4}-\d\d-\d\d\.zip$/);
  return { bytes: from.files[0].bytes, digest };
}
