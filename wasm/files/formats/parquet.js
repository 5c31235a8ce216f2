/**
 * Reads a column of text out of a Parquet file, taking only the row groups that are needed: the files of datasets on
 * Hugging Face have hundreds of MB, and 1,000 rows in a group.
 *
 * @typedef {import('./random_access.js').RandomAccessFile} RandomAccessFile
 * @typedef {import('hyparquet').FileMetaData} FileMetaData
 */

import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { FormatError } from './error.js';
import { damaged, readTextChunk } from './parquet_pages.js';

/** Most bytes of the column in one row group, packed or not. A usual row group has 1 MiB. */
const MAX_GROUP_BYTES = 256 << 20;
/** Most rows of one row group. */
const MAX_GROUP_ROWS = 4 << 20;

/**
 * Runs a reader of the file, so that what hyparquet throws comes out as a FormatError, and what the file's own `slice`
 * throws (no network, cancelled) as it is.
 * @template T
 * @param {RandomAccessFile} file
 * @param {(file: RandomAccessFile) => Promise<T>} read
 * @returns {Promise<T>}
 */
async function guarded(file, read) {
  /** @type {unknown[]} */
  const failures = [];
  const slice = async (/** @type {number} */ start, /** @type {number} */ end = file.byteLength) => {
    if (!(start >= 0 && start <= end && end <= file.byteLength)) throw damaged();
    try {
      return await file.slice(start, end);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  try {
    return await read({ byteLength: file.byteLength, slice });
  } catch (error) {
    throw error instanceof FormatError || failures.includes(error) ? error : damaged();
  }
}

/**
 * Columns that hold text, one value a row, and whether it may be null.
 * @param {FileMetaData} metadata
 * @returns {Map<string, {optional: boolean}>}
 */
function textColumns(metadata) {
  /** @type {Map<string, {optional: boolean}>} */
  const columns = new Map();
  for (const { children, element } of parquetSchema(metadata).children) {
    if (children.length > 0 || element.type !== 'BYTE_ARRAY' || element.repetition_type === 'REPEATED') continue;
    columns.set(element.name, { optional: element.repetition_type === 'OPTIONAL' });
  }
  return columns;
}

/**
 * @param {RandomAccessFile} file
 * @param {FileMetaData['row_groups'][number]} group
 * @param {string} column
 * @param {boolean} optional
 * @returns {Promise<string[]>}
 */
async function readGroup(file, group, column, optional) {
  const chunk = group.columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === column)?.meta_data;
  const rows = Number(group.num_rows);
  if (!chunk || !(rows >= 0)) throw damaged();
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const length = Number(chunk.total_compressed_size);
  if (length > MAX_GROUP_BYTES || rows > MAX_GROUP_ROWS) {
    throw new FormatError('A row group of this Parquet file is too large to be read here.');
  }
  const bytes = new Uint8Array(await file.slice(start, start + length));
  return readTextChunk({ bytes, codec: chunk.codec, rows, optional, maxBytes: MAX_GROUP_BYTES });
}

/**
 * Names of the columns that `readTextColumn` can read.
 * @param {RandomAccessFile} file
 * @returns {Promise<string[]>}
 * @throws {FormatError} where it is no Parquet file
 */
export function listTextColumns(file) {
  return guarded(file, async (source) => [...textColumns(await parquetMetadataAsync(source)).keys()]);
}

/**
 * The first rows of a column of text, in order, empty ones included; null comes out as the empty text.
 * @param {RandomAccessFile} file
 * @param {object} [options]
 * @param {string} [options.column]         default `text`
 * @param {number} [options.maxDocuments]   rows to read at most; row groups beyond them are not touched
 * @param {(documents: number) => void} [options.onProgress]  hears after each row group how many rows there are so far
 * @returns {Promise<string[]>}
 * @throws {FormatError} where it is damaged, or has no such column of text
 */
export function readTextColumn(file, { column = 'text', maxDocuments = Infinity, onProgress } = {}) {
  return guarded(file, async (source) => {
    const metadata = await parquetMetadataAsync(source);
    const found = textColumns(metadata).get(column);
    if (!found) throw new FormatError(`This Parquet file has no column of text called ${JSON.stringify(column)}.`);
    /** @type {string[]} */
    const documents = [];
    for (const group of metadata.row_groups) {
      if (documents.length >= maxDocuments) break;
      const texts = await readGroup(source, group, column, found.optional);
      for (const text of texts.slice(0, maxDocuments - documents.length)) documents.push(text);
      onProgress?.(documents.length);
    }
    return documents;
  });
}
