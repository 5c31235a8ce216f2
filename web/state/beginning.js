/** Draws the first passage from a small file, so that the whole text, which training needs, does not delay it. */
import { effect } from '@preact/signals';
import { settingOf } from '../../wasm/engine/settings.js';
import { fetchBytes, hasFile } from './surroundings.js';
import { beginningFile, SAMPLES } from './texts.js';

/** @typedef {import('./store.js').Store} Store */

/** Bytes of the file, which is where the held-out part begins; and what may be read past a passage, to start it well. */
const [BEGINNING, AROUND] = [8192, 512];
/** Milliseconds after which nothing waits any longer. */
const PATIENCE = 5000;

/**
 * For work that must not delay the first drawing.
 * @param {Store} store
 * @returns {Promise<void>} when a passage is drawn, or can't be soon
 */
export function afterDrawing(store) {
  return new Promise((resolve) => {
    // Also where frames are not drawn, in a hidden tab.
    setTimeout(resolve, PATIENCE);
    const stop = effect(() => {
      if (!store.trace.value?.done && !store.traceProblem.value) return;
      queueMicrotask(() => stop());
      // After the frame that draws it.
      requestAnimationFrame(() => setTimeout(resolve));
    });
  });
}

/**
 * Whether a passage lies in a sample's beginning.
 * @param {Store} store
 * @param {string} sample  its id
 * @returns {boolean}
 */
export function canBeginEarly({ passage, settings }, sample) {
  const { start, length, own, of } = passage.value;
  const usual = settings.value.val_fraction === settingOf('val_fraction')?.default;
  const inside = own === null && of === 'held-out' && start + length + AROUND <= BEGINNING;
  return usual && inside && hasFile(beginningFile(sample));
}

/**
 * @param {Store} store
 * @param {string} sample  its id
 * @returns {Promise<void>} when the passage is drawn, or can't be soon
 */
export async function showEarly(store, sample) {
  store.loadingText.value = SAMPLES[sample].name;
  try {
    store.beginning.value = await fetchBytes(beginningFile(sample));
  } catch {
    // The whole text says what is wrong.
    return;
  }
  await afterDrawing(store);
}
