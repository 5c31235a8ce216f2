/** What lies in a file or in memory, read piece by piece. */

/** @typedef {Blob|Uint8Array} Source */

/** Bytes of a piece. */
const PIECE = 4 << 20;

/** @param {Source} source @returns {number} bytes */
export const sizeOf = (source) => (source instanceof Blob ? source.size : source.length);

/**
 * @param {Source} source
 * @param {number} from
 * @param {number} to  exclusive
 * @returns {Promise<Uint8Array>}
 */
export async function part(source, from, to) {
  return source instanceof Blob
    ? new Uint8Array(await source.slice(from, to).arrayBuffer())
    : source.subarray(from, to);
}

/**
 * @param {Source} source
 * @param {number} [from]
 * @param {(bytes: number) => void} [onRead]  called with the bytes of each piece
 */
export async function* pieces(source, from = 0, onRead) {
  for (let at = from; at < sizeOf(source); at += PIECE) {
    const piece = await part(source, at, at + PIECE);
    yield piece;
    onRead?.(piece.length);
  }
}
