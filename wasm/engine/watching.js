/** Notices that a worker is gone: one that is killed says no word of it. */

/**
 * @typedef {object} Watch
 * @property {(lock: string, died: () => void) => void} lock  calls when the worker that holds a lock, for as long as it
 *   lives, is gone
 * @property {(died: () => void) => () => void} word  calls where a worker that was just started says nothing for long: it may
 *   have been killed before it held its lock; what it returns says that it spoke
 */

/** Milliseconds that a worker has for its first word. Its script may come over a slow network; more than once is harmless. */
const PATIENCE = 30_000;

/** @type {Readonly<Watch>} */
export const watching = Object.freeze({
  lock(lock, died) {
    navigator.locks.request(lock, died).catch(() => {});
  },
  word(died) {
    const timer = setTimeout(died, PATIENCE);
    return () => clearTimeout(timer);
  },
});
