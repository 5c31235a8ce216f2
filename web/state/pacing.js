/** How often the page shows what goes on: no more often than an eye reads, and on a frame of the screen. */

/** Milliseconds between two showings of figures that change all the time. */
export const FIGURES = 250;

/** @param {() => void} work  on the next frame; hidden tabs have none */
export function onFrame(work) {
  if (document.hidden) setTimeout(work, FIGURES);
  else requestAnimationFrame(work);
}

/**
 * Work that is asked for often and done seldom: the first time on the next frame, then not before `every` milliseconds
 * have passed. Nothing is scheduled while nothing is asked for.
 * @param {() => void} work
 * @param {number} [every]  milliseconds
 * @param {(work: () => void) => void} [nextFrame]
 * @returns {{ask: () => void, now: () => void}} `now` does at once what was asked for, if anything was
 */
export function createPacer(work, every = FIGURES, nextFrame = onFrame) {
  let waiting = false;
  let last = Number.NEGATIVE_INFINITY;

  function now() {
    if (!waiting) return;
    waiting = false;
    last = performance.now();
    work();
  }

  return {
    ask() {
      if (waiting) return;
      waiting = true;
      const left = last + every - performance.now();
      if (left > 0) setTimeout(() => nextFrame(now), left);
      else nextFrame(now);
    },
    now,
  };
}
