/** The live strip: size, zooming, panning, pointing and keys on one side, the scene on the other. */
import { effect, signal, untracked } from '@preact/signals';
import { readPalette } from '../hierarchy/palette.js';
import { placeAt } from '../hierarchy/spans.js';
import { fit, oncePerFrame } from './canvas.js';
import { drawStrip } from './draw.js';
import { gestures } from './gestures.js';
import { stripKey } from './keys.js';
import { axisOf, hitStrip, plotWidth, stripLayout } from './lanes.js';
import { sceneOf } from './scene.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/app.js').App['actions']} Actions */
/** @typedef {import('../hierarchy/spans.js').Place} Place */

/** @param {Place|null} a @param {Place|null} b */
const samePlace = (a, b) => a?.level === b?.level && a?.index === b?.index;

/**
 * @param {{strip: HTMLElement, canvas: HTMLCanvasElement}} parts
 * @param {Store} store
 * @param {Actions} actions
 * @returns {() => void} ends it
 */
export function createStripView({ strip, canvas }, store, actions) {
  const width = signal(strip.clientWidth);
  let palette = readPalette(strip);

  function place() {
    const levels = store.trace.value?.levels.length || store.borderLevels.value + 1;
    const layout = stripLayout({ levels, width: width.value, folded: store.folded.value });
    actions.setStripWidth(plotWidth(layout));
    return { layout, axis: axisOf(layout, actions.shownWindow()) };
  }

  const frame = oncePerFrame(() => untracked(paint));
  function paint() {
    const { layout, axis } = place();
    // Not shown, there is nothing to draw on.
    if (layout.width < 1) return;
    const context = fit(canvas, layout.width, layout.height);
    const scene = sceneOf(store, { context, layout, axis, palette });
    if (scene) drawStrip(scene);
    else context.clearRect(0, 0, layout.width, layout.height);
    const { from, span } = axis.window;
    strip.dataset.window = `${from.toFixed(2)},${span.toFixed(2)}`;
    if (scene) strip.dataset.traced = String(scene.trace.traced);
  }

  /** @param {number} clientX @param {number} clientY */
  function inside(clientX, clientY) {
    const box = canvas.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  /** @param {number} clientX @param {number} clientY @returns {Place|null} */
  function placeUnder(clientX, clientY) {
    const reading = store.reading.value;
    if (!reading) return null;
    const { layout, axis } = place();
    const { x, y } = inside(clientX, clientY);
    const found = hitStrip(layout, axis, x, y, reading.trace.count);
    return found && found.level < reading.trace.levels.length ? placeAt(reading.ends, found.level, found.byte) : null;
  }

  /** @param {Place|null} found */
  function hover(found) {
    if (!samePlace(found, store.hovered.value)) store.hovered.value = found;
  }

  const ending = new AbortController();
  const options = { signal: ending.signal };
  gestures(
    strip,
    {
      hover: (event) => hover(placeUnder(event.clientX, event.clientY)),
      leave: () => hover(null),
      tap(event) {
        const found = placeUnder(event.clientX, event.clientY);
        store.selected.value = samePlace(found, store.selected.value) ? null : found;
      },
      double(event) {
        const found = placeUnder(event.clientX, event.clientY);
        if (found) actions.zoomTo(found);
      },
      /** @param {number} pixels */
      drag(pixels) {
        hover(null);
        actions.pan(-pixels / place().axis.width);
      },
      /** @param {number} factor @param {number} clientX */
      zoom(factor, clientX) {
        const { axis } = place();
        const x = inside(clientX, 0).x - axis.left;
        actions.zoom(factor, axis.window.from + (x / axis.width) * axis.window.span);
      },
    },
    options,
  );
  strip.addEventListener('keydown', (event) => stripKey(event, store, actions), options);

  const sizes = new ResizeObserver(() => {
    width.value = strip.clientWidth;
  });
  sizes.observe(strip);
  const stopWatching = effect(() => {
    store.reading.value;
    store.pointed.value;
    store.borderLevels.value;
    store.view.value;
    store.folded.value;
    store.hits.value;
    store.hit.value;
    store.lane.value;
    width.value;
    frame.ask();
  });
  const stopTheme = effect(() => {
    store.theme.value;
    palette = readPalette(strip);
    frame.ask();
  });
  // The family may not be there yet when the first characters are drawn.
  document.fonts?.ready.then(frame.ask);

  return () => {
    ending.abort();
    sizes.disconnect();
    stopWatching();
    stopTheme();
    frame.cancel();
  };
}
