import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { EventWriter, eventFileName } from '../../wasm/formats/tensorboard.js';

/**
 * CRC-32C bit by bit, apart from the table that the writer uses.
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
  /** @type {[number, any][]} */
  const found = [];
  while (at < data.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) {
      found.push([key >> 3, varint()]);
    } else if (wire === 1) {
      found.push([key >> 3, view.getFloat64(at, true)]);
      at += 8;
    } else if (wire === 5) {
      found.push([key >> 3, view.getFloat32(at, true)]);
      at += 4;
    } else {
      assert.equal(wire, 2);
      const length = varint();
      found.push([key >> 3, data.subarray(at, at + length)]);
      at += length;
      assert.ok(at <= data.length);
    }
  }
  return found;
}

/** @param {Uint8Array} data */
function decodeEvent(data) {
  const event = Object.fromEntries(fields(data));
  const summary = event[5] ? fields(event[5]) : [];
  const values = summary.map(([number, value]) => {
    assert.equal(number, 1);
    const { 1: tag, 2: simple } = Object.fromEntries(fields(value));
    return [new TextDecoder().decode(tag), simple];
  });
  return { wallTime: event[1], step: event[2], version: event[3] && new TextDecoder().decode(event[3]), values };
}

/** @param {(writer: EventWriter) => void} use */
function eventsOf(use) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  use(new EventWriter((chunk) => chunks.push(chunk), 1700000000.25));
  return records(new Uint8Array(Buffer.concat(chunks))).map(decodeEvent);
}

test('the first event names the format', () => {
  assert.deepEqual(
    eventsOf(() => {}),
    [{ wallTime: 1700000000.25, step: undefined, version: 'brain.Event:2', values: [] }],
  );
});

test('the bytes of the first event, as TensorFlow writes them', () => {
  /** @type {Uint8Array[]} */
  const chunks = [];
  new EventWriter((chunk) => chunks.push(chunk), 0);
  const data = `09${'00'.repeat(8)}1a0d${Buffer.from('brain.Event:2').toString('hex')}`;
  assert.equal(Buffer.concat(chunks).subarray(0, 8).toString('hex'), '1800000000000000');
  assert.equal(Buffer.concat(chunks).subarray(12, 36).toString('hex'), data);
  // Of any event file: the length 24 has this CRC.
  assert.equal(Buffer.concat(chunks).subarray(8, 12).toString('hex'), 'a37f4b22');
});

test('scalars of any tags, steps and values', () => {
  const value = fc.oneof(fc.float({ noNaN: false }), fc.double());
  const event = fc.tuple(
    fc.maxSafeNat(),
    fc.double({ noNaN: true }),
    fc.dictionary(fc.string({ minLength: 1 }), value, { minKeys: 1, noNullPrototype: true }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 5 }), (list) => {
      const events = eventsOf((writer) => {
        for (const [step, wallTime, values] of list) writer.scalars(step, wallTime, values);
      });
      const expected = list.map(([step, wallTime, values]) => ({
        wallTime,
        step,
        version: undefined,
        values: Object.entries(values).map(([tag, v]) => [Buffer.from(tag).toString(), Math.fround(v)]),
      }));
      assert.deepEqual(events.slice(1), expected);
    }),
    { numRuns: 300 },
  );
});

test('no values, no event', () => {
  assert.equal(eventsOf((writer) => writer.scalars(1, 2, {})).length, 1);
});

test('file names', () => {
  assert.equal(eventFileName(1700000000.9, 'my host/3'), 'events.out.tfevents.1700000000.my_host_3');
});
