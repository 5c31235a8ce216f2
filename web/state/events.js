/** Puts the worker's events into the store. Figures of training steps are shown a few times a second. */
import { batch } from '@preact/signals';
import { fixed, integer } from '../format/numbers.js';
import { addProgress, addValidation } from './curves.js';
import { createPacer, FIGURES, onFrame } from './pacing.js';
import { sampleOf, withSample } from './samples.js';

/** @typedef {import('../../wasm/engine/protocol.js').Event} Event */
/** @typedef {import('../../wasm/engine/protocol.js').Progress} Progress */
/** @typedef {import('./store.js').Store} Store */

const WORDS = { idle: 'Ready', training: 'Training', paused: 'Paused', finished: 'Training finished' };

/** What screen readers are told of a state. @param {keyof typeof WORDS} state @param {number} step @returns {string} */
export const stateWords = (state, step) => `${WORDS[state]} at step ${integer(step)}.`;

/** Milliseconds between two announcements of figures to screen readers. */
const QUIET = 30000;

/**
 * @param {Store} store
 * @param {{trace: (event: import('../../wasm/engine/protocol.js').TraceEvent) => void, weightsChanged: () => void, reset: () => void,
 *   generated: (event: import('../../wasm/engine/protocol.js').Generated) => void,
 *   failed: (event: import('../../wasm/engine/protocol.js').Failed) => void}} parts
 * @param {(work: () => void) => void} [nextFrame]
 * @returns {(event: Event) => void}
 */
export function createEvents(store, parts, nextFrame = onFrame) {
  /** The latest figures that are not shown yet. @type {Progress|null} */
  let latest = null;
  /** Thresholds to which training has steered. @type {number[]} */
  let thresholds = [];
  let announced = Number.NEGATIVE_INFINITY;
  /** Whether the curves have points that are not drawn. */
  let undrawn = false;

  const shown = createPacer(
    () => {
      const progress = latest;
      latest = null;
      batch(() => {
        if (progress) {
          store.progress.value = progress;
          store.step.value = Math.max(store.step.value, progress.step);
        }
        if (undrawn) store.curvesVersion.value++;
        undrawn = false;
      });
    },
    FIGURES,
    nextFrame,
  );

  /** Thresholds change with every step; readings take them over when they begin anew. */
  function takeThresholds() {
    const known = store.steered.peek() ?? [];
    if (thresholds.some((value, level) => value !== known[level])) store.steered.value = thresholds;
  }

  /** @param {import('../../wasm/engine/protocol.js').Validation} event */
  function validated(event) {
    addValidation(store.curves, event);
    undrawn = true;
    store.validation.value = event;
    shown.ask();
    takeThresholds();
    if (event.step > 0) parts.weightsChanged();
    const now = performance.now();
    if (now - announced > QUIET) {
      announced = now;
      store.announcement.value = `Step ${integer(event.step)}: ${fixed(event.decoderBpb)} bits per byte on held-out text.`;
    }
  }

  /** @param {import('../../wasm/engine/protocol.js').State} event */
  function changed({ state, step, reason }) {
    batch(() => {
      if (state !== store.state.value) store.announcement.value = stateWords(state, step);
      store.state.value = state;
      store.step.value = step;
      store.ended.value = reason ?? null;
      store.starting.value = false;
      // Figures of what is given up are not shown any more.
      if (state === 'idle') latest = null;
      shown.now();
      if (state === 'finished') store.stopping.value = false;
      if (state === 'idle' || state === 'paused') store.intent = null;
      if (state === 'idle') parts.reset();
    });
    takeThresholds();
    if (state !== 'training') parts.weightsChanged();
  }

  return (event) => {
    switch (event.type) {
      case 'opened':
        latest = null;
        thresholds = [];
        store.steered.value = null;
        return;
      case 'progress':
        latest = event;
        thresholds = event.thresholds;
        store.reached = event.step;
        if (event.logged) {
          addProgress(store.curves, event);
          undrawn = true;
        }
        return shown.ask();
      case 'validation':
        return validated(event);
      case 'sample':
        store.samples.value = withSample(store.samples.value, sampleOf(event));
        return;
      case 'workers': {
        const model = store.model.peek();
        const { workers, memoryBytes } = event;
        if (model) store.model.value = { ...model, memoryBytes, settings: { ...model.settings, workers } };
        return;
      }
      case 'state':
        return changed(event);
      case 'dataset':
        store.dataset.value = event;
        return;
      case 'trace':
        return parts.trace(event);
      case 'generated':
        return parts.generated(event);
      case 'failed':
        return parts.failed(event);
    }
  };
}
