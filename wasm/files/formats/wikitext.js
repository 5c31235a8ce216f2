/**
 * WikiText-103 raw as Hugging Face keeps it: Parquet files with one column `text`, a line of an article a row. Only the
 * row groups that are needed are fetched.
 */
import { HUGGING_FACE } from './host.js';
import { readTextColumn } from './parquet.js';
import { openRemoteFile } from './random_access.js';

const FOLDER = 'datasets/Salesforce/wikitext/resolve/main/wikitext-103-raw-v1';

/** Files of each part, in order. */
const FILES = Object.freeze({
  train: ['train-00000-of-00002.parquet', 'train-00001-of-00002.parquet'],
  validation: ['validation-00000-of-00001.parquet'],
});

/**
 * The first rows of a part, in order, empty ones included.
 * @param {'train'|'validation'} part
 * @param {object} options
 * @param {number} options.maxDocuments  rows to read at most
 * @param {string} [options.host]        an address like `HUGGING_FACE`
 * @param {AbortSignal} [options.signal]
 * @param {(documents: number) => void} [options.onProgress]  called with how many rows there are so far
 * @param {(bytes: number) => void} [options.onFetched]       called with the bytes of each fetched part
 * @returns {Promise<string[]>}
 * @throws {import('./error.js').FormatError} `unreachable` where there is no network
 */
export async function readWikiText(part, { maxDocuments, host = HUGGING_FACE, signal, onProgress, onFetched }) {
  /** @type {string[]} */
  const documents = [];
  for (const name of FILES[part]) {
    if (documents.length >= maxDocuments) break;
    const file = await openRemoteFile(`${host.replace(/\/+$/, '')}/${FOLDER}/${name}`, { signal, onFetched });
    const rows = await readTextColumn(file, {
      maxDocuments: maxDocuments - documents.length,
      onProgress: (count) => onProgress?.(documents.length + count),
    });
    for (const row of rows) documents.push(row);
  }
  return documents;
}
