/** Compression for whoever uses the core as a library: bytes at once, or chunks as they come. */
import { compressed, decompressed } from '../engine/compressor.js';
import { joined } from '../files/formats/joined.js';
import { moduleOf } from './module.js';

/** @typedef {import('../engine/compressor.js').CompressOptions} CompressOptions */
/** @typedef {import('../engine/compressor.js').DecompressOptions} DecompressOptions */
/** @typedef {import('../engine/compressor.js').Chunks} Chunks */
/** @typedef {{module?: Parameters<typeof moduleOf>[0]}} Core  the core, where it is not that of this package */

/** @param {AsyncIterable<Uint8Array>} chunks */
async function gathered(chunks) {
  /** @type {Uint8Array[]} */
  const all = [];
  for await (const chunk of chunks) all.push(chunk);
  return joined(all);
}

/**
 * Compresses chunks as they come, in memory that does not grow with them.
 * @param {Chunks} chunks  a ReadableStream, a Node stream, a generator, an array
 * @param {CompressOptions & Core} [options]
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>} the compressed file, in chunks
 * @throws {import('../engine/module.js').CoreError} `bad_settings`, `too_big`, `no_simd`, `no_module`
 */
export async function* compressChunks(chunks, options = {}) {
  yield* compressed(await moduleOf(options.module), chunks, options);
}

/**
 * Decompresses a file as its chunks come. The last chunk comes only once all checksums were right.
 * @param {Chunks} chunks
 * @param {DecompressOptions & Core} [options]
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>} the original, in chunks
 * @throws {import('../files/formats/error.js').FormatError} one plain sentence for whatever is wrong with the file
 */
export async function* decompressChunks(chunks, options = {}) {
  yield* decompressed(await moduleOf(options.module), chunks, options);
}

/**
 * Compresses bytes. The same bytes, options and version give the same file on every machine.
 * @param {Uint8Array|string} text  bytes as they are; a string as UTF-8
 * @param {CompressOptions & Core} [options]
 * @returns {Promise<Uint8Array<ArrayBuffer>>} the compressed file
 * @throws {import('../engine/module.js').CoreError} as `compressChunks`
 */
export function compress(text, options = {}) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return gathered(compressChunks([bytes], { ...options, length: bytes.length }));
}

/**
 * Decompresses a file.
 * @param {Uint8Array} bytes
 * @param {DecompressOptions & Core} [options]
 * @returns {Promise<Uint8Array<ArrayBuffer>>} the original
 * @throws {import('../files/formats/error.js').FormatError} as `decompressChunks`
 */
export function decompress(bytes, options = {}) {
  return gathered(decompressChunks([bytes], options));
}
