/**
 * Decodes one column chunk of a Parquet file: pages of text, one value a row, plain or by a dictionary. Every count and
 * size is checked before it is used, so that time and memory stay in proportion to the chunk (hyparquet's own decoder
 * trusts them). Format: https://parquet.apache.org/docs/file-format/data-pages/ and the same site's encodings page.
 *
 * @typedef {import('hyparquet').PageHeader} PageHeader
 * @typedef {object} Chunk
 * @property {Uint8Array} bytes   the chunk's pages
 * @property {string|undefined} codec
 * @property {number} rows        rows of the chunk
 * @property {boolean} optional   whether values may be null
 * @property {number} maxBytes    bytes that its pages may unpack to
 */

import { parquetHeader } from 'hyparquet/src/column.js';
import { FormatError } from './error.js';
import { gunzip } from './inflate.js';
import { unpackSnappy } from './snappy.js';

/** @returns {FormatError} */
export function damaged() {
  return new FormatError('This Parquet file is damaged.');
}

/**
 * @param {unknown} value
 * @param {number} max
 * @returns {number} the value, where it is a size of at most `max`
 */
function size(value, max) {
  if (!Number.isSafeInteger(value) || Number(value) < 0 || Number(value) > max) throw damaged();
  return Number(value);
}

/**
 * @param {Uint8Array} packed
 * @param {number} length  what it must unpack to
 * @param {string|undefined} codec
 * @returns {Uint8Array}
 */
function unpack(packed, length, codec) {
  let page = packed;
  if (codec === 'SNAPPY') {
    const unpacked = unpackSnappy(packed, length);
    if (!unpacked) throw damaged();
    page = unpacked;
  } else if (codec === 'GZIP') {
    page = gunzip(packed, length);
  } else if (codec !== 'UNCOMPRESSED') {
    throw new FormatError(`This Parquet file is packed with ${codec ?? 'something unknown'}, which is not read here.`);
  }
  if (page.length !== length) throw damaged();
  return page;
}

/** Bytes of a page, read from the front. */
class Cursor {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} length */
  take(length) {
    if (length > this.bytes.length - this.at) throw damaged();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /**
   * A little-endian number.
   * @param {number} length  in bytes, at most 4
   */
  number(length) {
    let value = 0;
    for (const byte of this.take(length).slice().reverse()) value = value * 256 + byte;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  varint() {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const byte = this.number(1);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw damaged();
  }
}

/**
 * The hybrid of run-length encoding and bit-packing, in which levels and dictionary indices are.
 * @param {Cursor} cursor
 * @param {number} width  bits of a value
 * @param {number} count  values wanted
 * @returns {Uint32Array}
 */
function hybrid(cursor, width, count) {
  const values = new Uint32Array(count);
  for (let i = 0; i < count; ) {
    const header = cursor.varint();
    const repeats = Math.floor(header / 2);
    if (repeats === 0) throw damaged();
    if (header % 2 === 0) {
      const end = Math.min(count, i + repeats);
      values.fill(cursor.number(Math.ceil(width / 8)), i, end);
      i = end;
      continue;
    }
    const packed = cursor.take(Math.min(repeats * width, cursor.bytes.length - cursor.at));
    const end = Math.min(count, i + repeats * 8);
    if (packed.length * 8 < (end - i) * width) throw damaged();
    for (let bit = 0; i < end; i++) {
      for (let b = 0; b < width; b++, bit++) values[i] += ((packed[bit >> 3] >> (bit & 7)) & 1) * 2 ** b;
    }
  }
  return values;
}

/**
 * Texts one after the other, each behind its length.
 * @param {Cursor} cursor
 * @param {number} count
 * @returns {string[]}
 */
function plainTexts(cursor, count) {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const texts = [];
  for (let i = 0; i < count; i++) texts.push(decoder.decode(cursor.take(cursor.number(4))));
  return texts;
}

/**
 * The texts of a data page, nulls as empty texts.
 * @param {Cursor} cursor        behind the levels
 * @param {string|undefined} encoding
 * @param {Uint32Array|null} levels  1 where a row has a value; null where all have
 * @param {number} rows
 * @param {string[]} dictionary
 * @returns {string[]}
 */
function dataTexts(cursor, encoding, levels, rows, dictionary) {
  const count = levels ? levels.reduce((sum, level) => sum + level, 0) : rows;
  let texts;
  if (encoding === 'PLAIN') {
    texts = plainTexts(cursor, count);
  } else if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    const width = count > 0 ? size(cursor.number(1), 32) : 0;
    texts = Array.from(hybrid(cursor, width, count), (index) => {
      if (index >= dictionary.length) throw damaged();
      return dictionary[index];
    });
  } else {
    throw new FormatError(
      `This Parquet file is encoded with ${encoding ?? 'something unknown'}, which is not read here.`,
    );
  }
  if (!levels) return texts;
  let next = 0;
  return Array.from(levels, (level) => (level ? texts[next++] : ''));
}

/**
 * @param {PageHeader} header
 * @param {Uint8Array} packed
 * @param {Chunk} chunk
 * @param {number} rowsLeft
 * @param {string[]} dictionary
 * @returns {string[]}
 */
function readPage(
  { uncompressed_page_size: length, data_page_header: v1, data_page_header_v2: v2 },
  packed,
  chunk,
  rowsLeft,
  dictionary,
) {
  if (v1) {
    const rows = size(v1.num_values, rowsLeft);
    const cursor = new Cursor(unpack(packed, length, chunk.codec));
    const levels = chunk.optional ? hybrid(new Cursor(cursor.take(cursor.number(4))), 1, rows) : null;
    return dataTexts(cursor, v1.encoding, levels, rows, dictionary);
  }
  if (!v2) throw damaged();
  // In a page of version 2, the levels come first and are never packed.
  const rows = size(v2.num_rows, rowsLeft);
  const levelBytes = size(v2.definition_levels_byte_length, packed.length) + size(v2.repetition_levels_byte_length, 0);
  const levels = chunk.optional ? hybrid(new Cursor(packed.subarray(0, levelBytes)), 1, rows) : null;
  const codec = v2.is_compressed === false ? 'UNCOMPRESSED' : chunk.codec;
  const page = unpack(packed.subarray(levelBytes), size(length - levelBytes, length), codec);
  return dataTexts(new Cursor(page), v2.encoding, levels, rows, dictionary);
}

/**
 * All texts of a chunk, one a row, nulls as empty texts.
 * @param {Chunk} chunk
 * @returns {string[]}
 * @throws {FormatError} where it is damaged, too large, or encoded in a way that is not read here
 */
export function readTextChunk(chunk) {
  const { bytes, rows } = chunk;
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
  /** @type {string[]} */
  let texts = [];
  /** @type {string[]} */
  let dictionary = [];
  let bytesLeft = chunk.maxBytes;
  while (texts.length < rows) {
    const header = parquetHeader(reader);
    const packedBytes = size(header.compressed_page_size, bytes.length - reader.offset);
    const packed = bytes.subarray(reader.offset, reader.offset + packedBytes);
    reader.offset += packedBytes;
    bytesLeft -= size(header.uncompressed_page_size, bytesLeft);
    if (header.dictionary_page_header) {
      const page = unpack(packed, header.uncompressed_page_size, chunk.codec);
      // Each text takes at least the four bytes of its length, so the count cannot be larger than the page.
      dictionary = plainTexts(new Cursor(page), size(header.dictionary_page_header.num_values, page.length));
    } else {
      texts = texts.concat(readPage(header, packed, chunk, rows - texts.length, dictionary));
    }
  }
  return texts;
}
