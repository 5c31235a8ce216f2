/** The most expensive stretch of a compressed file, and how the explorer shows it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { dearestStretch, exploreStretch } from '../../web/state/packing.js';
import { createStore } from '../../web/state/store.js';
import { passageOf } from '../../web/state/tracing.js';
import fc from '../random_cases.js';

test('the most expensive stretch is the one whose bytes cost most together', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 80 }), (spent, length) => {
      const begin = dearestStretch(spent, length);
      const cost = (/** @type {number} */ at) => spent.subarray(at, at + length).reduce((sum, each) => sum + each, 0);
      assert.ok(begin >= 0 && begin < spent.length);
      spent.forEach((_, at) => {
        assert.ok(cost(at) <= cost(begin), `${at} costs more than ${begin}`);
      });
    }),
  );
});

test('a stretch is shown with the bytes around it, unchanged', async () => {
  const bytes = Uint8Array.from({ length: 9000 }, (_, i) => 97 + (i % 26));
  bytes[5100] = 0xff;
  const store = createStore({ settings: defaults(), theme: 'light', passage: { length: 64 } });
  await exploreStretch(store, new Blob([bytes]), 5000, 320);
  const passage = passageOf(store);
  assert.deepEqual(passage?.bytes, bytes.subarray(5000 - 1024, 5320 + 1024));
  assert.deepEqual(store.view.value, { from: 1024, span: 320 });
});

test('near the ends of a file there are fewer bytes around it, and no character is cut', async () => {
  const text = new TextEncoder().encode('ü'.repeat(3000));
  const store = createStore({ settings: defaults(), theme: 'light', passage: { length: 64 } });
  await exploreStretch(store, new Blob([text]), 0, 320);
  assert.equal(store.view.value?.from, 0);
  await exploreStretch(store, new Blob([text]), 5680, 320);
  const shown = passageOf(store)?.bytes ?? new Uint8Array();
  assert.equal(new TextDecoder('utf-8', { fatal: true }).decode(shown), 'ü'.repeat(shown.length / 2));
  await exploreStretch(store, new Blob([text]), 1025, 320);
  assert.equal(passageOf(store)?.bytes[0], text[0]);
});
