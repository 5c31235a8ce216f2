/** The live drawing: size, scrolling, pointing and keys on one side, the scene on the other. */
import { effect, untracked } from '@preact/signals';
import { conditionsOf, firstByte, pathOf, placeAt, samePlace } from '../traces/spans.js';
import { draw, entropyScale } from './draw.js';
import { hit, layout, lineAt } from './layout.js';
import { fit, liveDrawing } from './live.js';
import { walk } from './walk.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../traces/spans.js').Place} Place */
/** @typedef {import('./layout.js').Layout} Layout */

/** Milliseconds that a new passage takes to appear from left to right, a byte and at most; long ones are just there. */
const [A_BYTE, AT_MOST, LONG] = [2.5, 1400, 8192];

/** @returns {boolean} */
function wantsStillness() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/**
 * Shows `store.reading` in a scrolling element.
 * @param {{scroller: HTMLElement, spacer: HTMLElement, canvas: HTMLCanvasElement}} parts  `spacer` holds the canvas and is
 *   as high as all lines
 * @param {Store} store
 * @param {{reveal: (place: Place) => void, shownWindow: () => import('../traces/axis.js').Window,
 *   foldKey?: (key: string, shift: boolean) => boolean}} strip  the other view
 * @returns {() => void} ends it
 */
export function createView({ scroller, spacer, canvas }, store, strip) {
  /** @type {import('./layout.js').Layout|null} */
  let placed = null;
  /** @type {{clusters: unknown, width: number, levels: number, folded: readonly number[]}|null} */
  let placedFor = null;
  let version = 0;
  /** The trace that was drawn last. @type {unknown} */
  let drawn = null;
  /** The text that is appearing, or appeared, and when that began. @type {{text: Uint8Array|null, startedAt: number}} */
  const entrance = { text: null, startedAt: 0 };

  function place() {
    const reading = store.reading.value;
    const lines = store.lines.value;
    if (!reading || !lines) return null;
    const levels = reading.trace.levels.length || store.borderLevels.value + 1;
    const now = { clusters: lines.clusters, width: live.width.value, levels, folded: store.folded.value };
    const names = /** @type {(keyof typeof now)[]} */ (Object.keys(now));
    if (names.some((name) => placedFor?.[name] !== now[name])) {
      placed = layout(now);
      placedFor = now;
      spacer.style.height = `${placed.height}px`;
      live.height.value = scroller.clientHeight;
    }
    return placed;
  }

  /** Bytes that have appeared so far. @param {import('../traces/trace.js').Trace} trace */
  function shownBytes(trace) {
    if (trace.count === 0 || trace.text.length > LONG) return trace.count;
    const now = performance.now();
    if (entrance.text !== trace.text) {
      // The page's first passage is there at once.
      entrance.startedAt = wantsStillness() || entrance.text === null ? Number.NEGATIVE_INFINITY : now;
      entrance.text = trace.text;
    }
    const whole = Math.min(AT_MOST, A_BYTE * trace.text.length);
    return Math.min(trace.count, Math.ceil(((now - entrance.startedAt) / whole) * trace.text.length));
  }

  function paint() {
    const reading = store.reading.value;
    const at = place();
    const h = Math.min(live.height.value, at?.height ?? 0);
    const context = fit(canvas, live.width.value, h);
    if (!reading || !at) return;
    const { trace, ends } = reading;
    const clusters = store.lines.value?.clusters ?? [];
    const pointed = store.pointed.value;
    const path = pointed ? pathOf(trace, pointed) : [];
    const shown = shownBytes(trace);
    draw(
      {
        context,
        trace,
        ends,
        clusters,
        layout: at,
        palette: live.palette(),
        path,
        conditions: pointed ? conditionsOf(trace, pointed) : [],
        window: windowToMark(trace.text.length),
        lit: new Set(path.map(({ level, index }) => `${level}:${index}`)),
        shown,
        mostEntropy: entropyScale(trace),
      },
      scroller.scrollTop,
      h,
    );
    const below = at.height - scroller.scrollTop - h;
    scroller.parentElement?.classList.toggle('more-below', below > 4);
    if (drawn !== trace && trace.done) {
      drawn = trace;
      canvas.dataset.version = String(++version);
    }
    if (shown < trace.count) live.ask();
  }

  /** The strip's window, unless that is everything. @param {number} length */
  function windowToMark(length) {
    const window = strip.shownWindow();
    return window.span < length - 1 ? window : null;
  }

  /** Scrolls so that lines are seen, no further than it must; the first of them wins. @param {number} first @param {number} last */
  function showLines(first, last) {
    if (!placed) return;
    const { height: line } = placed.lanes;
    const [top, bottom] = [first * line, Math.min((last + 1) * line, first * line + scroller.clientHeight)];
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
  }

  /** Scrolls to what is chosen, else to the strip's window. */
  function follow() {
    const reading = store.reading.value;
    if (!placed || !reading || placed.lines.length === 0) return;
    const { from, span } = strip.shownWindow();
    const chosen = store.selected.value;
    const there = chosen && chosen.index < (reading.trace.levels[chosen.level]?.count ?? 0);
    const [first, last] = [from, from + span].map((byte) => lineAt(/** @type {Layout} */ (placed), Math.floor(byte)));
    showLines(first, last);
    if (!there) return;
    const line = lineAt(placed, firstByte(reading.ends, chosen));
    showLines(line, line);
  }

  /** @param {MouseEvent} event @returns {Place|null} */
  function placeUnder(event) {
    const reading = store.reading.value;
    if (!reading || !placed) return null;
    const box = scroller.getBoundingClientRect();
    const found = hit(
      placed,
      event.clientX - box.left - scroller.clientLeft,
      event.clientY - box.top - scroller.clientTop + scroller.scrollTop,
    );
    if (!found || found.byte >= reading.trace.count) return null;
    return placeAt(reading.ends, found.level, found.byte);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    const reading = store.reading.value;
    if (event.ctrlKey || event.metaKey || event.altKey || !reading || !placed) return;
    if (event.key === 'Escape') {
      store.selected.value = null;
      return;
    }
    if (strip.foldKey?.(event.key, event.shiftKey)) {
      event.preventDefault();
      return;
    }
    const ground = { ...reading, layout: placed, folded: store.folded.value };
    const to = walk(store.pointed.value, event.key, ground);
    if (!to) return;
    event.preventDefault();
    store.hovered.value = null;
    store.selected.value = to;
    strip.reveal(to);
  }

  const ending = new AbortController();
  const options = { signal: ending.signal };
  scroller.addEventListener(
    'pointermove',
    (event) => {
      if (event.pointerType === 'touch') return;
      const found = placeUnder(event);
      if (!samePlace(found, store.hovered.value)) store.hovered.value = found;
    },
    options,
  );
  scroller.addEventListener(
    'pointerleave',
    () => {
      store.hovered.value = null;
    },
    options,
  );
  scroller.addEventListener(
    'click',
    (event) => {
      const found = placeUnder(event);
      store.selected.value = samePlace(found, store.selected.value) ? null : found;
      if (store.selected.value) strip.reveal(store.selected.value);
    },
    options,
  );
  scroller.addEventListener('keydown', key, options);
  const live = liveDrawing(scroller, store, {
    paint,
    watch() {
      store.stripWidth.value;
    },
  });
  scroller.addEventListener('scroll', live.ask, { ...options, passive: true });
  const stopFollowing = effect(() => {
    store.view.value;
    store.selected.value;
    store.lines.value;
    store.folded.value;
    untracked(() => {
      place();
      follow();
    });
    live.ask();
  });
  return () => {
    ending.abort();
    live.end();
    stopFollowing();
  };
}
