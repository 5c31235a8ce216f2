/** What live drawings share: canvases that fit their element and the screen's pixels, drawn again when something changes. */
import { effect, signal, untracked } from '@preact/signals';
import { forcedColours, readPalette } from './palette.js';

/** @typedef {import('../state/store.js').Store} Store */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width   CSS pixels
 * @param {number} height
 * @returns {CanvasRenderingContext2D} scaled to CSS pixels
 */
export function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  // Zooming can change one without the other.
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** Milliseconds of a frame after which drawings that are still due wait for the next one, so that the page answers in between. */
const MOST_OF_A_FRAME = 8;

/** Drawings that are due. @type {Set<() => void>} */
const due = new Set();
/** The frame that is asked for, 0 for none. */
let asked = 0;

function takeTurns() {
  asked = 0;
  const begun = performance.now();
  try {
    for (const work of [...due]) {
      due.delete(work);
      work();
      if (performance.now() - begun > MOST_OF_A_FRAME) break;
    }
  } finally {
    if (due.size > 0 && asked === 0) asked = requestAnimationFrame(takeTurns);
  }
}

/**
 * Work that is done at most once a frame.
 * @param {() => void} work
 */
const oncePerFrame = (work) => ({
  ask() {
    due.add(work);
    if (asked === 0) asked = requestAnimationFrame(takeTurns);
  },
  cancel: () => due.delete(work),
});

/** How far out of the window a drawing is still made. */
const NEAR = '200px';

/**
 * A drawing that is made again, at most once a frame, when the passage, what is pointed at, the element's size, the
 * theme or the fonts change. Out of sight it waits until it comes near.
 * @param {HTMLElement} element
 * @param {Store} store
 * @param {object} options
 * @param {() => void} options.paint   is not called while the element is not shown
 * @param {() => void} [options.watch]   reads the other signals that are drawn
 * @returns its size in CSS pixels, the last one while it is not shown; its colours; `ask` for another drawing; `end`
 */
export function liveDrawing(element, store, { paint, watch }) {
  const [width, height] = [signal(element.clientWidth), signal(element.clientHeight)];
  let palette = readPalette(element);
  /** @returns {boolean} whether there is a place to draw on, whose size is then known */
  const measure = () => {
    if (element.clientWidth === 0) return false;
    width.value = element.clientWidth;
    height.value = element.clientHeight;
    return true;
  };
  const each = oncePerFrame(() => {
    // Observers are called with a new size after the frame that has it.
    if (measure()) untracked(paint);
  });
  // What training changes many times is drawn out of sight only once it has come near, or training rests.
  let [inSight, missed] = [true, false];
  const frame = {
    ask() {
      if (inSight || store.state.peek() !== 'training') each.ask();
      else missed = true;
    },
  };
  const catchUp = () => {
    if (!missed) return;
    missed = false;
    frame.ask();
  };
  const sight = new IntersectionObserver(
    (entries) => {
      inSight = entries[entries.length - 1].isIntersecting;
      if (inSight) catchUp();
    },
    { rootMargin: NEAR },
  );
  const stopCatchingUp = effect(() => {
    if (store.state.value !== 'training') catchUp();
  });
  sight.observe(element);
  const sizes = new ResizeObserver(() => {
    if (measure()) frame.ask();
  });
  sizes.observe(element);
  const stopWatching = effect(() => {
    store.reading.value;
    store.pointed.value;
    store.borderLevels.value;
    width.value;
    height.value;
    watch?.();
    frame.ask();
  });
  const repalette = () => {
    palette = readPalette(element);
    frame.ask();
  };
  const stopTheme = effect(() => {
    store.theme.value;
    repalette();
  });
  const forced = forcedColours();
  forced.addEventListener('change', repalette);
  // The family may not be there yet when the first characters are drawn.
  document.fonts?.ready.then(frame.ask);
  return {
    width,
    height,
    palette: () => palette,
    ask: frame.ask,
    end() {
      stopCatchingUp();
      sizes.disconnect();
      sight.disconnect();
      stopWatching();
      stopTheme();
      forced.removeEventListener('change', repalette);
      each.cancel();
    },
  };
}
