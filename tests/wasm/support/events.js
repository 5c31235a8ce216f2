/** Reads TensorBoard event files, independently of the writer. */
import assert from 'node:assert/strict';

/**
 * CRC-32C bit by bit, without the table that the writer uses.
 * @param {Uint8Array} bytes
 */
function slowCrc(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

/** @param {Uint8Array} bytes */
function slowMask(bytes) {
  const crc = BigInt(slowCrc(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/**
 * The records of an event file, each CRC checked.
 * @param {Uint8Array} file
 */
function records(file) {
  const found = [];
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(view.getUint32(at + 8, true), slowMask(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    assert.equal(data.length, length);
    assert.equal(view.getUint32(at + 12 + length, true), slowMask(data));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

/**
 * Fields of a protobuf message: [number, value], bytes for nested ones.
 * @param {Uint8Array} data
 * @returns {[number, any][]}
 */
function fields(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  /** @param {number} bytes */
  const skip = (bytes) => {
    at += bytes;
    assert.ok(at <= data.length);
    return at - bytes;
  };
  /** @type {[number, any][]} */
  const found = [];
  while (at < data.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) found.push([key >> 3, varint()]);
    else if (wire === 1) found.push([key >> 3, view.getFloat64(skip(8), true)]);
    else if (wire === 5) found.push([key >> 3, view.getFloat32(skip(4), true)]);
    else {
      assert.equal(wire, 2);
      const length = varint();
      const from = skip(length);
      found.push([key >> 3, data.subarray(from, from + length)]);
    }
  }
  return found;
}

/**
 * @param {Uint8Array} data
 * @returns {{wallTime: number, step: number|undefined, version: string|undefined, values: [string, number][], session?: number}}
 */
function decodeEvent(data) {
  const event = Object.fromEntries(fields(data));
  const summary = event[5] ? fields(event[5]) : [];
  const values = summary.map(([number, value]) => {
    assert.equal(number, 1);
    const { 1: tag, 2: simple } = Object.fromEntries(fields(value));
    return /** @type {[string, number]} */ ([new TextDecoder().decode(tag), simple]);
  });
  const session = event[7] && Object.fromEntries(fields(event[7]))[1];
  return {
    wallTime: event[1],
    step: event[2],
    version: event[3] && new TextDecoder().decode(event[3]),
    values,
    ...(session && { session }),
  };
}

/**
 * The events of a file, in order.
 * @param {Uint8Array} file
 */
export function eventsIn(file) {
  return records(file).map(decodeEvent);
}
