/** The live strip: size, zooming, panning, pointing and keys on one side, the scene on the other. */
import { fit, liveDrawing } from '../hierarchy/live.js';
import { placeAt, samePlace } from '../traces/spans.js';
import { gestures } from './gestures.js';
import { sceneOf } from './scene.js';
import { drawStrip } from './strip.js';
import { stripKey } from './strip_keys.js';
import { axisOf, hitStrip, plotWidth, stripLayout } from './strip_layout.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/app.js').App['actions']} Actions */
/** @typedef {import('../traces/spans.js').Place} Place */

/**
 * @param {{strip: HTMLElement, canvas: HTMLCanvasElement}} parts
 * @param {Store} store
 * @param {Actions} actions
 * @returns {() => void} ends it
 */
export function createStripView({ strip, canvas }, store, actions) {
  function place() {
    const levels = store.trace.value?.levels.length || store.borderLevels.value + 1;
    const layout = stripLayout({ levels, width: live.width.value, folded: store.folded.value });
    actions.setStripWidth(plotWidth(layout));
    return { layout, axis: axisOf(layout, actions.shownWindow()) };
  }

  function paint() {
    const { layout, axis } = place();
    const context = fit(canvas, layout.width, layout.height);
    const scene = sceneOf(store, { context, layout, axis, palette: live.palette() });
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

  const live = liveDrawing(strip, store, {
    paint,
    watch() {
      store.view.value;
      store.folded.value;
      store.hits.value;
      store.hit.value;
      store.lane.value;
    },
  });
  return () => {
    ending.abort();
    live.end();
  };
}
