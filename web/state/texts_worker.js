/** The page's end of the worker for texts: one question at a time; ended when nobody needs it any more. */
import { watching } from '../../wasm/engine/watching.js';
import { spawnWorker } from './surroundings.js';

/** @typedef {import('../../wasm/engine/protocol.js').TextsCommand} TextsCommand */
/** @typedef {import('../../wasm/engine/protocol.js').TextsEvent} TextsEvent */
/** @template T @typedef {T extends unknown ? Omit<T, 'id'> : never} WithoutId */

/** One plain sentence of what went wrong, and the reason as a code for programs. */
export class TextError extends Error {
  /** @param {string} message @param {string} reason */
  constructor(message, reason) {
    super(message);
    this.reason = reason;
  }
}

const DIED = 'This takes more memory than the browser gives: choose a smaller file, or a part of it.';

/** How often a question is asked again of another worker, where the one before died of it. */
const AGAIN = 1;

/** The worker is gone. */
class Gone extends TextError {}

/**
 * @param {(bytes: number) => void} [onRead]  called with how many bytes were read so far
 * @param {() => void} [onAgain]  called when the worker stopped and another one begins anew
 * @param {(name: string) => Pick<Worker, 'postMessage'|'terminate'|'onmessage'|'onerror'>} [spawn]
 * @param {import('../../wasm/engine/watching.js').Watch} [watch]
 */
export function createTextsWorker(onRead, onAgain, spawn = spawnWorker, watch = watching) {
  /** @type {ReturnType<typeof spawn>|null} */
  let worker = null;
  let last = 0;
  let ended = false;
  /** What questions after it are about, which another worker does not know. @type {WithoutId<TextsCommand>|null} */
  let inspected = null;
  /** @type {{id: number, resolve: (event: any) => void, reject: (error: TextError) => void}|null} */
  let waiting = null;

  function start() {
    const started = spawn('texts');
    const gone = () => {
      speaks();
      if (worker !== started) return;
      worker = null;
      started.terminate();
      waiting?.reject(new Gone(DIED, 'worker'));
      waiting = null;
    };
    const speaks = watch.word(gone);
    started.onmessage = ({ data }) => {
      speaks();
      if (data.type === 'alive') {
        if (data.lock) watch.lock(data.lock, gone);
        return;
      }
      /** @type {TextsEvent} */
      const event = data;
      if (event.type === 'reading') onRead?.(event.bytes);
      if (!waiting || event.id !== waiting.id) return;
      const { resolve, reject } = waiting;
      waiting = null;
      if (event.type === 'refused') reject(new TextError(event.message, event.reason));
      else resolve(event);
    };
    started.onerror = (event) => {
      event.preventDefault?.();
      gone();
    };
    worker = started;
    return started;
  }

  /** @param {WithoutId<TextsCommand>} command @returns {Promise<any>} rejects with `Gone` where the worker dies of it */
  function askOnce(command) {
    const asked = worker ?? start();
    const id = ++last;
    return new Promise((resolve, reject) => {
      waiting = { id, resolve, reject };
      asked.postMessage({ ...command, id });
    });
  }

  start();
  return {
    /**
     * @template {TextsEvent['type']} T
     * @param {WithoutId<TextsCommand>} command
     * @param {T} _type  of the answer
     * @returns {Promise<Extract<TextsEvent, {type: T}>>} rejects with a `TextError`; never settles once it was ended
     */
    async ask(command, _type) {
      for (let again = 0; ; again++) {
        try {
          if (command.type === 'inspect') inspected = command;
          else if (!worker && inspected) await askOnce(inspected);
          return await askOnce(command);
        } catch (error) {
          if (!(error instanceof Gone) || again === AGAIN || ended) throw error;
          onAgain?.();
        }
      }
    },
    end() {
      ended = true;
      waiting = null;
      worker?.terminate();
      worker = null;
    },
  };
}

/**
 * What a text is made of.
 * @param {Blob} text
 * @param {(bytes: number) => void} onRead  twice the text's size in all: once to count, once to pack
 * @returns {{answer: Promise<{statistics: import('../../wasm/engine/protocol.js').TextStatistics, gzipBpb: number|null}>, end: () => void}}
 */
export function countText(text, onRead) {
  const worker = createTextsWorker(onRead, () => onRead(0));
  const answer = worker.ask({ type: 'statistics', text }, 'statistics').finally(worker.end);
  return { answer, end: worker.end };
}
