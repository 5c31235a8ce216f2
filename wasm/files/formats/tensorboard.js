/**
 * Writes TensorBoard event files: scalars that TensorBoard draws and `wandb sync` uploads.
 *
 * A file is a sequence of TFRecords: the length as uint64, its masked CRC-32C, the data, its masked CRC-32C, all
 * little-endian (TensorFlow, lib/io/record_writer.h). The data of each is an `Event` in protobuf's wire format
 * (TensorBoard, compat/proto/event.proto and summary.proto), whose field numbers are named below.
 */

import { crc32c } from './crc.js';

const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 };
const SUMMARY = { value: 1 };
const SESSION_LOG = { status: 1 };
/** Of a session log. */
const START = 1;
const VALUE = { tag: 1, simpleValue: 2 };
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 };

/** A protobuf message under construction; each method adds a field. */
class Message {
  constructor() {
    /** @type {number[]} */
    this.out = [];
  }

  /** @param {number} value  whole, from 0 to 2⁵³ − 1; seven bits a byte go out, lowest first */
  #varint(value) {
    let rest = value;
    while (rest > 127) {
      this.out.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.out.push(rest);
  }

  /**
   * @param {number} field
   * @param {number} value  whole, from 0 to 2⁵³ − 1
   */
  integer(field, value) {
    this.#varint(field * 8 + WIRE.varint);
    this.#varint(value);
    return this;
  }

  /**
   * @param {number} field
   * @param {number} value
   */
  double(field, value) {
    this.#varint(field * 8 + WIRE.fixed64);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.out.push(...bytes);
    return this;
  }

  /**
   * @param {number} field
   * @param {number} value
   */
  float(field, value) {
    this.#varint(field * 8 + WIRE.fixed32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.out.push(...bytes);
    return this;
  }

  /**
   * @param {number} field
   * @param {ArrayLike<number>} bytes  text in UTF-8, or another message's `out`
   */
  bytes(field, bytes) {
    this.#varint(field * 8 + WIRE.bytes);
    this.#varint(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.out.push(bytes[i]);
    return this;
  }
}

/**
 * TFRecord's check of a CRC: rotated and shifted, so that the CRC of data with CRCs inside stays good.
 * @param {Uint8Array} bytes
 * @returns {number} unsigned
 */
function maskedCrc(bytes) {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * @param {Message} message
 * @returns {Uint8Array} one TFRecord
 */
function record(message) {
  const length = message.out.length;
  const bytes = new Uint8Array(8 + 4 + length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(message.out, 12);
  view.setUint32(12 + length, maskedCrc(bytes.subarray(12, 12 + length)), true);
  return bytes;
}

/** Writes the events of one run. */
export class EventWriter {
  #write;

  /**
   * Writes the file's first event, which names the format.
   * @param {(chunk: Uint8Array) => void} write  gets the file's bytes in order, one whole record a call
   * @param {number} wallTime  seconds since 1970
   */
  constructor(write, wallTime) {
    this.#write = write;
    const version = new TextEncoder().encode('brain.Event:2');
    write(record(new Message().double(EVENT.wallTime, wallTime).bytes(EVENT.fileVersion, version)));
  }

  /**
   * Writes that a session starts: from that step on TensorBoard drops what earlier files of the folder have, which are
   * points of a run that was resumed before them.
   * @param {number} step  the first that it makes
   * @param {number} wallTime  seconds since 1970
   */
  sessionStart(step, wallTime) {
    const event = new Message().double(EVENT.wallTime, wallTime).integer(EVENT.step, step);
    this.#write(record(event.bytes(EVENT.sessionLog, new Message().integer(SESSION_LOG.status, START).out)));
  }

  /**
   * Writes one event with a value for each tag; none where there are no values.
   * @param {number} step
   * @param {number} wallTime  seconds since 1970
   * @param {Record<string, number>} values  by tag, such as `train/loss`; stored as float32
   */
  scalars(step, wallTime, values) {
    const summary = new Message();
    for (const [tag, value] of Object.entries(values)) {
      const scalar = new Message().bytes(VALUE.tag, new TextEncoder().encode(tag)).float(VALUE.simpleValue, value);
      summary.bytes(SUMMARY.value, scalar.out);
    }
    if (summary.out.length === 0) return;
    const event = new Message().double(EVENT.wallTime, wallTime).integer(EVENT.step, step);
    this.#write(record(event.bytes(EVENT.summary, summary.out)));
  }
}

/**
 * A name that TensorBoard recognises as an event file.
 * @param {number} wallTime  seconds since 1970
 * @param {string} host      made part of the name; characters that a file name may not have are replaced
 * @returns {string}
 */
export function eventFileName(wallTime, host) {
  const seconds = String(Math.floor(wallTime)).padStart(10, '0');
  return `events.out.tfevents.${seconds}.${host.replace(/[^A-Za-z0-9.-]/g, '_')}`;
}
