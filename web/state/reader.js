/** Reads texts with the open model, apart from the drawn passage: one answer each, the latest question wins. */
import { effect, untracked } from '@preact/signals';
import { emptyTrace, withPiece } from '../traces/trace.js';

/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../traces/trace.js').Trace} Trace */

/** What went wrong, as one sentence. */
export class ReadingError extends Error {}

/**
 * @typedef {object} Question
 * @property {Uint8Array} text
 * @property {number[]} thresholds   one a level with borders
 * @property {boolean|number} [withoutParents]  true: none at all; a number: none for that level’s positions
 * @property {number} [top]          predictions a byte; default none
 * @property {import('../traces/trace.js').Manner} [manner]  of the model
 */

/**
 * @param {Client} client
 * @param {string} name  who reads; each reader costs the worker a copy of the model
 */
export function createReader(client, name) {
  /** @type {(() => void)|null} */
  let end = null;

  return {
    /**
     * @param {Question} question
     * @param {(trace: Trace) => void} [progress]  called with the trace as it grows
     * @returns {Promise<Trace|null>} null where another question came, or `stop`
     * @throws {ReadingError}
     */
    read({ text, thresholds, withoutParents = false, top = 0, manner }, progress) {
      end?.();
      return new Promise((resolve, reject) => {
        let trace = emptyTrace(text, thresholds, 0, manner);
        const copy = text.slice();
        const job = client.job(
          { type: 'trace', text: copy, thresholds: [...thresholds], withoutParents, top, reader: name },
          [copy.buffer],
          (event) => {
            if (event.type === 'failed') {
              finish();
              reject(new ReadingError(event.message));
            } else if (event.type === 'trace') {
              trace = withPiece(trace, event.piece, event.done);
              progress?.(trace);
              if (!event.done) return;
              finish();
              resolve(trace);
            }
          },
        );
        const finish = () => {
          job.end();
          if (end === stop) end = null;
        };
        const stop = () => {
          finish();
          resolve(null);
        };
        end = stop;
      });
    },
    stop() {
      end?.();
    },
  };
}

/**
 * Does something with every trace that the page shows, once it is complete.
 * @param {import('./store.js').Store} store
 * @param {(trace: Trace) => void} work
 * @returns {() => void} ends it
 */
export function followTrace(store, work) {
  return effect(() => {
    const trace = store.trace.value;
    if (trace?.done) untracked(() => work(trace));
  });
}

/** @typedef {ReturnType<typeof createReader>} Reader */
