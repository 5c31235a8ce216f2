/**
 * Compressing and decompressing: chunks of bytes in, chunks out, in memory that does not grow with them. Each side makes
 * the same predictions from the same bytes, so that the result is the same on every machine.
 */
import { ChunkReader, readHeader, readPiece, writeEnd, writeHeader, writePiece } from '../files/compressed/format.js';
import { crc32 } from '../files/formats/crc.js';
import { FormatError } from '../files/formats/error.js';
import { joined } from '../files/formats/joined.js';
import { Codec, tableBits, WHO, whoIn } from './codec.js';
import { CoreError } from './module.js';
import { describePredictor, predictorsOf } from './predictor.js';
import { usualMode } from './usual_prediction.js';
import { Slices } from './worker/slices.js';

/** @typedef {import('../files/compressed/format.js').Header} Header */
/** @typedef {import('./predictor.js').Weights} Weights */
/** @typedef {import('./predictor.js').Predictor} Predictor */
/** @typedef {AsyncIterable<Uint8Array>|Iterable<Uint8Array>} Chunks */

/** How far it is: bytes of the original, bytes of the file, and all bytes of the original where that is known. */
/** @typedef {{plain: number, coded: number, length?: number}} Progress */

/**
 * @typedef {object} CodingOptions
 * @property {'mix'|'counts'|'model'} [mode]  who predicts: counts and a model, or one of them; default
 *   `mix` with weights or a model that learns, else as in usual_prediction.js
 * @property {number} [length]     of the text, where it is known
 * @property {string} [name]       to be kept in the file
 * @property {number} [time]       when it was changed, in seconds since 1970, to be kept likewise
 * @property {(progress: Progress) => void|Promise<void>} [onProgress]  called a few times a second; a promise is waited for
 * @property {(bits: Float32Array, bytes: Uint8Array, alone: Float32Array|null) => void} [onBits]  called with what the bytes
 *   cost, in order, and what by the model alone where counts take part as well; arrays are reused
 * @property {(header: Header) => unknown} [onHeader]  called before the first byte
 * @property {AbortSignal} [signal]  ends it
 *
 * @typedef {CodingOptions & import('./predictor.js').Prediction} CompressOptions
 *
 * @typedef {object} DecompressOptions
 * @property {Weights} [weights]   those that the file names
 * @property {number} [limit]      most bytes that the original may have
 * @property {(header: Header) => unknown} [onHeader]
 * @property {(progress: Progress) => void|Promise<void>} [onProgress]  likewise
 * @property {AbortSignal} [signal]
 */

const PIECE_BITS = 16;
/** Bytes at the start of a text that decide how a given model and counts are mixed. */
const TRIAL = 8192;
/** Bytes between two looks at the clock, where no lessons come between. */
const STRIDE = 1024;

/**
 * Runs over a piece in strides, looking at the clock after each.
 * @param {number} length
 * @param {Predictor|null} predictor
 * @param {(from: number, to: number) => void} work
 * @param {() => Promise<unknown>} turn
 */
async function walk(length, predictor, work, turn) {
  const stride = predictor?.stride ?? STRIDE;
  for (let from = 0; from < length; from += stride) {
    work(from, Math.min(length, from + stride));
    await turn();
  }
}

/**
 * Chunks joined and cut to pieces of a length.
 * @param {Chunks} chunks
 * @param {number} length
 * @returns {AsyncGenerator<Uint8Array, void, void>} the last may be shorter
 */
async function* piecesOf(chunks, length) {
  /** @type {Uint8Array[]} */
  let held = [];
  let size = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + length - size);
      // A copy, since whoever gave the chunk may use its memory again.
      held.push(part.slice());
      size += part.length;
      at += part.length;
      if (size < length) continue;
      yield joined(held);
      [held, size] = [[], 0];
    }
  }
  if (size > 0) yield joined(held);
}

/** @param {Header} header @param {WebAssembly.Module} module @param {Predictor|null} predictor */
function codecOf(header, module, predictor) {
  const { who, bits, pieceBits } = header;
  return new Codec(module, { who, bits, pieceLength: 2 ** pieceBits, reader: predictor ?? undefined });
}

/**
 * Which way of mixing a given model’s predictions with counts is cheaper for the beginning of a text: trusting the model
 * from the start, which suits texts like those that it was trained on, or trusting the counts first.
 * @param {WebAssembly.Module} module
 * @param {Header} header
 * @param {() => Predictor} create
 * @param {Uint8Array} bytes
 * @param {() => Promise<unknown>} turn
 * @returns {Promise<number>} WHO.both or WHO.trained
 */
async function cheaperMix(module, header, create, bytes, turn) {
  const costs = [];
  for (const who of [WHO.both, WHO.trained]) {
    const predictor = create();
    const codec = codecOf({ ...header, who }, module, predictor);
    codec.beginEncode(bytes.length);
    let cost = 0;
    await walk(
      bytes.length,
      predictor,
      (from, to) => {
        for (const bits of codec.encode(bytes.subarray(from, to))) cost += bits;
      },
      turn,
    );
    costs.push(cost);
  }
  return costs[0] < costs[1] ? WHO.both : WHO.trained;
}

/**
 * Compresses.
 * @param {WebAssembly.Module} module
 * @param {Chunks} chunks
 * @param {CompressOptions} [options]
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>} the compressed file in chunks
 * @throws {CoreError} `bad_settings`, `too_big`
 */
export async function* compressed(module, chunks, options = {}) {
  const { weights, length, name, time, onProgress, onBits, onHeader, signal } = options;
  const { mode = weights || options.learn ? 'mix' : usualMode(length) } = options;
  const { learn = mode === 'mix' && !weights ? 'flat' : undefined } = options;
  const who = whoIn(mode);
  const about = who === WHO.counts ? { model: 0 } : describePredictor({ ...options, learn });
  const bits = who === WHO.model ? 0 : tableBits(length);
  /** @type {Header} */
  const header = { who, bits, pieceBits: PIECE_BITS, length, name, time, ...about };
  const slices = new Slices();
  let [plain, coded, crc] = [0, 0, 0];
  const turn = async () => {
    signal?.throwIfAborted();
    if (await slices.turn()) await onProgress?.({ plain, coded, length });
  };
  const pieces = piecesOf(chunks, 2 ** PIECE_BITS);
  let next = await pieces.next();
  const create = who === WHO.counts ? null : predictorsOf(module, header, weights);
  if (create && who === WHO.both && weights && !next.done)
    header.who = await cheaperMix(module, header, create, next.value.subarray(0, TRIAL), turn);
  onHeader?.(header);
  const predictor = create?.() ?? null;
  const codec = codecOf(header, module, predictor);
  const sent = (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => {
    coded += bytes.length;
    return bytes;
  };
  yield sent(writeHeader(header));
  for (; !next.done; next = await pieces.next()) {
    const piece = next.value;
    codec.beginEncode(piece.length);
    const before = plain;
    await walk(
      piece.length,
      predictor,
      (from, to) => {
        const bytes = piece.subarray(from, to);
        const bits = codec.encode(bytes);
        onBits?.(bits, bytes, codec.costsAlone(bytes.length));
        plain = before + to;
      },
      turn,
    );
    const fewer = codec.endEncode();
    crc = crc32(piece, crc);
    yield sent(writePiece(piece.length, fewer ?? piece, fewer === null));
  }
  yield sent(writeEnd(plain, crc));
  onProgress?.({ plain, coded, length: plain });
}

/**
 * The codec that a header asks for.
 * @param {Header} header
 * @param {WebAssembly.Module} module
 * @param {Predictor|null} predictor
 * @throws {FormatError} where there is no such codec
 */
function codecFor(header, module, predictor) {
  try {
    return codecOf(header, module, predictor);
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'bad_setting') throw error;
    throw new FormatError('The file asks for counts that this program does not have.', 'unknown_counts');
  }
}

/** @param {number} plain  bytes of the original that came @param {number} [length]  that it has */
function endedEarly(plain, length) {
  const of = length === undefined ? '' : `, which has ${length}`;
  const sentence = `The file ends too early: it holds the first ${plain} bytes of the original${of}.`;
  return new FormatError(sentence, 'ends_early', { plain });
}

/** @param {Header} header @param {number} number @param {number} from */
function damage({ pieceBits }, number, from) {
  const sentence = `The file is damaged in piece ${number}, at byte ${from} of the original or in the ${2 ** pieceBits} after it.`;
  return new FormatError(sentence, 'damaged_piece', { number, from });
}

/**
 * The bytes of one piece.
 * @param {Codec} codec
 * @param {Predictor|null} predictor
 * @param {import('../files/compressed/format.js').Piece} piece
 * @param {() => FormatError} damaged
 * @param {(bytes: number) => Promise<void>} turn  called with how many there are
 */
async function unpack(codec, predictor, { length, bytes, stored }, damaged, turn) {
  const out = new Uint8Array(length);
  let done = 0;
  try {
    if (!stored) codec.beginDecode(bytes);
    await walk(
      length,
      predictor,
      (from, to) => {
        const part = stored ? bytes.subarray(from, to) : codec.decode(to - from);
        if (stored) codec.pass(part);
        out.set(part, from);
        done = to;
      },
      () => turn(done),
    );
    if (!stored) codec.endDecode();
  } catch (error) {
    throw error instanceof CoreError && error.code === 'bad_input' ? damaged() : error;
  }
  return out;
}

/**
 * Decompresses.
 * @param {WebAssembly.Module} module
 * @param {Chunks} chunks  of a compressed file
 * @param {DecompressOptions} [options]
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>} the original, in chunks; the last comes only once the
 *   checksum of the whole has been found right
 * @throws {FormatError} where the file is not a compressed one, is damaged, cut or followed by more, needs other weights, or has an
 *   original beyond the limit
 */
export async function* decompressed(module, chunks, { weights, limit = Infinity, onHeader, onProgress, signal } = {}) {
  const reader = new ChunkReader(chunks);
  const header = await readHeader(reader);
  onHeader?.(header);
  const tooLong = () =>
    new FormatError(`The original is longer than the limit of ${limit} bytes.`, 'too_long', { limit });
  if ((header.length ?? 0) > limit) throw tooLong();
  const predictor = header.who === WHO.counts ? null : predictorsOf(module, header, weights)();
  // Made only once a piece has been found whole.
  /** @type {Codec|undefined} */
  let codec;
  const slices = new Slices();
  let [plain, crc, number] = [0, 0, 0];
  /** @type {Uint8Array<ArrayBuffer>|undefined} */
  let last;
  for (;;) {
    number++;
    const [which, before] = [number, plain];
    reader.early = () => endedEarly(before, header.length);
    const damaged = () => damage(header, which, before);
    const piece = await readPiece(reader, header, damaged);
    if (piece.end) {
      if (piece.length !== plain || (header.length ?? plain) !== plain) throw damaged();
      if (piece.crc !== crc)
        throw new FormatError(
          'What came out is not the original: its checksum differs, so do not use it.',
          'other_checksum',
        );
      if (!(await reader.atEnd()))
        throw new FormatError('There are bytes after the end of the compressed file.', 'bytes_behind');
      break;
    }
    if (plain + piece.length > Math.min(limit, header.length ?? Infinity))
      throw plain + piece.length > limit ? tooLong() : damaged();
    if (last) yield last;
    codec ??= codecFor(header, module, predictor);
    last = await unpack(codec, predictor, piece, damaged, async (done) => {
      signal?.throwIfAborted();
      if (await slices.turn()) await onProgress?.({ plain: before + done, coded: reader.read, length: header.length });
    });
    plain += piece.length;
    crc = crc32(last, crc);
  }
  if (last) yield last;
  onProgress?.({ plain, coded: reader.read, length: plain });
}
