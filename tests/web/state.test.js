import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createEditingActions } from '../../web/state/editing.js';
import { createEvents, stateWords } from '../../web/state/events.js';
import { createGenerationActions, withBytes } from '../../web/state/generating.js';
import { createStore } from '../../web/state/store.js';
import { createTextActions, PASTED } from '../../web/state/texts.js';
import { passageOf, trainedThresholds } from '../../web/state/tracing.js';
import { modelOf } from './support/store.js';
import { traceOf, utf8 } from './traces.js';

const newStore = () => createStore({ settings: defaults(), theme: 'light' });

/** A store that receives events, and frames that come when called. */
function listening() {
  const store = newStore();
  /** @type {(() => void)[]} */
  const frames = [];
  /** @type {string[]} */
  const calls = [];
  const receive = createEvents(
    store,
    {
      trace: () => calls.push('trace'),
      weightsChanged: () => calls.push('weights'),
      reset: () => calls.push('reset'),
      generated: () => calls.push('generated'),
      failed: () => calls.push('failed'),
    },
    (work) => frames.push(work),
  );
  /** @param {object} event */
  const say = (event) => receive(/** @type {import('../../wasm/engine/protocol.js').Event} */ (event));
  return { store, say, frames, calls };
}

/** @param {number} step @param {boolean} [logged] */
const progress = (step, logged = true) => ({
  type: 'progress',
  run: 1,
  step,
  logged,
  encoderBpb: 4,
  decoderBpb: 3,
  borders: [8, 2],
  thresholds: [],
});

test('figures of many steps reach the page at most once a frame and four times a second; curves miss none', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { store, say, frames } = listening();
  for (let step = 1; step <= 5; step++) say(progress(step));
  assert.equal(frames.length, 1);
  assert.equal(store.step.value, 0);
  frames[0]();
  assert.equal(store.progress.value?.step, 5);
  assert.equal(store.step.value, 5);
  assert.deepEqual(store.curves.step, [1, 2, 3, 4, 5]);
  say(progress(6, false));
  t.mock.timers.tick(100);
  assert.equal(frames.length, 1, 'no frame is asked for before it is time');
  t.mock.timers.tick(150);
  assert.equal(frames.length, 2);
  frames[1]();
  assert.equal(store.step.value, 6);
  assert.deepEqual(store.curves.step, [1, 2, 3, 4, 5], 'a step that is not logged has no point');
  t.mock.timers.tick(10_000);
  assert.equal(frames.length, 2, 'no frame is asked for while nothing changes');
  say(progress(8, false));
  say({ type: 'state', run: 1, state: 'paused', step: 8 });
  assert.equal(store.progress.value?.step, 8, 'after a pause the latest figures are shown');
});

test('an evaluation is shown at once, and asks for a new trace unless nothing has been learned yet', () => {
  const { store, say, calls } = listening();
  say({ type: 'validation', run: 1, step: 0, encoderBpb: 8, decoderBpb: 8, borders: [] });
  assert.deepEqual(calls, []);
  say({ type: 'validation', run: 1, step: 50, encoderBpb: 5, decoderBpb: 4, borders: [] });
  assert.deepEqual(calls, ['weights']);
  assert.equal(store.validation.value?.decoderBpb, 4);
  assert.deepEqual(store.curves.valDecoder, [8, 4]);
});

test('states are announced when they change, and a reset forgets figures that still wait for a frame', () => {
  const { store, say, frames, calls } = listening();
  say({ type: 'state', run: 1, state: 'training', step: 0 });
  assert.equal(store.announcement.value, stateWords('training', 0));
  say(progress(7));
  say({ type: 'state', run: 1, state: 'idle', step: 0 });
  assert.ok(calls.includes('reset'));
  frames[0]();
  assert.equal(store.progress.value, null);
  assert.equal(store.step.value, 0);
});

test('an invalid setting is kept as typed and reported; the earlier value stays', () => {
  const store = newStore();
  const { changeSetting, choosePreset } = createEditingActions(store);
  changeSetting('hidden_size', '64');
  changeSetting('hidden_size', '6x');
  assert.equal(store.settings.value.hidden_size, 64);
  assert.equal(store.invalid.value.hidden_size.raw, '6x');
  changeSetting('hidden_size', '32');
  assert.deepEqual(store.invalid.value, {});
  assert.equal(store.settings.value.hidden_size, 32);
  changeSetting('dropout', '7');
  choosePreset('prototype');
  assert.deepEqual(store.invalid.value, {});
  assert.deepEqual(store.settings.value, defaults());
});

test('thresholds start from the trained ones, one for each level with borders', () => {
  const store = newStore();
  const settings = { ...defaults(), num_levels: 4, byte_entropy_threshold: 9, meta_uncertainty_threshold: 2 };
  store.model.value = modelOf(settings);
  assert.deepEqual(trainedThresholds(store), [9, 2, 2]);
  const { changeThreshold, resetThresholds } = createEditingActions(store);
  changeThreshold(1, 0.5);
  assert.deepEqual(store.thresholds.value, [9, 0.5, 2]);
  resetThresholds();
  assert.equal(store.thresholds.value, null);
  store.model.value = modelOf({ ...settings, model_type: 'baseline' });
  assert.deepEqual(trainedThresholds(store), []);
});

test('the highlight goes with its token, not with the trace', () => {
  const store = newStore();
  store.trace.value = traceOf(utf8('some text'), [2]);
  store.selected.value = { level: 1, index: 3 };
  assert.deepEqual(store.pointed.value, { level: 1, index: 3 });
  store.trace.value = traceOf(utf8('some text'), [6]);
  assert.equal(store.pointed.value, null);
  store.trace.value = traceOf(utf8('some text'), []);
  assert.equal(store.pointed.value, null);
});

test('generated bytes are collected with their borders', () => {
  const store = newStore();
  /** @type {any[]} */
  const sent = [];
  const client = /** @type {any} */ ({ nextId: () => 7, send: (/** @type {any} */ command) => sent.push(command) });
  const { generate, changeGeneration, receive, fail, stopGenerating } = createGenerationActions(store, client);
  changeGeneration({ prompt: '' });
  generate();
  assert.equal(sent.length, 0);
  assert.equal(store.notice.value?.kind, 'problem');
  changeGeneration({ prompt: 'é' });
  generate();
  assert.deepEqual([...sent[0].prompt], [0xc3, 0xa9]);
  const event = { type: /** @type {const} */ ('generated'), run: 1, id: 7, done: false, bytesPerSecond: 10 };
  receive({ ...event, bytes: utf8('ab'), borders: Uint8Array.from([0, 1]) });
  receive({ ...event, id: 6, bytes: utf8('of another'), borders: new Uint8Array(10) });
  receive({ ...event, bytes: utf8('c'), borders: Uint8Array.from([2]), done: true, reason: 'eos' });
  const written = store.generation.value;
  assert.ok(written);
  assert.equal(new TextDecoder().decode(written.bytes.subarray(0, written.count)), 'abc');
  assert.deepEqual([...written.borders.subarray(0, 3)], [0, 1, 2]);
  assert.equal(written.running, false);
  assert.equal(written.reason, 'eos');
  stopGenerating();
  assert.equal(sent.length, 1, 'a generation that has ended is not cancelled');
  generate();
  assert.equal(fail({ type: 'failed', run: 1, id: 7, code: 'worker', message: '', fatal: false }), true);
  assert.equal(store.generation.value?.running, false);
});

test('the hierarchy of generated text is that of its exact bytes, until the reader types', () => {
  const store = newStore();
  const client = /** @type {any} */ ({ nextId: () => 7, send() {} });
  const { generate, changeGeneration, receive, traceGenerated } = createGenerationActions(store, client);
  changeGeneration({ prompt: 'é' });
  generate();
  const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0xff, 0xe2, 0x82, 0x41, 0x00]);
  const borders = new Uint8Array(bytes.length);
  receive({ type: 'generated', run: 1, id: 7, bytes, borders, done: true, reason: 'length', bytesPerSecond: 10 });
  traceGenerated();
  assert.deepEqual([...(passageOf(store)?.bytes ?? [])], [0xc3, 0xa9, ...bytes]);
  const { movePassage, ownPassage } = createEditingActions(store);
  ownPassage(`${store.passage.value.own}!`);
  assert.deepEqual(passageOf(store)?.bytes, utf8('é\uFEFF\uFFFD\uFFFDA\0!'));
  traceGenerated();
  movePassage(0);
  ownPassage('mine');
  assert.deepEqual(passageOf(store)?.bytes, utf8('mine'));
});

test('long texts grow without losing a byte', () => {
  /** @type {import('../../web/state/store.js').Generation} */
  let generation = {
    id: 1,
    prompt: '',
    bytes: new Uint8Array(),
    borders: new Uint8Array(),
    count: 0,
    running: true,
    reason: null,
    bytesPerSecond: 0,
  };
  for (let i = 0; i < 300; i++) {
    const bytes = new Uint8Array(17).fill(i % 256);
    generation = withBytes(generation, {
      type: 'generated',
      run: 1,
      id: 1,
      bytes,
      borders: bytes,
      done: false,
      bytesPerSecond: 1,
    });
  }
  assert.equal(generation.count, 5100);
  for (let i = 0; i < 5100; i++) assert.equal(generation.bytes[i], Math.floor(i / 17) % 256);
});

/** Text actions on a store with a model, whose worker takes only texts of at least 10 bytes. */
function withTexts() {
  const store = newStore();
  store.model.value = modelOf(defaults());
  /** @type {string[]} */
  const opened = [];
  const actions = createTextActions(store, {
    handText: async () => {
      const next = store.nextText.value;
      store.nextText.value = null;
      if ((next?.bytes.length ?? 0) < 10) return false;
      store.text.value = next;
      return true;
    },
    openWeights: (file) => opened.push(file.name),
    fetchSample: async (id) => {
      if (id === 'state-of-the-union') throw new Error('offline');
      return utf8('the text of a sample');
    },
  });
  return { store, actions, opened };
}

test('an empty or refused text leaves the earlier one in place', async () => {
  const { store, actions } = withTexts();
  await actions.useSample('moby-dick');
  assert.equal(store.text.value?.name, 'Moby-Dick');
  await actions.usePasted('');
  assert.equal(store.notice.value?.reason, 'empty_text');
  await actions.usePasted('short');
  assert.equal(store.text.value?.name, 'Moby-Dick');
  assert.equal(store.nextText.value, null);
  await actions.useSample('state-of-the-union');
  assert.equal(store.notice.value?.reason, 'not_loaded');
  assert.equal(store.text.value?.name, 'Moby-Dick');
  assert.equal(store.loadingText.value, null);
});

test('a text chosen in the middle of training waits for the next start', async () => {
  const { store, actions } = withTexts();
  await actions.useSample('moby-dick');
  store.state.value = 'training';
  await actions.usePasted('another text that is long enough');
  assert.equal(store.text.value?.name, 'Moby-Dick');
  assert.equal(store.nextText.value?.name, PASTED);
});

test('a new text shows its beginning, but the first text the place that the address names', async () => {
  const { store, actions } = withTexts();
  store.passage.value = { start: 500, length: 256, own: null, written: null, of: 'held-out' };
  await actions.useSample('moby-dick');
  assert.equal(store.passage.value.start, 500);
  await actions.usePasted('another text that is long enough');
  assert.deepEqual(store.passage.value, { start: 0, length: 256, own: null, written: null, of: 'held-out' });
});

test('weights among dropped files are opened as such', async () => {
  const { store, actions, opened } = withTexts();
  await actions.useFiles([new File(['x'], 'Model.SafeTensors')]);
  assert.deepEqual(opened, ['Model.SafeTensors']);
  assert.equal(store.text.value, null);
});
