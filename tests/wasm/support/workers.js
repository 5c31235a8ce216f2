/** Worker threads started by the code under test. */

/**
 * Records every worker thread that is started from now on.
 * @returns {{workers: import('node:worker_threads').Worker[], stop: () => import('node:worker_threads').Worker[]}}
 */
export function caughtWorkers() {
  /** @type {import('node:worker_threads').Worker[]} */
  const workers = [];
  /** @param {import('node:worker_threads').Worker} worker */
  const note = (worker) => void workers.push(worker);
  process.on('worker', note);
  return {
    workers,
    stop() {
      process.off('worker', note);
      return workers;
    },
  };
}
