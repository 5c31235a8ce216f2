import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createStore } from '../../web/state/store.js';
import { createViewActions, restoreView, viewOf } from '../../web/state/view.js';
import { traceOf, utf8 } from './traces.js';

const TEXT = utf8('The whale, the ship and the sea. '.repeat(400));

/** A store with a trace of a text, and the actions that move the view. */
function looking() {
  const store = createStore({ settings: defaults(), theme: 'light' });
  store.trace.value = traceOf(TEXT, [6, 3]);
  const actions = createViewActions(store);
  actions.setStripWidth(920);
  return { store, actions };
}

test('the first view is the beginning, in a readable size; it is left out of addresses', () => {
  const { store, actions } = looking();
  assert.deepEqual(actions.shownWindow(), { from: 0, span: 80 });
  assert.deepEqual(viewOf(store), {});
});

test('one can go back from jumps, in order; moving and zooming are not jumps', () => {
  const { store, actions } = looking();
  actions.zoom(0.5, 40);
  actions.pan(1);
  assert.deepEqual(store.former.value, []);
  const before = actions.shownWindow();
  actions.showWhole();
  assert.deepEqual(actions.shownWindow(), { from: 0, span: TEXT.length });
  actions.showWhole();
  actions.zoomTo({ level: 1, index: 5 });
  assert.equal(store.former.value.length, 2);
  actions.showFormer();
  assert.deepEqual(actions.shownWindow(), { from: 0, span: TEXT.length });
  actions.showFormer();
  assert.deepEqual(actions.shownWindow(), before);
  actions.showFormer();
  assert.deepEqual(actions.shownWindow(), before);
});

test('zooming keeps the selection in its place while it is in view', () => {
  const { store, actions } = looking();
  store.selected.value = { level: 0, index: 20 };
  const share = (20.5 - actions.shownWindow().from) / actions.shownWindow().span;
  actions.zoom(0.25);
  const { from, span } = actions.shownWindow();
  assert.ok(Math.abs((20.5 - from) / span - share) < 1e-9);
  store.selected.value = { level: 0, index: 9999 };
  const middle = from + span / 2;
  actions.zoom(0.5);
  assert.ok(Math.abs(actions.shownWindow().from + actions.shownWindow().span / 2 - middle) < 1e-9);
});

test('zooming to a token makes it fill the window', () => {
  const { store, actions } = looking();
  actions.zoomTo({ level: 2, index: 3 });
  const ends = store.reading.value?.ends ?? [];
  const { from, span } = actions.shownWindow();
  assert.ok(from <= ends[2][2] + 1 && from + span >= ends[2][3] + 1);
  assert.ok(span < 1.2 * (ends[2][3] - ends[2][2]) + 1);
});

test('a search goes to the first hit after the reader’s place, and wraps around the end', () => {
  const { store, actions } = looking();
  actions.showWindow({ from: 3300, span: 80 });
  actions.search('WHALE');
  assert.equal(store.hits.value.starts.length, 400);
  assert.equal(store.hit.value, 100);
  assert.deepEqual(store.selected.value, { level: 0, index: 3304 });
  const { from, span } = actions.shownWindow();
  assert.ok(from < 3304 && from + span > 3309);
  actions.nextHit(-1);
  assert.equal(store.hit.value, 99);
  for (let i = 0; i < 100; i++) actions.nextHit(-1);
  assert.equal(store.hit.value, 399);
  actions.search('');
  assert.equal(store.hit.value, -1);
  assert.equal(store.hits.value.starts.length, 0);
  actions.nextHit(1);
  assert.equal(store.hit.value, -1);
});

test('an address restores the view, and holds none of the reader’s own words', () => {
  const { store, actions } = looking();
  actions.showWindow({ from: 120.04, span: 300.5 });
  store.selected.value = { level: 1, index: 7 };
  store.thresholds.value = [5, 2];
  store.passage.value = { ...store.passage.value, of: 'text', start: 12 };
  actions.toggleLevel(2);
  actions.toggleLevel(0);
  actions.search('sea');
  const view = viewOf(store);
  const other = looking();
  restoreView(other.store, view);
  assert.deepEqual(other.store.view.value, view.zoom);
  assert.deepEqual(other.store.selected.value, view.select);
  assert.deepEqual(other.store.folded.value, [0, 2]);
  assert.equal(other.store.find.value, 'sea');
  assert.deepEqual(view.thresholds, [5, 2]);
  assert.deepEqual([view.of, view.at], ['text', 12]);
  store.passage.value = { ...store.passage.value, own: 'secret words' };
  const own = viewOf(store);
  assert.ok(!JSON.stringify(own).includes('secret'));
  assert.deepEqual([own.zoom, own.select], [undefined, undefined]);
});

test('lines of a long text are those around the window, and stay while it moves a little', () => {
  const { store, actions } = looking();
  const first = store.lines.value;
  assert.ok(first && first.from === 0 && first.to < TEXT.length);
  actions.showWindow({ from: 9000, span: 80 });
  const there = store.lines.value;
  assert.ok(there && there.from <= 9000 && there.to >= 9080);
  actions.showWindow({ from: 9010, span: 80 });
  assert.equal(store.lines.value, there);
});
