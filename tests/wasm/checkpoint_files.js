/** Files for the tests of checkpoints: golden ones, and hostile ones put together by hand. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { CheckpointError } from '../../wasm/files/checkpoint/error.js';

/**
 * @param {string} name  below tests/golden
 * @returns {Uint8Array}
 */
export function golden(name) {
  return new Uint8Array(readFileSync(new URL(`../golden/${name}`, import.meta.url)));
}

/**
 * A safetensors file with this header, whatever it says, and this many bytes of data.
 * @param {string|Uint8Array|object} header
 * @param {number} [dataBytes]
 * @param {bigint} [length]  what the file says about the header's length
 */
export function rawSafetensors(header, dataBytes = 0, length) {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = header instanceof Uint8Array ? header : new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/**
 * Runs a reader on a hostile file: it may return, or throw a CheckpointError of one sentence, within a second.
 * @template T
 * @param {() => T} read
 * @returns {T|CheckpointError}
 */
export function survives(read) {
  const start = process.cpuUsage();
  let result;
  try {
    result = read();
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    assert.match(error.message, /^[^\n]{10,300}\.$/);
    result = error;
  }
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < 1e6, 'within a second');
  return result;
}

/** @param {string|number[]|Uint8Array} part */
const toBytes = (part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : [...part]);

/**
 * A pickle of these parts: text stands for its characters' codes.
 * @param {(string|number[])[]} parts
 */
export function pickle(...parts) {
  return Uint8Array.from(['\x80\x02', ...parts, '.'].flatMap(toBytes));
}

/** Opcodes that push a value. */
export const push = {
  /** @param {string} value */
  text(value) {
    const utf8 = [...new TextEncoder().encode(value)];
    return [0x58, ...le32(utf8.length), ...utf8];
  },
  /** @param {number} value  a signed 32-bit integer */
  int: (value) => [0x4a, ...le32(value)],
  /** @param {string} module @param {string} name */
  global: (module, name) => toBytes(`c${module}\n${name}\n`),
  /** @param {...number[]} items */
  tuple: (...items) => [0x28, ...items.flat(), 0x74],
  /** @param {Record<string, number[]>} entries */
  dict: (entries) => [0x7d, 0x28, ...Object.entries(entries).flatMap(([k, v]) => [...push.text(k), ...v]), 0x75],
};

/** @param {number} value */
function le32(value) {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
}

/**
 * Opcodes for a tensor as torch.save writes them.
 * @param {{key?: string, count: number, offset?: number, shape: number[], strides: number[], type?: string}} tensor
 */
export function pickledTensor({ key = '0', count, offset = 0, shape, strides, type = 'FloatStorage' }) {
  const id = push.tuple(
    push.text('storage'),
    push.global('torch', type),
    push.text(key),
    push.text('cpu'),
    push.int(count),
  );
  const sizes = (/** @type {number[]} */ list) => push.tuple(...list.map(push.int));
  const hooks = [...push.global('collections', 'OrderedDict'), 0x29, 0x52];
  const args = push.tuple([...id, 0x51], push.int(offset), sizes(shape), sizes(strides), [0x89], hooks);
  return [...push.global('torch._utils', '_rebuild_tensor_v2'), ...args, 0x52];
}

/**
 * A checkpoint as torch.save would write it.
 * @param {Uint8Array} data     data.pkl
 * @param {Record<string, Float32Array>} storages
 * @param {Record<string, Uint8Array>} [others]  further entries
 */
export function ptFile(data, storages, others = {}) {
  /** @type {Record<string, Uint8Array>} */
  const entries = { 'model/data.pkl': data, ...others };
  for (const [key, { buffer }] of Object.entries(storages)) entries[`model/data/${key}`] = new Uint8Array(buffer);
  return zipSync(entries, { level: 0 });
}
