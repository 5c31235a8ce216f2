/** Settings and view in the page's address, so that a link shows the same thing. Text is never part of it. */
import { defaults, PRESETS, readSetting, SETTINGS } from '../../wasm/settings.js';
import { readFigures, writeFigures } from './figure_address.js';

/** @typedef {import('../../wasm/settings.js').Settings} Settings */
/** What of the view is in the address. @typedef {{text?: string, at?: number, bytes?: number, figures?: import('./store.js').FigureView}} View */

/** What a first visit starts with; an address without settings means it. */
export const FIRST_PRESET = 'quick_start';

/** @param {string} name @returns {Settings} */
export function presetSettings(name) {
  return defaults(PRESETS[name]?.changes ?? {});
}

/** @param {Settings} settings @param {Settings} base @returns {string[]} names of what differs */
export function differences(settings, base) {
  return SETTINGS.map(({ name }) => name).filter((name) => settings[name] !== base[name]);
}

/** The preset that settings are exactly, or none. @param {Settings} settings */
export function presetOf(settings) {
  return Object.keys(PRESETS).find((name) => differences(settings, presetSettings(name)).length === 0);
}

/**
 * Reads an address. What is wrong in it is told, one sentence each, and left at its default.
 * @param {string} query  with or without "?"
 * @returns {{settings: Settings, view: View, errors: string[]}}
 */
export function readAddress(query) {
  const params = new URLSearchParams(query);
  const given = SETTINGS.filter(({ name }) => params.has(name));
  const preset = params.get('preset');
  /** @type {string[]} */
  const errors = [];
  if (preset !== null && !Object.hasOwn(PRESETS, preset))
    errors.push(`There is no preset called ${preset.slice(0, 40)}.`);
  const settings = presetSettings(preset ?? (given.length > 0 ? '' : FIRST_PRESET));
  for (const { name } of given) {
    const read = readSetting(name, params.get(name) ?? '');
    if (read.error !== undefined) errors.push(read.error);
    else settings[name] = read.value;
  }
  /** @type {View} */
  const view = {};
  const figures = readFigures(params, errors);
  if (figures) view.figures = figures;
  const text = params.get('text');
  if (text) view.text = text;
  for (const name of /** @type {const} */ (['at', 'bytes'])) {
    const value = Number(params.get(name) ?? Number.NaN);
    if (Number.isInteger(value) && value >= 0) view[name] = value;
    else if (params.has(name)) errors.push(`The address’s ${name} must be a whole number from 0.`);
  }
  return { settings, view, errors };
}

/**
 * The query of an address, "" or with its "?". Settings are written as differences from the defaults, or from a named
 * preset where that is shorter.
 * @param {Settings} settings
 * @param {View} view
 */
export function writeAddress(settings, view) {
  const params = new URLSearchParams();
  const fromDefaults = differences(settings, defaults());
  let [best, names] = ['', fromDefaults];
  for (const preset of Object.keys(PRESETS)) {
    const list = differences(settings, presetSettings(preset));
    if (list.length < names.length || (list.length === 0 && best === '')) [best, names] = [preset, list];
  }
  if (best !== '' && !(best === FIRST_PRESET && names.length === 0)) params.set('preset', best);
  for (const name of names) params.set(name, String(settings[name]));
  if (view.text) params.set('text', view.text);
  if (view.at !== undefined) params.set('at', String(view.at));
  if (view.bytes !== undefined) params.set('bytes', String(view.bytes));
  if (view.figures) writeFigures(view.figures, params);
  const query = params.toString();
  return query === '' ? '' : `?${query}`;
}
