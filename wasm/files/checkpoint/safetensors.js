/**
 * The safetensors format: 8 bytes little-endian header length N, N bytes of JSON, then the tensors'
 * bytes back to back. The header maps each name to `{dtype, shape, data_offsets: [begin, end]}` (offsets count from
 * the end of the header) and may map `__metadata__` to a flat object of strings.
 *
 * Nothing in a file is trusted: every size is checked before it is used, so that memory stays in proportion to the
 * file, and whatever is wrong comes out as a CheckpointError. Format: https://github.com/huggingface/safetensors.
 *
 * @typedef {{dtype: string, shape: number[], data: Uint8Array}} Tensor  `data` is little-endian, row-major
 * @typedef {{metadata: Record<string, string>, tensors: Map<string, Tensor>}} Safetensors
 */

import { CheckpointError, quoted } from './error.js';
import { widened } from './half.js';

/** Bytes an element takes, for every dtype of the format. */
export const ITEM_BYTES = new Map([
  ['F64', 8],
  ['I64', 8],
  ['U64', 8],
  ['F32', 4],
  ['I32', 4],
  ['U32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['I16', 2],
  ['U16', 2],
  ['I8', 1],
  ['U8', 1],
  ['BOOL', 1],
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
]);

/** Zeros behind the header's JSON, where a writer pads with them; the format asks for spaces. */
const ZERO_PADDING = /\0+$/;
/** Longest header read. A model of 8 levels with its moments needs about 60 KiB. */
export const MAX_HEADER_BYTES = 1 << 20;
/** Most dimensions of a tensor. */
const MAX_RANK = 8;
/** Nesting of a valid header: the object itself, a tensor's object, its shape. */
const MAX_DEPTH = 3;

/**
 * Number of elements of a shape, or a CheckpointError where it is not a list of sizes or their product overflows.
 * @param {string} name   whose shape it is, for the message
 * @param {unknown} shape
 * @returns {number}
 * @throws {CheckpointError}
 */
export function elementCount(name, shape) {
  if (!Array.isArray(shape))
    throw new CheckpointError(`The shape of ${quoted(name)} is not a list of sizes.`, 'shape_not_list', { name });
  if (shape.length > MAX_RANK)
    throw new CheckpointError(`${quoted(name)} has more than ${MAX_RANK} dimensions.`, 'rank', { name });
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new CheckpointError(`The shape of ${quoted(name)} holds something that is not a size.`, 'not_a_size', {
        name,
      });
    }
    count *= size;
    if (count > Number.MAX_SAFE_INTEGER)
      throw new CheckpointError(`The shape of ${quoted(name)} is absurdly large.`, 'huge_shape', { name });
  }
  return count;
}

/**
 * Bytes that a tensor of this type and shape takes.
 * @param {string} name
 * @param {unknown} dtype
 * @param {unknown} shape
 * @returns {number}
 */
export function byteCount(name, dtype, shape) {
  const itemBytes = ITEM_BYTES.get(/** @type {string} */ (dtype));
  if (itemBytes === undefined)
    throw new CheckpointError(`${quoted(name)} has the unknown type ${quoted(dtype)}.`, 'unknown_type', {
      name,
      dtype,
    });
  return elementCount(name, shape) * itemBytes;
}

/**
 * Index just past a JSON string that starts at `start`.
 * @param {string} json
 * @param {number} start  index of the opening quote
 * @returns {number}
 */
function stringEnd(json, start) {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === '\\') i++;
    else if (json[i] === '"') return i + 1;
  }
  throw new CheckpointError('The header of this safetensors file is not valid JSON.', 'header_json');
}

/**
 * Rejects names that occur twice in one object, which JSON.parse would let pass, and nesting deeper than a header has.
 * Looks at strings and brackets only; JSON.parse does the rest.
 * @param {string} json
 */
function checkNames(json) {
  /** @type {Set<unknown>[]} */
  const open = [];
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === '{' || c === '[') {
      if (open.push(new Set()) > MAX_DEPTH) {
        throw new CheckpointError('The header of this safetensors file is nested too deeply.', 'header_nesting');
      }
    } else if (c === '}' || c === ']') {
      open.pop();
    } else if (c === '"') {
      const end = stringEnd(json, i);
      let next = end;
      while (json[next] === ' ' || json[next] === '\n' || json[next] === '\r' || json[next] === '\t') next++;
      const names = open[open.length - 1];
      if (json[next] === ':' && names) {
        const name = parseJson(json.slice(i, end));
        if (names.has(name))
          throw new CheckpointError(`The name ${quoted(name)} occurs twice in the header.`, 'header_name_twice', {
            name,
          });
        names.add(name);
      }
      i = end - 1;
    }
  }
}

/**
 * @param {string} json
 * @returns {unknown}
 */
function parseJson(json) {
  try {
    return JSON.parse(json);
  } catch {
    throw new CheckpointError('The header of this safetensors file is not valid JSON.', 'header_json');
  }
}

/**
 * The header as an object of unknown things, and where the tensors' bytes begin.
 * @param {Uint8Array} bytes
 * @returns {{header: Record<string, unknown>, start: number}}
 */
function readHeader(bytes) {
  if (bytes.length < 10) throw new CheckpointError('This file is too short to be a safetensors file.', 'too_short');
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw new CheckpointError(
      'This is not a safetensors file, or it is cut off: its header would end past the file.',
      'not_safetensors',
    );
  }
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new CheckpointError(
      `The header of this safetensors file is longer than ${MAX_HEADER_BYTES >> 20} MiB.`,
      'long_header',
    );
  }
  const start = 8 + Number(length);
  let json;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start));
  } catch {
    throw new CheckpointError('The header of this safetensors file is not UTF-8.', 'header_utf8');
  }
  json = json.replace(ZERO_PADDING, '');
  if (json[0] !== '{')
    throw new CheckpointError('The header of this safetensors file is not a JSON object.', 'header_object');
  checkNames(json);
  return { header: /** @type {Record<string, unknown>} */ (parseJson(json)), start };
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {unknown} raw
 * @returns {Record<string, string>}
 */
export function readMetadata(raw) {
  if (!isObject(raw))
    throw new CheckpointError('The metadata of this safetensors file is not an object.', 'metadata_object');
  for (const [name, value] of Object.entries(raw)) {
    if (typeof value !== 'string')
      throw new CheckpointError(`The metadata ${quoted(name)} is not a string.`, 'metadata_text', { name });
  }
  return /** @type {Record<string, string>} */ (raw);
}

/**
 * @param {string} name
 * @param {unknown} entry    what the header says about the tensor
 * @param {Uint8Array} data  the bytes of all tensors
 * @returns {{begin: number, end: number, tensor: Tensor}}
 */
function readTensor(name, entry, data) {
  if (!isObject(entry))
    throw new CheckpointError(`The header says nothing usable about ${quoted(name)}.`, 'entry', { name });
  const { dtype, shape, data_offsets: offsets } = entry;
  const size = byteCount(name, dtype, shape);
  if (!Array.isArray(offsets) || offsets.length !== 2) {
    throw new CheckpointError(`The offsets of ${quoted(name)} are not a pair of numbers.`, 'offsets', { name });
  }
  const [begin, end] = offsets;
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end < begin || end > data.length) {
    throw new CheckpointError(`The bytes of ${quoted(name)} lie outside the file, which may be cut off.`, 'outside', {
      name,
    });
  }
  if (end - begin !== size)
    throw new CheckpointError(`The size of ${quoted(name)} does not fit its type and shape.`, 'size', { name });
  const tensor = { dtype: String(dtype), shape: [.../** @type {number[]} */ (shape)], data: data.subarray(begin, end) };
  return { begin, end, tensor };
}

/**
 * Reads a whole file. The tensors' `data` are views of `bytes`, not copies. They lie back to back without overlaps or
 * holes and end with the file, as the format demands; zero-sized tensors are allowed.
 * @param {Uint8Array} bytes
 * @returns {Safetensors}
 * @throws {CheckpointError} whatever is wrong with the file
 */
export function parse(bytes) {
  const { header, start } = readHeader(bytes);
  const data = bytes.subarray(start);
  /** @type {Safetensors} */
  const file = { metadata: {}, tensors: new Map() };
  /** @type {[begin: number, end: number][]} */
  const spans = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      file.metadata = readMetadata(entry);
      continue;
    }
    const { begin, end, tensor } = readTensor(name, entry, data);
    spans.push([begin, end]);
    file.tensors.set(name, tensor);
  }
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let reached = 0;
  for (const [begin, end] of spans) {
    if (begin !== reached) {
      throw new CheckpointError(
        `Tensors of this safetensors file ${begin < reached ? 'overlap' : 'leave a hole'}.`,
        begin < reached ? 'overlap' : 'hole',
      );
    }
    reached = end;
  }
  if (reached !== data.length)
    throw new CheckpointError('This safetensors file has bytes that belong to no tensor.', 'extra_bytes');
  return file;
}

/**
 * A tensor's values as float32: a view of its bytes where they are float32 and aligned, else a copy.
 * @param {Tensor} tensor
 * @param {string} [name]  for the message
 * @returns {Float32Array}
 * @throws {CheckpointError} when its type is neither F32 nor F16
 */
export function floats({ dtype, data }, name = 'a tensor') {
  if (dtype === 'F16') return widened(new Uint16Array(data.slice().buffer));
  if (dtype !== 'F32')
    throw new CheckpointError(`${quoted(name)} is stored as ${quoted(dtype)}, not as F32 or F16.`, 'stored_type', {
      name,
      dtype,
    });
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, data.length / 4);
}

/**
 * Float32 values as a tensor that shares their memory.
 * @param {number[]} shape
 * @param {Float32Array} values
 * @returns {Tensor}
 */
export function tensorOf(shape, values) {
  return { dtype: 'F32', shape, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}
