/** Actions on texts: samples, files, pasted text. A text that can't be used leaves the one before in place. */
import { isolated } from '../../wasm/files/formats/names.js';
import { count } from '../format/numbers.js';
import { hasFile } from './surroundings.js';
import { when } from './waiting.js';
import { isCheckpoint } from './weights.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').Text} Text */

/** Texts that come with the page. @type {Readonly<Record<string, {name: string, about: string}>>} */
export const SAMPLES = Object.freeze({
  'moby-dick': { name: 'Moby-Dick', about: 'Herman Melville, 1851' },
  'state-of-the-union': { name: 'State of the Union', about: 'addresses of US presidents' },
});
/** What pasted text is called. */
export const PASTED = 'Pasted text';
export const FIRST_SAMPLE = 'moby-dick';

/** Where a sample's text is. @param {string} id */
export const sampleFile = (id) => `samples/${id}.txt`;

/** Where the beginning of its held-out part is. @param {string} id */
export const beginningFile = (id) => `samples/${id}.held-out.txt`;

/** Samples that are there: a page that is one file carries not all. @returns {string[]} their ids */
export const availableSamples = () => Object.keys(SAMPLES).filter((id) => hasFile(sampleFile(id)));

/**
 * @param {Store} store
 * @param {{handText: () => Promise<boolean>, openWeights: (file: File) => void, fetchSample: (id: string) => Promise<Uint8Array>}} parts
 */
export function createTextActions(store, { handText, openWeights, fetchSample }) {
  /** Only the latest choice counts. */
  let choice = 0;

  /** @param {string} message @param {string} reason */
  function refuse(message, reason) {
    store.notice.value = { kind: 'problem', message, reason };
  }

  /** @param {Text} text */
  async function use(text) {
    if (text.bytes.length === 0) {
      refuse(`${isolated(text.name)} is empty: choose a file with something in it, or paste some text.`, 'empty_text');
      return;
    }
    const first = store.text.value === null;
    store.nextText.value = text;
    if (store.notice.value?.kind === 'problem') store.notice.value = null;
    if (!store.model.value) return;
    // What is being opened or begun takes the text itself, if it comes in time.
    await when(() => !store.busy.value && !store.starting.value);
    if (store.nextText.value !== text || store.state.value === 'training' || store.state.value === 'paused') return;
    if (await handText()) {
      // The first text comes with the place that the address names.
      if (!first) store.passage.value = { ...store.passage.value, start: 0, own: null };
      store.announcement.value = `${isolated(text.name)} is ready.`;
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
    store.intake.value = null;
    store.loadingText.value = name;
    let bytes;
    try {
      bytes = await read();
    } catch {
      if (mine === choice) refuse(problem, 'not_loaded');
    }
    if (mine !== choice) return;
    store.loadingText.value = null;
    if (bytes) await use({ name, bytes, ...(id && { id }) });
  }

  /** What reads files; its code comes with the first of them. @type {Promise<import('./intake.js').Intake>|undefined} */
  let intake;
  const reader = () => {
    intake ??= import('./intake.js').then(({ createIntake }) =>
      createIntake(store, {
        use,
        refuse,
        begin() {
          const mine = ++choice;
          return () => mine === choice;
        },
      }),
    );
    return intake;
  };

  /**
   * Files that were dropped or chosen: weights are opened, all others make one text.
   * @param {Iterable<File|{name: string, file: File}>} files  with their place in a folder, if they are from one
   */
  async function useFiles(files) {
    const list = [...files].map((each) => (each instanceof File ? { name: each.name, file: each } : each));
    if (list.length === 0) return;
    const weights = list.find(({ name }) => isCheckpoint(name));
    if (!weights) {
      await (await reader()).open(list);
      return;
    }
    if (list.length > 1) {
      const others = count(list.length - 1, 'other file');
      const message = `Weights are opened alone: ${isolated(weights.name)} was, ${others} not.`;
      store.notice.value = { kind: 'note', message, reason: 'weights_alone' };
    }
    openWeights(weights.file);
  }

  /** @param {{name: string, file: File}[]} files  with their places in the folder */
  async function useFolder(files) {
    if (files.length > 0) await useFiles(files);
    else refuse('There are no files in this folder: choose another one.', 'no_files');
  }

  return {
    /** @param {string} id */
    useSample(id) {
      const sample = SAMPLES[id];
      return load(
        sample.name,
        () => fetchSample(id),
        `${isolated(sample.name)} could not be loaded: check the connection, or use a text of your own.`,
        id,
      );
    },
    /** @param {string} text */
    usePasted(text) {
      choice++;
      store.intake.value = null;
      return use({ name: PASTED, bytes: new TextEncoder().encode(text) });
    },
    useFiles,
    useFolder,
    /** What was dropped, folders among it. @param {(FileSystemEntry|null)[]} entries */
    async useEntries(entries) {
      const { filesOf } = await import('./folders.js');
      await useFolder(await filesOf(entries));
    },
    /** WikiText-103 from Hugging Face. @param {{documents: number, heldOutDocuments: number, bytes: number}} wanted */
    async downloadWikiText(wanted) {
      await (await reader()).download(wanted);
    },
    /** Ends reading or fetching, and forgets files that wait for a choice. */
    async cancelReading() {
      (await reader()).cancel();
    },
    /** @param {Partial<import('../../wasm/engine/protocol.js').TextChoice>} changes  of how the waiting files are to be read */
    async chooseReading(changes) {
      await (await reader()).choose(changes);
    },
    /** @param {string} delimiter  between the cells of the waiting tables */
    async chooseDelimiter(delimiter) {
      await (await reader()).chooseDelimiter(delimiter);
    },
    /** Reads the waiting files as chosen. */
    async acceptReading() {
      await (await reader()).accept();
    },
  };
}

/** @typedef {ReturnType<typeof createTextActions>} TextActions */
