/**
 * Headers of Parquet's pages, in Thrift's compact protocol. Ours, since no public export of hyparquet reads them.
 * Formats: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift (PageHeader) and
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
import { Cursor, damaged } from './parquet_cursor.js';

/** Types of the compact protocol. */
const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, STRUCT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12];
/** Structs inside of each other that are followed; a page header has three. */
const DEEPEST = 8;

/** Encodings of a page's values, by number. */
const ENCODINGS = [
  'PLAIN',
  'GROUP_VAR_INT',
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
];

/** Fields by their numbers. @typedef {Map<number, number|boolean|Struct>} Struct */

/**
 * @typedef {object} PageHeader
 * @property {'data'|'dictionary'|'index'} kind
 * @property {1|2} version     of a data page
 * @property {number} size     bytes of the page once it is unpacked, its levels among them
 * @property {number} packed   bytes of the page as it lies in the file
 * @property {number} values   values of it, nulls among them
 * @property {string} encoding
 * @property {number} definitionBytes  of its definition levels, version 2 only
 * @property {number} repetitionBytes  of its repetition levels, version 2 only
 * @property {boolean} plain   version 2 only: what follows the levels is not packed, whatever the chunk's codec
 */

/**
 * @param {Cursor} cursor
 * @param {number} type
 * @param {number} depth
 * @returns {number|boolean|Struct|undefined} undefined for what no page header needs
 */
function readValue(cursor, type, depth) {
  if (type === TRUE || type === FALSE) return type === TRUE;
  if (type === BYTE) return cursor.number(1);
  if (type === I16 || type === I32) return cursor.zigzag();
  if (type === STRUCT) return readStruct(cursor, depth + 1);
  if (type === I64) while (cursor.number(1) >= 128);
  else if (type === DOUBLE) cursor.take(8);
  else if (type === BINARY) cursor.take(cursor.varint());
  else if (type === LIST || type === SET) {
    const head = cursor.number(1);
    const [short, element] = [head >> 4, head & 15];
    // Each element takes a byte at least, booleans too.
    for (let n = short === 15 ? cursor.varint() : short; n > 0; n--)
      if (element === TRUE || element === FALSE) cursor.take(1);
      else readValue(cursor, element, depth + 1);
  } else throw damaged();
  return undefined;
}

/** @param {Cursor} cursor @param {number} depth @returns {Struct} */
function readStruct(cursor, depth) {
  if (depth > DEEPEST) throw damaged();
  /** @type {Struct} */
  const fields = new Map();
  for (let id = 0; ; ) {
    const head = cursor.number(1);
    if (head === 0) return fields;
    id = head >> 4 ? id + (head >> 4) : cursor.zigzag();
    const value = readValue(cursor, head & 15, depth);
    if (value !== undefined) fields.set(id, value);
  }
}

/**
 * @param {Cursor} cursor  at a page; past its header afterwards
 * @returns {PageHeader}  sizes and counts as the file has them: still to be checked
 * @throws {import('./error.js').FormatError} where it is damaged
 */
export function readPageHeader(cursor) {
  const header = readStruct(cursor, 0);
  const number = (/** @type {Struct} */ fields, /** @type {number} */ id) => {
    const value = fields.get(id);
    return typeof value === 'number' ? value : Number.NaN;
  };
  const kind = /** @type {const} */ (['data', 'index', 'dictionary', 'data'])[number(header, 1)];
  const version = number(header, 1) === 3 ? 2 : 1;
  const own = header.get({ data: version === 2 ? 8 : 5, dictionary: 7, index: 6 }[kind] ?? 0);
  const fields = own instanceof Map ? own : new Map();
  if (kind === undefined || (kind !== 'index' && !(own instanceof Map))) throw damaged();
  const encoding = number(fields, version === 2 ? 4 : 2);
  return {
    kind,
    version,
    size: number(header, 2),
    packed: number(header, 3),
    values: number(fields, version === 2 ? 3 : 1),
    encoding: ENCODINGS[encoding] ?? `encoding ${encoding}`,
    definitionBytes: number(fields, 5),
    repetitionBytes: number(fields, 6),
    plain: fields.get(7) === false,
  };
}
