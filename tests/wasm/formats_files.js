/** Helpers for the tests of file formats. */

import assert from 'node:assert/strict';
import { FormatError } from '../../wasm/files/formats/error.js';

/** @param {string} text */
export const utf8 = (text) => new TextEncoder().encode(text);

/** @param {Uint8Array} bytes */
export const text = (bytes) => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

/**
 * Runs a reader on a hostile file: it may return, or reject with a FormatError of one sentence, within a second.
 * @template T
 * @param {() => T|Promise<T>} read
 * @returns {Promise<T|FormatError>}
 */
export async function survives(read) {
  const start = process.cpuUsage();
  let result;
  try {
    result = await read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    assert.match(error.message, /^[^\n]{10,300}\.$/);
    result = error;
  }
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < 1e6, 'within a second');
  return result;
}
