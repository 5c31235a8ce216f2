/** How zip archives begin: apart from their reader, which is loaded when one comes. */

/**
 * @param {Uint8Array} bytes
 * @returns {boolean} whether they begin as a zip archive does
 */
export function isZip(bytes) {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}
