/** The live minimap: a picture of the whole that is drawn again only when it changes, and the window as a brush on it. */
import { fit, liveDrawing } from '../hierarchy/live.js';
import { byteAt, clampWindow, LEAST, panWindow } from '../traces/axis.js';
import { brushOf, drawBrush, drawMinimap, gripAt, minimapAxis, minimapLayout } from './minimap.js';
import { sceneOf } from './scene.js';
import { stripKey } from './strip_keys.js';
import { stripLayout } from './strip_layout.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/app.js').App['actions']} Actions */

/** The pointer over each part. */
const CURSORS = { left: 'ew-resize', right: 'ew-resize', inside: 'grab', outside: 'pointer' };

/**
 * @param {{minimap: HTMLElement, canvas: HTMLCanvasElement}} parts
 * @param {Store} store
 * @param {Actions} actions
 * @returns {() => void} ends it
 */
export function createMinimapView({ minimap, canvas }, store, actions) {
  const picture = document.createElement('canvas');
  /** What the picture was drawn of. @type {unknown[]} */
  let drawn = [];

  function place() {
    const trace = store.trace.value;
    const levels = trace?.levels.length || store.borderLevels.value + 1;
    // Margins as the strip's, so that both begin at the same pixel.
    const width = live.width.value;
    const { left, right } = stripLayout({ levels, width });
    const layout = minimapLayout(levels, width, left, right);
    return { layout, axis: minimapAxis(layout, trace?.text.length ?? 1) };
  }

  function paint() {
    const { layout, axis } = place();
    const palette = live.palette();
    const context = fit(canvas, layout.width, layout.height);
    context.clearRect(0, 0, layout.width, layout.height);
    const scene = sceneOf(store, { context, layout, axis, palette });
    if (!scene) return;
    const now = [scene.trace, layout.width, layout.height, palette, window.devicePixelRatio];
    if (now.some((value, i) => value !== drawn[i])) {
      drawMinimap({ ...scene, context: fit(picture, layout.width, layout.height) });
      drawn = now;
    }
    context.drawImage(picture, 0, 0, layout.width, layout.height);
    drawBrush(scene, actions.shownWindow());
  }

  /** @param {PointerEvent} event */
  const xOf = (event) => event.clientX - canvas.getBoundingClientRect().left;

  /** What a drag moves, from where. @type {{grip: 'left'|'right'|'inside', x: number, window: import('../traces/axis.js').Window}|null} */
  let held = null;

  /** @param {PointerEvent} event */
  function take(event) {
    const trace = store.trace.value;
    if (!trace || event.button !== 0) return;
    const { axis } = place();
    const x = xOf(event);
    let window = actions.shownWindow();
    let grip = gripAt(brushOf(axis, window), x);
    if (grip === 'outside') {
      window = clampWindow({ from: byteAt(axis, x) - window.span / 2, span: window.span }, trace.text.length);
      actions.jump(window);
      grip = 'inside';
    }
    held = { grip, x, window };
    minimap.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const trace = store.trace.value;
    if (!trace) return;
    const { axis } = place();
    const x = xOf(event);
    if (!held) {
      minimap.style.cursor = CURSORS[gripAt(brushOf(axis, actions.shownWindow()), x)];
      return;
    }
    const by = ((x - held.x) / axis.width) * axis.window.span;
    const { from, span } = held.window;
    const n = trace.text.length;
    if (held.grip === 'inside') actions.showWindow(panWindow(held.window, by, n));
    else if (held.grip === 'left') {
      const first = Math.max(0, Math.min(from + by, from + span - LEAST));
      actions.showWindow(clampWindow({ from: first, span: from + span - first }, n));
    } else actions.showWindow(clampWindow({ from, span: Math.min(n - from, span + by) }, n));
  }

  const ending = new AbortController();
  const options = { signal: ending.signal };
  minimap.addEventListener('pointerdown', take, options);
  minimap.addEventListener('pointermove', move, options);
  for (const type of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    minimap.addEventListener(
      type,
      () => {
        held = null;
      },
      options,
    );
  }
  minimap.addEventListener(
    'keydown',
    (event) => {
      // On the map, arrows move the window.
      const arrow = /** @type {Record<string, number>} */ ({ ArrowLeft: -0.25, ArrowRight: 0.25 })[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (arrow !== undefined) actions.pan(arrow);
      else if (event.key === 'Home') actions.pan(Number.NEGATIVE_INFINITY);
      else if (event.key === 'End') actions.pan(Number.POSITIVE_INFINITY);
      else return stripKey(event, store, actions);
      event.preventDefault();
    },
    options,
  );

  const live = liveDrawing(minimap, store, {
    paint,
    watch() {
      store.view.value;
      store.stripWidth.value;
      store.hits.value;
    },
  });
  return () => {
    ending.abort();
    live.end();
  };
}
