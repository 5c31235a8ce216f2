/** What the chosen settings would cost, asked of the worker whenever they change. */
import { computed, effect, signal } from '@preact/signals';
import { kindOf } from '../../wasm/engine/kinds.js';
import { evaluationsUpTo } from '../../wasm/engine/stopping.js';
import { findings } from './combinations.js';
import { sizeOf } from './text.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../../wasm/engine/protocol.js').EstimateEvent} Estimate */

/** Milliseconds that settings have to be at rest. */
const SETTLE = 150;
/** Milliseconds after which an estimate is asked for again where its speed was not measured, or not well. */
const AGAIN = 800;

/** A speed is shown anew where it differs by this share from what was shown. */
const CHANGED = 0.05;

/** What a batch of an evaluation takes of a step: it is the forward pass alone. */
const PASS = 1 / 3;

/** Settings that an estimate depends on, beside the model's own. */
const OF_COST = /** @type {const} */ (['batch_size', 'sequence_length', 'workers']);

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
  /** What the latest run reached: GFLOP/s by kind of model, its width, the batch and workers. @type {import('@preact/signals').Signal<Record<string, number>>} */
  const reached = signal({});
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {(() => void)|null} */
  let end = null;

  /** @param {import('../../wasm/engine/settings.js').Settings} settings */
  const key = (settings) => [kindOf(settings), settings.hidden_size, settings.batch_size, settings.workers].join(' ');

  function ask() {
    end?.();
    const settings = store.settings.value;
    const job = client.job({ type: 'estimate', settings }, [], (event) => {
      job.end();
      if (event.type !== 'estimate') return;
      end = null;
      estimate.value = event;
      if (event.gflops === null || !event.settled) later(AGAIN);
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
    if (!progress || !model || !(progress.gflops > 0)) return;
    const name = key(model.settings);
    const known = reached.peek();
    // Not shown anew for every little change.
    if (Math.abs(progress.gflops / known[name] - 1) < CHANGED) return;
    reached.value = { ...known, [name]: progress.gflops };
  });

  /** Seconds of a step that are to be expected, or null. */
  const stepSeconds = computed(() => {
    const { value } = estimate;
    if (!value) return null;
    const { gflopPerStep, gflops, workers } = value;
    const found = reached.value[key({ ...store.settings.value, workers })] ?? gflops;
    return found === null ? null : gflopPerStep / found;
  });

  return {
    /** The latest answer; that of earlier settings while a new one is awaited. */
    estimate,
    /** Steps a second that are to be expected, or null. */
    speed: computed(() => stepSeconds.value && 1 / stepSeconds.value),
    /** Seconds that all steps take with their evaluations, or null. */
    seconds: computed(() => {
      if (stepSeconds.value === null) return null;
      const settings = store.settings.value;
      const text = store.nextText.value ?? store.text.value;
      const heldOut = text ? heldOutOf(text, settings.val_fraction) : 0;
      const bytes = settings.batch_size * settings.sequence_length;
      const batches = Math.min(heldOut / bytes, settings.val_max_batches);
      const steps = settings.max_steps;
      return stepSeconds.value * (steps + evaluationsUpTo(steps, settings) * batches * PASS);
    }),
    findings: computed(() => {
      const settings = store.settings.value;
      const text = store.nextText.value ?? store.text.value;
      const fraction = settings.val_fraction;
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
