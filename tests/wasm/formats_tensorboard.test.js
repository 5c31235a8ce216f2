import assert from 'node:assert/strict';
import test from 'node:test';
import { EventWriter, eventFileName } from '../../wasm/files/formats/tensorboard.js';
import fc from '../random_cases.js';
import { eventsIn } from './support/events.js';

/** @param {(writer: EventWriter) => void} use */
function eventsOf(use) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  use(new EventWriter((chunk) => chunks.push(chunk), 1700000000.25));
  return eventsIn(new Uint8Array(Buffer.concat(chunks)));
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
