/**
 * Values of Parquet's pages: levels, indices into a dictionary, texts. Every count and size is checked before it is used, so
 * that time and memory stay in proportion to the page; hyparquet's own decoders trust them: a run of a few bytes may claim
 * a billion values. Format: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
import { Cursor, damaged, sizeOf } from './parquet_cursor.js';

/** Most miniblocks of a block; writers make 4. */
const MOST_MINIBLOCKS = 4096;

/**
 * Numbers packed bit by bit, the least significant first.
 * @param {Uint8Array} bytes
 * @param {number} width  bits of a number, at most 32
 * @param {Uint32Array} values  is filled
 */
function unpackBits(bytes, width, values) {
  for (let i = 0, bit = 0; i < values.length; i++) {
    for (let b = 0; b < width; b++, bit++) values[i] += ((bytes[bit >> 3] >> (bit & 7)) & 1) * 2 ** b;
  }
}

/**
 * The hybrid of run-length encoding and bit-packing that levels and dictionary indices use.
 * @param {Cursor} cursor
 * @param {number} width  bits of a value
 * @param {number} count  values wanted
 * @returns {Uint32Array}
 * @throws {import('./error.js').FormatError} where it is damaged
 */
export function hybrid(cursor, width, count) {
  const values = new Uint32Array(count);
  // Some writers leave out runs that could only say 0.
  for (let i = 0; i < count && width > 0; ) {
    const header = cursor.varint();
    const repeats = Math.floor(header / 2);
    if (repeats === 0) throw damaged();
    if (header % 2 === 0) {
      const end = Math.min(count, i + repeats);
      values.fill(cursor.number(Math.ceil(width / 8)), i, end);
      i = end;
      continue;
    }
    const packed = cursor.take(Math.min(repeats * width, cursor.left));
    const end = Math.min(count, i + repeats * 8);
    if (packed.length * 8 < (end - i) * width) throw damaged();
    unpackBits(packed, width, values.subarray(i, end));
    i = end;
  }
  return values;
}

/**
 * Numbers as differences, in blocks of miniblocks.
 * @param {Cursor} cursor  past them afterwards
 * @param {number} count  values wanted
 * @returns {Int32Array}
 */
function deltas(cursor, count) {
  const [block, miniblocks, total, first] = [cursor.varint(), cursor.varint(), cursor.varint(), cursor.zigzag()];
  const each = block / sizeOf(miniblocks, MOST_MINIBLOCKS);
  if (total !== count || !Number.isSafeInteger(each) || each === 0 || each % 8 !== 0) throw damaged();
  const values = new Int32Array(count);
  if (count > 0) values[0] = first;
  for (let i = 1; i < count; ) {
    const least = cursor.zigzag();
    const widths = cursor.take(miniblocks);
    for (let m = 0; m < miniblocks && i < count; m++) {
      const width = sizeOf(widths[m], 32);
      // The padding of the last one may be missing.
      const packed = cursor.take(Math.min((each * width) / 8, cursor.left));
      const differences = new Uint32Array(Math.min(each, count - i));
      if (packed.length * 8 < differences.length * width) throw damaged();
      unpackBits(packed, width, differences);
      for (const difference of differences) {
        values[i] = values[i - 1] + least + difference;
        i++;
      }
    }
  }
  return values;
}

/** @param {Cursor} cursor @param {number} count @returns {Uint8Array[]}  texts one after the other, each behind its length */
function plain(cursor, count) {
  /** @type {Uint8Array[]} */
  const texts = [];
  for (let i = 0; i < count; i++) texts.push(cursor.take(cursor.number(4)));
  return texts;
}

/** @param {Cursor} cursor @param {number} count @returns {Uint8Array[]}  all lengths, then all texts */
function lengthsFirst(cursor, count) {
  return Array.from(deltas(cursor, count), (length) => cursor.take(length));
}

/**
 * Texts that share a beginning with the one before: how much of it, then the rest of each.
 * @param {Cursor} cursor
 * @param {number} count
 * @param {number} maxBytes  that the texts may have together
 * @returns {Uint8Array[]}
 */
function prefixesFirst(cursor, count, maxBytes) {
  const prefixes = deltas(cursor, count);
  const rests = lengthsFirst(cursor, count);
  let left = maxBytes;
  let before = new Uint8Array(0);
  return rests.map((rest, i) => {
    const shared = sizeOf(prefixes[i], before.length);
    left = sizeOf(left - shared - rest.length, maxBytes);
    const text = new Uint8Array(shared + rest.length);
    text.set(before.subarray(0, shared));
    text.set(rest, shared);
    before = text;
    return text;
  });
}

/** Encodings of texts by name. @type {Readonly<Record<string, typeof prefixesFirst>>} */
const TEXTS = Object.freeze({ PLAIN: plain, DELTA_LENGTH_BYTE_ARRAY: lengthsFirst, DELTA_BYTE_ARRAY: prefixesFirst });

/**
 * @param {Cursor} cursor
 * @param {string} encoding
 * @param {number} count
 * @param {number} maxBytes  that the texts may have together
 * @returns {string[]|null} null where the encoding is not one of texts, or not known here
 * @throws {import('./error.js').FormatError} where it is damaged
 */
export function readTexts(cursor, encoding, count, maxBytes) {
  if (!Object.hasOwn(TEXTS, encoding)) return null;
  if (count === 0) return [];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return TEXTS[encoding](cursor, count, maxBytes).map((bytes) => decoder.decode(bytes));
}
