/**
 * Reads a column of text out of a Parquet file, taking only the row groups that are needed: the files of datasets on
 * Hugging Face have hundreds of MB, and 1,000 rows in a group.
 *
 * @typedef {import('./random_access.js').RandomAccessFile} RandomAccessFile
 * @typedef {import('hyparquet').FileMetaData} FileMetaData
 */

import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { FormatError } from './error.js';
import { damaged } from './parquet_cursor.js';
import { readTextChunk } from './parquet_pages.js';

/** What a file with an encrypted footer begins and ends with. */
const ENCRYPTED = 'PARE';
/** Most bytes of the column in one row group, packed or not. A usual row group has 1 MiB. */
const MAX_GROUP_BYTES = 256 << 20;
/** Most rows of one row group. */
const MAX_GROUP_ROWS = 4 << 20;
/** Most rows and characters of the column: a few bytes may say that a text occurs a million times. */
const [MAX_ROWS, MAX_CHARACTERS] = [64 << 20, 1 << 30];

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
    if (error instanceof FormatError || failures.includes(error)) throw error;
    const start = new TextDecoder().decode(await file.slice(0, ENCRYPTED.length));
    throw start === ENCRYPTED ? new FormatError('This Parquet file is encrypted.', 'encrypted_parquet') : damaged();
  }
}

/** Types that are stored as text is, but are not text. */
const NO_TEXT = new Set(['DECIMAL', 'BSON', 'INTERVAL', 'UUID', 'FLOAT16', 'GEOMETRY', 'GEOGRAPHY', 'VARIANT']);

/**
 * Why a column can't be read as text, or null where it can.
 * @param {import('hyparquet').SchemaTree} column
 * @returns {{says: string, reason: string, fields?: {type: string}}|null} `says`: the end of a sentence
 */
function obstacleOf({ children, element: { type, repetition_type, logical_type, converted_type } }) {
  if (children.length > 0) return { says: 'has parts of its own, which are not read here', reason: 'column_parts' };
  if (repetition_type === 'REPEATED')
    return { says: 'has several values a row, which are not read here', reason: 'column_repeats' };
  const holds = (/** @type {string} */ found) => ({
    says: `holds ${found}, not text`,
    reason: 'column_type',
    fields: { type: found },
  });
  if (type !== 'BYTE_ARRAY') return holds(type ?? 'something unknown');
  const meaning = [logical_type?.type, converted_type].find((each) => each !== undefined && NO_TEXT.has(each));
  return meaning === undefined ? null : holds(meaning);
}

/** @param {FileMetaData} metadata @returns {string[]} names of the columns that hold text, one value a row */
const textColumns = (metadata) =>
  parquetSchema(metadata)
    .children.filter((column) => obstacleOf(column) === null)
    .map(({ element }) => element.name);

/**
 * @param {FileMetaData} metadata
 * @param {string} name
 * @returns {{optional: boolean}}  whether values may be null
 * @throws {FormatError} where there is no such column of text
 */
function findColumn(metadata, name) {
  const column = parquetSchema(metadata).children.find(({ element }) => element.name === name);
  if (!column)
    throw new FormatError(`This Parquet file has no column called ${JSON.stringify(name)}.`, 'no_column', {
      column: name,
    });
  const obstacle = obstacleOf(column);
  if (obstacle)
    throw new FormatError(
      `The column ${JSON.stringify(name)} of this Parquet file ${obstacle.says}.`,
      obstacle.reason,
      { column: name, ...obstacle.fields },
    );
  return { optional: column.element.repetition_type === 'OPTIONAL' };
}

/**
 * @param {RandomAccessFile} file
 * @param {FileMetaData['row_groups'][number]} group
 * @param {string} column
 * @param {boolean} optional
 * @returns {Promise<(string|null)[]>}
 */
async function readGroup(file, group, column, optional) {
  const found = group.columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === column);
  const chunk = found?.meta_data;
  const rows = Number(group.num_rows);
  if (group.columns.some((each) => !each.meta_data && each.crypto_metadata) || found?.crypto_metadata)
    throw new FormatError('Columns of this Parquet file are encrypted.', 'encrypted_columns');
  if (!chunk || !(rows >= 0)) throw damaged();
  if (found?.file_path)
    throw new FormatError('The columns of this Parquet file lie in other files.', 'columns_elsewhere');
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const length = Number(chunk.total_compressed_size);
  if (length > MAX_GROUP_BYTES || rows > MAX_GROUP_ROWS) {
    throw new FormatError('A row group of this Parquet file is too large to be read here.', 'large_group');
  }
  const bytes = new Uint8Array(await file.slice(start, start + length));
  return readTextChunk({ bytes, codec: chunk.codec, rows, optional, maxBytes: MAX_GROUP_BYTES });
}

/**
 * Names of the columns that `readTextColumn` can read.
 * @param {RandomAccessFile} file
 * @returns {Promise<string[]>}
 * @throws {FormatError} where it is not a Parquet file
 */
export function listTextColumns(file) {
  return guarded(file, async (source) => textColumns(await parquetMetadataAsync(source)));
}

/**
 * The first rows of a column of text, in order, empty ones included; null comes out as the empty text.
 * @param {RandomAccessFile} file
 * @param {object} [options]
 * @param {string} [options.column]         default `text`
 * @param {number} [options.maxDocuments]   rows to read at most; row groups beyond them are not touched
 * @param {(documents: number) => void} [options.onProgress]  called after each row group with how many rows there are so far
 * @param {() => void} [options.onNull]  called for every row that is null
 * @returns {Promise<string[]>}
 * @throws {FormatError} where it is damaged, or has no such column of text
 */
export function readTextColumn(file, { column = 'text', maxDocuments = Infinity, onProgress, onNull } = {}) {
  return guarded(file, async (source) => {
    const metadata = await parquetMetadataAsync(source);
    const { optional } = findColumn(metadata, column);
    /** @type {string[]} */
    const documents = [];
    let characters = 0;
    for (const group of metadata.row_groups) {
      if (documents.length >= maxDocuments) break;
      const texts = await readGroup(source, group, column, optional);
      for (const text of texts.slice(0, maxDocuments - documents.length)) {
        if (text === null) onNull?.();
        documents.push(text ?? '');
        characters += text?.length ?? 0;
      }
      if (documents.length > MAX_ROWS || characters > MAX_CHARACTERS)
        throw new FormatError(
          'This column of the Parquet file holds more than can be read here: a part of it can.',
          'large_column',
        );
      onProgress?.(documents.length);
    }
    return documents;
  });
}
