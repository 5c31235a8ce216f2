/** Cyclic redundancy checks of 32 bits, reflected, with all bits inverted before and after: zip's and Castagnoli's. */

/**
 * @param {number} polynomial  reversed
 * @returns {Uint32Array} the remainder of each byte
 */
function tableOf(polynomial) {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let r = byte;
    for (let bit = 0; bit < 8; bit++) r = r & 1 ? (r >>> 1) ^ polynomial : r >>> 1;
    table[byte] = r;
  }
  return table;
}

const ZIP = tableOf(0xedb88320);
const CASTAGNOLI = tableOf(0x82f63b78);

/**
 * @param {Uint32Array} table
 * @param {Uint8Array} bytes
 * @param {number} [before]  of the bytes that came before
 */
function crc(table, bytes, before = 0) {
  let r = before ^ 0xffffffff;
  for (let i = 0; i < bytes.length; i++) r = table[(r ^ bytes[i]) & 255] ^ (r >>> 8);
  return (r ^ 0xffffffff) >>> 0;
}

/**
 * CRC-32 as in zip and gzip (RFC 1952).
 * @param {Uint8Array} bytes
 * @param {number} [before]  of the bytes that came before these
 * @returns {number} unsigned
 */
export function crc32(bytes, before) {
  return crc(ZIP, bytes, before);
}

/**
 * CRC-32C (Castagnoli) as in TFRecord files (RFC 3720, appendix B.4).
 * @param {Uint8Array} bytes
 * @returns {number} unsigned
 */
export function crc32c(bytes) {
  return crc(CASTAGNOLI, bytes);
}
