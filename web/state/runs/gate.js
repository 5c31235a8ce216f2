/** The way to the code that keeps runs, which is loaded after the first drawing, or when training starts before that. */
import { signal } from '@preact/signals';
import { isolated } from '../../../wasm/files/formats/names.js';

/** @typedef {import('./runs.js').Runs} Runs */
/** @typedef {import('../../../wasm/engine/protocol.js').Event} Event */
/** The first file in a saved session. */
export const INDEX = 'session.json';

/** Bytes of a zip archive before its first file's name. */
const ZIP_HEAD = 30;
/** Bytes at a zip archive's end in which its directory is looked for: that of some thousand files. */
const ZIP_TAIL = 1 << 20;
/** A record of the directory, of a file with that name, wherever it lies in the archive. */
const INDEX_RECORD = new RegExp(
  `PK\\x01\\x02[^]{24}\\x${INDEX.length.toString(16).padStart(2, '0')}\\0[^]{16}${INDEX}`,
);

/**
 * Whether a file is a saved session: one that this page wrote begins with the index, one that was packed anew has it somewhere.
 * @param {Blob} file
 * @returns {Promise<boolean>}
 */
export async function isSession(file) {
  try {
    const name = await file.slice(ZIP_HEAD, ZIP_HEAD + INDEX.length).text();
    if (name === INDEX) return true;
    const tail = await file.slice(Math.max(0, file.size - ZIP_TAIL)).arrayBuffer();
    return INDEX_RECORD.test(new TextDecoder('windows-1252').decode(tail));
  } catch {
    return false;
  }
}

/** What a run begins with. @typedef {{wanted: import('../../../wasm/engine/settings.js').Settings, going: boolean, name?: string, counterpart?: string}} Beginning */

/**
 * @param {import('../store.js').Store} store
 * @param {() => Promise<Runs>} create
 */
export function createRunsGate(store, create) {
  /** @type {Promise<Runs>|null} */
  let loading = null;
  /** @type {Runs|null} */
  let ready = null;
  const actions = signal(/** @type {Runs|null} */ (null));

  /** @returns {Promise<Runs>} rejects where the code can't be had; then it is tried again */
  function load() {
    loading ??= create().then(
      (runs) => {
        ready = runs;
        actions.value = runs;
        return runs;
      },
      (error) => {
        loading = null;
        throw error;
      },
    );
    return loading;
  }

  return {
    load,
    /** What can be done with runs, once its code is there. */
    actions,
    /** @param {Event} event */
    receive(event) {
      ready?.receive(event);
    },
    /** Training begins; keeping the run must not get in its way. @param {Beginning} beginning */
    async begin(beginning) {
      try {
        await (await load()).begin(beginning);
      } catch {
        store.runs.problem.value = {
          message:
            'This run is not kept, as the page could not load all of its parts: download its weights at the end.',
          reason: 'not_loaded',
        };
      }
    },
    /**
     * Files that were dropped or chosen: takes in a saved session.
     * @param {Iterable<File>} files
     * @param {(files: Iterable<File>) => void} others  takes files that are not sessions
     */
    async useFiles(files, others) {
      const list = [...files];
      const session = list.find(({ name }) => /\.zip$/i.test(name));
      if (!session || !(await isSession(session))) return others(list);
      try {
        await (await load()).importSession(session.name, new Uint8Array(await session.arrayBuffer()));
      } catch {
        store.notice.value = {
          kind: 'problem',
          message: `${isolated(session.name)} could not be read: choose it again.`,
          reason: 'unreadable',
        };
      }
    },
    /** Saves what is not kept yet. @returns {Promise<boolean>} whether all is */
    async keep() {
      return ready ? ready.keep() : false;
    },
    /** The model is not that of the run any more. */
    async leave() {
      await ready?.leave();
    },
    /** The worker died: opens what was kept of its run. @returns {Promise<import('./record.js').Run|null>} null where that can't be */
    async rescue() {
      return ready ? ready.rescue() : null;
    },
  };
}

/** @typedef {ReturnType<typeof createRunsGate>} RunsGate */
