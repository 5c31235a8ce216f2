/** What differs from the default settings. A file of its own, since the page’s first view does without it. */
import { defaults, differences } from './settings.js';

/** @typedef {import('./settings.js').Settings} Settings */

/** @param {Settings} settings @returns {Partial<Settings>} what differs from the defaults */
export function changesOf(settings) {
  return Object.fromEntries(differences(settings, defaults()).map((name) => [name, settings[name]]));
}
