/** One worker for all elements of a page: reads their texts one after another, those of the open checkpoint first. */
import { defaults } from '../../wasm/engine/settings.js';
import { createClient, Refusal } from '../state/client.js';
import { createReader, ReadingError } from '../state/reader.js';
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

/**
 * @param {(name?: string) => import('../state/client.js').WorkerLike} [spawn]
 */
export function createSharedReader(spawn) {
  const client = createClient(() => {}, spawn);
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
  };
}
