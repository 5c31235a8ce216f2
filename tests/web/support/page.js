/** The page's state without its components; its workers are threads, which can be killed. */
import { Worker } from 'node:worker_threads';
import { defaults } from '../../../wasm/engine/settings.js';
import { createEngine } from '../../../web/state/engine.js';
import { createStore } from '../../../web/state/store.js';
import { memoryDatabase } from '../../../web/storage/memory.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../../wasm/engine/protocol.js').Command} Command */
/** @typedef {import('../../../wasm/engine/protocol.js').Event} Event */
/** @typedef {Worker & {name: string, gone: boolean}} Thread */

// There are no other tabs, and a channel to them would keep Node from exiting.
Object.assign(globalThis, { BroadcastChannel: undefined });

const SCRIPT = new URL('./page_thread.js', import.meta.url);

/** @type {import('../../../web/storage/locks.js').Locks} */
const ALONE = { take: async () => () => {}, taken: async () => new Set() };

/**
 * A page with a text and an example that is a fresh model.
 * @param {Partial<Settings>} settings
 * @param {Uint8Array} text
 * @param {{database?: import('../../../web/storage/database.js').Database, locks?: import('../../../web/storage/locks.js').Locks}} [options]
 *   default a database that lasts, and no other tabs
 */
export async function openPage(
  settings,
  text,
  { database = { ...memoryDatabase(), lasting: true }, locks = ALONE } = {},
) {
  const store = createStore({ settings: defaults(settings), theme: 'light', passage: { length: 64 } });
  /** @type {Thread[]} */
  const threads = [];
  /** Called with every command and event, before the page has it. @type {Set<(message: Command|Event) => void>} */
  const listeners = new Set();
  /** @param {Command|Event} message */
  const notify = (message) => {
    for (const listener of listeners) listener(message);
  };
  /** @type {Map<string, () => void>} */
  const watched = new Map();
  let closed = false;

  /** @param {string} [name] */
  function spawn(name = '') {
    const lock = `worker ${threads.length}`;
    const thread = /** @type {Thread} */ (new Worker(SCRIPT, { workerData: { name, lock } }));
    Object.assign(thread, { name, gone: false });
    threads.push(thread);
    const worker = {
      onmessage: /** @type {((e: any) => void)|null} */ (null),
      onerror: /** @type {((e: any) => void)|null} */ (null),
      onmessageerror: null,
      postMessage(/** @type {any} */ command, /** @type {any} */ transfer) {
        notify(command);
        thread.postMessage(command, transfer);
      },
      terminate() {
        thread.gone = true;
        thread.terminate();
      },
    };
    thread.on('message', (data) => {
      notify(data);
      worker.onmessage?.({ data });
    });
    thread.on('exit', () => {
      thread.gone = true;
      if (closed) return;
      // A lead's end is noticed by its lock, a replica's by its lead.
      if (name === '') watched.get(lock)?.();
      else worker.onerror?.({ message: 'it was ended' });
    });
    return worker;
  }

  /** @type {{name: string, bytes: Uint8Array}[]} */
  const files = [];
  const { client, generation, runs, models } = createEngine(store, {
    fetchSample: async () => text,
    async fetchExample() {
      throw new Error('There is none.');
    },
    download: (bytes, name) => files.push({ name, bytes }),
    spawn,
    watch: { lock: (lock, died) => watched.set(lock, died), word: () => () => {} },
    nextFrame: setImmediate,
    storage: {
      database: async () => database,
      locks,
    },
  });
  store.text.value = { name: 'a book', bytes: text };
  await models.openExample();
  await runs.load();

  return {
    store,
    client,
    runs,
    listeners,
    files,
    actions: { ...models, ...generation },
    /** The workers still running. @param {'lead'|'replica'} kind */
    living: (kind) => threads.filter(({ name, gone }) => !gone && (name === 'replica') === (kind === 'replica')),
    async close() {
      closed = true;
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openPage>>} Page */
