/**
 * From files to text: plain text, Markdown, CSV, JSON Lines, Parquet, and gzip or zip of these, as documents; and from
 * documents to the bytes that a model is trained on. What a file is, is told from its first bytes, else from its name.
 *
 * @typedef {'text'|'csv'|'jsonl'|'parquet'|'gzip'|'zip'} Kind
 * @typedef {object} ReadOptions
 * @property {string} [name]          the file's name, for its extension
 * @property {string} [field]         which field of structured data; default `text`, and CSV is taken whole
 * @property {string} [delimiter]     of a table; guessed where it is not given
 * @property {() => void} [onNull]     hears of every record whose text is null, which is passed over
 * @property {number} [maxDocuments]  documents to read at most
 * @property {number} [maxBytes]      bytes that packed files may unpack to, default 256 MiB
 */

import { tableRows } from './csv.js';
import { FormatError } from './error.js';
import { isZip, readDirectory, readZipEntry } from './zip.js';

const MAX_BYTES = 256 << 20;
const MAX_ZIP_ENTRIES = 65535;
/** Records that are looked at for a field whose first value is null. */
const FIELD_RECORDS = 100;
/** Files that are taken out of a zip archive; it may hold others too. */
const READABLE = /\.(txt|text|md|markdown|csv|tsv|jsonl|ndjson|parquet)(\.gz)?$/i;
/** Packed files inside of packed files: text.gz in a zip, but no zip in a zip in a zip. */
const MAX_DEPTH = 2;

/**
 * @param {Uint8Array} bytes
 * @param {string} [name]  the file's name, for its extension
 * @returns {Kind}
 */
export function kindOf(bytes, name = '') {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (isZip(bytes)) return 'zip';
  if (startsWith(bytes, [0x50, 0x41, 0x52, 0x31])) return 'parquet';
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

/**
 * Text as UTF-8 without a byte-order mark; UTF-16 is converted where a mark says so. Other bytes stay as they are.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
function toUtf8(bytes) {
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return bytes.subarray(3);
  if (startsWith(bytes, [0xff, 0xfe])) return new TextEncoder().encode(new TextDecoder('utf-16le').decode(bytes));
  if (startsWith(bytes, [0xfe, 0xff])) return new TextEncoder().encode(new TextDecoder('utf-16be').decode(bytes));
  return bytes;
}

/** What other programs write for numbers that JSON does not have. */
const NO_NUMBER = /-?\b(?:NaN|Infinity)\b/;
const JSON_STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<{line: number, record: unknown}, void, void>}  empty lines are passed over
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
      throw new FormatError(`Line ${line} has no text in the field ${JSON.stringify(field)}.`);
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
    if (column < 0) throw new FormatError(`This CSV file has no column called ${JSON.stringify(field)}.`);
  }
}

/**
 * The text files of a zip archive, one after the other.
 * @param {Uint8Array} bytes
 * @param {number} maxBytes  that they may unpack to
 * @param {(bytes: Uint8Array, limit: number) => Uint8Array} inflate
 * @returns {Generator<{name: string, bytes: Uint8Array}, void, void>}
 * @throws {FormatError} where it is damaged, or holds none
 */
export function* readableEntries(bytes, maxBytes, inflate) {
  const entries = readDirectory(bytes, { maxEntries: MAX_ZIP_ENTRIES, maxBytes });
  const readable = [...entries.values()].filter(
    ({ name }) => READABLE.test(name) && !/(^|\/)(\.|__MACOSX\/)/.test(name),
  );
  if (readable.length === 0) throw new FormatError('This zip archive holds no text files.');
  for (const entry of readable) yield { name: entry.name, bytes: readZipEntry(entry, inflate) };
}

/** Reads one file and those packed in it, within the limits for all of them together. */
class Reader {
  /** @param {ReadOptions} options */
  constructor({ field, delimiter, onNull, maxDocuments = Infinity, maxBytes = MAX_BYTES }) {
    this.field = field;
    this.delimiter = delimiter;
    this.onNull = onNull;
    this.maxDocuments = maxDocuments;
    this.bytesLeft = maxBytes;
    /** @type {(string|Uint8Array)[]} */
    this.documents = [];
  }

  /** @param {Iterable<string>} texts */
  take(texts) {
    for (const text of texts) {
      if (this.documents.length >= this.maxDocuments) return;
      this.documents.push(text);
    }
  }

  /**
   * @param {Uint8Array} bytes
   * @param {string} name
   * @param {number} depth  how many files this one is packed in
   */
  async read(bytes, name, depth) {
    const kind = kindOf(bytes, name);
    if (depth > MAX_DEPTH || (kind === 'zip' && depth > 0)) {
      throw new FormatError('This file is packed too many times over.');
    }
    if (this.documents.length >= this.maxDocuments) return;
    if (kind === 'gzip') return this.readGzip(bytes, name, depth);
    if (kind === 'zip') return this.readZip(bytes);
    if (kind === 'parquet') return this.readParquet(bytes);
    const text = toUtf8(bytes);
    if (kind === 'jsonl') this.take(jsonlTexts(text, this.field ?? 'text', this.onNull));
    else if (kind === 'csv' && this.field !== undefined) this.take(csvTexts(text, this.field, this.delimiter));
    else this.documents.push(text);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {string} name
   * @param {number} depth
   */
  async readGzip(bytes, name, depth) {
    const { gunzip } = await import('./inflate.js');
    const unpacked = gunzip(bytes, this.bytesLeft);
    this.bytesLeft -= unpacked.length;
    await this.read(unpacked, name.replace(/\.gz$/i, ''), depth + 1);
  }

  /** @param {Uint8Array} bytes */
  async readZip(bytes) {
    const { inflate } = await import('./inflate.js');
    for (const { name, bytes: unpacked } of readableEntries(bytes, this.bytesLeft, inflate)) {
      this.bytesLeft -= unpacked.length;
      await this.read(unpacked, name, 1);
    }
  }

  /** @param {Uint8Array} bytes */
  async readParquet(bytes) {
    const [{ readTextColumn }, { fileOfBytes }] = await Promise.all([
      import('./parquet.js'),
      import('./random_access.js'),
    ]);
    const maxDocuments = this.maxDocuments - this.documents.length;
    this.take(await readTextColumn(fileOfBytes(bytes), { column: this.field, maxDocuments }));
  }
}

/**
 * The documents of a file: one for plain text, one a record for structured data, those of all readable files for a zip
 * archive. Empty ones are among them.
 * @param {Uint8Array} bytes
 * @param {ReadOptions} [options]
 * @returns {Promise<(string|Uint8Array)[]>}  bytes are UTF-8 if the file was; they may be a view of `bytes`
 * @throws {FormatError} where the file is damaged, lacks the field, or unpacks to more than `maxBytes`
 */
export async function readDocuments(bytes, options = {}) {
  const reader = new Reader(options);
  await reader.read(bytes, options.name ?? '', 0);
  return reader.documents;
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
    // What is wrong further on is told when it is read.
    if (!(error instanceof FormatError)) throw error;
  }
  return entries.map(([field]) => field).filter((field) => texts.has(field));
}

/**
 * Names of the fields that hold text, for a file of structured data that is not packed; none for others. JSON Lines are
 * judged by their first record.
 * @param {Uint8Array} bytes
 * @param {string} [name]  the file's name, for its extension
 * @param {string} [delimiter]  of a table; guessed where it is not given
 * @returns {Promise<string[]>}
 * @throws {FormatError} where the file is damaged
 */
export async function listFields(bytes, name = '', delimiter = undefined) {
  const kind = kindOf(bytes, name);
  if (kind === 'csv') return tableRows(new TextDecoder().decode(toUtf8(bytes)), delimiter).next().value ?? [];
  if (kind === 'jsonl') {
    return jsonlFields(toUtf8(bytes));
  }
  if (kind !== 'parquet') return [];
  const [{ listTextColumns }, { fileOfBytes }] = await Promise.all([
    import('./parquet.js'),
    import('./random_access.js'),
  ]);
  return listTextColumns(fileOfBytes(bytes));
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
