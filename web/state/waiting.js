/** Waiting for what signals say. */
import { effect } from '@preact/signals';

/**
 * @param {() => boolean} condition  reads signals
 * @returns {Promise<void>} resolves as soon as it holds
 */
export function when(condition) {
  return new Promise((resolve) => {
    let done = false;
    /** @type {(() => void)|undefined} */
    let stop;
    stop = effect(() => {
      if (done || !condition()) return;
      done = true;
      resolve();
      stop?.();
    });
    if (done) stop();
  });
}
