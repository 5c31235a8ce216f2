/**
 * Files that are read in parts: bytes in memory, or what a web server holds.
 *
 * @typedef {object} RandomAccessFile
 * @property {number} byteLength
 * @property {(start: number, end?: number) => ArrayBuffer|Promise<ArrayBuffer>} slice  bytes `start` to `end`
 *   (exclusive, default the file's end)
 */

import { UnreachableError } from './error.js';

/**
 * @param {Uint8Array} bytes
 * @returns {RandomAccessFile}
 */
export function fileOfBytes(bytes) {
  return {
    byteLength: bytes.length,
    slice: (start, end = bytes.length) => Uint8Array.from(bytes.subarray(start, end)).buffer,
  };
}

/**
 * @param {string} url
 * @param {number} start
 * @param {number} last  inclusive, as HTTP has it
 * @param {{fetch: typeof globalThis.fetch, signal?: AbortSignal}} options
 * @returns {Promise<Response>}
 */
async function fetchRange(url, start, last, { fetch, signal }) {
  let response;
  try {
    response = await fetch(url, { headers: { Range: `bytes=${start}-${last}` }, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new UnreachableError(`${hostOf(url)} could not be reached.`, 'no_answer', { host: hostOf(url) });
  }
  if (response.status !== 206) {
    await response.body?.cancel();
    const { ok, status } = response;
    throw ok
      ? new UnreachableError(`${hostOf(url)} does not serve parts of a file.`, 'no_parts', { host: hostOf(url) })
      : new UnreachableError(`${hostOf(url)} answered with status ${status}.`, 'status', { host: hostOf(url), status });
  }
  return response;
}

/** @param {string} url */
function hostOf(url) {
  return URL.canParse(url) ? new URL(url).host : url;
}

/**
 * A file on a web server that serves byte ranges (RFC 9110, section 14). Only the parts asked for are fetched.
 * @param {string} url
 * @param {object} [options]
 * @param {AbortSignal} [options.signal]  ends fetching; requests under way reject with the signal's reason
 * @param {typeof globalThis.fetch} [options.fetch]
 * @param {(bytes: number) => void} [options.onFetched]  called with the bytes of each finished part
 * @returns {Promise<RandomAccessFile>}
 * @throws {UnreachableError} where there is no network, no such file, or the server does not serve ranges
 */
export async function openRemoteFile(url, { signal, fetch = globalThis.fetch, onFetched } = {}) {
  const probe = await fetchRange(url, 0, 0, { fetch, signal });
  await probe.arrayBuffer();
  const size = /^bytes 0-0\/(\d+)$/.exec(probe.headers.get('content-range') ?? '');
  if (!size)
    throw new UnreachableError(`${hostOf(url)} does not say how long the file is.`, 'no_length', { host: hostOf(url) });
  const byteLength = Number(size[1]);
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const response = await fetchRange(url, start, end - 1, { fetch, signal });
      let part;
      try {
        part = await response.arrayBuffer();
      } catch (error) {
        if (signal?.aborted) throw error;
        throw new UnreachableError(`The connection to ${hostOf(url)} broke off.`, 'broke_off', { host: hostOf(url) });
      }
      if (part.byteLength !== end - start)
        throw new UnreachableError(`${hostOf(url)} sent a different part than was asked for.`, 'other_part', {
          host: hostOf(url),
        });
      onFetched?.(part.byteLength);
      return part;
    },
  };
}
