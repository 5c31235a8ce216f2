/**
 * Unpacks Snappy, which Parquet files are mostly packed with. Every length and distance is checked before it is used, so
 * that time and memory stay in proportion to the input, whatever it holds. Our own, since hyparquet's runs forever where a
 * literal's length is negative.
 * Format: https://github.com/google/snappy/blob/main/format_description.txt
 */

/** Its densest element: 64 bytes copied by 3. */
const DENSEST = 22;

/**
 * A little-endian number.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length  in bytes, at most 4
 * @returns {number} NaN where the bytes end before it
 */
function littleEndian(bytes, at, length) {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[at + i];
  return value;
}

/**
 * The length that stands in front: seven bits a byte, the least first.
 * @param {Uint8Array} packed
 * @returns {{length: number, at: number}} NaN where it does not end
 */
function preamble(packed) {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    length += (packed[at] & 127) * 2 ** (7 * at);
    if (packed[at] < 128) return { length, at: at + 1 };
  }
  return { length: Number.NaN, at: 5 };
}

/**
 * @param {Uint8Array} packed
 * @param {number} length  bytes that it must unpack to
 * @returns {Uint8Array<ArrayBuffer>|null} null where it is damaged, or unpacks to something else
 */
export function unpackSnappy(packed, length) {
  if (!(length <= packed.length * DENSEST)) return null;
  const said = preamble(packed);
  if (said.length !== length) return null;
  const out = new Uint8Array(length);
  let at = said.at;
  let filled = 0;
  while (at < packed.length) {
    const tag = packed[at++];
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const count = (extra > 0 ? littleEndian(packed, at, extra) : tag >> 2) + 1;
      at += extra;
      if (!(count <= packed.length - at && count <= length - filled)) return null;
      out.set(packed.subarray(at, at + count), filled);
      at += count;
      filled += count;
      continue;
    }
    const bytes = kind === 3 ? 4 : kind;
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const distance = littleEndian(packed, at, bytes) + (kind === 1 ? (tag >> 5) * 256 : 0);
    at += bytes;
    if (!(distance >= 1 && distance <= filled && count <= length - filled)) return null;
    // A copy may reach into what it writes itself, so byte by byte.
    for (let i = 0; i < count; i++, filled++) out[filled] = out[filled - distance];
  }
  return filled === length ? out : null;
}
