/**
 * Decompression that stops at a limit. It goes through the input in small pieces, so that a bomb is noticed after at
 * most one piece's worth of output (DEFLATE expands at most 1,032-fold).
 */

import { Gunzip, Inflate } from 'fflate';
import { crc32 } from './crc.js';
import { byteText, FormatError, orFormatError } from './error.js';
import { joined } from './joined.js';

const PIECE_BYTES = 4096;

const damaged = () => new FormatError('This compressed file is damaged or cut off.', 'damaged_packing');

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
    if (size > limit)
      throw new FormatError(`This file holds more than ${byteText(limit)} once it is unpacked.`, 'too_large', {
        limit,
      });
    pieces.push(piece);
  });
  orFormatError(damaged, () => {
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
      stream.push(bytes.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= bytes.length);
    }
  });
  return joined(pieces);
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

/** Checksum and length at a gzip member's end, and the least that a whole member takes. */
const TRAILER = 8;
const LEAST_MEMBER = 18;

/**
 * Unpacks gzip members that end where the bytes end.
 * @param {Uint8Array} bytes
 * @param {number} limit
 * @returns {Uint8Array}
 */
function unpackMembers(bytes, limit) {
  if (bytes.length < LEAST_MEMBER) throw damaged();
  const trailers = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** Of the current member. @type {Uint8Array[]} */
  let pieces = [];
  /** Whether the trailer that ends at a place fits the current member. @param {number} end */
  const fits = (end) => {
    const member = joined(pieces);
    const [crc, length] = [8, 4].map((before) => trailers.getUint32(end - before, true));
    return crc === crc32(member) && length === member.length % 2 ** 32;
  };
  const whole = run(bytes, limit, (onData) => {
    const stream = new Gunzip((piece) => {
      pieces.push(piece);
      onData(piece);
    });
    // Called for every member but the first, once it has been found at `offset`.
    stream.onmember = (offset) => {
      if (offset < TRAILER || !fits(offset)) throw damaged();
      pieces = [];
    };
    return stream;
  });
  if (!fits(bytes.length)) throw damaged();
  return whole;
}

/**
 * Unpacks a gzip file (RFC 1952) of any number of members: the checksum and the length of each are checked. Zeros behind
 * the last are left out, as gzip does.
 * @param {Uint8Array} bytes
 * @param {number} limit  most bytes to put out
 * @returns {Uint8Array}
 * @throws {FormatError} when it is damaged, cut off or longer than the limit
 */
export function gunzip(bytes, limit) {
  let zeros = 0;
  while (zeros < bytes.length && bytes[bytes.length - 1 - zeros] === 0) zeros++;
  // A trailer may end in zeros of its own, up to all eight of an empty member's.
  const ends = Array.from({ length: Math.min(zeros, TRAILER) + 1 }, (_, own) => bytes.length - zeros + own);
  for (const end of ends.slice(0, -1)) {
    try {
      return unpackMembers(bytes.subarray(0, end), limit);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return unpackMembers(bytes.subarray(0, ends[ends.length - 1]), limit);
}
