/**
 * Where the browser keeps what was trained: records by key in a few tables, changed in transactions that happen wholly
 * or not at all. There is one in the browser (IndexedDB) and one in memory, for where the browser gives no place.
 *
 * @typedef {'runs'|'points'|'weights'|'texts'} Table
 *
 * @typedef {object} Transaction  a promise of it must be waited for before anything else is
 * @property {(table: Table, key: string) => Promise<unknown>} get    undefined where nothing is kept
 * @property {(table: Table) => Promise<string[]>} keys
 * @property {(table: Table, key: string, value: unknown) => Promise<void>} put
 * @property {(table: Table, key: string) => Promise<void>} remove
 *
 * @typedef {object} Database
 * @property {boolean} lasting  whether it outlives the page
 * @property {number} opened    how often it was opened; what was there at the time before may be gone
 * @property {<T>(tables: Table[], write: boolean, work: (transaction: Transaction) => Promise<T>) => Promise<T>} transaction
 *   Resolves once what was written is kept; rejects, and nothing is changed, where `work` or the storage fails.
 */

import { joined } from '../../wasm/files/formats/joined.js';

/** @type {readonly Table[]} */
export const TABLES = Object.freeze(['runs', 'points', 'weights', 'texts']);
const DATABASE = 'adaptive-compressor';
const VERSION = 1;
/** Bytes that are kept as one value: Chromium refuses values of more than 127 MiB. */
const MOST = 64 << 20;
/** Between a key and the number of a part, where bytes were kept in parts; in no other key. */
const PART = '\0';
/** Milliseconds that the browser has to open it. */
const PATIENCE = 4000;
/** Milliseconds between attempts to open it again: while its data are cleared, a browser refuses. */
const PAUSES = [100, 400, 1600];
/** Names of errors after which a connection is of no use: closed by the browser, or its disk or process gone. */
const BROKEN = ['InvalidStateError', 'UnknownError', 'AbortError'];

/** The database was open, went away, and can't be opened again. */
export class LostError extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super('The browser took its storage away.', { cause });
    this.name = 'LostError';
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} key @param {number} i */
const partKey = (key, i) => `${key}${PART}${i}`;

/**
 * Bytes of any size are one value to whoever uses it; those that the browser would refuse are kept in parts.
 * @param {IDBTransaction} transaction
 * @returns {Transaction}
 */
function view(transaction) {
  /** @param {Table} table */
  const store = (table) => transaction.objectStore(table);
  /** @param {Table} table @param {string} key */
  async function get(table, key) {
    const value = await answer(store(table).get(key));
    const count = value?.bytesInParts;
    if (!Number.isInteger(count)) return value;
    const parts = [];
    for (let i = 0; i < count; i++) {
      const part = await answer(store(table).get(partKey(key, i)));
      // Whoever reads finds that bytes are missing.
      if (part instanceof Uint8Array) parts.push(part);
      else break;
    }
    return joined(parts);
  }
  /** @param {Table} table @param {string} key */
  const removeParts = (table, key) => answer(store(table).delete(IDBKeyRange.bound(key + PART, `${key + PART}~`)));
  return {
    get,
    keys: async (table) => (await answer(store(table).getAllKeys())).map(String).filter((key) => !key.includes(PART)),
    async put(table, key, value) {
      if (!(value instanceof Uint8Array)) return void (await answer(store(table).put(value, key)));
      await removeParts(table, key);
      const parts = Math.ceil(value.length / MOST);
      if (parts <= 1) return void (await answer(store(table).put(value, key)));
      // A view would be stored with all that it is a view of.
      for (let i = 0; i < parts; i++)
        await answer(store(table).put(value.slice(i * MOST, (i + 1) * MOST), partKey(key, i)));
      await answer(store(table).put({ bytesInParts: parts }, key));
    },
    async remove(table, key) {
      await removeParts(table, key);
      await answer(store(table).delete(key));
    },
  };
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function ending(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The browser gave up a transaction.'));
  });
}

/** @param {IDBFactory} factory @returns {Promise<IDBDatabase>} a connection; rejects where there is none, or no answer */
function connection(factory) {
  return new Promise((resolve, reject) => {
    const request = factory.open(DATABASE, VERSION);
    const patience = setTimeout(() => {
      // A connection that comes too late must not block others.
      request.onsuccess = () => request.result.close();
      reject(new Error('No answer.'));
    }, PATIENCE);
    request.onupgradeneeded = () => {
      for (const table of TABLES) request.result.createObjectStore(table);
    };
    request.onsuccess = () => {
      clearTimeout(patience);
      resolve(request.result);
    };
    request.onerror = (event) => {
      event.preventDefault?.();
      clearTimeout(patience);
      reject(request.error);
    };
    request.onblocked = () => reject(new Error('Another tab holds an older version.'));
  });
}

/**
 * The browser's own database. Where the browser closes it (its data were cleared, another tab deletes it, a device slept),
 * the next transaction opens it again, perhaps empty.
 * @param {(open: boolean) => void} [changed]  called when it was closed, and when it is open again
 * @param {IDBFactory|undefined} [factory]
 * @returns {Promise<Database>} whose transactions reject with a `LostError` where it can't be opened again
 * @throws where the browser has none, gives none, or can't open it
 */
export async function openDatabase(changed = () => {}, factory = globalThis.indexedDB) {
  if (!factory) throw new Error('This browser has no database.');
  /** @type {IDBDatabase|null} */
  let open = null;
  let opened = 0;
  /** @type {Promise<IDBDatabase>|null} */
  let opening = null;

  /** @param {IDBDatabase} which */
  function lose(which) {
    if (open !== which) return;
    open = null;
    which.close();
    changed(false);
  }

  function connect() {
    opening ??= connection(factory)
      .then((next) => {
        // The browser closed it, or another tab wants to empty or change it.
        next.onclose = () => lose(next);
        next.onversionchange = () => lose(next);
        open = next;
        if (opened++ > 0) changed(true);
        return next;
      })
      .finally(() => {
        opening = null;
      });
    return opening;
  }

  /** @returns {Promise<IDBDatabase>} rejects with a `LostError` */
  async function connected() {
    for (const pause of PAUSES) {
      try {
        return open ?? (await connect());
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return open ?? connect().catch((error) => Promise.reject(new LostError(error)));
  }

  /** @param {Table[]} tables @param {IDBTransactionMode} mode @returns {Promise<IDBTransaction>} */
  async function begin(tables, mode) {
    const first = await connected();
    try {
      return first.transaction(tables, mode);
    } catch {
      // Not every browser says that it closed one.
      lose(first);
      return (await connected()).transaction(tables, mode);
    }
  }

  await connect();
  return {
    lasting: true,
    get opened() {
      return opened;
    },
    async transaction(tables, write, work) {
      const transaction = await begin(tables, write ? 'readwrite' : 'readonly');
      const ended = ending(transaction);
      ended.catch(() => {});
      try {
        const result = await work(view(transaction));
        await ended;
        return result;
      } catch (error) {
        try {
          transaction.abort();
        } catch {
          // It has ended already.
        }
        if (error instanceof Error && BROKEN.includes(error.name)) lose(transaction.db);
        throw error;
      }
    },
  };
}

/**
 * Throws away everything that is kept, also what can't be opened.
 * @param {IDBFactory} [factory]
 */
export async function emptyDatabase(factory = globalThis.indexedDB) {
  await answer(factory.deleteDatabase(DATABASE));
}
