/** Actions on settings, thresholds and the passage. */
import { readSetting } from '../../wasm/engine/settings.js';
import { presetSettings } from './address.js';
import { passageOrigin, trainedThresholds } from './tracing.js';

/** @typedef {import('./store.js').Store} Store */

/** @param {Store} store */
export function createEditingActions(store) {
  return {
    /** @param {string} name @param {string|boolean} raw  as typed; what is not valid is kept aside and reported */
    changeSetting(name, raw) {
      const read = readSetting(name, raw);
      const { [name]: _, ...others } = store.invalid.value;
      if (read.error !== undefined) {
        store.invalid.value = { ...others, [name]: { raw: String(raw), error: read.error } };
        return;
      }
      store.invalid.value = others;
      store.settings.value = { ...store.settings.value, [name]: read.value };
    },
    /** @param {string} preset */
    choosePreset(preset) {
      store.invalid.value = {};
      store.settings.value = presetSettings(preset);
    },
    /** @param {number} level @param {number} value */
    changeThreshold(level, value) {
      const thresholds = [...(store.thresholds.value ?? trainedThresholds(store))];
      thresholds[level] = value;
      store.thresholds.value = thresholds;
    },
    resetThresholds() {
      store.thresholds.value = null;
    },
    /** @param {number} start  bytes into what passages are taken from */
    movePassage(start) {
      store.passage.value = { ...store.passage.value, start, own: null };
    },
    /** Another place of what passages are taken from, at random. */
    anotherPassage() {
      const { length } = store.passage.value;
      const text = store.text.value;
      if (!text) return;
      const room = Math.max(0, text.bytes.length - passageOrigin(store) - length);
      store.passage.value = { ...store.passage.value, start: Math.floor(Math.random() * room), own: null };
    },
    /** @param {'held-out'|'text'} of  what passages are taken from */
    choosePassageOf(of) {
      store.passage.value = { ...store.passage.value, of, start: 0, own: null };
    },
    /** @param {number} length */
    resizePassage(length) {
      store.passage.value = { ...store.passage.value, length };
    },
    /** @param {string|null} own  the reader's own text, or null for the held-out one */
    ownPassage(own) {
      store.passage.value = { ...store.passage.value, own, written: null };
    },
  };
}
