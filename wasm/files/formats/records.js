/**
 * From files to text: what a file is, by its first bytes, else by its name; the records of CSV, JSON Lines and
 * Parquet; and from documents to the bytes that a model is trained on.
 *
 * @typedef {'text'|'csv'|'jsonl'|'parquet'|'gzip'|'zip'} Kind
 * @typedef {'csv'|'jsonl'|'parquet'} StructuredKind
 * @typedef {object} ReadOptions
 * @property {string} [delimiter]     of a table; guessed where it is not given
 * @property {() => void} [onNull]    called for every record whose text is null
 * @property {number} [maxDocuments]  records to read at most
 */

import { tableRows } from './csv.js';
import { FormatError } from './error.js';
import { isZip } from './zip_start.js';

/** Records that are looked at for a field whose first value is null. */
const FIELD_RECORDS = 100;

/**
 * @param {Uint8Array} bytes
 * @param {string} [name]  the file's name, for its extension
 * @returns {Kind}
 */
export function kindOf(bytes, name = '') {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (isZip(bytes)) return 'zip';
  if (startsWith(bytes, [0x50, 0x41, 0x52, 0x31])) return 'parquet';
  // An encrypted file begins with letters that might also begin a text.
  if (/\.parquet$/i.test(name) && startsWith(bytes, [0x50, 0x41, 0x52, 0x45])) return 'parquet';
  if (/\.(jsonl|ndjson)$/i.test(name)) return 'jsonl';
  return /\.(csv|tsv)$/i.test(name) ? 'csv' : 'text';
}

/**
 * @param {Uint8Array} bytes
 * @param {number[]} start
 */
function startsWith(bytes, start) {
  return start.every((byte, i) => bytes[i] === byte);
}

/** What other programs write for numbers that JSON does not have. */
const NO_NUMBER = /-?\b(?:NaN|Infinity)\b/;
const JSON_STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<{line: number, record: unknown}, void, void>}  empty lines are skipped
 */
function* jsonLines(bytes) {
  const decoder = new TextDecoder();
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    const text = decoder.decode(bytes.subarray(start, end)).trim();
    start = end + 1;
    line++;
    if (text === '') continue;
    let record;
    try {
      record = JSON.parse(text);
    } catch {
      const word = NO_NUMBER.exec(text.replace(JSON_STRING, '""'))?.[0];
      throw new FormatError(
        `Line ${line} is not JSON${word ? `: it holds ${word}, which JSON has no number for` : ''}.`,
        'line_json',
        { line, word },
      );
    }
    yield { line, record };
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {string} field
 * @param {() => void} [onNull]
 * @returns {Generator<string, void, void>}
 */
function* jsonlTexts(bytes, field, onNull) {
  for (const { line, record } of jsonLines(bytes)) {
    const known = typeof record === 'object' && record !== null && Object.hasOwn(record, field);
    const value = known ? /** @type {Record<string, unknown>} */ (record)[field] : undefined;
    if (value === null) {
      onNull?.();
      continue;
    }
    if (typeof value !== 'string')
      throw new FormatError(`Line ${line} has no text in the field ${JSON.stringify(field)}.`, 'no_text', {
        line,
        field,
      });
    yield value;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {string} field
 * @param {string} [delimiter]
 * @returns {Generator<string, void, void>}
 */
function* csvTexts(bytes, field, delimiter) {
  let column = -1;
  for (const row of tableRows(new TextDecoder().decode(bytes), delimiter)) {
    if (column >= 0) {
      yield row[column] ?? '';
      continue;
    }
    column = row.indexOf(field);
    if (column < 0)
      throw new FormatError(`This CSV file has no column called ${JSON.stringify(field)}.`, 'no_csv_column', {
        column: field,
      });
  }
}

/** Parquet's reader comes when it is needed. @param {Uint8Array} bytes */
async function openParquet(bytes) {
  const [{ listTextColumns, readTextColumn }, { fileOfBytes }] = await Promise.all([
    import('./parquet.js'),
    import('./random_access.js'),
  ]);
  return { file: fileOfBytes(bytes), listTextColumns, readTextColumn };
}

/**
 * The text of each record of a structured file, empty ones included. JSON Lines' nulls are skipped, Parquet's are empty.
 * @param {Uint8Array} bytes  UTF-8 without a byte-order mark, or a Parquet file
 * @param {StructuredKind} kind
 * @param {string} field
 * @param {ReadOptions} [options]
 * @returns {Promise<string[]>}
 * @throws {FormatError} where the file is damaged, or lacks the field
 */
export async function readRecords(bytes, kind, field, { delimiter, onNull, maxDocuments = Infinity } = {}) {
  if (kind === 'parquet') {
    const { file, readTextColumn } = await openParquet(bytes);
    return readTextColumn(file, { column: field, maxDocuments, onNull });
  }
  /** @type {string[]} */
  const texts = [];
  if (maxDocuments <= 0) return texts;
  for (const text of kind === 'jsonl' ? jsonlTexts(bytes, field, onNull) : csvTexts(bytes, field, delimiter)) {
    texts.push(text);
    if (texts.length >= maxDocuments) break;
  }
  return texts;
}

/**
 * Fields of the first record that hold text; one that is null there must hold text in a record soon after.
 * @param {Uint8Array} bytes
 * @returns {string[]}
 */
function jsonlFields(bytes) {
  const records = jsonLines(bytes);
  const first = records.next().value?.record;
  const entries = typeof first === 'object' && first !== null ? Object.entries(first) : [];
  const open = new Set(entries.filter(([, value]) => value === null).map(([field]) => field));
  const texts = new Set(entries.filter(([, value]) => typeof value === 'string').map(([field]) => field));
  try {
    for (let i = 0; i < FIELD_RECORDS && open.size > 0; i++) {
      const record = /** @type {Record<string, unknown>|null|undefined} */ (records.next().value?.record);
      if (typeof record !== 'object' || record === null) break;
      for (const field of open) if (typeof record[field] === 'string') texts.add(field) && open.delete(field);
    }
  } catch (error) {
    // What is wrong further on is reported when it is read.
    if (!(error instanceof FormatError)) throw error;
  }
  return entries.map(([field]) => field).filter((field) => texts.has(field));
}

/**
 * Names of the fields that hold text. JSON Lines are judged by their first record.
 * @param {Uint8Array} bytes  UTF-8 without a byte-order mark, or a Parquet file
 * @param {StructuredKind} kind
 * @param {string} [delimiter]  of a table; guessed where it is not given
 * @returns {Promise<string[]>}
 * @throws {FormatError} where the file is damaged
 */
export async function listFields(bytes, kind, delimiter = undefined) {
  if (kind === 'csv') return tableRows(new TextDecoder().decode(bytes), delimiter).next().value ?? [];
  if (kind === 'jsonl') return jsonlFields(bytes);
  const { file, listTextColumns } = await openParquet(bytes);
  return listTextColumns(file);
}

/**
 * One text out of documents: joined by two newlines, empty ones left out.
 * @param {Iterable<string|Uint8Array>} documents
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joinDocuments(documents) {
  const encoder = new TextEncoder();
  /** @type {Uint8Array[]} */
  const parts = [];
  let size = 0;
  for (const document of documents) {
    const part = typeof document === 'string' ? encoder.encode(document) : document;
    if (part.length === 0) continue;
    size += part.length + (parts.length > 0 ? 2 : 0);
    parts.push(part);
  }
  const text = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    if (at > 0) {
      text.fill(0x0a, at, at + 2);
      at += 2;
    }
    text.set(part, at);
    at += part.length;
  }
  return text;
}
