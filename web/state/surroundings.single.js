/** The version of surroundings.js for a page that is one file: everything lies in the page itself, in elements that no browser runs. */

import { gunzipSync } from 'fflate';

/** @type {boolean} */
export const SINGLE_FILE = true;

/** @param {string} path @returns {Element|null} */
const carried = (path) => document.querySelector(`script[data-file="${CSS.escape(path)}"]`);

/**
 * A file that the page carries, compressed.
 * @param {string} path
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {Error} where the page does not carry it
 */
export async function fetchBytes(path) {
  const element = carried(path);
  if (!element) throw new Error(`${path}: not in this file`);
  const packed = Uint8Array.from(atob(element.textContent ?? ''), (letter) => letter.charCodeAt(0));
  if (typeof DecompressionStream === 'undefined') return /** @type {Uint8Array<ArrayBuffer>} */ (gunzipSync(packed));
  const whole = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(whole).arrayBuffer());
}

/** @type {(path: string) => boolean} */
export const hasFile = (path) => carried(path) !== null;

/** The worker's script as an address. */
let address = '';

/** @param {string} [name]  what the worker is for @returns {Worker} not of the kind `module`, which Chromium does not start from a page on disk */
export function spawnWorker(name = '') {
  if (address === '') {
    const script = carried('worker.js')?.textContent ?? '';
    address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  }
  return new Worker(address, { name });
}
