/**
 * What stands beside the page: its static files and its worker's script. A page that is one file has another version
 * of this module, which finds both inside; wasm/tools/setup/single.js builds that page.
 */

/** Whether everything comes in one file, without neighbours. @type {boolean} */
export const SINGLE_FILE = false;

/** Files that were asked for before this code came: see public/preload.js. */
const { early } = /** @type {{early?: Map<string, Promise<Response>|null>}} */ (globalThis);

/**
 * A static file beside the page.
 * @param {string} path
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {Error} where it can't be had
 */
export async function fetchBytes(path) {
  const asked = early?.get(path);
  early?.set(path, null);
  const answer = await (asked ?? fetch(new URL(path, document.baseURI)));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Whether there is such a file; only a page that is one file lacks some. @type {(path: string) => boolean} */
export const hasFile = () => true;

/** Thrown to whoever asks for a worker's kind. */
const ASKED = new Error('This browser knows workers that are modules.');

/**
 * A worker: a module, so that it loads the rest of its code when that is needed, or where the browser never reads the
 * option `type`, the same code as one script (wasm/tools/setup/site.js writes it).
 * @param {string} [name]  what the worker is for
 * @returns {Worker}
 */
export function spawnWorker(name = '') {
  try {
    return new Worker(new URL('worker.js', document.baseURI), {
      name,
      /** @returns {WorkerType} */
      get type() {
        throw ASKED;
      },
    });
  } catch (error) {
    if (error !== ASKED) throw error;
    return new Worker(new URL('../worker_entry.js', import.meta.url), { type: 'module', name });
  }
}
