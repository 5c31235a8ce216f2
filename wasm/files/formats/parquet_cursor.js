/** Bytes of a Parquet page, read from the front; numbers are little-endian, or of variable length. */
import { FormatError } from './error.js';

/** @returns {FormatError} */
export function damaged() {
  return new FormatError('This Parquet file is damaged.', 'damaged_parquet');
}

/**
 * @param {unknown} value
 * @param {number} max
 * @returns {number} the value, where it is a size of at most `max`
 * @throws {FormatError} where it is not
 */
export function sizeOf(value, max) {
  if (!Number.isSafeInteger(value) || Number(value) < 0 || Number(value) > max) throw damaged();
  return Number(value);
}

/** A place in bytes. Every method throws a FormatError where they end before it. */
export class Cursor {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** Bytes that are left. */
  get left() {
    return this.bytes.length - this.at;
  }

  /** @param {number} length @returns {Uint8Array} a view */
  take(length) {
    if (!(length >= 0 && length <= this.left)) throw damaged();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** @param {number} length  in bytes, at most 4 @returns {number} unsigned */
  number(length) {
    const bytes = this.take(length);
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[i];
    return value;
  }

  /** An unsigned number of seven bits a byte, the least first (LEB128), of at most 35 bits. @returns {number} */
  varint() {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const byte = this.number(1);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw damaged();
  }

  /** A signed number as `varint`: 0, −1, 1, −2 … @returns {number} */
  zigzag() {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
