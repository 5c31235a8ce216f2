/** Bytes that come in chunks, read in parts of a stated length; numbers as they stand in compressed files. */
import { FormatError } from '../formats/error.js';

/** Largest number that is written: what a double holds exactly, in eight groups of seven bits. */
const GROUPS = 8;

/**
 * A whole number in groups of seven bits, the lowest first; all but the last have their top bit set (LEB128).
 * @param {number} value  from 0 to 2⁵³ − 1
 * @returns {number[]} bytes
 */
export function numberBytes(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/**
 * @param {number} value  of 32 bits
 * @returns {number[]} four bytes, the lowest first
 */
export function wordBytes(value) {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

/** Reads from chunks as they are needed, and holds no more than it was asked for and the current chunk. */
export class ChunkReader {
  /** @type {Uint8Array} */
  #held = new Uint8Array();
  /** Bytes given out. */
  read = 0;
  /** The error where the bytes end too early. */
  early = () => new FormatError('The file ends too early.', 'ends_early');

  /** @param {AsyncIterable<Uint8Array>|Iterable<Uint8Array>} chunks */
  constructor(chunks) {
    this.chunks = (async function* () {
      yield* chunks;
    })();
  }

  /** Whether there is no byte left. @returns {Promise<boolean>} */
  async atEnd() {
    while (this.#held.length === 0) {
      const { value, done } = await this.chunks.next();
      if (done) return true;
      this.#held = value;
    }
    return false;
  }

  /**
   * The next bytes.
   * @param {number} length
   * @returns {Promise<Uint8Array>} a copy
   * @throws {FormatError} where there are fewer
   */
  async bytes(length) {
    /** @type {Uint8Array[]} */
    const parts = [];
    let missing = length;
    while (missing > 0) {
      if (await this.atEnd()) throw this.early();
      const part = this.#held.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      this.#held = this.#held.subarray(part.length);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.read += length;
    return whole;
  }
}

/** Reads fields, and keeps what it read for the checksum that follows. */
export class FieldReader {
  /** @type {Uint8Array[]} */
  seen = [];

  /** @param {ChunkReader} reader */
  constructor(reader) {
    this.reader = reader;
  }

  /** @param {number} length @returns {Promise<Uint8Array>} */
  async bytes(length) {
    const bytes = await this.reader.bytes(length);
    this.seen.push(bytes);
    return bytes;
  }

  /** @returns {Promise<number>} */
  async byte() {
    return (await this.bytes(1))[0];
  }

  /**
   * @param {number} most
   * @param {() => FormatError} wrong  where it is more, or written in more bytes than it needs
   * @returns {Promise<number>}
   */
  async number(most, wrong) {
    let value = 0;
    for (let group = 0; group < GROUPS; group++) {
      const byte = await this.byte();
      value += (byte & 127) * 128 ** group;
      if (byte > 127) continue;
      if (value > most || (byte === 0 && group > 0)) break;
      return value;
    }
    throw wrong();
  }

  /** A word of 32 bits, which is not kept. @returns {Promise<number>} */
  async word() {
    const bytes = await this.reader.bytes(4);
    return new DataView(bytes.buffer).getUint32(0, true);
  }
}
