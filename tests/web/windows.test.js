import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createStore } from '../../web/state/store.js';
import { createWindows } from '../../web/state/windows.js';
import { askedClient } from './support/store.js';
import { pieceOf, traceOf, utf8 } from './traces.js';

const TEXT = utf8('abcdefgh'.repeat(200));

/** Windows over a client that records what it is asked. */
function asking() {
  const store = createStore({ settings: defaults(), theme: 'light' });
  const { client, jobs } = askedClient();
  let renewed = 0;
  const windows = createWindows(store, client, () => {
    renewed++;
  });
  return { store, windows, jobs, renewals: () => renewed };
}

/** A trace without predictions. @param {number} id @param {number} [traced] */
const longTrace = (id, traced = TEXT.length) => ({
  ...traceOf(TEXT, [3]),
  id,
  top: 0,
  traced,
  done: traced === TEXT.length,
});

/** @param {number} from */
function answer(from) {
  const piece = { ...pieceOf(TEXT.subarray(from, from + 256), [3], () => 1), from };
  return { type: 'window', run: 1, id: 1, trace: 1, done: true, piece };
}

test('pointing at a byte asks for the part around it, once', () => {
  const { store, windows, jobs } = asking();
  const trace = longTrace(9);
  store.trace.value = trace;
  store.selected.value = { level: 0, index: 0 };
  store.selected.value = { level: 1, index: 4 };
  assert.equal(jobs.length, 0, 'nothing predicts the first byte, and tokens have no predictions');
  store.selected.value = { level: 0, index: 300 };
  assert.deepEqual(jobs[0].command, { type: 'window', trace: 9, from: 256, to: 512 });
  store.selected.value = { level: 0, index: 310 };
  assert.equal(jobs.length, 1, 'its window is on its way');
  assert.equal(windows.predictionsAt(trace, 299), null);
  const version = store.windowsVersion.value;
  jobs[0].emit(answer(256));
  assert.ok(store.windowsVersion.value > version);
  assert.equal(jobs[0].ended, true);
  const { encoder, decoder } = windows.predictionsAt(trace, 299) ?? {};
  assert.deepEqual([...(encoder?.symbols ?? [])], [256, TEXT[300]]);
  assert.equal(decoder?.symbols.length, 2);
  store.selected.value = { level: 0, index: 299 };
  assert.equal(jobs.length, 1, 'its window is kept');
  assert.equal(windows.predictionsAt({ ...trace, id: 10 }, 299), null, 'a window belongs to its trace');
});

test('the latest question counts, and untraced parts are not asked for', () => {
  const { store, jobs } = asking();
  store.trace.value = longTrace(9, 700);
  store.hovered.value = { level: 0, index: 20 };
  store.hovered.value = { level: 0, index: 400 };
  assert.equal(jobs[0].ended, true);
  assert.equal(jobs[1].command.from, 256);
  store.hovered.value = { level: 0, index: 690 };
  assert.equal(jobs.length, 2, 'the part around it is not complete yet');
  store.trace.value = longTrace(9, 768);
  assert.equal(jobs[2].command.from, 512);
});

test('where the weights are gone, the passage is read again', () => {
  const { store, jobs, renewals } = asking();
  store.trace.value = longTrace(9);
  store.selected.value = { level: 0, index: 20 };
  jobs[0].emit({ type: 'failed', run: 1, id: 1, code: 'stale_trace', message: '', fatal: false });
  assert.equal(renewals(), 1);
  store.trace.value = longTrace(11);
  assert.equal(jobs[1].command.trace, 11, 'and asked for again');
});

test('a trace with predictions of its own is used without asking', () => {
  const { store, windows, jobs } = asking();
  const trace = traceOf(TEXT, [3]);
  store.trace.value = trace;
  store.selected.value = { level: 0, index: 300 };
  assert.equal(jobs.length, 0);
  assert.deepEqual([...(windows.predictionsAt(trace, 299)?.encoder.symbols ?? [])], [256, TEXT[300]]);
});
