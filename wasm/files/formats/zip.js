/**
 * Reads the directory of a zip archive, and entries out of it. Nothing in the archive is trusted: entries must not
 * overlap, and what they claim to hold is bounded before anything is inflated, so that a small archive cannot take much
 * memory or time. Archives beyond 4 GiB (zip64) are not read. Format: PKWARE's APPNOTE.TXT, sections 4.3 and 4.4.
 *
 * @typedef {object} ZipEntry
 * @property {string} name      as in the archive, `/` between folders; a folder's own name ends with one
 * @property {number} size      bytes that it holds
 * @property {boolean} stored   true where they are not compressed
 * @property {Uint8Array} raw   its bytes as they lie in the archive, a view
 * @property {number} crc       CRC-32 of what it holds
 */

import { crc32 } from './crc.js';
import { byteText, FormatError } from './error.js';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const FLAG_ENCRYPTED = 1;

/**
 * @param {Uint8Array} bytes
 * @returns {boolean} whether they begin as a zip archive does
 */
export function isZip(bytes) {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/** @returns {FormatError} */
function damaged() {
  return new FormatError('This zip archive is damaged or cut off.');
}

/**
 * Where the end record begins: it closes the archive, but for a comment of up to 65,535 bytes.
 * @param {DataView} view
 * @returns {number}
 */
function findEnd(view) {
  const first = Math.max(0, view.byteLength - END_BYTES - 0xffff);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    const closes = view.getUint32(at, true) === END_SIGNATURE;
    if (closes && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw damaged();
}

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {number} at  offset of the entry's record in the directory
 * @returns {{entry: ZipEntry, start: number, end: number, next: number}}  `start` and `end` of what it takes
 */
function readEntry(bytes, view, at) {
  if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY_SIGNATURE) throw damaged();
  const nameBytes = view.getUint16(at + 28, true);
  const next = at + ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > bytes.length) throw damaged();
  const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
  const method = view.getUint16(at + 10, true);
  if (view.getUint16(at + 8, true) & FLAG_ENCRYPTED) throw new FormatError('This zip archive is encrypted.');
  if (method !== STORED && method !== DEFLATED) {
    throw new FormatError('This zip archive is compressed in a way that is not read here.');
  }
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) throw damaged();
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const end = start + packed;
  if (end > bytes.length || (method === STORED && packed !== size)) throw damaged();
  const entry = {
    name,
    size,
    stored: method === STORED,
    raw: bytes.subarray(start, end),
    crc: view.getUint32(at + 16, true),
  };
  return { entry, start: local, end, next };
}

/**
 * The archive's entries, in the directory's order, by name.
 * @param {Uint8Array} bytes
 * @param {{maxEntries: number, maxBytes: number}} limits  `maxBytes`: of all entries together, once inflated
 * @returns {Map<string, ZipEntry>}
 * @throws {FormatError} when it is damaged, or holds more than the limits allow
 */
export function readDirectory(bytes, { maxEntries, maxBytes }) {
  if (bytes.length < END_BYTES) throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > maxEntries) throw new FormatError(`This zip archive has more than ${maxEntries} entries.`);
  let at = view.getUint32(end + 16, true);
  let total = 0;
  /** @type {Map<string, ZipEntry>} */
  const entries = new Map();
  /** @type {[start: number, end: number][]} */
  const spans = [];
  for (let i = 0; i < count; i++) {
    const read = readEntry(bytes, view, at);
    if (entries.has(read.entry.name)) throw new FormatError('Two entries of this zip archive have the same name.');
    total += read.entry.size;
    if (total > maxBytes) throw new FormatError(`This zip archive holds more than ${byteText(maxBytes)}.`);
    entries.set(read.entry.name, read.entry);
    spans.push([read.start, read.end]);
    at = read.next;
  }
  if (at > end) throw damaged();
  spans.sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < spans.length; i++) if (spans[i][0] < spans[i - 1][1]) throw damaged();
  return entries;
}

/**
 * What an entry holds, checked against its size and CRC-32.
 * @param {ZipEntry} entry
 * @param {(raw: Uint8Array, limit: number) => Uint8Array} [inflate]  needed where entries may be compressed; must not
 *   return more than `limit` bytes
 * @returns {Uint8Array} a view of the archive where the entry is stored
 * @throws {FormatError} when it is damaged, or compressed and `inflate` is not given
 */
export function readZipEntry(entry, inflate) {
  if (!entry.stored && !inflate) throw new FormatError('This zip archive is compressed, which it should not be.');
  const bytes = entry.stored || !inflate ? entry.raw : inflate(entry.raw, entry.size);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw damaged();
  return bytes;
}
