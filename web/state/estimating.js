/** What the chosen settings would cost, asked of the worker whenever they change. */
import { computed, effect, signal } from '@preact/signals';
import { findings } from './combinations.js';
import { sizeOf } from './text.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../../wasm/engine/protocol.js').EstimateEvent} Estimate */

/** Milliseconds that settings have to be at rest. */
const SETTLE = 150;
/** Milliseconds after which an estimate without a measured speed is asked for again. */
const AGAIN = 3000;

/** Settings that an estimate depends on, beside the model's own. */
const OF_COST = ['batch_size', 'sequence_length', 'workers'];

/**
 * Bytes of a text that would be held out.
 * @param {import('./text.js').Text} text
 * @param {number} fraction
 * @returns {number}
 */
export function heldOutOf(text, fraction) {
  return text.heldOut ?? Math.floor(sizeOf(text) * fraction);
}

/**
 * @param {Store} store
 * @param {Client} client
 */
export function createEstimating(store, client) {
  const estimate = signal(/** @type {Estimate|null} */ (null));
  /** What the latest run reached: GFLOP/s by width and kind of model. @type {Map<string, number>} */
  const reached = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {(() => void)|null} */
  let end = null;

  /** @param {import('../../wasm/engine/settings.js').Settings} settings */
  const key = ({ model_type, hidden_size, workers }) => [model_type, hidden_size, workers].join(' ');

  function ask() {
    end?.();
    const settings = store.settings.value;
    const job = client.job({ type: 'estimate', settings }, [], (event) => {
      job.end();
      if (event.type !== 'estimate') return;
      end = null;
      estimate.value = event;
      if (event.gflops === null) later(AGAIN);
    });
    end = job.end;
  }

  /** @param {number} ms */
  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(ask, ms);
  }

  const stop = effect(() => {
    const settings = store.settings.value;
    // Whatever the model and its cost depend on; and a model that was opened may have ended what was asked.
    for (const name of OF_COST) settings[name];
    store.model.value;
    later(SETTLE);
  });
  const stopWatching = effect(() => {
    const { value: progress } = store.progress;
    const { value: model } = store.model;
    if (progress && model && progress.gflops > 0) reached.set(key(model.settings), progress.gflops);
  });

  return {
    /** The latest answer; of the settings before while a new one is under way. */
    estimate,
    /** Steps a second that are to be expected, or null. */
    speed: computed(() => {
      const { value } = estimate;
      if (!value) return null;
      const gflops = reached.get(key({ ...store.settings.value, workers: value.workers })) ?? value.gflops;
      return gflops === null ? null : gflops / value.gflopPerStep;
    }),
    findings: computed(() => {
      const settings = store.settings.value;
      const text = store.nextText.value ?? store.text.value;
      const fraction = Number(settings.val_fraction);
      return findings(settings, {
        text: text && { size: sizeOf(text), heldOut: heldOutOf(text, fraction) },
        estimate: estimate.value,
        deviceMemory: /** @type {any} */ (globalThis.navigator)?.deviceMemory,
      });
    }),
    end() {
      stop();
      stopWatching();
      clearTimeout(timer);
      end?.();
    },
  };
}

/** @typedef {ReturnType<typeof createEstimating>} Estimating */
