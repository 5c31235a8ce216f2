/**
 * Pointer and wheel on a strip. One finger or the mouse drags, two fingers pinch, a tap chooses. The wheel belongs to the
 * page unless the strip has the focus or Ctrl is held; sideways it always pans. Up and down, fingers scroll the page.
 */

/** Pixels that a pointer may move in a tap. */
const STILL = 5;
/** Zoom of a wheel's pixel: a usual notch of 100 is a third closer. */
const WHEEL = 0.003;
/** Milliseconds and pixels between the taps of a double one. */
const [DOUBLE_MS, DOUBLE_PX] = [350, 12];

/**
 * @typedef {object} Handlers
 * @property {(event: PointerEvent) => void} hover
 * @property {() => void} leave
 * @property {(event: PointerEvent) => void} tap
 * @property {(event: PointerEvent) => void} double   instead of a second tap
 * @property {(pixels: number) => void} drag          to the right
 * @property {(factor: number, clientX: number) => void} zoom  of the span: below 1 is closer
 */

/**
 * @param {HTMLElement} element
 * @param {Handlers} to
 * @param {{signal: AbortSignal}} options
 */
export function gestures(element, to, options) {
  /** Pointers that are down, where they are. @type {Map<number, number>} */
  const down = new Map();
  let [moved, pinched] = [0, false];
  let tapped = { time: Number.NEGATIVE_INFINITY, x: 0 };

  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      down.set(event.pointerId, event.clientX);
      if (down.size === 1) [moved, pinched] = [0, false];
      else pinched = true;
    },
    options,
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      const before = down.get(event.pointerId);
      if (before === undefined) {
        if (event.pointerType !== 'touch') to.hover(event);
        return;
      }
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      down.set(event.pointerId, event.clientX);
      if (other !== undefined) pinch(before, event.clientX, other);
      else {
        moved += Math.abs(event.clientX - before);
        if (moved > STILL) to.drag(event.clientX - before);
      }
    },
    options,
  );
  element.addEventListener(
    'pointerup',
    (event) => {
      if (!down.delete(event.pointerId) || pinched || moved > STILL) return;
      const now = performance.now();
      const twice = now - tapped.time < DOUBLE_MS && Math.abs(event.clientX - tapped.x) < DOUBLE_PX;
      tapped = { time: twice ? Number.NEGATIVE_INFINITY : now, x: event.clientX };
      if (twice) to.double(event);
      else to.tap(event);
    },
    options,
  );
  element.addEventListener('pointercancel', (event) => down.delete(event.pointerId), options);
  element.addEventListener(
    'pointerleave',
    (event) => {
      if (!down.has(event.pointerId)) to.leave();
    },
    options,
  );
  element.addEventListener('wheel', wheel, { ...options, passive: false });

  /** Two fingers: as much closer as they go apart, and along with their middle. @param {number} before @param {number} now @param {number} other */
  function pinch(before, now, other) {
    const [was, is] = [Math.abs(before - other), Math.abs(now - other)];
    if (was > 10 && is > 10) to.zoom(was / is, (now + other) / 2);
    to.drag((now - before) / 2);
  }

  /** @param {WheelEvent} event */
  function wheel(event) {
    const unit =
      event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const sideways = event.shiftKey ? dx || dy : Math.abs(dx) > Math.abs(dy) ? dx : 0;
    if (sideways !== 0 && !event.ctrlKey) {
      event.preventDefault();
      to.drag(-sideways);
    } else if (event.ctrlKey || event.metaKey || document.activeElement === element) {
      event.preventDefault();
      // A pinch on a touchpad comes as small turns of the wheel with Ctrl.
      to.zoom(Math.exp(dy * WHEEL * (event.ctrlKey && Math.abs(dy) < 50 ? 4 : 1)), event.clientX);
    }
  }
}
