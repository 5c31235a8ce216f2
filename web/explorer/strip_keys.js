/** Keys of the strip: walking along it and between levels, zooming, panning. */
import { walk } from '../hierarchy/walk.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/app.js').App['actions']} Actions */

/** How much a key press zooms, and how much of the window a page is. */
const [FACTOR, PAGE] = [1.5, 0.9];
/** Share of the window that Shift and an arrow pan by. */
const NUDGE = 0.1;

/**
 * @param {string} key  as in KeyboardEvent
 * @param {boolean} shift
 * @param {Actions} actions
 * @returns {boolean} whether it moved the window
 */
function moveWindow(key, shift, actions) {
  if (key === '+' || key === '=') actions.zoom(1 / FACTOR);
  else if (key === '-' || key === '_') actions.zoom(FACTOR);
  else if (key === '0') actions.showWhole();
  else if (key === 'Backspace') actions.showFormer();
  else if (key === 'PageUp') actions.pan(-PAGE);
  else if (key === 'PageDown') actions.pan(PAGE);
  else if (shift && key === 'ArrowLeft') actions.pan(-NUDGE);
  else if (shift && key === 'ArrowRight') actions.pan(NUDGE);
  else return false;
  return true;
}

/** Where a key leads: from nothing to the first byte that is shown. @param {string} key @param {Store} store @param {Actions} actions */
function destination(key, store, actions) {
  const reading = store.reading.value;
  if (!reading) return null;
  const to = walk(store.pointed.value, key, { ...reading, folded: store.folded.value });
  const first = Math.ceil(actions.shownWindow().from);
  return to && !store.pointed.value && first < reading.trace.count ? { level: 0, index: first } : to;
}

/**
 * @param {KeyboardEvent} event
 * @param {Store} store
 * @param {Actions} actions
 */
export function stripKey(event, store, actions) {
  const reading = store.reading.value;
  if (event.ctrlKey || event.metaKey || event.altKey || !reading) return;
  if (event.key === 'Escape') {
    store.selected.value = null;
    return;
  }
  if (event.key === 'Enter' && store.pointed.value) {
    event.preventDefault();
    actions.zoomTo(store.pointed.value);
    return;
  }
  if (moveWindow(event.key, event.shiftKey, actions) || actions.foldKey(event.key, event.shiftKey)) {
    event.preventDefault();
    return;
  }
  const to = destination(event.key, store, actions);
  if (!to) return;
  event.preventDefault();
  store.hovered.value = null;
  store.selected.value = to;
  actions.reveal(to);
}
