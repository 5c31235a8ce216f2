/** A zip archive, written piece by piece, so that large files in it are not held a second time. */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

/** Bytes handed over at a time. */
const PIECE = 1 << 20;

/**
 * @param {AsyncIterable<{name: string, bytes: Uint8Array, squeeze: boolean}>} files  `squeeze`: worth compressing
 * @returns {Promise<Blob>}
 * @throws what the packing failed with
 */
export async function zipFiles(files) {
  /** @type {Blob[]} */
  const done = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  let pieces = [];
  /** @type {Error|null} */
  let failure = null;
  const archive = new Zip((error, piece) => {
    failure ??= error;
    if (piece) pieces.push(/** @type {Uint8Array<ArrayBuffer>} */ (piece));
  });
  for await (const { name, bytes, squeeze } of files) {
    const entry = squeeze ? new ZipDeflate(name, { level: 6 }) : new ZipPassThrough(name);
    archive.add(entry);
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE) {
      entry.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
      await new Promise((resolve) => setTimeout(resolve));
    }
    done.push(new Blob(pieces));
    pieces = [];
    if (failure) throw failure;
  }
  archive.end();
  return new Blob([...done, ...pieces], { type: 'application/zip' });
}
