/** The reader's own presets: kept in this browser by name, written as JSON, read from it. Nothing that is read is trusted. */
import { signal } from '@preact/signals';
import { changesOf } from '../../wasm/engine/changes.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults, readSetting, SETTINGS } from '../../wasm/engine/settings.js';
import { isolated } from '../../wasm/files/formats/names.js';

/** What is said about presets. */
export const SAYS = Object.freeze({
  notKept: 'This browser does not keep it: it is there until the page closes. Save it as a file.',
  noName: 'A preset needs a name: type one.',
  ownOfThePage: (/** @type {string} */ name) =>
    `“${isolated(name)}” is one of the page’s own presets: choose another name.`,
  notJson: 'This file is not JSON: choose one that was saved here.',
  none: 'None yet: set what you like, and keep it here under a name.',
  chosen: 'chosen',
  remove: (/** @type {string} */ name) => `Delete the preset ${name}`,
  removed: (/** @type {string} */ name) => `“${isolated(name)}” is deleted.`,
  noPresets: 'This file holds no presets: choose one that was saved here.',
});

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */
/** Changes to the defaults, by the preset's name. @typedef {Record<string, Partial<Settings>>} OwnPresets */

const KEY = 'presets';
const FORMAT = 'adaptive-compressor presets';
const LONGEST_NAME = 60;
const MOST = 200;

/** @param {unknown} raw @returns {{presets: OwnPresets, errors: string[]}} what is wrong is left out and reported */
function readAll(raw) {
  /** @type {OwnPresets} */
  const presets = {};
  /** @type {string[]} */
  const errors = [];
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { presets, errors };
  for (const [given, changes] of Object.entries(raw).slice(0, MOST)) {
    const name = given.trim().slice(0, LONGEST_NAME);
    if (name === '' || typeof changes !== 'object' || changes === null) continue;
    /** @type {Partial<Settings>} */
    const settings = {};
    for (const [key, value] of Object.entries(changes)) {
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
      const read = readSetting(key, value);
      if (read.error === undefined) Object.assign(settings, { [key]: read.value });
      else errors.push(`In “${isolated(name)}”: ${read.error}`);
    }
    Object.defineProperty(presets, name, { value: settings, enumerable: true, configurable: true, writable: true });
  }
  return { presets, errors };
}

/** @param {OwnPresets} presets @returns {string} as a file */
export function writePresets(presets) {
  return `${JSON.stringify({ format: FORMAT, version: 1, presets }, null, 2)}\n`;
}

/**
 * @param {string} text  of a file
 * @returns {{presets: OwnPresets, errors: string[]}} `errors`: one sentence each
 */
export function parsePresets(text) {
  let raw;
  try {
    raw = JSON.parse(text);
  } catch {
    return { presets: {}, errors: [SAYS.notJson] };
  }
  if (raw?.format !== FORMAT) {
    return { presets: {}, errors: [SAYS.noPresets] };
  }
  return readAll(raw.presets);
}

/**
 * @param {import('./store.js').Store} store
 * @param {Pick<Storage, 'getItem'|'setItem'>|undefined} [storage]  where they are kept; may be forbidden
 */
export function createPresets(store, storage = browserStorage()) {
  const own = signal(/** @type {OwnPresets} */ (load(storage)));
  const problem = signal(/** @type {string|null} */ (null));

  /** @param {OwnPresets} presets */
  function keep(presets) {
    own.value = presets;
    try {
      if (!storage) throw new Error();
      storage.setItem(KEY, JSON.stringify(presets));
      problem.value = null;
    } catch {
      problem.value = SAYS.notKept;
    }
  }

  return {
    own,
    /** One sentence on what could not be done. */
    problem,
    /** The name of the own preset that the settings are exactly, if any. @returns {string|undefined} */
    chosen() {
      const settings = store.settings.value;
      return Object.keys(own.value).find((name) => {
        const preset = defaults(own.value[name]);
        return SETTINGS.every((s) => preset[s.name] === settings[s.name]);
      });
    },
    /** Keeps the settings as they are. @param {string} wanted  a name; one that is there is replaced */
    save(wanted) {
      const name = wanted.trim().slice(0, LONGEST_NAME);
      if (name === '') problem.value = SAYS.noName;
      else if (Object.values(PRESETS).some(({ label }) => label.toLowerCase() === name.toLowerCase()))
        problem.value = SAYS.ownOfThePage(name);
      else {
        keep({ ...own.value, [name]: changesOf(store.settings.value) });
        return true;
      }
      return false;
    },
    /** @param {string} name */
    choose(name) {
      store.invalid.value = {};
      store.settings.value = defaults(own.value[name]);
    },
    /** @param {string} name @returns {() => void} takes it back */
    remove(name) {
      const before = own.value;
      keep(Object.fromEntries(Object.entries(before).filter(([key]) => key !== name)));
      return () => keep({ ...own.value, [name]: before[name] });
    },
    /** @param {string} text  of a file; presets of the same name are replaced @returns {number} how many were read */
    take(text) {
      const { presets, errors } = parsePresets(text);
      const count = Object.keys(presets).length;
      if (count > 0) keep({ ...own.value, ...presets });
      if (errors.length > 0) problem.value = errors[0];
      return count;
    },
  };
}

/**
 * Where the browser keeps small things, if it may.
 * @returns {Storage|undefined}
 */
export function browserStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** @param {Pick<Storage, 'getItem'>|undefined} storage @returns {OwnPresets} */
function load(storage) {
  try {
    return readAll(JSON.parse(storage?.getItem(KEY) ?? '{}')).presets;
  } catch {
    return {};
  }
}

/** @typedef {ReturnType<typeof createPresets>} Presets */
