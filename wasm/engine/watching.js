/** Notices that a worker is gone: a killed one sends no message. */

/**
 * @typedef {object} Watch
 * @property {(lock: string, died: () => void) => void} lock  calls `died` when a worker is gone, which shows in the
 *   lock that it holds for as long as it lives
 * @property {(died: () => void) => () => void} word  calls `died` where a worker that was just started stays silent for long: it
 *   may have been killed before it held its lock. Call what it returns when the worker has sent its first message
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
