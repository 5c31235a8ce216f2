/**
 * Writes checkpoints. Opening one does not need this file.
 *
 * @typedef {import('./which_model.js').Weights} Weights
 * @typedef {import('./safetensors.js').Tensor} Tensor
 * @typedef {import('./plain.js').Resume} Resume
 * @typedef {import('../../engine/settings.js').Settings} Settings
 */

import { entriesOf } from '../../engine/lists.js';
import { settingOf } from '../../engine/settings.js';
import { CheckpointError, quoted } from './error.js';
import { CARRIED, EXP_AVG, EXP_AVG_SQ, LATEST, STATE } from './plain.js';
import { byteCount, ITEM_BYTES, MAX_HEADER_BYTES, readMetadata, tensorOf } from './safetensors.js';

/**
 * Writes a safetensors file. Tensors are laid out widest type first and otherwise in the order given, and the header is padded with
 * spaces to a multiple of 8 bytes, so that each tensor is aligned to its type when the file is.
 * @param {{metadata?: Record<string, string>, tensors: Map<string, Tensor>}} file
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {CheckpointError} when a tensor's bytes do not fit its type and shape, a name is `__metadata__`, or the
 *   header would be too long for `parse`
 */
export function serialize({ metadata = {}, tensors }) {
  /** @type {string[]} */
  const entries = [];
  if (Object.keys(metadata).length > 0) entries.push(`"__metadata__":${JSON.stringify(readMetadata(metadata))}`);
  const ordered = [...tensors].sort(([, a], [, b]) => (ITEM_BYTES.get(b.dtype) ?? 0) - (ITEM_BYTES.get(a.dtype) ?? 0));
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    if (name === '__metadata__')
      throw new CheckpointError('A tensor cannot be called "__metadata__".', 'reserved_name');
    if (byteCount(name, dtype, shape) !== data.length) {
      throw new CheckpointError(`The size of ${quoted(name)} does not fit its type and shape.`, 'size', { name });
    }
    const end = offset + data.length;
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, end] })}`);
    offset = end;
  }
  const json = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new CheckpointError(
      `This checkpoint would need a header longer than ${MAX_HEADER_BYTES >> 20} MiB.`,
      'header_too_long',
    );
  }
  const bytes = new Uint8Array(8 + headerBytes + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of ordered) {
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
}

/**
 * A setting's value as a checkpoint has it: lists as arrays.
 * @param {string} name
 * @param {string|number|boolean|undefined} value
 * @returns {unknown}
 */
function written(name, value) {
  const setting = settingOf(name);
  if (setting?.type !== 'list' || value === undefined) return value;
  return setting.entries === 'rule' ? entriesOf(value) : entriesOf(value).map(Number);
}

/**
 * Writes a checkpoint as a safetensors file that `readCheckpoint` reads back to the same bits.
 * @param {{settings: Partial<Settings>, tensors: Map<string, Weights>, resume?: Resume|null}} checkpoint
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {CheckpointError} when a tensor's values do not fit its shape
 */
export function writeCheckpoint({ settings, tensors, resume = null }) {
  /** @type {Record<string, string>} */
  const metadata = {};
  for (const [name, value] of Object.entries(settings)) metadata[name] = JSON.stringify(written(name, value));
  /** @type {Map<string, Tensor>} */
  const all = new Map();
  const add = (/** @type {string} */ prefix, /** @type {Map<string, Weights>} */ group) => {
    for (const [name, { shape, data }] of group) all.set(prefix + name, tensorOf(shape, data));
  };
  add('', tensors);
  if (resume) {
    metadata[STATE] = JSON.stringify(resume.state);
    add(EXP_AVG, resume.expAvg);
    add(EXP_AVG_SQ, resume.expAvgSq);
    if (resume.latest) add(LATEST, resume.latest);
    if (resume.carried) add('', new Map([[CARRIED, resume.carried]]));
  }
  return serialize({ metadata, tensors: all });
}
