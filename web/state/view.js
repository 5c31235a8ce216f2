/** What part of the passage is looked at, and how: actions, and what of it an address holds. */
import { batch } from '@preact/signals';
import {
  centreWindow,
  clampWindow,
  firstWindow,
  panWindow,
  revealWindow,
  wholeWindow,
  zoomWindow,
} from '../traces/axis.js';
import { nearestHit } from '../traces/search.js';
import { above, below, firstByte, lastByte } from '../traces/spans.js';
import { DEFAULT_LENGTH } from './passage.js';
import { FIRST_SAMPLE } from './texts.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('../traces/axis.js').Window} Window */
/** @typedef {import('../traces/spans.js').Place} Place */

/** @param {number} n  to a tenth: an address need not be more exact than a tenth of a byte */
const tenth = (n) => Math.round(10 * n) / 10;

/**
 * The view as an address holds it. Of the reader's own words nothing goes into it, and nothing that means something only
 * in them.
 * @param {Store} store
 * @returns {import('./address.js').View}
 */
export function viewOf(store) {
  const { start, length, own, of } = store.passage.value;
  const { id } = store.text.value ?? {};
  const window = store.view.value;
  const place = store.selected.value;
  const thresholds = store.thresholds.value;
  return {
    ...(id && id !== FIRST_SAMPLE && { text: id }),
    ...(of === 'text' && { of }),
    ...(start > 0 && { at: start }),
    ...(length !== DEFAULT_LENGTH && { bytes: length }),
    ...(own === null && window && { zoom: { from: tenth(window.from), span: tenth(window.span) } }),
    ...(own === null && place && { select: { level: place.level, index: place.index } }),
    ...(thresholds && { thresholds }),
    ...(store.folded.value.length > 0 && { fold: store.folded.value }),
    ...(store.find.value !== '' && { find: store.find.value }),
  };
}

/** @param {Store} store @param {import('./address.js').View} view */
export function restoreView(store, view) {
  if (view.zoom) store.view.value = view.zoom;
  if (view.select) store.selected.value = view.select;
  if (view.fold) store.folded.value = view.fold;
  if (view.find) store.find.value = view.find;
}

/** Most windows that the reader can go back to. */
const MOST_FORMER = 30;

/** @param {Store} store */
export function createViewActions(store) {
  const length = () => store.trace.value?.text.length ?? 1;

  /** The window that is shown. @returns {Window} */
  function shown() {
    const window = store.view.value;
    return window ? clampWindow(window, length()) : firstWindow(length(), store.stripWidth.value);
  }

  /** Where zooming closes in: on what is chosen, where that is in sight, else on the middle. */
  function focus() {
    const { from, span } = shown();
    const reading = store.reading.value;
    const place = store.selected.value;
    if (reading && place && place.index < (reading.trace.levels[place.level]?.count ?? 0)) {
      const middle = (firstByte(reading.ends, place) + lastByte(reading.ends, place) + 1) / 2;
      if (middle >= from && middle <= from + span) return middle;
    }
    return from + span / 2;
  }

  /** @param {Window} window */
  function show(window) {
    store.view.value = window;
  }

  /** Goes somewhere from which the reader may want to come back. @param {Window} window */
  function jump(window) {
    store.former.value = [...store.former.value, shown()].slice(-MOST_FORMER);
    show(window);
  }

  /** @param {number} index */
  function goToHit(index) {
    const { starts, ends } = store.hits.value;
    if (index < 0 || index >= starts.length) return;
    const [first, end] = [starts[index], ends[index]];
    batch(() => {
      store.hit.value = index;
      jump(centreWindow(shown(), first, end, length()));
      store.hovered.value = null;
      store.selected.value = { level: 0, index: first };
    });
  }

  /** @param {number} level */
  function toggleLevel(level) {
    const folded = store.folded.value;
    store.folded.value = folded.includes(level) ? folded.filter((l) => l !== level) : [...folded, level].sort();
  }

  function unfold() {
    store.folded.value = [];
  }

  return {
    shownWindow: shown,
    /** @param {number} pixels  of the strip, without its margin */
    setStripWidth(pixels) {
      store.stripWidth.value = pixels;
    },
    showWindow: show,
    jump,
    /** Back to where the last jump started. */
    showFormer() {
      const window = store.former.value.at(-1);
      if (!window) return;
      store.former.value = store.former.value.slice(0, -1);
      show(clampWindow(window, length()));
    },
    /** @param {number} factor  below 1 is closer @param {number} [about]  byte that stays where it is */
    zoom(factor, about = focus()) {
      show(zoomWindow(shown(), factor, about, length()));
    },
    /** @param {number} share  of the window */
    pan(share) {
      const window = shown();
      const most = length();
      show(panWindow(window, Math.max(-most, Math.min(most, share * window.span)), most));
    },
    showWhole() {
      const now = shown();
      if (now.span < length()) jump(wholeWindow(length()));
    },
    /** So close that a place fills the window, a single byte with characters around it. @param {Place} place */
    zoomTo(place) {
      const reading = store.reading.value;
      if (!reading) return;
      const [first, end] = [firstByte(reading.ends, place), lastByte(reading.ends, place) + 1];
      const span = place.level === 0 ? firstWindow(length(), store.stripWidth.value).span : 1.1 * (end - first);
      jump(centreWindow({ from: 0, span }, first, end, length()));
    },
    /** Moves the window so that a place is seen. @param {Place} place */
    reveal(place) {
      const reading = store.reading.value;
      if (!reading) return;
      show(revealWindow(shown(), firstByte(reading.ends, place), lastByte(reading.ends, place) + 1, length()));
    },
    toggleLevel,
    unfold,
    /**
     * F folds the level of what is chosen away, and chooses what stands over or under it; Shift and F show all levels.
     * @param {string} key  as in KeyboardEvent
     * @param {boolean} shift
     * @returns {boolean} whether it meant that
     */
    foldKey(key, shift) {
      if (key.toLowerCase() !== 'f') return false;
      if (shift) unfold();
      const [reading, place] = [store.reading.value, store.pointed.value];
      if (shift || !reading || !place) return true;
      batch(() => {
        toggleLevel(place.level);
        const ground = { ...reading, folded: store.folded.value };
        if (place.level === 0) return;
        store.hovered.value = null;
        store.selected.value = above(ground, place) ?? below(ground, place);
      });
      return true;
    },
    /** @param {string} wanted  shows the first hit from where the window begins */
    search(wanted) {
      store.find.value = wanted;
      store.hit.value = -1;
      const { starts } = store.hits.value;
      if (wanted !== '' && starts.length > 0) goToHit(nearestHit(store.hits.value, Math.floor(shown().from), 1));
    },
    /** @param {1|-1} direction */
    nextHit(direction) {
      const hits = store.hits.value;
      const n = hits.starts.length;
      const now = store.hit.value;
      if (n === 0) return;
      if (now >= 0) goToHit((now + direction + n) % n);
      else goToHit(nearestHit(hits, Math.floor(shown().from), direction));
    },
  };
}

/** @typedef {ReturnType<typeof createViewActions>} ViewActions */
