/** Settings in the core's own form, and what the core says about border rules and levels. */

import { applies, levelCount } from './kinds.js';
import { entriesOf } from './lists.js';
import { Instance } from './module.js';
import { SETTINGS } from './settings.js';

/** @typedef {import('./settings.js').Settings} Settings */

/** Kinds of fields in c/config.h. */
const [INT, FLOAT] = [0, 1];

/**
 * The border rules by name: `number` in the core's table, units of the threshold at level 0 and above, whether a rule looks
 * at what is still to come, whether it reads marks that come with a text, and whether it adds scores up.
 * @param {Instance} core
 * @returns {Map<string, {number: number, units: [string, string], leaks: boolean, marked: boolean, sums: boolean}>}
 */
export function rulesOf(core) {
  const k = core.constants;
  const rules = new Map();
  for (let number = 0; ; number++) {
    const row = core.call.acw_rule(number);
    if (row === 0) return rules;
    const [name] = core.ints(row + k['ac_rule.name'], 1);
    const units = [...core.ints(row + k['ac_rule.unit'], 2)].map((at) => core.text(at));
    const leaks = core.ints(row + k['ac_rule.leaks'], 1)[0] === 1;
    const marked = core.ints(row + k['ac_rule.marked'], 1)[0] === 1;
    const sums = (core.ints(row + k['ac_rule.keeps'], 1)[0] & k.AC_KEEPS_SUM) !== 0;
    rules.set(core.text(name), { number, units, leaks, marked, sums });
  }
}

/**
 * Writes settings into an `ac_config`.
 * @param {Instance} core
 * @param {number} at  address of the struct
 * @param {Settings} settings
 */
export function writeConfig(core, at, settings) {
  core.call.acw_config_clear(at);
  const rules = rulesOf(core);
  for (let i = 0; ; i++) {
    const row = core.call.acw_config_field(i);
    if (row === 0) return;
    const [name, offset, kind, count, stride] = core.ints(row, 5);
    const setting = SETTINGS.find((s) => s.name === core.text(name));
    if (!setting) throw new Error(`The core has a field ${core.text(name)} that settings.js does not list.`);
    const given = (applies(setting, settings) ? settings[setting.name] : undefined) ?? setting.default;
    const entries = setting.type === 'list' ? entriesOf(given).slice(0, count) : [given];
    for (const [l, entry] of entries.entries()) {
      let value = Number(entry);
      if (setting.choices) value = setting.choices.indexOf(String(entry));
      // A name that is not a rule becomes a number that the core refuses.
      else if (setting.entries === 'rule') value = rules.get(String(entry))?.number ?? rules.size;
      const to = at + offset + l * stride;
      if (kind === FLOAT) core.floats(to, 1)[0] = value;
      else if (kind === INT) core.ints(to, 1)[0] = value;
      else new Uint32Array(core.memory.buffer, to, 1)[0] = value;
    }
  }
}

/**
 * Settings in memory of their own, to ask the core about them without a model.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @returns {{core: Instance, config: number}} `config`: address of the `ac_config`
 */
export function configured(module, settings) {
  const core = new Instance(module);
  const config = core.take(core.constants['sizeof ac_config']);
  writeConfig(core, config, settings);
  return { core, config };
}

/**
 * A level that puts borders: the name and number of its rule, the threshold and its unit, whether the rule looks at what is
 * still to come, whether it reads marks that come with a text, and whether it adds scores up.
 * @typedef {{rule: string, number: number, threshold: number, unit: string, leaks: boolean, marked: boolean, sums: boolean}} BorderLevel
 */

/** The shortest decimal number that rounds to this 32-bit one. @param {number} x @returns {number} */
export function shortest(x) {
  let number = x;
  for (let digits = 9; digits > 0 && Math.fround(Number(x.toPrecision(digits))) === x; digits--)
    number = Number(x.toPrecision(digits));
  return number;
}

/**
 * Reads the levels that put borders.
 * @param {Instance} core
 * @param {number} config  address of an `ac_config` that is valid
 * @param {Settings} settings  that are in it
 * @returns {BorderLevel[]}  of levels 0 to the last but one; none of a model without a hierarchy
 */
export function readLevels(core, config, settings) {
  const count = levelCount(settings) - 1;
  const k = core.constants;
  const at = core.take(k['sizeof ac_level_config']);
  const rules = [...rulesOf(core)];
  const levels = Array.from({ length: count }, (_, level) => {
    core.call.acw_config_level(config, level, at);
    const [rule, { number, units, leaks, marked, sums }] = rules[core.ints(at + k['ac_level_config.rule'], 1)[0]];
    const threshold = shortest(core.floats(at + k['ac_level_config.threshold'], 1)[0]);
    return { rule, number, threshold, unit: units[Math.min(level, 1)], leaks, marked, sums };
  });
  core.give(at, k['sizeof ac_level_config']);
  return levels;
}

/**
 * Numbers in the states of each level.
 * @param {Instance} core
 * @param {number} config  address of an `ac_config` that is valid
 * @param {Settings} settings  that are in it
 * @returns {number[]}
 */
export function readWidths(core, config, settings) {
  const k = core.constants;
  const at = core.take(k['sizeof ac_level_config']);
  const widths = Array.from({ length: levelCount(settings) }, (_, level) => {
    core.call.acw_config_level(config, level, at);
    return core.ints(at + k['ac_level_config.width'], 1)[0];
  });
  core.give(at, k['sizeof ac_level_config']);
  return widths;
}

/**
 * The levels that put borders, without a model.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @returns {BorderLevel[]} none where the settings are not valid
 */
export function borderLevelsOf(module, settings) {
  const { core, config } = configured(module, settings);
  return core.call.acw_config_check(config) === 0 ? readLevels(core, config, settings) : [];
}

/**
 * Bytes of memory that a model takes, before it is made.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @param {number} [sequences]  of the batch that one replica computes; default all
 * @returns {number} 0 where the settings are not valid
 */
export function modelBytes(module, settings, sequences = settings.batch_size) {
  const { core, config } = configured(module, settings);
  return core.call.acw_model_bytes(config, sequences);
}
