/**
 * The element's counterpart of state/surroundings.js: the worker's script comes with the element's own, since a page may not
 * start a worker from another host.
 */

/** @type {boolean} */
export const SINGLE_FILE = true;

/** @type {(path: string) => boolean} */
export const hasFile = () => false;

/**
 * @param {string} path
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {Error} always
 */
export async function fetchBytes(path) {
  throw new Error(`${path}: the element has no files beside it`);
}

/** Put here when the element is built. @type {string} */
const SCRIPT = /** @type {any} */ (globalThis).borderHierarchyWorker;

/** @param {string} [name]  what the worker is for @returns {Worker} */
export function spawnWorker(name = '') {
  const address = URL.createObjectURL(new Blob([SCRIPT], { type: 'text/javascript' }));
  const worker = new Worker(address, { name });
  // Its script is being fetched already.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return worker;
}
