/** A database in memory, for as long as the page is open. It copies what goes in and out, as the browser's own does. */
import { TABLES } from './database.js';

/** @typedef {import('./database.js').Table} Table */
/** @typedef {import('./database.js').Transaction} Transaction */

/** What a transaction is about to do. @typedef {'get'|'keys'|'put'|'remove'|'end'} Deed */

/**
 * A copy as the browser's database makes it.
 * @template T
 * @param {T} value
 * @returns {Promise<T>}
 */
function copyOf(value) {
  if (typeof structuredClone === 'function') return Promise.resolve(structuredClone(value));
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port2.onmessage = ({ data }) => {
      port2.close();
      resolve(data);
    };
    port1.postMessage(value);
  });
}

/**
 * @param {(deed: Deed, table?: Table, key?: string) => Error|null|undefined} [fault]  what goes wrong with it
 * @returns {import('./database.js').Database & {tables: Map<Table, Map<string, unknown>>}}
 */
export function memoryDatabase(fault = () => null) {
  /** @type {Map<Table, Map<string, unknown>>} */
  let tables = new Map(TABLES.map((table) => [table, new Map()]));
  /** Transactions come one after the other. @type {Promise<unknown>} */
  let last = Promise.resolve();

  /** @param {Deed} deed @param {Table} [table] @param {string} [key] */
  function may(deed, table, key) {
    const error = fault(deed, table, key);
    if (error) throw error;
  }

  /** @param {Map<Table, Map<string, unknown>>} own @returns {Transaction} */
  const view = (own) => {
    const rows = (/** @type {Table} */ table) => /** @type {Map<string, unknown>} */ (own.get(table));
    return {
      async get(table, key) {
        may('get', table, key);
        return copyOf(rows(table).get(key));
      },
      async keys(table) {
        may('keys', table);
        return [...rows(table).keys()].sort();
      },
      async put(table, key, value) {
        may('put', table, key);
        rows(table).set(key, await copyOf(value));
      },
      async remove(table, key) {
        may('remove', table, key);
        rows(table).delete(key);
      },
    };
  };

  return {
    lasting: false,
    opened: 1,
    get tables() {
      return tables;
    },
    transaction(_tables, write, work) {
      const turn = last.then(async () => {
        const own = new Map([...tables].map(([table, rows]) => [table, new Map(rows)]));
        const result = await work(view(own));
        may('end');
        if (write) tables = own;
        return result;
      });
      last = turn.catch(() => {});
      return turn;
    },
  };
}
