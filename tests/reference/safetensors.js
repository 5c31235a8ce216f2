/**
 * A minimal reader of the safetensors format, for the golden files only: an 8-byte little-endian header length, a JSON
 * header, then the tensors' bytes (https://huggingface.co/docs/safetensors).
 */

/**
 * @typedef {object} StoredTensor
 * @property {'F32'|'I32'|'U8'} dtype
 * @property {number[]} shape
 * @property {Float32Array|Int32Array|Uint8Array} data  a copy, row-major
 *
 * @typedef {object} StoredFile
 * @property {Map<string, StoredTensor>} tensors  in the order of the header
 * @property {Record<string, string>} metadata
 */

/** @type {Record<string, {bytes: number, view: (buffer: ArrayBuffer) => Float32Array|Int32Array|Uint8Array}>} */
const DTYPES = {
  F32: { bytes: 4, view: (buffer) => new Float32Array(buffer) },
  I32: { bytes: 4, view: (buffer) => new Int32Array(buffer) },
  U8: { bytes: 1, view: (buffer) => new Uint8Array(buffer) },
};

/**
 * @param {Uint8Array} file  the whole file
 * @returns {StoredFile}
 * @throws {Error} where a size, dtype or offset does not add up
 */
export function readSafetensors(file) {
  if (file.byteLength < 8) throw new Error('The file is too short for a safetensors header.');
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > file.byteLength - 8) throw new Error('The safetensors header is longer than the file.');
  const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + headerBytes)));
  const body = file.subarray(8 + headerBytes);
  const { __metadata__: metadata = {}, ...entries } = header;
  /** @type {Map<string, StoredTensor>} */
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
    const type = DTYPES[dtype];
    if (!type) throw new Error(`Tensor ${name} has the dtype ${dtype}, which the golden files do not use.`);
    const bytes = shape.reduce((/** @type {number} */ n, /** @type {number} */ m) => n * m, type.bytes);
    const [from, to] = offsets;
    if (!(from >= 0 && to <= body.byteLength && to - from === bytes)) {
      throw new Error(`Tensor ${name} has offsets that do not fit its shape or the file.`);
    }
    tensors.set(name, { dtype, shape, data: type.view(Uint8Array.from(body.subarray(from, to)).buffer) });
  }
  return { tensors, metadata };
}
