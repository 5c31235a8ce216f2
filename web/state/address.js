/** Settings and view in the page's address, so that a link shows the same thing. Text is never part of it. */
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults, differences, readSetting, SETTINGS, settingOf } from '../../wasm/engine/settings.js';
import { readFigures, writeFigures } from './figure_address.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../wasm/engine/settings.js').SettingName} SettingName */
/**
 * What of the view is in the address. `of`: what passages are taken from; `zoom`: the bytes of the passage that the strip
 * shows; `select`: a place; `thresholds`: chosen ones; `fold`: levels that are folded away; `find`: what is searched for.
 * @typedef {{text?: string, of?: 'text', at?: number, bytes?: number, zoom?: {from: number, span: number},
 *   select?: {level: number, index: number}, thresholds?: number[], fold?: number[], find?: string, figures?: import('./store.js').FigureView}} View
 */

/** What a first visit starts with; an address without settings means it. */
export const FIRST_PRESET = 'quick_start';

/**
 * Presets that have another name in addresses: those that were given out say `quick_start` or `ten_minutes` and mean what that
 * was then. Whoever changes a preset gives it a new name here, and the old one its meaning below.
 * @type {Readonly<Record<string, string>>}
 */
const IN_ADDRESS = Object.freeze({
  quick_start: 'quick_start_6',
  mirror_quick_start: 'quick_start',
  ten_minutes: 'ten_minutes_3',
});

/** Quick start before it recalled. @type {Partial<Settings>} */
const UNRECALLING = { recall: false };
/** And before it had embeddings of spans. @type {Partial<Settings>} */
const ONE_MINUTE = { ...UNRECALLING, span_order: 0, weight_decay: 0.01 };
/** And before its weights were averaged. @type {Partial<Settings>} */
const MINUTE = {
  ...ONE_MINUTE,
  level_learning_rate_factors: '',
  segment_length: 1024,
  weight_averaging: 0,
  learning_rate: 5e-3,
  schedule: 'cosine',
  warmup_steps: 50,
};
/** What other names in addresses meant that were given out, as changes to a preset of today. @type {Readonly<Record<string, {preset: string, changes: Partial<Settings>}>>} */
const FORMER = Object.freeze({
  quick_start_5: { preset: 'quick_start', changes: UNRECALLING },
  one_minute: { preset: 'quick_start', changes: ONE_MINUTE },
  minute: { preset: 'quick_start', changes: MINUTE },
  quick: {
    preset: 'quick_start',
    changes: { ...MINUTE, level_blocks: '', ngram_order: 0, ngram_rows: 4096, max_steps: 4000 },
  },
  ten_minutes_2: { preset: 'long_text', changes: UNRECALLING },
  ten_minutes: {
    preset: 'long_text',
    changes: {
      ...UNRECALLING,
      level_widths: '96,256',
      level_blocks: '2,0',
      ngram_order: 0,
      ngram_rows: 4096,
      span_order: 0,
      max_steps: 30_000,
      eval_every: 1000,
    },
  },
});

/** @param {string} preset */
const addressOf = (preset) => IN_ADDRESS[preset] ?? preset;

/** @param {string} name @returns {Settings} */
export function presetSettings(name) {
  return defaults(PRESETS[name]?.changes ?? {});
}

/** The settings that a name in an address stands for. @param {string} name @returns {Settings|undefined} */
function settingsNamed(name) {
  if (Object.hasOwn(FORMER, name)) return { ...presetSettings(FORMER[name].preset), ...FORMER[name].changes };
  const preset = Object.keys(PRESETS).find((each) => addressOf(each) === name);
  return preset === undefined ? undefined : presetSettings(preset);
}

/** The preset that settings are exactly, or none. @param {Settings} settings @returns {string|undefined} */
export function presetOf(settings) {
  return Object.keys(PRESETS).find((name) => differences(settings, presetSettings(name)).length === 0);
}

/**
 * Reads an address. What is wrong in it is reported, one sentence each, and left at its default.
 * @param {string} query  with or without "?"
 * @returns {{settings: Settings, view: View, errors: string[]}}
 */
export function readAddress(query) {
  const params = new URLSearchParams(query);
  const given = SETTINGS.filter(({ name }) => params.has(name));
  const name = params.get('preset');
  const named = name === null ? undefined : settingsNamed(name);
  /** @type {string[]} */
  const errors = [];
  if (name !== null && !named) errors.push(`There is no preset called ${name.slice(0, 40)}.`);
  const settings = named ?? presetSettings(name === null && given.length === 0 ? FIRST_PRESET : '');
  for (const { name } of given) {
    const read = readSetting(name, params.get(name) ?? '');
    if (read.error !== undefined) errors.push(read.error);
    else Object.assign(settings, { [name]: read.value });
  }
  return { settings, view: readView(params, errors), errors };
}

/** Longest text that an address searches for. */
const MOST_FIND = 200;

/**
 * @param {URLSearchParams} params
 * @param {string[]} errors  grows by what is wrong
 * @returns {View}
 */
function readView(params, errors) {
  /** @type {View} */
  const view = {};
  const figures = readFigures(params, errors);
  if (figures) view.figures = figures;
  const text = params.get('text');
  if (text) view.text = text;
  if (params.get('of') === 'text') view.of = 'text';
  const find = params.get('find');
  if (find) view.find = find.slice(0, MOST_FIND);
  for (const name of /** @type {const} */ (['at', 'bytes'])) {
    const value = Number(params.get(name) ?? Number.NaN);
    if (Number.isInteger(value) && value >= 0) view[name] = value;
    else if (params.has(name)) errors.push(`The address’s ${name} must be a whole number from 0.`);
  }
  const zoom = readNumbers(params, 'zoom', errors);
  if (zoom && zoom.length === 2 && zoom[1] > 0) view.zoom = { from: zoom[0], span: zoom[1] };
  const place = readNumbers(params, 'select', errors);
  if (place && place.length === 2 && place.every(Number.isInteger)) view.select = { level: place[0], index: place[1] };
  const thresholds = readNumbers(params, 'thresholds', errors);
  if (thresholds) view.thresholds = thresholds;
  const fold = readNumbers(params, 'fold', errors);
  if (fold) view.fold = fold.filter(Number.isInteger);
  return view;
}

/** Numbers from 0 with commas between. @param {URLSearchParams} params @param {string} name @param {string[]} errors @returns {number[]|null} */
function readNumbers(params, name, errors) {
  const raw = params.get(name);
  if (raw === null) return null;
  const numbers = raw.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.length <= 8 && numbers.every((n) => Number.isFinite(n) && n >= 0)) return numbers;
  errors.push(`The address’s ${name} must be numbers from 0, with commas between.`);
  return null;
}

/**
 * The query of an address, "" or with its "?". Settings are written as differences from the defaults, or from a named
 * preset where that is shorter. Settings that are text are left out.
 * @param {Settings} settings
 * @param {View} view
 * @returns {string}
 */
export function writeAddress(settings, view) {
  const params = new URLSearchParams();
  // What the reader typed stays with them.
  const listed = (/** @type {Settings} */ base) =>
    differences(settings, base).filter((name) => settingOf(name)?.type !== 'text');
  const fromDefaults = listed(defaults());
  let [best, names] = ['', fromDefaults];
  for (const preset of Object.keys(PRESETS)) {
    const list = listed(presetSettings(preset));
    if (list.length < names.length || (list.length === 0 && best === '')) [best, names] = [preset, list];
  }
  if (best !== '' && !(best === FIRST_PRESET && names.length === 0)) params.set('preset', addressOf(best));
  for (const name of names) params.set(name, String(settings[name]));
  if (view.text) params.set('text', view.text);
  if (view.at !== undefined) params.set('at', String(view.at));
  if (view.bytes !== undefined) params.set('bytes', String(view.bytes));
  if (view.figures) writeFigures(view.figures, params);
  if (view.of) params.set('of', view.of);
  if (view.zoom) params.set('zoom', `${view.zoom.from},${view.zoom.span}`);
  if (view.select) params.set('select', `${view.select.level},${view.select.index}`);
  if (view.thresholds) params.set('thresholds', view.thresholds.join(','));
  if (view.fold && view.fold.length > 0) params.set('fold', view.fold.join(','));
  if (view.find) params.set('find', view.find);
  // Commas are allowed in a query, and easier to read.
  const query = params.toString().replaceAll('%2C', ',');
  return query === '' ? '' : `?${query}`;
}
