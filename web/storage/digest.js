/** Whether bytes are the same as those that were kept. */
import { crc32 } from '../../wasm/files/formats/crc.js';

/** Bytes hashed at a time: what is hashed is copied. */
const PIECE = 4 << 20;

/**
 * A digest of bytes, with its method in front. Outside secure pages browsers do not hash, so the page's own checksum is taken.
 * @param {Uint8Array} bytes
 * @param {SubtleCrypto|undefined} [subtle]
 * @returns {Promise<string>}
 */
export async function digestOf(bytes, subtle = globalThis.crypto?.subtle) {
  if (!subtle) return `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
  const hash = new Uint8Array(await subtle.digest('SHA-256', /** @type {Uint8Array<ArrayBuffer>} */ (bytes)));
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * The digest of a text of any size: that of the digests of its pieces, so that no second copy of it is made.
 * @param {Uint8Array|Blob} text
 * @param {SubtleCrypto|undefined} [subtle]
 * @returns {Promise<string>}
 */
export async function textDigest(text, subtle) {
  const size = text instanceof Blob ? text.size : text.length;
  const pieces = [];
  for (let at = 0; at < size; at += PIECE) {
    const piece =
      text instanceof Blob
        ? new Uint8Array(await text.slice(at, at + PIECE).arrayBuffer())
        : text.subarray(at, at + PIECE);
    pieces.push(await digestOf(piece, subtle));
  }
  return digestOf(new TextEncoder().encode(`${size} ${pieces.join(' ')}`), subtle);
}
