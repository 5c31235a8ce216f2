/**
 * Which tab a run belongs to. With Web Locks the browser itself says so, and frees what a tab held when it goes; without
 * them (pages that are not served securely) tabs ask each other.
 *
 * @typedef {object} Locks
 * @property {(name: string) => Promise<(() => void)|null>} take  a function that releases it; null where another tab has it
 * @property {() => Promise<Set<string>>} taken                   names that other tabs have, as far as that is known
 */

/** What is needed of a BroadcastChannel. @typedef {{postMessage: (message: any) => void, onmessage: ((event: {data: any}) => void)|null}} Channel */

const PREFIX = 'adaptive-compressor ';
/** Milliseconds that other tabs have to answer. Messages between tabs take a few. */
const PATIENCE = 250;

/**
 * @param {LockManager} manager
 * @returns {Locks}
 */
function webLocks(manager) {
  /** @type {Set<string>} */
  const mine = new Set();
  /** When what this tab has, or let go of, is free again. @type {Map<string, Promise<void>>} */
  const ends = new Map();
  return {
    async take(name) {
      if (mine.has(name)) return null;
      mine.add(name);
      await ends.get(name);
      return new Promise((resolve, reject) => {
        const end = manager.request(PREFIX + name, { ifAvailable: true }, (lock) => {
          if (!lock) {
            mine.delete(name);
            resolve(null);
            return;
          }
          return new Promise((/** @type {(value: void) => void} */ release) => {
            resolve(() => {
              mine.delete(name);
              release();
            });
          });
        });
        const free = end.then(
          () => {},
          (error) => {
            mine.delete(name);
            reject(error);
          },
        );
        ends.set(name, free);
        free.then(() => ends.get(name) === free && ends.delete(name));
      });
    },
    async taken() {
      const { held = [] } = await manager.query();
      const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(PREFIX));
      return new Set(names.map((name) => name.slice(PREFIX.length)).filter((name) => !ends.has(name)));
    },
  };
}

/**
 * @param {Channel} channel
 * @param {number} patience
 * @returns {Locks}
 */
export function askingLocks(channel, patience = PATIENCE) {
  const me = Math.random();
  /** @type {Set<string>} */
  const mine = new Set();
  /** Names that are being asked about, with whether another tab said no. @type {Map<string, boolean>} */
  const asked = new Map();
  /** @type {Set<string>|null} */
  let listening = null;
  channel.onmessage = ({ data }) => {
    if (data.type === 'who') channel.postMessage({ type: 'mine', names: [...mine] });
    if (data.type === 'mine') for (const name of data.names) listening?.add(name);
    // Of two that want the same at once, the lower number has it.
    if (data.type === 'want' && (mine.has(data.name) || (asked.has(data.name) && me < data.from)))
      channel.postMessage({ type: 'no', name: data.name, to: data.from });
    if (data.type === 'no' && data.to === me && asked.has(data.name)) asked.set(data.name, true);
  };
  const wait = () => new Promise((resolve) => setTimeout(resolve, patience));
  return {
    async take(name) {
      if (mine.has(name) || asked.has(name)) return null;
      asked.set(name, false);
      channel.postMessage({ type: 'want', name, from: me });
      await wait();
      const refused = asked.get(name);
      asked.delete(name);
      if (refused) return null;
      mine.add(name);
      return () => void mine.delete(name);
    },
    async taken() {
      const answers = new Set();
      listening = answers;
      channel.postMessage({ type: 'who' });
      await wait();
      return answers;
    },
  };
}

/** @returns {Locks} what this browser offers; alone where it offers nothing */
export function createLocks() {
  if (globalThis.navigator?.locks) return webLocks(navigator.locks);
  if (typeof BroadcastChannel === 'function') {
    return askingLocks(/** @type {Channel} */ (/** @type {unknown} */ (new BroadcastChannel(`${PREFIX}locks`))));
  }
  return { take: async () => () => {}, taken: async () => new Set() };
}
