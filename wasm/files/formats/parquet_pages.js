/**
 * Decodes one column chunk of a Parquet file: pages of text, one value a row. The kinds of pages are those that hyparquet
 * reads; the code is ours, since hyparquet's trusts every count and size that a file claims (see parquet_values.js).
 * Format: https://parquet.apache.org/docs/file-format/data-pages/
 *
 * @typedef {import('./parquet_header.js').PageHeader} PageHeader
 * @typedef {object} Chunk
 * @property {Uint8Array} bytes   the chunk's pages
 * @property {string|undefined} codec
 * @property {number} rows        rows of the chunk
 * @property {boolean} optional   whether values may be null
 * @property {number} maxBytes    bytes that its pages may unpack to
 */

import { FormatError } from './error.js';
import { gunzip } from './inflate.js';
import { Cursor, damaged, sizeOf } from './parquet_cursor.js';
import { readPageHeader } from './parquet_header.js';
import { hybrid, readTexts } from './parquet_values.js';
import { unpackSnappy } from './snappy.js';

/**
 * @param {Uint8Array} packed
 * @param {number} length  what it must unpack to
 * @param {string|undefined} codec
 * @returns {Uint8Array}
 */
function unpack(packed, length, codec) {
  // Writers pack an empty page as nothing, or as an empty stream.
  if (length === 0) return new Uint8Array(0);
  let page = packed;
  if (codec === 'SNAPPY') {
    const unpacked = unpackSnappy(packed, length);
    if (!unpacked) throw damaged();
    page = unpacked;
  } else if (codec === 'GZIP') {
    page = gunzip(packed, length);
  } else if (codec !== 'UNCOMPRESSED') {
    throw new FormatError(
      `This Parquet file is packed with ${codec ?? 'something unknown'}, which is not read here.`,
      'unknown_packing',
      { codec },
    );
  }
  if (page.length !== length) throw damaged();
  return page;
}

/**
 * The values of a data page that are not null.
 * @param {Cursor} cursor        past the levels
 * @param {string} encoding
 * @param {number} count
 * @param {string[]} dictionary
 * @param {number} maxBytes  that they may have together
 * @returns {string[]}
 */
function valuesOf(cursor, encoding, count, dictionary, maxBytes) {
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    const width = count > 0 ? sizeOf(cursor.number(1), 32) : 0;
    return Array.from(hybrid(cursor, width, count), (index) => {
      if (index >= dictionary.length) throw damaged();
      return dictionary[index];
    });
  }
  const texts = readTexts(cursor, encoding, count, maxBytes);
  if (!texts)
    throw new FormatError(
      `This Parquet file is encoded with ${encoding}, which is not read here for text.`,
      'unknown_encoding',
      { encoding },
    );
  return texts;
}

/**
 * @param {PageHeader} header
 * @param {Uint8Array} packed
 * @param {Chunk} chunk
 * @param {number} rows
 * @returns {{levels: Uint32Array|null, values: Cursor}}  `levels`: 1 where a row has a value; null where all have
 */
function openPage({ version, size, definitionBytes, repetitionBytes, plain }, packed, { codec, optional }, rows) {
  if (version === 1) {
    const values = new Cursor(unpack(packed, size, codec));
    const levels = optional ? hybrid(new Cursor(values.take(values.number(4))), 1, rows) : null;
    return { levels, values };
  }
  // In a page of version 2, the levels come first and are never packed.
  const levelBytes = sizeOf(definitionBytes, packed.length) + sizeOf(repetitionBytes, 0);
  const levels = optional ? hybrid(new Cursor(packed.subarray(0, levelBytes)), 1, rows) : null;
  const rest = unpack(packed.subarray(levelBytes), sizeOf(size - levelBytes, size), plain ? 'UNCOMPRESSED' : codec);
  return { levels, values: new Cursor(rest) };
}

/**
 * All texts of a chunk, one a row.
 * @param {Chunk} chunk
 * @returns {(string|null)[]}
 * @throws {FormatError} where it is damaged, too large, or encoded in a way that is not read here
 */
export function readTextChunk(chunk) {
  const { bytes, rows } = chunk;
  const cursor = new Cursor(bytes);
  /** @type {(string|null)[]} */
  const texts = [];
  /** @type {string[]} */
  let dictionary = [];
  let bytesLeft = chunk.maxBytes;
  while (texts.length < rows) {
    const header = readPageHeader(cursor);
    const packed = cursor.take(sizeOf(header.packed, cursor.left));
    bytesLeft -= sizeOf(header.size, bytesLeft);
    if (header.kind === 'index') continue;
    if (header.kind === 'dictionary') {
      const page = unpack(packed, header.size, chunk.codec);
      // Each text takes at least the four bytes of its length, so the count cannot be larger than the page.
      dictionary = readTexts(new Cursor(page), 'PLAIN', sizeOf(header.values, page.length), page.length) ?? [];
      continue;
    }
    const pageRows = sizeOf(header.values, rows - texts.length);
    if (pageRows === 0) continue;
    const { levels, values } = openPage(header, packed, chunk, pageRows);
    const count = levels ? levels.reduce((sum, level) => sum + level, 0) : pageRows;
    const found = valuesOf(values, header.encoding, count, dictionary, chunk.maxBytes);
    let next = 0;
    for (let row = 0; row < pageRows; row++) texts.push(!levels || levels[row] ? found[next++] : null);
  }
  return texts;
}
