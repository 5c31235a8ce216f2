/** Actions on texts: samples, files, pasted text. A text that can't be used leaves the one before in place. */
import { hasFile } from './surroundings.js';
import { isCheckpoint } from './weights.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').Text} Text */

/** Texts that come with the page. @type {Readonly<Record<string, {name: string, about: string}>>} */
export const SAMPLES = Object.freeze({
  'moby-dick': { name: 'Moby-Dick', about: 'Herman Melville, 1851' },
  'state-of-the-union': { name: 'State of the Union', about: 'addresses of US presidents' },
});
export const FIRST_SAMPLE = 'moby-dick';

/** Where a sample's text is. @param {string} id */
export const sampleFile = (id) => `samples/${id}.txt`;

/** Samples that are there: a page that is one file carries not all. @returns {string[]} their ids */
export const availableSamples = () => Object.keys(SAMPLES).filter((id) => hasFile(sampleFile(id)));

/** Largest file that is read, in bytes: what a typed array in a tab can be relied on to hold twice. */
const MOST_BYTES = 1e9;

/**
 * @param {Store} store
 * @param {{handText: () => Promise<boolean>, openWeights: (file: File) => void, fetchSample: (id: string) => Promise<Uint8Array>}} parts
 */
export function createTextActions(store, { handText, openWeights, fetchSample }) {
  /** Only the latest choice counts. */
  let choice = 0;

  /** @param {string} message */
  function refuse(message) {
    store.notice.value = { kind: 'problem', message };
  }

  /** @param {Text} text */
  async function use(text) {
    if (text.bytes.length === 0) {
      refuse(`${text.name} is empty: choose a file with something in it, or paste some text.`);
      return;
    }
    const first = store.text.value === null;
    store.nextText.value = text;
    if (store.notice.value?.kind === 'problem') store.notice.value = null;
    if (store.state.value === 'training' || store.state.value === 'paused' || !store.model.value) return;
    if (await handText()) {
      // The first text comes with the place that the address names.
      if (!first) store.passage.value = { ...store.passage.value, start: 0, own: null };
      store.announcement.value = `${text.name} is ready.`;
    }
  }

  /**
   * @param {string} name
   * @param {() => Promise<Uint8Array>} read
   * @param {string} problem  what to say when that fails
   * @param {string} [id]
   */
  async function load(name, read, problem, id) {
    const mine = ++choice;
    store.loadingText.value = name;
    try {
      const bytes = await read();
      if (mine === choice) await use({ name, bytes, ...(id && { id }) });
    } catch {
      if (mine === choice) refuse(problem);
    } finally {
      if (mine === choice) store.loadingText.value = null;
    }
  }

  /** @param {File} file */
  function useFile(file) {
    if (file.size > MOST_BYTES) {
      refuse(`${file.name} is larger than 1 GB, more than a tab can hold: choose a part of it.`);
      return Promise.resolve();
    }
    return load(
      file.name,
      async () => new Uint8Array(await file.arrayBuffer()),
      `${file.name} could not be read: choose it again, or another file.`,
    );
  }

  return {
    /** @param {string} id */
    useSample(id) {
      const sample = SAMPLES[id];
      return load(
        sample.name,
        () => fetchSample(id),
        `${sample.name} could not be loaded: check the connection, or use a text of your own.`,
        id,
      );
    },
    useFile,
    /** @param {string} text */
    usePasted(text) {
      choice++;
      return use({ name: 'Pasted text', bytes: new TextEncoder().encode(text) });
    },
    /** Files that were dropped or chosen: weights are opened, anything else is text. @param {Iterable<File>} files */
    useFiles(files) {
      const list = [...files];
      if (list.length === 0) return;
      if (list.length > 1) {
        store.notice.value = { kind: 'note', message: `One file at a time: ${list[0].name} was taken.` };
      }
      if (isCheckpoint(list[0].name)) openWeights(list[0]);
      else useFile(list[0]);
    },
  };
}

/** @typedef {ReturnType<typeof createTextActions>} TextActions */
