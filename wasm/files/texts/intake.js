/**
 * From files as people have them to one text: packed ones are unpacked, encodings noticed, fields of structured ones
 * listed; then, once it is clear which field and which encoding is meant, everything becomes one Blob. Plain text in
 * UTF-8 is passed on as it lies on the disk, without being held in memory.
 */
import { DELIMITERS, guessDelimiter } from '../formats/csv.js';
import { detectEncoding, isOdd, toUtf8 } from '../formats/encodings.js';
import { byteText, FormatError } from '../formats/error.js';
import { isolated } from '../formats/names.js';
import { joinDocuments, kindOf, listFields, readRecords } from '../formats/records.js';
import { checkSize, readEntries, readZipEntry } from '../formats/zip.js';
import { part, pieces, sizeOf } from './source.js';
import { TextStatistics } from './statistics.js';

/** @typedef {import('../../engine/protocol.js').TextChoice} TextChoice */
/** @typedef {import('../../engine/protocol.js').FoundTexts} FoundTexts */
/** @typedef {import('./source.js').Source} Source */

/**
 * A file that holds text, unpacked.
 * @typedef {object} Leaf
 * @property {string} name
 * @property {Source} source
 * @property {'text'|import('../formats/records.js').StructuredKind} kind
 * @property {import('../formats/encodings.js').Detected} detected
 * @property {string[]} fields
 * @property {string} [delimiter]  of a table, as guessed
 */

/**
 * A file that is left out, and why.
 * @typedef {{name: string, why: string, reason: string, fields: Record<string, unknown>, cause?: unknown}} Left
 */

const HEAD = 65536;
const MOST_FILES = 20_000;
/** Bytes that packed files may unpack to, and that a text may have. */
const MOST_UNPACKED = 512 << 20;
const MOST_BYTES = 1e9;
/** Bytes of a preview. */
const PREVIEW = 600;
const PACKED = new Set(['gzip', 'zip']);
const MOST_ENTRIES = 65535;
/** Files that are taken out of a zip archive; it may hold others too. */
const READABLE = /\.(txt|text|md|markdown|csv|tsv|jsonl|ndjson|parquet)(\.gz)?$/i;
/** What is hidden in an archive, or is about another file of it. */
const HIDDEN = /(^|\/)(\.|__MACOSX\/)/;
/** Fields that are likelier than others to be the text, best first. */
const LIKELY = ['text', 'content', 'body', 'article', 'document', 'story', 'sentence', 'message'];

/** What went wrong, said about a file. @param {string} name @param {unknown} error */
function aboutFile(name, error) {
  const { message, reason, fields } =
    error instanceof FormatError ? error : new FormatError('Choose it again, or another file.', 'unreadable');
  const sentence = `${isolated(name)} can’t be read: ${message[0].toLowerCase()}${message.slice(1)}`;
  return new FormatError(sentence, reason, { file: name, ...fields });
}

/** A file that is left out. @param {string} name @param {FormatError} found @param {unknown} [cause] @returns {Left} */
const leftOut = (name, { message: why, reason, fields }, cause) => ({ name, why, reason, fields, cause });

/** @param {Uint8Array} bytes @returns {Uint8Array} without the line that is cut at the end */
function wholeLines(bytes) {
  const end = bytes.lastIndexOf(10);
  return end < 0 ? bytes : bytes.subarray(0, end + 1);
}

/** Files on their way to one text. */
export class Intake {
  /**
   * @param {(bytes: number) => void} [onRead]  called with the bytes of each piece that was read
   * @param {number} [mostBytes]  of a file, and of the text
   * @param {number} [mostUnpacked]  bytes that packed files may unpack to, all together
   */
  constructor(onRead, mostBytes = MOST_BYTES, mostUnpacked = MOST_UNPACKED) {
    this.onRead = onRead;
    this.mostBytes = mostBytes;
    /** Character between the cells of tables; undefined where each file's is guessed. @type {string|undefined} */
    this.delimiter = undefined;
    /** Records taken so far, plain files among them, and those skipped since their text is null. */
    this.taken = 0;
    this.nulls = 0;
    /** @type {Leaf[]} */
    this.leaves = [];
    /** @type {Left[]} */
    this.left = [];
    this.room = mostUnpacked;
    /** The likeliest field of all that they have in common. @type {string|null} */
    this.field = null;
  }

  /**
   * Looks into files.
   * @param {{name: string, file: Source}[]} files
   * @param {string} [delimiter]  a label of DELIMITERS; without it, that of each table is guessed
   * @returns {Promise<FoundTexts>}
   * @throws {FormatError} one sentence, where there is nothing to be used among them
   */
  async inspect(files, delimiter) {
    this.delimiter = DELIMITERS.find(({ label }) => label === delimiter)?.character;
    if (files.length > MOST_FILES) {
      throw new FormatError(
        `These are more than ${MOST_FILES} files: choose fewer, or put their text into one.`,
        'too_many_files',
      );
    }
    for (const { name, file } of files) {
      try {
        if (sizeOf(file) > this.mostBytes) {
          throw new FormatError(
            `It is larger than ${byteText(this.mostBytes)}, more than a tab can hold: choose a part of it.`,
            'large_file',
            { most: this.mostBytes },
          );
        }
        await this.#look(name, file, 0);
      } catch (error) {
        this.left.push(leftOut(name, aboutFile(name, error), error));
      }
    }
    this.#leaveBinariesOut();
    if (this.leaves.length === 0) throw this.#refusal();
    return this.#found();
  }

  #refusal() {
    const [first, ...others] = this.left;
    if (!first) return new FormatError('There are no files in it: choose another folder.', 'no_files');
    const many = others.length > 0 ? `None of these ${this.left.length} files can be used. ` : '';
    return new FormatError(`${many}${first.why}`, first.reason, { file: first.name, ...first.fields });
  }

  /** A file that is not text is left out among others; where it is alone, the reader decides. */
  #leaveBinariesOut() {
    const binary = this.leaves.filter(({ detected }) => detected.encoding === 'binary');
    if (binary.length === this.leaves.length && binary.length === 1) return;
    this.leaves = this.leaves.filter((leaf) => !binary.includes(leaf));
    for (const { name, detected } of binary) {
      const sentence = `${isolated(name)} is ${detected.what ?? 'not text'}, so it is left out.`;
      this.left.push(leftOut(name, new FormatError(sentence, 'binary')));
    }
  }

  /**
   * @param {string} name
   * @param {Source} source
   * @param {number} depth  how many files this one is packed in
   * @returns {Promise<void>}
   */
  async #look(name, source, depth) {
    if (sizeOf(source) === 0) {
      const sentence = `${isolated(name)} is empty: choose a file with something in it, or paste some text.`;
      this.left.push(leftOut(name, new FormatError(sentence, 'empty')));
      return;
    }
    const head = await part(source, 0, HEAD);
    const kind = kindOf(head, name);
    if (PACKED.has(kind)) return this.#unpack(name, source, kind, depth);
    const detected = kind === 'parquet' ? { encoding: 'utf-8', mark: 0 } : await this.#detect(source, head);
    if (kind === 'text' || detected.encoding === 'binary') {
      this.leaves.push({ name, source, kind: 'text', detected, fields: [] });
      return;
    }
    const structured = /** @type {import('../formats/records.js').StructuredKind} */ (kind);
    let { delimiter } = this;
    const fields = await this.#fromBeginning({ source, kind: structured }, detected, (bytes) => {
      if (kind === 'csv') delimiter = this.delimiter ?? guessDelimiter(new TextDecoder().decode(bytes));
      return listFields(bytes, structured, delimiter);
    });
    if (fields.length === 0) throw new FormatError('It has no field that holds text.', 'no_field');
    this.leaves.push({ name, source, kind: structured, detected, fields: fields.slice(0, 200), delimiter });
  }

  /**
   * Reads the beginning of a structured file: more and more of it, until its first records fit in.
   * @template T
   * @param {Pick<Leaf, 'source'|'kind'>} leaf
   * @param {{encoding: string, mark: number}} detected
   * @param {(bytes: Uint8Array) => Promise<T[]>} read  is given whole lines
   * @returns {Promise<T[]>}
   */
  async #fromBeginning({ source, kind }, { encoding, mark }, read) {
    const whole = sizeOf(source);
    for (let size = kind === 'parquet' ? whole : HEAD; ; size *= 8) {
      const bytes = await this.#utf8(await part(source, 0, size), encoding, mark);
      if (size >= whole) return read(bytes);
      // Without a line break it is the beginning of a record.
      if (!bytes.includes(10)) continue;
      try {
        const found = await read(wholeLines(bytes));
        if (found.length > 0) return found;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
  }

  /** @param {Source} source @param {Uint8Array} head */
  async #detect(source, head) {
    const statistics = new TextStatistics();
    for await (const piece of pieces(source, 0, this.onRead)) statistics.add(piece);
    return detectEncoding(head, statistics.result());
  }

  /**
   * @param {string} name
   * @param {Source} source
   * @param {string} kind
   * @param {number} depth
   * @returns {Promise<void>}
   */
  async #unpack(name, source, kind, depth) {
    if (depth > 1 || (kind === 'zip' && depth > 0))
      throw new FormatError('This file is packed too many times over.', 'packed_too_often');
    const bytes = await part(source, 0, sizeOf(source));
    const { gunzip, inflate } = await import('../formats/inflate.js');
    if (kind === 'gzip') {
      const unpacked = gunzip(bytes, this.room);
      this.room -= unpacked.length;
      return this.#look(name.replace(/\.gz$/i, ''), unpacked, depth + 1);
    }
    const entries = readEntries(bytes, MOST_ENTRIES).filter(
      (entry) => READABLE.test(entry.name) && !HIDDEN.test(entry.name),
    );
    if (entries.length === 0) throw new FormatError('This zip archive holds no text files.', 'no_text_files');
    checkSize(
      entries.filter(({ obstacle }) => obstacle === null),
      this.room,
    );
    for (const entry of entries) {
      try {
        const unpacked = readZipEntry(entry, inflate);
        this.room -= unpacked.length;
        await this.#look(entry.name, unpacked, depth + 1);
      } catch (error) {
        this.left.push(leftOut(entry.name, aboutFile(entry.name, error), error));
      }
    }
  }

  /** @returns {FoundTexts} */
  #found() {
    const structured = this.leaves.filter(({ fields }) => fields.length > 0);
    const [first, ...others] = structured.map(({ fields }) => fields);
    const fields = first?.filter((field) => others.every((list) => list.includes(field))) ?? [];
    if (structured.length > 0 && fields.length === 0) {
      throw new FormatError('These files have no field in common: open those that belong together.', 'no_common_field');
    }
    const likely = LIKELY.find((name) => fields.some((field) => field.toLowerCase() === name));
    this.field = fields.find((field) => field.toLowerCase() === likely) ?? fields[0] ?? null;
    const characters = new Set(this.leaves.map(({ delimiter }) => delimiter).filter((each) => each !== undefined));
    const shared = DELIMITERS.find(({ character }) => characters.size === 1 && characters.has(character));
    return {
      delimiter: shared?.label ?? null,
      files: this.leaves.map(({ name, source, kind, detected }) => ({
        name,
        bytes: sizeOf(source),
        kind,
        ...detected,
      })),
      left: this.left.map(({ name, why, reason }) => ({ name, why, reason })),
      fields,
      field: this.field,
      whole: structured.length > 0 && structured.every(({ kind }) => kind === 'csv'),
    };
  }

  /** @param {Source} source @param {string} encoding @param {number} [mark] @returns {Promise<Uint8Array>} */
  async #utf8(source, encoding, mark = 0) {
    if (encoding === 'utf-8' || encoding === 'bytes') return part(source, mark, sizeOf(source));
    return new Uint8Array(await new Blob(await collect(toUtf8(pieces(source, mark), encoding))).arrayBuffer());
  }

  /** The encoding that holds for a file. @param {Leaf} leaf @param {TextChoice} choice */
  #encodingOf({ detected }, { encoding }) {
    if (detected.encoding === 'binary') return { encoding: 'bytes', mark: 0 };
    if (encoding === 'detected' || (detected.encoding === 'utf-8' && !detected.faults)) return detected;
    return encoding === 'bytes' ? { encoding, mark: 0 } : { encoding, mark: detected.mark };
  }

  /** The field that holds for a file, null where it is taken as it is. @param {Leaf} leaf @param {TextChoice} choice */
  #fieldOf({ kind }, { field }) {
    if (kind === 'text') return null;
    return field ?? (kind === 'csv' ? null : this.field);
  }

  /**
   * The beginning of what a choice would make.
   * @param {TextChoice} choice
   * @returns {Promise<string>}
   */
  async preview(choice) {
    const asked = this.leaves.find(({ fields }) => fields.length > 0);
    const leaf = asked ?? this.leaves.find(({ detected }) => isOdd(detected)) ?? this.leaves[0];
    const { encoding, mark } = this.#encodingOf(leaf, choice);
    const { kind, delimiter } = leaf;
    const field = this.#fieldOf(leaf, choice);
    if (kind === 'text' || field === null) {
      const bytes = await this.#utf8(await part(leaf.source, 0, HEAD), encoding, mark);
      return new TextDecoder().decode(bytes.subarray(0, PREVIEW));
    }
    const maxDocuments = kind === 'parquet' ? 20 : 5;
    const documents = await this.#fromBeginning(leaf, { encoding, mark }, (beginning) =>
      readRecords(beginning, kind, field, { delimiter, maxDocuments }),
    );
    const bytes = joinDocuments(documents);
    return new TextDecoder().decode(bytes.subarray(0, PREVIEW));
  }

  /**
   * The text that a choice makes of the files: their documents, joined by two newlines.
   * @param {TextChoice} choice
   * @param {number} [maxDocuments]  plain files and records to take at most
   * @returns {Promise<Blob>}
   * @throws {FormatError} one sentence
   */
  async take(choice, maxDocuments = Infinity) {
    [this.taken, this.nulls] = [0, 0];
    /** @type {BlobPart[]} */
    const parts = [];
    let size = 0;
    for (const leaf of this.leaves) {
      if (this.taken >= maxDocuments) break;
      let own;
      try {
        own = await this.#partsOf(leaf, choice, maxDocuments - this.taken);
      } catch (error) {
        throw aboutFile(leaf.name, error);
      }
      const bytes = own.reduce((sum, each) => sum + sizeOf(each), 0);
      if (bytes === 0) continue;
      if (size > 0) parts.push('\n\n');
      for (const each of own) parts.push(/** @type {BlobPart} */ (each));
      size += bytes;
    }
    if (size === 0) throw new FormatError('There is no text in it: choose another field or file.', 'no_text_at_all');
    if (size > this.mostBytes) {
      throw new FormatError(
        `Together this is more than ${byteText(this.mostBytes)}, more than a tab can hold: choose fewer files.`,
        'large_text',
        { most: this.mostBytes },
      );
    }
    return new Blob(parts);
  }

  /** @param {Leaf} leaf @param {TextChoice} choice @param {number} maxDocuments @returns {Promise<Source[]>} */
  async #partsOf(leaf, choice, maxDocuments) {
    const { source, kind, delimiter } = leaf;
    const { encoding, mark } = this.#encodingOf(leaf, choice);
    const field = this.#fieldOf(leaf, choice);
    if (kind === 'text' || field === null) {
      this.taken++;
      if (encoding === 'utf-8' || encoding === 'bytes')
        return [source instanceof Blob ? source.slice(mark) : source.subarray(mark)];
      return collect(toUtf8(pieces(source, mark, this.onRead), encoding));
    }
    const bytes = await this.#utf8(source, encoding, mark);
    const onNull = () => {
      this.nulls++;
    };
    const documents = await readRecords(bytes, kind, field, { delimiter, maxDocuments, onNull });
    this.taken += documents.length;
    return [joinDocuments(documents)];
  }
}

/** @template T @param {AsyncIterable<T>} items @returns {Promise<T[]>} */
async function collect(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}
