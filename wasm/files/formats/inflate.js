/**
 * Decompression that stops at a limit. It goes through the input in small pieces, so that a bomb is noticed after at
 * most one piece's worth of output (DEFLATE expands at most 1,032-fold).
 */

import { Gunzip, Inflate } from 'fflate';
import { crc32 } from './crc.js';
import { byteText, FormatError, orFormatError } from './error.js';

const PIECE_BYTES = 4096;

/**
 * @param {Uint8Array} bytes
 * @param {number} limit  most bytes to put out
 * @param {(onData: (piece: Uint8Array) => void) => {push(piece: Uint8Array, last: boolean): void}} open
 * @returns {Uint8Array}
 */
function run(bytes, limit, open) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  let size = 0;
  const stream = open((piece) => {
    size += piece.length;
    if (size > limit) throw new FormatError(`This file holds more than ${byteText(limit)} once it is unpacked.`);
    pieces.push(piece);
  });
  orFormatError('This compressed file is damaged or cut off.', () => {
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
      stream.push(bytes.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= bytes.length);
    }
  });
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Inflates a raw DEFLATE stream (RFC 1951).
 * @param {Uint8Array} bytes
 * @param {number} limit  most bytes to put out
 * @returns {Uint8Array}
 * @throws {FormatError} when it is damaged, cut off or longer than the limit
 */
export function inflate(bytes, limit) {
  return run(bytes, limit, (onData) => new Inflate(onData));
}

/**
 * Unpacks a gzip file (RFC 1952), of one member or several.
 * @param {Uint8Array} bytes
 * @param {number} limit  most bytes to put out
 * @returns {Uint8Array}
 * @throws {FormatError} when it is damaged, cut off or longer than the limit
 */
export function gunzip(bytes, limit) {
  if (bytes.length < 18) throw new FormatError('This compressed file is damaged or cut off.');
  let members = 0;
  const whole = run(bytes, limit, (onData) => {
    const stream = new Gunzip(onData);
    stream.onmember = () => {
      members++;
    };
    return stream;
  });
  // The trailer is that of the last member, so it speaks for all bytes only when there is just one.
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const intact = trailer.getUint32(0, true) === crc32(whole) && trailer.getUint32(4, true) === whole.length;
  if (members <= 1 && !intact) throw new FormatError('This compressed file is damaged or cut off.');
  return whole;
}
