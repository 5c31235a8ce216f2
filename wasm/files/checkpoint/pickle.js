/**
 * A reader of Python pickles that runs nothing: a stack machine for the opcodes that pickle protocol 2, and hence
 * torch.save, writes. A global is read as its name, a call as the record of a call, an object as the record of its
 * construction; what they mean is for the caller to say. Opcodes: Python's Lib/pickletools.py.
 *
 * Work and memory stay in proportion to the pickle's length, which is bounded, as is the number of opcodes. Values
 * may contain themselves, as in Python, so a caller must not walk them without a bound.
 */

import { CheckpointError, quoted } from './error.js';

/** Longest pickle read; torch.save keeps the tensors' own bytes outside of it. */
const MAX_BYTES = 8 << 20;
/** Most opcodes read; torch.save writes about 20 a tensor. */
const MAX_OPCODES = 300_000;

/** A name of something in Python, never looked up. */
export class Global {
  /** @param {string} name  module and qualified name, joined by a dot */
  constructor(name) {
    this.name = name;
  }
}

/** A call that was not made: a function or class, its arguments, and what would then be put into the result. */
export class Call {
  /**
   * @param {Global} callee
   * @param {unknown[]} args
   */
  constructor(callee, args) {
    this.callee = callee;
    this.args = args;
    /** What `__setstate__` would get, or the object's `__dict__`. @type {unknown} */
    this.state = undefined;
    /** Items that would be set, where the result is a kind of dict. @type {Map<unknown, unknown>} */
    this.entries = new Map();
    /** Items that would be appended, where the result is a kind of list. @type {unknown[]} */
    this.items = [];
  }
}

/** A reference to something outside of the pickle. */
export class PersistentId {
  /** @param {unknown} id */
  constructor(id) {
    this.id = id;
  }
}

const MARK = Symbol('mark');
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a pickle, read from the front. */
class Input {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
  }

  /**
   * Moves on by `size` bytes and returns where they began.
   * @param {number} size
   * @returns {number}
   */
  skip(size) {
    const start = this.at;
    if (size > this.bytes.length - start)
      throw new CheckpointError('The pickle of this checkpoint is cut off.', 'cut_pickle');
    this.at += size;
    return start;
  }

  uint8() {
    return this.view.getUint8(this.skip(1));
  }

  uint16() {
    return this.view.getUint16(this.skip(2), true);
  }

  int32() {
    return this.view.getInt32(this.skip(4), true);
  }

  uint32() {
    return this.view.getUint32(this.skip(4), true);
  }

  float64() {
    return this.view.getFloat64(this.skip(8), false);
  }

  /**
   * Two's complement, little-endian. Rounded beyond 2⁵³.
   * @param {number} size  in bytes
   */
  long(size) {
    if (size > 8)
      throw new CheckpointError('The pickle of this checkpoint holds a number that is too long.', 'long_number');
    const start = this.skip(size);
    let value = 0n;
    for (let i = 0; i < size; i++) value |= BigInt(this.bytes[start + i]) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * size, value));
  }

  /** @param {number} size  in bytes */
  text(size) {
    const start = this.skip(size);
    try {
      return UTF8.decode(this.bytes.subarray(start, start + size));
    } catch {
      throw new CheckpointError('The pickle of this checkpoint holds text that is not UTF-8.', 'pickle_text');
    }
  }

  /** Text up to a line feed, which is skipped. */
  line() {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new CheckpointError('The pickle of this checkpoint is cut off.', 'cut_pickle');
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }
}

/** @returns {CheckpointError} */
function malformed() {
  return new CheckpointError('The pickle of this checkpoint is damaged.', 'damaged_pickle');
}

class Machine {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.input = new Input(bytes);
    /** @type {unknown[]} */
    this.stack = [];
    /** @type {Map<number, unknown>} */
    this.memo = new Map();
  }

  /** @returns {unknown} */
  pop() {
    const value = this.stack.pop();
    // Python values are never undefined here, so this is the empty stack; a mark is only taken by popMarked().
    if (value === undefined || value === MARK) throw malformed();
    return value;
  }

  /** @returns {unknown} */
  top() {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) throw malformed();
    return value;
  }

  /** What was pushed since the latest mark. @returns {unknown[]} */
  popMarked() {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw malformed();
    const values = this.stack.splice(mark);
    values.shift();
    return values;
  }

  /** @param {number} count */
  tuple(count) {
    if (this.stack.length < count) throw malformed();
    /** @type {unknown[]} */
    const values = [];
    for (let i = 0; i < count; i++) values.unshift(this.pop());
    this.stack.push(values);
  }

  /** @param {number} index */
  recall(index) {
    if (!this.memo.has(index)) throw malformed();
    this.stack.push(this.memo.get(index));
  }

  /** @param {unknown[]} values  keys and values in turn */
  setItems(values) {
    const target = this.top();
    const entries = target instanceof Call ? target.entries : target;
    if (!(entries instanceof Map) || values.length % 2 !== 0) throw malformed();
    for (let i = 0; i < values.length; i += 2) {
      if (entries.has(values[i]))
        throw new CheckpointError(`The name ${quotedKey(values[i])} occurs twice.`, 'name_twice', { name: values[i] });
      entries.set(values[i], values[i + 1]);
    }
  }

  /** @param {unknown[]} values */
  append(values) {
    const target = this.top();
    const items = target instanceof Call ? target.items : target;
    if (!Array.isArray(items)) throw malformed();
    for (const value of values) items.push(value);
  }

  call() {
    const args = this.pop();
    const callee = this.pop();
    if (!(callee instanceof Global) || !Array.isArray(args)) throw malformed();
    this.stack.push(new Call(callee, args));
  }

  build() {
    const state = this.pop();
    const target = this.top();
    if (!(target instanceof Call)) throw malformed();
    target.state = state;
  }
}

/**
 * A dict's key for a sentence. Only text is shown: turning other values into text could take long.
 * @param {unknown} key
 */
function quotedKey(key) {
  return typeof key === 'string' ? quoted(key) : 'of an entry';
}

/** What each opcode does; STOP is not among them. @type {Map<number, (m: Machine) => void>} */
const OPCODES = new Map();
/**
 * @param {string} opcode
 * @param {(m: Machine) => void} run
 */
function define(opcode, run) {
  OPCODES.set(opcode.charCodeAt(0), run);
}

define('\x80', (m) => {
  const protocol = m.input.uint8();
  if (protocol !== 2) {
    throw new CheckpointError(
      `This checkpoint uses pickle protocol ${protocol}; save it with torch.save’s default, 2.`,
      'pickle_protocol',
      { protocol },
    );
  }
});
define('(', (m) => m.stack.push(MARK));
define('0', (m) => void (m.stack.at(-1) === MARK ? m.stack.pop() : m.pop())); // POP
define('1', (m) => void m.popMarked()); // POP_MARK
define('N', (m) => m.stack.push(null));
define('\x88', (m) => m.stack.push(true));
define('\x89', (m) => m.stack.push(false));
define('K', (m) => m.stack.push(m.input.uint8())); // BININT1
define('M', (m) => m.stack.push(m.input.uint16())); // BININT2
define('J', (m) => m.stack.push(m.input.int32())); // BININT
define('\x8a', (m) => m.stack.push(m.input.long(m.input.uint8()))); // LONG1
define('\x8b', (m) => m.stack.push(m.input.long(m.input.uint32()))); // LONG4
define('G', (m) => m.stack.push(m.input.float64())); // BINFLOAT
define('X', (m) => m.stack.push(m.input.text(m.input.uint32()))); // BINUNICODE
define(')', (m) => m.stack.push([])); // EMPTY_TUPLE
define(']', (m) => m.stack.push([])); // EMPTY_LIST
define('}', (m) => m.stack.push(new Map())); // EMPTY_DICT
define('t', (m) => m.stack.push(m.popMarked())); // TUPLE
define('\x85', (m) => m.tuple(1));
define('\x86', (m) => m.tuple(2));
define('\x87', (m) => m.tuple(3));
define('a', (m) => m.append([m.pop()])); // APPEND
define('e', (m) => m.append(m.popMarked())); // APPENDS
define('s', (m) => {
  const value = m.pop(); // SETITEM
  m.setItems([m.pop(), value]);
});
define('u', (m) => m.setItems(m.popMarked())); // SETITEMS
define('q', (m) => m.memo.set(m.input.uint8(), m.top())); // BINPUT
define('r', (m) => m.memo.set(m.input.uint32(), m.top())); // LONG_BINPUT
define('h', (m) => m.recall(m.input.uint8())); // BINGET
define('j', (m) => m.recall(m.input.uint32())); // LONG_BINGET
define('c', (m) => m.stack.push(new Global(`${m.input.line()}.${m.input.line()}`))); // GLOBAL
define('R', (m) => m.call()); // REDUCE
define('\x81', (m) => m.call()); // NEWOBJ
define('b', (m) => m.build()); // BUILD
define('Q', (m) => m.stack.push(new PersistentId(m.pop()))); // BINPERSID

/**
 * Reads a pickle. None, True, numbers and text come out as such; tuples and lists as arrays; dicts as Maps; all else
 * as Global, Call and PersistentId.
 * @param {Uint8Array} bytes
 * @returns {unknown}
 * @throws {CheckpointError} where it is malformed, too large, or uses opcodes of another protocol
 */
export function unpickle(bytes) {
  if (bytes.length > MAX_BYTES) {
    throw new CheckpointError(`The pickle of this checkpoint is larger than ${MAX_BYTES >> 20} MiB.`, 'large_pickle');
  }
  const machine = new Machine(bytes);
  for (let count = 0; count < MAX_OPCODES; count++) {
    const opcode = machine.input.uint8();
    if (opcode === 0x2e) return machine.pop();
    const run = OPCODES.get(opcode);
    if (!run)
      throw new CheckpointError(
        'The pickle of this checkpoint holds something that torch.save does not write.',
        'foreign_opcode',
      );
    run(machine);
  }
  throw new CheckpointError('The pickle of this checkpoint holds absurdly many values.', 'too_many_values');
}
