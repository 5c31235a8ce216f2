/** The page's end of the worker for texts: one question at a time; ended when nobody needs it any more. */
import { spawnWorker } from './surroundings.js';

/** @typedef {import('../../wasm/protocol.js').TextsCommand} TextsCommand */
/** @typedef {import('../../wasm/protocol.js').TextsEvent} TextsEvent */
/** @template T @typedef {T extends unknown ? Omit<T, 'id'> : never} WithoutId */

/** One plain sentence of what went wrong. */
export class TextError extends Error {}

const DIED = 'This takes more memory than the browser gives: choose a smaller file, or a part of it.';

/**
 * @param {(bytes: number) => void} [onRead]  hears how many bytes were read so far
 * @param {(name: string) => Pick<Worker, 'postMessage'|'terminate'|'onmessage'|'onerror'>} [spawn]
 */
export function createTextsWorker(onRead, spawn = spawnWorker) {
  const worker = spawn('texts');
  let last = 0;
  /** @type {{id: number, resolve: (event: any) => void, reject: (error: TextError) => void}|null} */
  let waiting = null;
  worker.onmessage = ({ data }) => {
    /** @type {TextsEvent} */
    const event = data;
    if (event.type === 'reading') onRead?.(event.bytes);
    if (!waiting || event.id !== waiting.id) return;
    const { resolve, reject } = waiting;
    waiting = null;
    if (event.type === 'refused') reject(new TextError(event.message));
    else resolve(event);
  };
  worker.onerror = (event) => {
    event.preventDefault?.();
    waiting?.reject(new TextError(DIED));
    waiting = null;
  };
  return {
    /**
     * @template {TextsEvent['type']} T
     * @param {WithoutId<TextsCommand>} command
     * @param {T} _type  of the answer
     * @returns {Promise<Extract<TextsEvent, {type: T}>>} rejects with a `TextError`; never settles once it was ended
     */
    ask(command, _type) {
      const id = ++last;
      return new Promise((resolve, reject) => {
        waiting = { id, resolve, reject };
        worker.postMessage({ ...command, id });
      });
    },
    end() {
      waiting = null;
      worker.terminate();
    },
  };
}

/**
 * What a text is made of.
 * @param {Blob} text
 * @param {(bytes: number) => void} onRead  twice the text's size in all: once to count, once to pack
 * @returns {{answer: Promise<{statistics: import('../../wasm/protocol.js').TextStatistics, gzipBpb: number|null}>, end: () => void}}
 */
export function countText(text, onRead) {
  const worker = createTextsWorker(onRead);
  const answer = worker.ask({ type: 'statistics', text }, 'statistics').finally(worker.end);
  return { answer, end: worker.end };
}
