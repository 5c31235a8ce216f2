/** A text as the page has it: the whole as a Blob, which may lie on disk, and its end as bytes, to draw passages from. */

/**
 * A text to train on.
 * @typedef {object} Text
 * @property {string} name
 * @property {Uint8Array} bytes   all of a text of up to `KEPT` bytes; of a longer one its end
 * @property {string} [id]        one of the samples
 * @property {Blob} [blob]        the whole, where `bytes` are not
 * @property {number} [offset]    of the text before `bytes`, in bytes
 * @property {number} [heldOut]   bytes at the end that are held out, where the data says so itself
 * @property {string} [about]     what the page says about where it is from
 */

/** Bytes of a text that the page keeps in memory. A multiple of no character's length, so ends are cut at characters. */
export const KEPT = 16 << 20;

/** @param {Text} text @returns {number} bytes of the whole */
export function sizeOf({ bytes, offset = 0 }) {
  return offset + bytes.length;
}

/** @param {Text} text @returns {Blob} the whole */
export function blobOf({ bytes, blob }) {
  return blob ?? new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]);
}

/**
 * The whole text, for those who need all of it at once; rejects where a file was changed or moved meanwhile.
 * @param {Text} text
 * @returns {Promise<Uint8Array>} the page's own bytes where they are the whole
 */
export async function wholeOf({ bytes, blob }) {
  return blob ? new Uint8Array(await blob.arrayBuffer()) : bytes;
}

/**
 * @param {string} name
 * @param {Blob} blob
 * @param {Pick<Text, 'id'|'heldOut'|'about'>} [more]
 * @returns {Promise<Text>} rejects where the blob can't be read
 */
export async function textOfBlob(name, blob, more = {}) {
  const offset = Math.max(0, blob.size - KEPT);
  const bytes = new Uint8Array(await blob.slice(offset).arrayBuffer());
  return { name, bytes, ...(offset > 0 && { offset, blob }), ...more };
}

/**
 * What the worker is sent of a text.
 * @param {Text} text
 * @returns {[text: Uint8Array|Blob, heldOut?: Blob]} bytes are a copy, to be transferred
 */
export function handedOver(text) {
  if (!text.heldOut) return [text.blob ?? text.bytes.slice()];
  const blob = blobOf(text);
  const cut = blob.size - text.heldOut;
  return [blob.slice(0, cut), blob.slice(cut)];
}
