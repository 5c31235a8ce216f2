/**
 * One worker for all elements of a page: reads their texts one after another, those of the open checkpoint first. It ends when the
 * last element has left.
 */
import { defaults } from '../../wasm/engine/settings.js';
import { createClient, Refusal } from '../state/client.js';
import { createReader, ReadingError } from '../state/reader.js';
import { spawnWorker } from '../state/surroundings.js';
import { mannerOf } from '../traces/trace.js';
import { thresholdsFor } from './attributes.js';
import { ElementError } from './sources.js';

/** @typedef {import('../traces/trace.js').Trace} Trace */

/**
 * @typedef {object} Job
 * @property {import('./sources.js').Weights} weights
 * @property {Uint8Array} text
 * @property {number[]} thresholds  of the attribute
 * @property {() => boolean} wanted  whether anybody still waits for it
 */

/** Where a site goes from page to page by itself, elements of the next one come soon after those of the last have left. */
const LINGER_MS = 1000;

function createSharedReader() {
  /** @type {import('../state/client.js').WorkerLike[]} */
  const workers = [];
  const client = createClient(
    () => {},
    (name) => {
      const worker = spawnWorker(name);
      workers.push(worker);
      return worker;
    },
  );
  const reader = createReader(client, 'element');
  /** @type {{job: Job, resolve: (read: Trace|null) => void, reject: (error: Error) => void}[]} */
  const queue = [];
  /** The model that is open. @type {Pick<import('../../wasm/engine/protocol.js').Opened, 'settings'|'levels'> & {name: string}|null} */
  let open = null;
  let busy = false;

  /** @param {import('./sources.js').Weights} weights */
  async function opened({ name, load }) {
    if (open?.name === name && client.run !== 0) return open;
    open = null;
    const bytes = await load();
    // It reads and does not train: the smallest batch will do.
    const { settings, levels } = await client.open(defaults({ workers: 1, batch_size: 1 }), bytes).catch((error) => {
      if (error instanceof Refusal)
        throw new ElementError(
          `The checkpoint can't be used. ${error.message}`,
          error.event.reason ?? error.event.code,
        );
      throw error;
    });
    open = { name, settings, levels };
    return open;
  }

  /** @param {Job} job @returns {Promise<Trace|null>} */
  async function answer({ weights, text, thresholds, wanted }) {
    if (!wanted()) return null;
    const { settings, levels } = await opened(weights);
    return reader.read({
      text,
      thresholds: thresholdsFor(thresholds, levels),
      manner: mannerOf({ settings, levels }),
    });
  }

  async function work() {
    if (busy) return;
    busy = true;
    while (queue.length > 0) {
      const same = queue.findIndex(({ job }) => job.weights.name === open?.name);
      const [{ job, resolve, reject }] = queue.splice(Math.max(0, same), 1);
      try {
        resolve(await answer(job));
      } catch (error) {
        const known = error instanceof Refusal || error instanceof ReadingError;
        reject(known ? new ElementError(error.message, 'reading') : /** @type {Error} */ (error));
      }
    }
    busy = false;
  }

  return {
    /**
     * @param {Job} job
     * @returns {Promise<Trace|null>} null where nobody waited any longer
     * @throws {ElementError}
     */
    read(job) {
      return new Promise((resolve, reject) => {
        queue.push({ job, resolve, reject });
        work();
      });
    },
    /** Ends the worker; what is still asked stays without an answer. */
    close() {
      for (const worker of workers) worker.terminate();
    },
  };
}

/** @type {ReturnType<typeof createSharedReader>|undefined} */
let shared;
let users = 0;

/**
 * Counts an element of the page.
 * @returns {() => void} to be called when it leaves
 */
export function joinReader() {
  users++;
  return () => {
    users--;
    setTimeout(() => {
      if (users > 0) return;
      shared?.close();
      shared = undefined;
    }, LINGER_MS);
  };
}

/**
 * Reads a text with the worker that all elements share.
 * @param {Job} job
 * @returns {Promise<Trace|null>} null where nobody waited any longer
 * @throws {ElementError}
 */
export function readShared(job) {
  shared ??= createSharedReader();
  return shared.read(job);
}
