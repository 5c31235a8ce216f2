/**
 * The WebAssembly module behind plain functions: instances, memory, constants and struct layouts. Knows nothing of
 * models; core.js does.
 */

import { ENOUGH } from './browsers.js';

/** What the core or its host could not do: `code` as in c/status.h (lower case), `message` one plain sentence. */
export class CoreError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Record<string, unknown>} [fields]  what the message speaks of
   */
  constructor(code, message, fields = {}) {
    super(message);
    this.name = 'CoreError';
    this.code = code;
    this.fields = fields;
  }
}

/** A module that uses nothing but SIMD: `v128.const` dropped. Valid exactly where the core will run. */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 26, 11,
]);

/**
 * Compiles the module.
 * @param {BufferSource | Response | Promise<BufferSource | Response>} source  its bytes, or an answer that carries them
 * @returns {Promise<WebAssembly.Module>}
 * @throws {CoreError} `no_simd`, `no_module`
 */
export async function compile(source) {
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(SIMD_PROBE)) {
    throw new CoreError('no_simd', `This browser cannot run WebAssembly SIMD, which the model needs: ${ENOUGH}, can.`);
  }
  try {
    const given = await source;
    // Streaming compilation would want the application/wasm type, which not every static host sends.
    return await WebAssembly.compile(
      given instanceof ArrayBuffer || ArrayBuffer.isView(given) ? given : await given.arrayBuffer(),
    );
  } catch (error) {
    throw new CoreError(
      'no_module',
      `The model’s program could not be loaded (${/** @type {Error} */ (error).message}): reload the page.`,
    );
  }
}

const PAGE = 65536;

/** One instance with its own memory, handed out front to back. What is given back is handed out again. */
export class Instance {
  /** @param {WebAssembly.Module} module */
  constructor(module) {
    const { exports } = new WebAssembly.Instance(module, {});
    /** @type {Record<string, (...args: number[]) => number>} */
    this.call = /** @type {any} */ (exports);
    this.memory = /** @type {WebAssembly.Memory} */ (exports.memory);
    /** @type {(() => void) | undefined} */ (exports._initialize)?.();
    this.used = this.call.acw_heap();
    /** The highest end of what was ever taken: memory is zero from there on. */
    this.touched = this.used;
    /** What was given back, in order and apart: starts and ends. @type {[number, number][]} */
    this.holes = [];
    /** Constants, struct sizes and field offsets, by name. @type {Record<string, number>} */
    this.constants = {};
    for (let i = 0; ; i++) {
      const row = this.call.acw_constant(i);
      if (row === 0) break;
      const [name, value] = new Int32Array(this.memory.buffer, row, 2);
      this.constants[this.text(name)] = value;
    }
  }

  /**
   * Takes `bytes` of zeroed memory, growing it where it must.
   * @param {number} bytes
   * @returns {number} its address
   * @throws {CoreError} `too_big`
   */
  take(bytes) {
    const hole = this.holes.find(([start, end]) => end - start >= bytes);
    const start = hole ? hole[0] : this.#aligned(this.used);
    const end = start + bytes;
    if (hole) hole[0] = this.#aligned(end);
    else this.#reach(end, bytes);
    // What was given back may hold anything, in a hole or at the end.
    const again = Math.min(end, this.touched) - start;
    if (again > 0) this.bytes(start, again).fill(0);
    this.touched = Math.max(this.touched, end);
    return start;
  }

  /**
   * Uses memory up to `end`, of which `bytes` are wanted.
   * @param {number} end
   * @param {number} bytes
   * @throws {CoreError} `too_big`
   */
  #reach(end, bytes) {
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        if (this.memory.grow(Math.ceil(missing / PAGE)) < 0) throw new RangeError();
      } catch {
        const mib = Math.ceil(bytes / 1048576);
        throw new CoreError(
          'too_big',
          `The model needs ${mib} MiB, more than there is for it: choose a smaller hidden size, batch or sequence.`,
          { mib },
        );
      }
    }
    this.used = end;
  }

  /** @param {number} at */
  #aligned(at) {
    const alignment = this.constants.AC_ALIGNMENT;
    return Math.ceil(at / alignment) * alignment;
  }

  /**
   * Takes memory back.
   * @param {number} at  what `take` gave
   * @param {number} bytes
   */
  give(at, bytes) {
    /** @type {[number, number][]} */
    const holes = [];
    for (const [start, end] of [...this.holes, [at, this.#aligned(at + bytes)]].sort((a, b) => a[0] - b[0])) {
      const before = holes.at(-1);
      if (before?.[1] === start) before[1] = end;
      else if (end > start) holes.push([start, end]);
    }
    const last = holes.at(-1);
    if (last && last[1] >= this.used) {
      this.used = last[0];
      holes.pop();
    }
    this.holes = holes;
  }

  /** @param {number} at @param {number} length @returns {Uint8Array<ArrayBuffer>} a view, good until memory grows */
  bytes(at, length) {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** @param {number} at @param {number} length @returns {Float32Array<ArrayBuffer>} a view, good until memory grows */
  floats(at, length) {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** @param {number} at @param {number} length @returns {Float64Array<ArrayBuffer>} a view, good until memory grows */
  doubles(at, length) {
    return new Float64Array(this.memory.buffer, at, length);
  }

  /** @param {number} at @param {number} length @returns {Int32Array<ArrayBuffer>} a view, good until memory grows */
  ints(at, length) {
    return new Int32Array(this.memory.buffer, at, length);
  }

  /**
   * A C string.
   * @param {number} at
   * @returns {string}
   */
  text(at) {
    const all = new Uint8Array(this.memory.buffer);
    let end = at;
    while (all[end] !== 0) end++;
    return String.fromCharCode(...all.subarray(at, end));
  }

  /**
   * Throws what a status code says, unless it is AC_OK.
   * @param {number} status
   * @throws {CoreError}
   */
  check(status) {
    if (status !== 0) {
      throw new CoreError(
        this.text(this.call.acw_status_name(status)).toLowerCase(),
        this.text(this.call.acw_status_sentence(status)),
      );
    }
  }
}

/** What one owner took of an instance's memory, to be given back as a whole. */
export class Share {
  /** @param {Instance} core */
  constructor(core) {
    this.core = core;
    /** Addresses and bytes. @type {[number, number][]} */
    this.taken = [];
  }

  /**
   * As `Instance.take`.
   * @param {number} bytes
   * @returns {number}
   */
  take(bytes) {
    const at = this.core.take(bytes);
    this.taken.push([at, bytes]);
    return at;
  }

  /** Gives everything back. */
  close() {
    for (const [at, bytes] of this.taken.splice(0)) this.core.give(at, bytes);
  }
}
