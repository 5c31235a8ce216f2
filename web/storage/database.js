/**
 * Where the browser keeps what was trained: records by key in a few tables, changed in transactions that happen wholly
 * or not at all. There is one in the browser (IndexedDB) and one in memory, for where the browser gives no place.
 *
 * @typedef {'runs'|'points'|'weights'|'texts'} Table
 *
 * @typedef {object} Transaction  a promise of it must be waited for before anything else is
 * @property {(table: Table, key: string) => Promise<unknown>} get    undefined where nothing is kept
 * @property {(table: Table) => Promise<unknown[]>} all               in the order of their keys
 * @property {(table: Table) => Promise<string[]>} keys
 * @property {(table: Table, key: string, value: unknown) => Promise<void>} put
 * @property {(table: Table, key: string) => Promise<void>} remove
 *
 * @typedef {object} Database
 * @property {boolean} lasting  whether it outlives the page
 * @property {<T>(tables: Table[], write: boolean, work: (transaction: Transaction) => Promise<T>) => Promise<T>} transaction
 *   Resolves once what was written is kept; rejects, and nothing is changed, where `work` or the storage fails.
 */

/** @type {readonly Table[]} */
export const TABLES = Object.freeze(['runs', 'points', 'weights', 'texts']);
const DATABASE = 'adaptive-compressor';
const VERSION = 1;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Transaction} */
function view(transaction) {
  /** @param {Table} table */
  const store = (table) => transaction.objectStore(table);
  return {
    get: (table, key) => answer(store(table).get(key)),
    all: (table) => answer(store(table).getAll()),
    keys: async (table) => (await answer(store(table).getAllKeys())).map(String),
    async put(table, key, value) {
      await answer(store(table).put(value, key));
    },
    remove: (table, key) => answer(store(table).delete(key)),
  };
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function ending(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The browser gave up a transaction.'));
  });
}

/**
 * The browser's own database.
 * @param {IDBFactory|undefined} [factory]
 * @returns {Promise<Database>}
 * @throws where the browser has none, gives none, or can't open it
 */
export async function openDatabase(factory = globalThis.indexedDB) {
  if (!factory) throw new Error('This browser has no database.');
  const request = factory.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    for (const table of TABLES) request.result.createObjectStore(table);
  };
  const database = await new Promise((/** @type {(opened: IDBDatabase) => void} */ resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault?.();
      reject(request.error);
    };
    request.onblocked = () => reject(new Error('Another tab holds an older version.'));
  });
  // Another tab wants to empty or change it.
  database.onversionchange = () => database.close();
  return {
    lasting: true,
    async transaction(tables, write, work) {
      const transaction = database.transaction(tables, write ? 'readwrite' : 'readonly');
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
