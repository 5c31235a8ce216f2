/** Files on their way to a text: read in a worker of their own; where more than one reading is possible, the reader chooses. */

import { isOdd } from '../../wasm/files/formats/encodings.js';
import { HUGGING_FACE } from '../../wasm/files/formats/host.js';
import { isolated } from '../../wasm/files/formats/names.js';
import { count } from '../format/numbers.js';
import { textOfBlob } from './text.js';
import { createTextsWorker, TextError } from './texts_worker.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('../../wasm/engine/protocol.js').FoundTexts} FoundTexts */
/** @typedef {import('../../wasm/engine/protocol.js').TextChoice} TextChoice */
/** Files that wait for a choice. @typedef {{name: string, found: FoundTexts, choice: TextChoice, preview: string|null}} Waiting */

const STOPPED =
  'The worker that reads texts stopped, perhaps for want of memory, and was started again: it reads anew.';

/**
 * What the files are called together.
 * @param {{name: string}[]} files
 * @returns {string}
 */
export function nameOf(files) {
  const [first, ...others] = files.map(({ name }) => name);
  if (others.length === 0) return first;
  const folder = first.slice(0, first.indexOf('/') + 1);
  if (folder !== '' && others.every((name) => name.startsWith(folder))) return folder.slice(0, -1);
  return `${first} and ${count(others.length, 'other file')}`;
}

/**
 * Whether there is something for the reader to choose: a field, an encoding, or whether bytes that are not text will do.
 * @param {FoundTexts} found
 * @returns {boolean}
 */
export function mustChoose({ files, fields, whole }) {
  return whole || fields.length > 1 || files.some(isOdd);
}

/**
 * What is said about files that were left out, if any.
 * @param {FoundTexts} found
 * @returns {string|null}
 */
export function leftOut({ files, left }) {
  if (left.length === 0) return null;
  const of = `${count(left.length, 'file')} of ${files.length + left.length}`;
  return `${of} ${left.length === 1 ? 'was' : 'were'} left out. ${left[0].why}`;
}

/**
 * @param {Store} store
 * @param {{use: (text: import('./text.js').Text) => Promise<void>, refuse: (message: string, reason: string) => void,
 *   begin: () => () => boolean}} parts  `begin` makes this the latest choice of a text, and says whether it still is
 * @param {typeof createTextsWorker} [start]
 */
export function createIntake(store, { use, refuse, begin }, start = createTextsWorker) {
  /** @type {ReturnType<typeof createTextsWorker>|null} */
  let worker = null;
  let isLatest = () => true;
  /** Those that wait for a choice. @type {{name: string, file: File}[]} */
  let chosen = [];

  function end() {
    worker?.end();
    worker = null;
    chosen = [];
    store.intake.value = null;
    store.loadingText.value = null;
    store.loaded.value = null;
  }

  /**
   * Does work that may be refused, in a worker of its own.
   * @param {string} name
   * @param {number} total  bytes that are to be read
   * @param {(worker: ReturnType<typeof createTextsWorker>) => Promise<void>} work
   */
  async function read(name, total, work) {
    end();
    isLatest = begin();
    store.loadingText.value = name;
    store.loaded.value = { bytes: 0, total };
    const mine = start(
      (bytes) => {
        if (worker === mine) store.loaded.value = { bytes: Math.min(bytes, total), total };
      },
      () => {
        if (worker !== mine) return;
        store.loaded.value = { bytes: 0, total };
        store.notice.value = { kind: 'note', message: STOPPED, reason: 'worker' };
      },
    );
    worker = mine;
    await attempt(work);
  }

  /** @param {(worker: ReturnType<typeof createTextsWorker>) => Promise<void>} work */
  async function attempt(work) {
    const mine = worker;
    if (!mine) return;
    try {
      await work(mine);
    } catch (error) {
      if (worker !== mine || !isLatest()) return;
      end();
      const { message, reason } =
        error instanceof TextError
          ? error
          : new TextError('The files can’t be read any more: choose them again.', 'unreadable');
      refuse(message, reason);
    } finally {
      if (worker === mine) {
        store.loadingText.value = null;
        store.loaded.value = null;
      }
    }
  }

  /** @param {import('./text.js').Text} text @param {string|null} note */
  async function hand(text, note) {
    if (!isLatest()) return end();
    end();
    await use(text);
    if (note && store.notice.value === null) store.notice.value = { kind: 'note', message: note, reason: 'left_out' };
  }

  /** @param {string} name @param {FoundTexts} found @param {TextChoice} choice @param {ReturnType<typeof createTextsWorker>} mine */
  async function take(name, found, choice, mine) {
    const { text, nulls = 0 } = await mine.ask({ type: 'take', choice }, 'taken');
    const notes = [leftOut(found), nulls > 0 ? `${count(nulls, 'record')} without a text (null) passed over.` : null];
    await hand(await textOfBlob(name, text), notes.filter((note) => note !== null).join(' ') || null);
  }

  return {
    /** @param {{name: string, file: File}[]} files */
    async open(files) {
      const name = nameOf(files);
      const total = files.reduce((sum, { file }) => sum + file.size, 0);
      await read(name, total, async (mine) => {
        const { found } = await mine.ask({ type: 'inspect', files }, 'inspected');
        const choice = { field: found.field, encoding: 'detected' };
        if (!mustChoose(found)) return take(name, found, choice, mine);
        chosen = files;
        const { text } = await mine.ask({ type: 'preview', choice }, 'preview');
        store.intake.value = { name, found, choice, preview: text };
        store.announcement.value = `${isolated(name)} can be read in more than one way: choose how.`;
      });
    },

    /** @param {Partial<TextChoice>} changes */
    async choose(changes) {
      const waiting = store.intake.value;
      if (!waiting) return;
      const choice = { ...waiting.choice, ...changes };
      store.intake.value = { ...waiting, choice };
      await attempt(async (mine) => {
        const { text } = await mine.ask({ type: 'preview', choice }, 'preview');
        // Another choice may have come meanwhile; its own preview follows.
        if (store.intake.value?.choice === choice) store.intake.value = { ...waiting, choice, preview: text };
      });
    },

    /** Reads tables anew, as cells between other characters. @param {string} delimiter  a label of DELIMITERS */
    async chooseDelimiter(delimiter) {
      const waiting = store.intake.value;
      if (!waiting) return;
      /** @param {string} [label] */
      const inspect = (label) => ({ type: /** @type {const} */ ('inspect'), files: chosen, delimiter: label });
      await attempt(async (mine) => {
        let found;
        try {
          ({ found } = await mine.ask(inspect(delimiter), 'inspected'));
        } catch (error) {
          if (!(error instanceof TextError)) throw error;
          store.notice.value = { kind: 'problem', message: error.message, reason: error.reason };
          ({ found } = await mine.ask(inspect(waiting.found.delimiter ?? undefined), 'inspected'));
        }
        const choice = { ...waiting.choice, field: found.field };
        store.intake.value = { ...waiting, found, choice, preview: null };
        const { text } = await mine.ask({ type: 'preview', choice }, 'preview');
        if (store.intake.value?.choice === choice) store.intake.value = { ...store.intake.value, preview: text };
      });
    },

    async accept() {
      const waiting = store.intake.value;
      if (!waiting) return;
      store.loadingText.value = waiting.name;
      await attempt((mine) => take(waiting.name, waiting.found, waiting.choice, mine));
    },

    /** @param {{documents: number, heldOutDocuments: number, bytes: number}} wanted  `bytes`: about as many */
    async download({ documents, heldOutDocuments, bytes }) {
      await read('WikiText-103', bytes, async (mine) => {
        const { text, heldOut, fetched } = await mine.ask(
          { type: 'download', host: HUGGING_FACE, documents, heldOutDocuments },
          'taken',
        );
        if (fetched) store.fetched.value = { documents, heldOutDocuments, bytes: fetched };
        await hand(await textOfBlob('WikiText-103', text, { heldOut }), null);
      });
    },

    cancel() {
      begin();
      end();
    },
  };
}

/** @typedef {ReturnType<typeof createIntake>} Intake */
