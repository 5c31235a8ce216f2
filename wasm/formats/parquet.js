/**
 * Reads a column of text out of a Parquet file, taking only the row groups that are needed: the files of datasets on
 * Hugging Face have hundreds of MB, and 1,000 rows in a group.
 *
 * @typedef {import('./random_access.js').RandomAccessFile} RandomAccessFile
 * @typedef {import('hyparquet').FileMetaData} FileMetaData
 */

import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { FormatError } from './error.js';
import { gunzip } from './inflate.js';

/** Most bytes of the column in one row group, once unpacked. A usual row group has 1 MiB. */
const MAX_GROUP_BYTES = 256 << 20;

/** Codecs beside those that hyparquet brings, which are none and Snappy. */
const compressors = { GZIP: gunzip };

  return bytes.length >= 12 && new TextDecoder().decode(bytes.subarray(0, 4)) === 'PAR1';
}

/**
 * @template T
 * @param {() => Promise<T>} read
 * @returns {Promise<T>}
 */
async function orDamaged(read) {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError('This Parquet file is damaged, or packed in a way that is not read here.');
  }
}

/**
 * Names of the columns that hold text, one value a row.
 * @param {FileMetaData} metadata
 * @returns {string[]}
 */
function textColumns(metadata) {
  const flat = parquetSchema(metadata).children.filter(({ children }) => children.length === 0);
  return flat
    .filter(({ element }) => element.type === 'BYTE_ARRAY' && element.repetition_type !== 'REPEATED')
    .map(({ element }) => element.name);
}

/**
 * @param {FileMetaData} metadata
 * @param {string} column
 */
function checkSizes(metadata, column) {
  for (const group of metadata.row_groups) {
    for (const { meta_data: chunk } of group.columns) {
      if (chunk?.path_in_schema[0] === column && chunk.total_uncompressed_size > BigInt(MAX_GROUP_BYTES)) {
        throw new FormatError(`A row group of this Parquet file is larger than ${MAX_GROUP_BYTES >> 20} MiB.`);
      }
    }
  }
}

/**
 * Names of the columns that `readTextColumn` can read.
 * @param {RandomAccessFile} file
 * @returns {Promise<string[]>}
 * @throws {FormatError} where it is no Parquet file
 */
export function listTextColumns(file) {
  return orDamaged(async () => textColumns(await parquetMetadataAsync(file)));
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
export async function readTextColumn(file, { column = 'text', maxDocuments = Infinity, onProgress } = {}) {
  const metadata = await orDamaged(async () => {
    const read = await parquetMetadataAsync(file);
    const columns = textColumns(read);
    if (!columns.includes(column)) {
      throw new FormatError(`This Parquet file has no column of text called ${JSON.stringify(column)}.`);
    }
    checkSizes(read, column);
    return read;
  });
  /** @type {string[]} */
  const documents = [];
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    if (documents.length >= maxDocuments) break;
    const rowEnd = rowStart + Math.min(Number(group.num_rows), maxDocuments - documents.length);
    const options = { file, metadata, columns: [column], rowStart, rowEnd, compressors };
    const rows = await orDamaged(() => parquetReadObjects(options));
    for (const row of rows) {
      const value = row[column] ?? '';
      if (typeof value !== 'string') throw new FormatError(`The column ${JSON.stringify(column)} does not hold text.`);
      documents.push(value);
    }
    rowStart += Number(group.num_rows);
    onProgress?.(documents.length);
  }
  return documents;
}
