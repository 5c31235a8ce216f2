/** Settings as what differs from the defaults: apart from the list, since the page’s first view does without. */
import { defaults, differences } from './settings.js';

/** @typedef {import('./settings.js').Settings} Settings */

/** @param {Settings} settings @returns {Partial<Settings>} what differs from the defaults */
export function changesOf(settings) {
  return Object.fromEntries(differences(settings, defaults()).map((name) => [name, settings[name]]));
}
