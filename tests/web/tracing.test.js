import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createStore } from '../../web/state/store.js';
import { createTracing, NOTHING_TO_READ } from '../../web/state/tracing.js';
import { modelOf } from './support/store.js';
import { pieceOf, utf8 } from './traces.js';

const TRAINED = [4, 2];

/** A store with a text and a model of three levels, a client that records what is sent, frames that come when called. */
function tracing() {
  const store = createStore({ settings: defaults(), theme: 'light', passage: { of: 'text', length: 1 << 20 } });
  const settings = { ...defaults(), byte_entropy_threshold: TRAINED[0], meta_uncertainty_threshold: TRAINED[1] };
  store.model.value = modelOf(settings);
  store.text.value = { name: 'A text', bytes: utf8('The ship and the sea. '.repeat(20)) };
  /** @type {any[]} */
  const sent = [];
  let id = 0;
  const client = /** @type {any} */ ({
    run: 1,
    nextId: () => ++id,
    send: (/** @type {any} */ command) => sent.push(command),
    cancel: (/** @type {number} */ id) => sent.push({ type: 'cancel', id }),
  });
  /** @type {(() => void)[]} */
  const frames = [];
  const actions = createTracing(store, client, (work) => frames.push(work));
  const frame = () => {
    actions.refresh();
    for (const work of frames.splice(0)) work();
  };
  /** Answers the latest question, or the one with that id, with a whole trace. @param {any} [command] @param {boolean} [done] */
  const answer = (command = sent.findLast(({ type }) => type === 'trace'), done = true) => {
    const piece = pieceOf(command.text, command.thresholds, (level, t) => 0.5 * (1 + ((t + level) % 4)));
    actions.receive({ type: 'trace', run: 1, id: command.id, total: command.text.length, done, piece });
    for (const work of frames.splice(0)) work();
  };
  return { store, sent, frame, answer, actions };
}

test('a short text carries predictions, a long one is recorded instead', () => {
  const { store, sent, frame, answer } = tracing();
  frame();
  assert.deepEqual([sent[0].top, sent[0].record, sent[0].thresholds], [10, false, TRAINED]);
  answer();
  assert.equal(store.trace.value?.done, true);
  assert.equal(store.trained.value?.decoderBpb, store.figures.value?.decoderBpb);
  store.text.value = { name: 'A long text', bytes: utf8('x'.repeat(10_000)) };
  frame();
  assert.deepEqual([sent[1].top, sent[1].record, sent[1].text.length], [0, true, 10_000]);
});

test('another text ends the trace under way, and forgets the selection and jumps of the earlier one', () => {
  const { store, sent, frame, answer, actions } = tracing();
  frame();
  answer();
  store.selected.value = { level: 0, index: 5 };
  store.view.value = { from: 10, span: 20 };
  store.former.value = [{ from: 0, span: 80 }];
  actions.renew();
  frame();
  const under = sent.at(-1);
  assert.equal(under.type, 'trace');
  store.text.value = { name: 'Another', bytes: utf8('Something else altogether, and longer.') };
  frame();
  assert.deepEqual(
    sent.slice(-2).map(({ type, id }) => [type, id]),
    [
      ['cancel', under.id],
      ['trace', under.id + 1],
    ],
  );
  assert.deepEqual([store.selected.value, store.view.value, store.former.value], [null, null, []]);
  answer(under);
  assert.equal(store.trace.value?.done, false, 'late pieces of the earlier trace are not drawn');
});

test('the first text is shown with the view that the address names', () => {
  const { store, frame } = tracing();
  store.selected.value = { level: 0, index: 5 };
  store.view.value = { from: 10, span: 20 };
  frame();
  assert.deepEqual(
    [store.selected.value, store.view.value],
    [
      { level: 0, index: 5 },
      { from: 10, span: 20 },
    ],
  );
});

test('a moved threshold shows its borders before the worker answers, and the earlier cost until then', () => {
  const { store, frame, answer } = tracing();
  frame();
  answer();
  const before = store.trace.value;
  const price = store.figures.value?.decoderBpb;
  store.thresholds.value = [8, 2];
  frame();
  const preview = store.trace.value;
  assert.ok(before && preview && preview !== before);
  assert.equal(preview.done, false);
  assert.ok(preview.levels[1].count < before.levels[1].count);
  assert.equal(store.figures.value?.levels[1].tokens, preview.levels[1].count);
  assert.equal(store.figures.value?.decoderBpb, price);
  answer();
  assert.equal(store.trace.value?.done, true);
  assert.equal(store.trace.value?.levels[1].count, preview.levels[1].count);
});

test('a quick trace may finish while the knob moves on: it brings its cost, and the newest borders stay', () => {
  const { store, sent, frame, answer } = tracing();
  frame();
  answer();
  store.thresholds.value = [8, 2];
  frame();
  const first = sent.at(-1);
  store.thresholds.value = [12, 2];
  frame();
  assert.equal(sent.at(-1), first, 'nothing new is asked for yet');
  const newest = store.trace.value?.levels[1].count;
  answer(first);
  assert.deepEqual(store.trace.value?.thresholds, [12, 2]);
  assert.equal(store.trace.value?.levels[1].count, newest);
  assert.deepEqual(sent.at(-1).thresholds, [12, 2], 'now it is asked for');
  answer();
  assert.equal(store.trace.value?.done, true);
});

test('while weights change, borders come from the scores that are drawn, until the exact trace arrives', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { store, sent, frame, answer, actions } = tracing();
  frame();
  answer();
  const before = store.trace.value;
  store.state.value = 'training';
  actions.refreshLater();
  t.mock.timers.runAll();
  store.thresholds.value = [8, 2];
  frame();
  const preview = store.trace.value;
  assert.ok(before && preview && preview !== before);
  assert.deepEqual([preview.thresholds, preview.done], [[8, 2], false]);
  assert.ok(preview.levels[1].count < before.levels[1].count);
  const exact = sent.at(-1);
  answer(exact, false);
  assert.equal(store.trace.value, preview, 'two traces are not mixed');
  answer(exact);
  assert.deepEqual([store.trace.value?.thresholds, store.trace.value?.done], [[8, 2], true]);
});

test('a trace of another model is not used for borders', () => {
  const { store, frame, answer, actions } = tracing();
  frame();
  answer();
  const before = store.trace.value;
  actions.forget();
  store.thresholds.value = [8, 2];
  frame();
  assert.equal(store.trace.value, before);
  answer();
  assert.deepEqual(store.trace.value?.thresholds, [8, 2]);
});

test('newer weights alone do not end a trace under way; asking for more begins one only when none is', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { sent, frame, answer, actions } = tracing();
  frame();
  answer();
  actions.renew();
  frame();
  const asked = sent.length;
  actions.refreshLater();
  t.mock.timers.runAll();
  frame();
  actions.renew();
  frame();
  assert.equal(sent.length, asked);
  answer();
  assert.equal(sent.length, asked + 1, 'the next trace follows');
});

test('what is drawn is traced once: again only when the trace is gone, not when the same bytes are shown again', () => {
  const { store, sent, frame, answer, actions } = tracing();
  store.passage.value = { ...store.passage.value, length: 40 };
  frame();
  answer();
  const shown = /** @type {import('../../web/traces/trace.js').Trace} */ (store.trace.value);
  assert.equal(shown.done, true);
  store.text.value = { name: 'All of it', bytes: utf8('The ship and the sea. '.repeat(50)) };
  frame();
  assert.deepEqual([sent.length, store.trace.value], [1, shown]);
  store.thresholds.value = [...TRAINED];
  store.trained.value = null;
  frame();
  const trained = () => store.trained.value?.text;
  assert.deepEqual([sent.length, trained()], [1, undefined]);
  store.thresholds.value = null;
  frame();
  assert.deepEqual([sent.length, trained()], [1, shown.text]);
  store.thresholds.value = [8, 2];
  frame();
  assert.equal(sent.length, 2, 'borders move');
  store.thresholds.value = null;
  frame();
  answer(sent[1]);
  answer();
  assert.deepEqual(store.trace.value?.thresholds, TRAINED);
  const before = sent.length;
  actions.renew();
  frame();
  assert.equal(sent.length, before + 1, 'the worker forgot it');
});

test('an empty passage is reported in a sentence', () => {
  const { store, sent, frame } = tracing();
  store.passage.value = { ...store.passage.value, own: '' };
  frame();
  assert.equal(sent.length, 0);
  assert.equal(store.traceProblem.value, NOTHING_TO_READ);
});
