/**
 * Compressed files: header, pieces and end, as web/docs/compressed_format.md describes them byte by byte. Nothing is
 * believed that a checksum has not confirmed, and no size is taken that a limit does not bound.
 */
import { crc32 } from '../formats/crc.js';
import { FormatError } from '../formats/error.js';
import { joined } from '../formats/joined.js';
import { ChunkReader, FieldReader, numberBytes, wordBytes } from './chunks.js';

/** What the name of a compressed file adds to that of the original. */
export const EXTENSION = '.acz';

const MAGIC = Object.freeze([0x8f, 0x41, 0x43, 0x5a]);

/** The version of files, which stands for every bit that the core computes; equal to AC_CODE_VERSION. */
export const VERSION = 1;

/** Where the language model comes from. */
export const MODEL = Object.freeze({ NONE: 0, NAMED: 1, INCLUDED: 2, LEARNED: 3, TAUGHT: 4 });
/** Those that are named by a digest. @type {readonly number[]} */
const NAMED = [MODEL.NAMED, MODEL.TAUGHT];
/** Those that learn. @type {readonly number[]} */
const LEARNING = [MODEL.LEARNED, MODEL.TAUGHT];

const FLAG = Object.freeze({ LENGTH: 1, NAME: 2, TIME: 4, WITHOUT_PARENTS: 8 });
const KIND = Object.freeze({ END: 0, CODED: 1, STORED: 2 });

/** Bounds of what a header may ask for. */
const MOST = Object.freeze({ name: 4096, settings: 65536, weights: 1 << 28, pieceBits: 20, leastPieceBits: 8 });

/**
 * @typedef {object} Header
 * @property {number} who        1 counts, 2 model, 3 both, 7 both where the model is trained
 * @property {number} bits       of the counts' table; 0 without counts
 * @property {number} model      one of MODEL
 * @property {number} pieceBits  pieces have up to 2 to this bytes
 * @property {number} [length]   of the original, where it was known
 * @property {string} [name]     of the original
 * @property {number} [time]     when it was changed, in seconds since 1970
 * @property {boolean} [withoutParents]  predictions go without the parents of a hierarchy
 * @property {number} [recipe]   by which a model learns
 * @property {string} [settings] of the model, JSON
 * @property {Uint8Array} [digest]   of the weights
 * @property {Uint8Array} [weights]  half precision, in the table's order
 */

const headerDamaged = () => new FormatError('The file is damaged in its header.', 'damaged_header');

/** @param {Uint8Array[]} parts */
function checksum(parts) {
  return parts.reduce((before, part) => crc32(part, before), 0);
}

/**
 * @param {Header} header
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeHeader(header) {
  const { who, bits, model, pieceBits, length, name, time, withoutParents, recipe, settings, digest, weights } = header;
  const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
  const flags =
    (length === undefined ? 0 : FLAG.LENGTH) |
    (name === undefined ? 0 : FLAG.NAME) |
    (time === undefined ? 0 : FLAG.TIME) |
    (withoutParents ? FLAG.WITHOUT_PARENTS : 0);
  /** @type {(readonly number[]|Uint8Array)[]} */
  const parts = [MAGIC, [VERSION, who, bits, model, flags, pieceBits]];
  const sized = (/** @type {Uint8Array} */ bytes) => parts.push(numberBytes(bytes.length), bytes);
  if (length !== undefined) parts.push(numberBytes(length));
  if (name !== undefined) sized(utf8(name));
  if (time !== undefined) parts.push(numberBytes(time));
  if (LEARNING.includes(model)) parts.push([recipe ?? 0]);
  if (model !== MODEL.NONE) sized(utf8(settings ?? ''));
  if (NAMED.includes(model)) parts.push(digest ?? []);
  if (model === MODEL.INCLUDED) sized(weights ?? new Uint8Array());
  const all = parts.map((part) => Uint8Array.from(part));
  return joined([...all, Uint8Array.from(wordBytes(checksum(all)))]);
}

/** @param {FieldReader} fields */
async function readStart(fields) {
  const start = await fields.bytes(4);
  if (!MAGIC.every((byte, i) => start[i] === byte))
    throw new FormatError(
      'This is not a file that this program compressed: it does not begin like one.',
      'not_compressed',
    );
  const version = await fields.byte();
  if (version !== VERSION)
    throw new FormatError(`This file is of version ${version}, and this program reads version ${VERSION}.`, 'version', {
      version,
    });
}

/** @param {FieldReader} fields @param {number} most */
async function readText(fields, most) {
  const bytes = await fields.bytes(await fields.number(most, headerDamaged));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw headerDamaged();
  }
}

/**
 * @param {ChunkReader} reader
 * @returns {Promise<Header>}
 * @throws {FormatError}
 */
export async function readHeader(reader) {
  const fields = new FieldReader(reader);
  await readStart(fields);
  const [who, bits, model, flags, pieceBits] = await fields.bytes(5);
  /** @type {Header} */
  const header = { who, bits, model, pieceBits };
  if (flags > 15 || model > MODEL.TAUGHT || pieceBits > MOST.pieceBits || pieceBits < MOST.leastPieceBits)
    throw headerDamaged();
  if (flags & FLAG.LENGTH) header.length = await fields.number(Number.MAX_SAFE_INTEGER, headerDamaged);
  if (flags & FLAG.NAME) header.name = await readText(fields, MOST.name);
  if (flags & FLAG.TIME) header.time = await fields.number(Number.MAX_SAFE_INTEGER, headerDamaged);
  if (flags & FLAG.WITHOUT_PARENTS) header.withoutParents = true;
  if (LEARNING.includes(model)) header.recipe = await fields.byte();
  if (model !== MODEL.NONE) header.settings = await readText(fields, MOST.settings);
  if (NAMED.includes(model)) header.digest = await fields.bytes(32);
  if (model === MODEL.INCLUDED) header.weights = await fields.bytes(await fields.number(MOST.weights, headerDamaged));
  if ((await fields.word()) !== checksum(fields.seen)) throw headerDamaged();
  if ((model === MODEL.NONE) !== (who === 1)) throw headerDamaged();
  return header;
}

/**
 * A piece. Its coded bytes, or those of the original where they are `stored`.
 * @param {number} length  of the original
 * @param {Uint8Array} bytes
 * @param {boolean} stored
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writePiece(length, bytes, stored) {
  const head = Uint8Array.from(
    stored ? [KIND.STORED, ...numberBytes(length)] : [KIND.CODED, ...numberBytes(length), ...numberBytes(bytes.length)],
  );
  return joined([head, bytes, Uint8Array.from(wordBytes(checksum([head, bytes])))]);
}

/**
 * The end.
 * @param {number} length  of the original
 * @param {number} crc     of the original
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeEnd(length, crc) {
  const head = Uint8Array.from([KIND.END, ...numberBytes(length), ...wordBytes(crc)]);
  return joined([head, Uint8Array.from(wordBytes(checksum([head])))]);
}

/**
 * @typedef {{end: false, length: number, bytes: Uint8Array, stored: boolean}} Piece
 * @typedef {{end: true, length: number, crc: number}} End
 */

/**
 * @param {ChunkReader} reader
 * @param {Header} header
 * @param {() => FormatError} damaged  where the checksum does not fit
 * @returns {Promise<Piece|End>}
 * @throws {FormatError}
 */
export async function readPiece(reader, header, damaged) {
  const fields = new FieldReader(reader);
  const most = 2 ** header.pieceBits;
  const kind = await fields.byte();
  if (kind > KIND.STORED) throw damaged();
  const length = await fields.number(kind === KIND.END ? Number.MAX_SAFE_INTEGER : most, damaged);
  if (kind === KIND.END) {
    const crc = new DataView((await fields.bytes(4)).buffer).getUint32(0, true);
    if ((await fields.word()) !== checksum(fields.seen)) throw damaged();
    return { end: true, length, crc };
  }
  const stored = kind === KIND.STORED;
  const bytes = await fields.bytes(stored ? length : await fields.number(length, damaged));
  if ((await fields.word()) !== checksum(fields.seen) || length === 0) throw damaged();
  return { end: false, length, bytes, stored };
}

export { ChunkReader };
