/** How an element follows a training run: it reads its text again as the weights change, as long as it is in sight. */
import { emptyTrace, mannerOf, withPiece } from '../traces/trace.js';
import { thresholdsFor } from './attributes.js';
import { ElementError } from './sources.js';

/** @typedef {import('../../wasm/library/training_run.js').TrainingRun} TrainingRun */

/** Milliseconds from one drawing to the next. */
const PAUSE = 500;

/**
 * Reads a text with the weights that a run has now.
 * @param {TrainingRun} run
 * @param {Uint8Array} text
 * @param {number[]} given  thresholds of the attribute
 * @param {() => boolean} wanted  whether anybody still waits for it
 * @returns {Promise<import('../traces/trace.js').Trace|null>} null where nobody waited any longer
 * @throws {ElementError} where the run can't read it
 */
export async function readRun(run, text, given, wanted) {
  const { model } = run;
  const thresholds = thresholdsFor(given, model.levels);
  let trace = emptyTrace(text, thresholds, 0, mannerOf(model));
  try {
    for await (const piece of run.trace(text, { thresholds })) {
      if (!wanted()) return null;
      trace = withPiece(trace, piece, piece.from + piece.encoderEntropy.length === text.length);
    }
  } catch (error) {
    throw new ElementError(/** @type {Error} */ (error).message, 'run');
  }
  return trace;
}

/**
 * Makes an element read whenever the run's weights changed, but not too often, and not out of sight.
 * @param {TrainingRun} run
 * @param {Element} element
 * @param {() => Promise<void>} read
 * @returns {{again: () => void, end: () => void}} `again`: something else than the weights changed
 */
export function follow(run, element, read) {
  const detach = run.attach();
  const ending = new AbortController();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let [seen, owed, busy, last] = [false, true, false, Number.NEGATIVE_INFINITY];

  async function next() {
    if (!owed || busy || !seen || document.hidden || run.state === 'opening' || run.state === 'closed') return;
    const wait = last + PAUSE - performance.now();
    clearTimeout(timer);
    if (wait > 0) {
      timer = setTimeout(next, wait);
      return;
    }
    [owed, busy] = [false, true];
    try {
      await read();
    } finally {
      [busy, last] = [false, performance.now()];
      next();
    }
  }
  const again = () => {
    owed = true;
    next();
  };
  const sight = new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    next();
  });
  sight.observe(element);
  for (const type of ['step', 'end']) run.addEventListener(type, again, { signal: ending.signal });
  document.addEventListener('visibilitychange', next, { signal: ending.signal });
  return {
    again,
    end() {
      clearTimeout(timer);
      sight.disconnect();
      ending.abort();
      owed = false;
      detach();
    },
  };
}
