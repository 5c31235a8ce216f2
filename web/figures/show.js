/** Shows in the hierarchy what the explanation speaks of. */
import { effect, untracked } from '@preact/signals';
import { firstAtLeast, placeAt } from '../traces/spans.js';

/** @typedef {Pick<import('../state/app.js').App, 'store'|'actions'>} App */
/** @typedef {import('../traces/spans.js').Place} Place */

function scrollToHierarchy() {
  document.getElementById('hierarchy')?.scrollIntoView();
}

/** @param {App} app @param {Place} place */
function show({ store, actions }, place) {
  store.hovered.value = null;
  store.selected.value = place;
  actions.reveal(place);
  scrollToHierarchy();
}

/**
 * Chooses a token from the middle of what is shown, or a byte for level 0, and goes there.
 * @param {App} app
 * @param {number} level
 * @returns {void}
 */
export function showToken(app, level) {
  const reading = app.store.reading.value;
  const count = reading?.trace.levels[level]?.count ?? 0;
  if (!reading || count === 0) return scrollToHierarchy();
  const { from, span } = app.actions.shownWindow();
  const byte = Math.min(reading.trace.count - 1, Math.floor(from + span / 2));
  show(app, placeAt(reading.ends, level, byte) ?? { level, index: count - 1 });
}

/**
 * Chooses a border in what is shown, as the byte that it is at, and goes there.
 * @param {App} app
 * @returns {void}
 */
export function showBorder(app) {
  const tokens = app.store.reading.value?.trace.levels[1];
  if (!tokens || tokens.count === 0) return scrollToHierarchy();
  const { from, span } = app.actions.shownWindow();
  const index = Math.min(tokens.count - 1, firstAtLeast(tokens.source, from + span / 3, tokens.count));
  show(app, { level: 0, index: tokens.source[index] });
}

/**
 * Frames a lane of the drawing, until the reader points at something or chooses something there.
 * @param {App} app
 * @param {import('../explorer/strip_layout.js').Lane['kind'] & ('spans'|'sum'|'entropy'|'text')} kind
 * @param {number} level
 */
export function showLane({ store }, kind, level) {
  store.folded.value = store.folded.value.filter((folded) => folded !== level);
  store.hovered.value = null;
  store.lane.value = { kind, level };
  const lane = store.lane.value;
  let asked = false;
  const stop = effect(() => {
    store.hovered.value;
    store.selected.value;
    untracked(() => {
      if (!asked) return;
      if (store.lane.value === lane) store.lane.value = null;
      queueMicrotask(() => stop());
    });
    asked = true;
  });
  scrollToHierarchy();
}
