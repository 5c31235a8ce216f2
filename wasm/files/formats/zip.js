/**
 * Reads the directory of a zip archive, and entries out of it. Nothing in the archive is trusted: entries must not
 * overlap, and what they claim to hold is bounded before anything is inflated, so that a small archive cannot take much
 * memory or time. What follows the archive is ignored. Format: PKWARE's APPNOTE.TXT, sections 4.3 to 4.5.
 *
 * @typedef {object} ZipEntry
 * @property {string} name      `/` between folders; a folder's own name ends with one
 * @property {number} size      bytes that it holds
 * @property {boolean} stored   true where they are not compressed
 * @property {Uint8Array} raw   its bytes as they lie in the archive, a view
 * @property {number} crc       CRC-32 of what it holds
 * @property {FormatError|null} obstacle  what keeps it from being read; null where nothing does
 */

import { crc32 } from './crc.js';
import { byteText, FormatError } from './error.js';
import { decodeNames, extraField } from './zip_names.js';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
/** In fields that are too narrow for their value, which then is in a wider one elsewhere. */
const [ELSEWHERE_16, ELSEWHERE_32] = [0xffff, 0xffffffff];
const ZIP64 = 1;
const STORED = 0;
const DEFLATED = 8;
const FLAG_ENCRYPTED = 1;
/** Other ways to compress, by their numbers. */
const METHODS = new Map([
  [9, 'Deflate64'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [93, 'Zstandard'],
  [95, 'XZ'],
  [98, 'PPMd'],
]);

/** @returns {FormatError} */
function damaged() {
  return new FormatError('This zip archive is damaged or cut off.', 'damaged_zip');
}

/** @param {DataView} view @param {number} at @returns {number} inexact beyond 2^53, where no offset or size is */
const uint64 = (view, at) => view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;

/**
 * Where the directory lies, as its end record, or the wider one in front of that, says.
 * @param {DataView} view
 * @param {number} at  of what may be the end record
 * @returns {{start: number, end: number, count: number}|null} null where it is no end record
 */
function directoryAt(view, at) {
  if (view.getUint32(at, true) !== END_SIGNATURE) return null;
  if (at + END_BYTES + view.getUint16(at + 20, true) > view.byteLength) return null;
  let [count, size, start] = [
    view.getUint16(at + 10, true),
    view.getUint32(at + 12, true),
    view.getUint32(at + 16, true),
  ];
  let end = at;
  const locator = at - LOCATOR_BYTES;
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_SIGNATURE) {
    const wide = uint64(view, locator + 8);
    if (wide + END64_BYTES > locator || view.getUint32(wide, true) !== END64_SIGNATURE) return null;
    if (count === ELSEWHERE_16) count = uint64(view, wide + 32);
    if (size === ELSEWHERE_32) size = uint64(view, wide + 40);
    if (start === ELSEWHERE_32) start = uint64(view, wide + 48);
    end = wide;
  } else if (start === ELSEWHERE_32) {
    // Info-ZIP leaves the wide record out where it writes to a pipe; the directory is the last thing all the same.
    start = end - size;
    if (start < 0) return null;
  }
  // Where padding takes the place of what was cut off, the directory of a full archive would seem to be empty.
  const fits = count > 0 ? start + size <= end : start + size === end;
  return fits ? { start, end, count } : null;
}

/**
 * The last directory. A comment and padding of any length may follow it.
 * @param {DataView} view
 * @returns {{start: number, end: number, count: number}}
 */
function findDirectory(view) {
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    const found = directoryAt(view, at);
    if (found) return found;
  }
  throw damaged();
}

/**
 * What keeps an entry from being read.
 * @param {number} flags
 * @param {number} method
 * @returns {FormatError|null}
 */
function obstacleOf(flags, method) {
  if (flags & FLAG_ENCRYPTED) return new FormatError('It is encrypted.', 'encrypted');
  if (method === STORED || method === DEFLATED) return null;
  const name = METHODS.get(method) ?? `method ${method}`;
  return new FormatError(`It is compressed with ${name}, which is not read here.`, 'unknown_method', { method: name });
}

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {number} at  offset of the entry's record in the directory
 * @returns {{entry: Omit<ZipEntry, 'name'>, name: Uint8Array, extra: Uint8Array, start: number, end: number, next: number}}
 *   `start` and `end` of what it takes in the archive
 */
function readEntry(bytes, view, at) {
  if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY_SIGNATURE) throw damaged();
  const extraAt = at + ENTRY_BYTES + view.getUint16(at + 28, true);
  const commentAt = extraAt + view.getUint16(at + 30, true);
  const next = commentAt + view.getUint16(at + 32, true);
  if (next > bytes.length) throw damaged();
  const extra = bytes.subarray(extraAt, commentAt);
  const wide = extraField(extra, ZIP64);
  let [used, wideView] = [0, wide && new DataView(wide.buffer, wide.byteOffset, wide.length)];
  const [size, packed, local] = [24, 20, 42].map((field) => {
    const value = view.getUint32(at + field, true);
    if (value !== ELSEWHERE_32 || !wideView || used + 8 > wideView.byteLength) return value;
    used += 8;
    return uint64(wideView, used - 8);
  });
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) throw damaged();
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const end = start + packed;
  const method = view.getUint16(at + 10, true);
  const obstacle = obstacleOf(view.getUint16(at + 8, true), method);
  if (end > bytes.length || (obstacle === null && method === STORED && packed !== size)) throw damaged();
  const crc = view.getUint32(at + 16, true);
  const entry = { size, stored: method === STORED, raw: bytes.subarray(start, end), crc, obstacle };
  return { entry, name: bytes.subarray(at + ENTRY_BYTES, extraAt), extra, start: local, end, next };
}

/**
 * The archive's entries, in the directory's order. Names may occur more than once.
 * @param {Uint8Array} bytes
 * @param {number} maxEntries
 * @returns {ZipEntry[]}
 * @throws {FormatError} when it is damaged, or has more entries
 */
export function readEntries(bytes, maxEntries) {
  if (bytes.length < END_BYTES) throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { start, end, count } = findDirectory(view);
  if (count > maxEntries)
    throw new FormatError(`This zip archive has more than ${maxEntries} entries.`, 'too_many_entries', { maxEntries });
  /** @type {ReturnType<typeof readEntry>[]} */
  const found = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    found.push(readEntry(bytes, view, at));
    at = found[i].next;
  }
  if (at > end) throw damaged();
  const spans = found.map((each) => [each.start, each.end]).sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < spans.length; i++) if (spans[i][0] < spans[i - 1][1]) throw damaged();
  const names = decodeNames(found);
  return found.map(({ entry }, i) => ({ name: names[i], ...entry }));
}

/**
 * The archive's entries, in the directory's order, by name.
 * @param {Uint8Array} bytes
 * @param {{maxEntries: number, maxBytes: number}} limits  `maxBytes`: of all entries together, once inflated
 * @returns {Map<string, ZipEntry>}
 * @throws {FormatError} when it is damaged, holds more than the limits allow, or has a name twice
 */
export function readDirectory(bytes, { maxEntries, maxBytes }) {
  const entries = readEntries(bytes, maxEntries);
  checkSize(entries, maxBytes);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.size < entries.length)
    throw new FormatError('Two entries of this zip archive have the same name.', 'name_twice');
  return byName;
}

/**
 * @param {readonly ZipEntry[]} entries
 * @param {number} maxBytes  of all together, once inflated
 * @returns {void}
 * @throws {FormatError} where they hold more
 */
export function checkSize(entries, maxBytes) {
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > maxBytes)
    throw new FormatError(`This zip archive holds more than ${byteText(maxBytes)}.`, 'large_zip', { limit: maxBytes });
}

/**
 * What an entry holds, checked against its size and CRC-32.
 * @param {ZipEntry} entry
 * @param {(raw: Uint8Array, limit: number) => Uint8Array} [inflate]  needed where entries may be compressed; must not
 *   return more than `limit` bytes
 * @returns {Uint8Array} a view of the archive where the entry is stored
 * @throws {FormatError} when it is damaged or can't be read, or compressed and `inflate` is not given
 */
export function readZipEntry(entry, inflate) {
  if (entry.obstacle !== null) throw entry.obstacle;
  if (!entry.stored && !inflate)
    throw new FormatError('This zip archive is compressed, which it should not be.', 'compressed');
  const bytes = entry.stored || !inflate ? entry.raw : inflate(entry.raw, entry.size);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw damaged();
  return bytes;
}
