/**
 * Reads checkpoints that PyTorch's torch.save wrote (since 1.6): a zip archive of stored entries, `<name>/data.pkl`
 * with the pickled object and `<name>/data/<key>` with the bytes of each tensor's storage. The object is a dict with
 * `model_state` (a state_dict), `config` and `args` (a dataclass, a Namespace or a dict each), or a state_dict alone, bare or
 * under one of its usual names. Nothing in it is run.
 *
 * @typedef {import('./safetensors.js').Tensor} Tensor
 * @typedef {import('../formats/zip.js').ZipEntry} ZipEntry
 */

import { FormatError } from '../formats/error.js';
import { readDirectory, readZipEntry } from '../formats/zip.js';
import { CheckpointError, quoted } from './error.js';
import { Call, Global, PersistentId, unpickle } from './pickle.js';
import { elementCount, floats, tensorOf } from './safetensors.js';

/** Names that a state_dict has in its file, ours first. */
const STATES = ['model_state', 'model_state_dict', 'state_dict', 'model', 'module', 'weights'];

/** Types of numbers by the name of their storage, and their bytes. @type {Readonly<Record<string, [dtype: string, bytes: number]>>} */
const STORAGES = Object.freeze({ 'torch.FloatStorage': ['F32', 4], 'torch.HalfStorage': ['F16', 2] });

/** Most entries of the archive, one a tensor and a few more. */
const MAX_ENTRIES = 16384;

/**
 * The bytes of an entry; they are never compressed, so nothing can expand.
 * @param {ZipEntry|undefined} entry
 * @param {string} what  for the message when there is none
 */
function contents(entry, what) {
  if (!entry) throw new CheckpointError(`This checkpoint lacks ${what}.`, 'lacks', { what });
  if (!entry.stored)
    throw new CheckpointError('This checkpoint was compressed, which torch.save does not do.', 'compressed');
  return readZipEntry(entry);
}

/**
 * @param {Uint8Array} bytes
 * @returns {{root: unknown, entries: Map<string, ZipEntry>, folder: string}}
 */
function openArchive(bytes) {
  const entries = readDirectory(bytes, { maxEntries: MAX_ENTRIES, maxBytes: bytes.length });
  const pickles = [...entries.keys()].filter((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (pickles.length !== 1)
    throw new CheckpointError('This zip archive is not a checkpoint that torch.save wrote.', 'not_torch');
  const folder = pickles[0].slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(contents(order, 'its byte order')) !== 'little') {
    throw new CheckpointError(
      'This checkpoint was saved on a big-endian machine, which is not read here.',
      'big_endian',
    );
  }
  return { root: unpickle(contents(entries.get(pickles[0]), 'data.pkl')), entries, folder };
}

/**
 * A dict's entries with text for a key; those of a dataclass or Namespace are its attributes.
 * @param {unknown} value
 * @returns {Map<string, unknown>|null}  null where it is nothing of the kind
 */
function entriesOf(value) {
  const map =
    value instanceof Call && value.state instanceof Map && value.entries.size === 0
      ? value.state
      : value instanceof Call
        ? value.entries
        : value;
  if (!(map instanceof Map)) return null;
  return new Map([...map].filter(([key]) => typeof key === 'string'));
}

/**
 * The entries that are numbers, text, true, false, None, or lists of these.
 * @param {unknown} value
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
function plainFields(value, what) {
  if (value === undefined) return {};
  const entries = entriesOf(value);
  if (!entries)
    throw new CheckpointError(`The ${what} of this checkpoint cannot be read.`, 'unreadable_part', { what });
  const isPlain = (/** @type {unknown} */ v) => v === null || typeof v !== 'object';
  const isPlainList = (/** @type {unknown} */ v) => Array.isArray(v) && v.every(isPlain);
  return Object.fromEntries([...entries].filter(([, v]) => isPlain(v) || isPlainList(v)));
}

/**
 * The storages of a checkpoint, each read and checked once.
 */
class Storages {
  /**
   * @param {Map<string, ZipEntry>} entries
   * @param {string} folder
   */
  constructor(entries, folder) {
    this.entries = entries;
    this.folder = folder;
    /** @type {Map<string, Float32Array>} */
    this.read = new Map();
  }

  /**
   * @param {string} name    the tensor's, for messages
   * @param {unknown} value  the pickle's reference: ('storage', torch.FloatStorage, key, device, element count)
   * @returns {Float32Array}
   */
  get(name, value) {
    const id = value instanceof PersistentId ? value.id : null;
    if (!Array.isArray(id) || id[0] !== 'storage' || !(id[1] instanceof Global) || typeof id[2] !== 'string') {
      throw new CheckpointError(`${quoted(name)} has no storage that can be read.`, 'no_storage', { name });
    }
    const [, type, key, , count] = id;
    if (!Object.hasOwn(STORAGES, type.name)) {
      throw new CheckpointError(
        `${quoted(name)} is stored as ${quoted(type.name)}, not as floats of 32 or 16 bits.`,
        'storage_type',
        { name, type: type.name },
      );
    }
    const [dtype, bytes] = STORAGES[type.name];
    let values = this.read.get(key);
    if (!values) {
      const data = contents(this.entries.get(`${this.folder}data/${key}`), `the bytes of ${quoted(name)}`);
      if (data.length % bytes !== 0)
        throw new CheckpointError(`The storage of ${quoted(name)} has a wrong size.`, 'storage_size', { name });
      values = floats({ dtype, shape: [data.length / bytes], data }, name);
      this.read.set(key, values);
    }
    if (values.length !== count)
      throw new CheckpointError(`The storage of ${quoted(name)} has a wrong size.`, 'storage_size', { name });
    return values;
  }
}

/**
 * Strided values in row-major order: a view where they lie so already, else a copy.
 * @param {string} name
 * @param {Float32Array} storage
 * @param {number} offset     of the first element
 * @param {number[]} shape
 * @param {number[]} strides  in elements
 * @returns {Float32Array}
 */
function gather(name, storage, offset, shape, strides) {
  const count = elementCount(name, shape);
  let last = offset;
  let dense = 1;
  let contiguous = true;
  for (let d = shape.length - 1; d >= 0; d--) {
    last += (shape[d] - 1) * strides[d];
    if (shape[d] !== 1 && strides[d] !== dense) contiguous = false;
    dense *= shape[d];
  }
  if (count === 0) return new Float32Array(0);
  if (count > storage.length || !(last < storage.length)) {
    throw new CheckpointError(`${quoted(name)} reaches past its storage.`, 'past_storage', { name });
  }
  if (contiguous) return storage.subarray(offset, offset + count);
  const values = new Float32Array(count);
  const index = new Array(shape.length).fill(0);
  let from = offset;
  for (let i = 0; i < count; i++) {
    values[i] = storage[from];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  return values;
}

/**
 * @param {string} name
 * @param {unknown} value  torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …), or a parameter of it
 * @param {Storages} storages
 * @returns {Tensor}
 */
function rebuildTensor(name, value, storages) {
  let call = value;
  if (call instanceof Call && call.callee.name === 'torch._utils._rebuild_parameter') call = call.args[0];
  if (!(call instanceof Call) || call.callee.name !== 'torch._utils._rebuild_tensor_v2') {
    throw new CheckpointError(`${quoted(name)} in this checkpoint is not a tensor.`, 'not_a_tensor', { name });
  }
  const [storage, offset, shape, strides] = call.args;
  const sizes = [offset, ...(Array.isArray(strides) ? strides : [NaN])];
  if (!sizes.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new CheckpointError(`${quoted(name)} is laid out in a way that cannot be read.`, 'layout', { name });
  }
  elementCount(name, shape);
  const [dims, apart] = [/** @type {number[]} */ (shape), /** @type {number[]} */ (strides)];
  if (dims.length !== apart.length) {
    throw new CheckpointError(`${quoted(name)} is laid out in a way that cannot be read.`, 'layout', { name });
  }
  const values = gather(name, storages.get(name, storage), Number(offset), dims, apart);
  return tensorOf([...dims], values);
}

/** @param {unknown} value @returns {boolean} whether it seems to be a tensor */
const isTensor = (value) => value instanceof Call && value.callee.name.startsWith('torch._utils._rebuild_');

/**
 * The weights of a checkpoint: those under a usual name, or the whole where it is nothing but tensors.
 * @param {unknown} root
 * @returns {Map<string, unknown>|null}
 */
function stateOf(root) {
  const top = entriesOf(root);
  if (!top) return null;
  for (const name of STATES) {
    const state = entriesOf(top.get(name));
    if (state) return state;
  }
  return top.size > 0 && [...top.values()].every(isTensor) ? top : null;
}

/**
 * Reads a checkpoint: its weights, and its `config` and `args` if there are any.
 * @param {Uint8Array} bytes
 * @returns {{tensors: Map<string, Tensor>, config: Record<string, unknown>, args: Record<string, unknown>}}
 *   `tensors`: all F32, views of `bytes` where they are aligned and contiguous
 * @throws {CheckpointError} whatever is wrong with the file
 */
export function parsePt(bytes) {
  try {
    const { root, entries, folder } = openArchive(bytes);
    const state = stateOf(root);
    if (!state) throw new CheckpointError('This checkpoint has no "model_state" with the weights.', 'no_model_state');
    const storages = new Storages(entries, folder);
    /** @type {Map<string, Tensor>} */
    const tensors = new Map();
    let total = 0;
    for (const [name, value] of state) {
      const tensor = rebuildTensor(name, value, storages);
      // Tensors may share a storage, but together they are not larger than the file, so neither is what we return: half-precision
      // numbers become twice as long.
      total += tensor.data.length;
      if (total > 2 * bytes.length)
        throw new CheckpointError('The tensors of this checkpoint are larger than the file.', 'larger_than_file');
      tensors.set(name, tensor);
    }
    const top = entriesOf(root);
    return { tensors, config: plainFields(top?.get('config'), 'config'), args: plainFields(top?.get('args'), 'args') };
  } catch (error) {
    throw error instanceof FormatError ? new CheckpointError(error.message, error.reason, error.fields) : error;
  }
}
