/** What the two border rules come to on one text with the same weights, and how far each looks ahead. */
import { levelCount } from '../kinds.js';
import { CoreError } from '../module.js';
import { checkCausality, passesWith } from './recomputing.js';

/** @typedef {import('../core.js').Model} Model */
/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {import('../protocol.js').RuleFigures} RuleFigures */

/** Bytes of a text that are looked at: checking them all takes time that grows with their square. */
const MOST = 192;

/**
 * Settings with one rule for all levels. Thresholds of levels are for the rules that they were given with.
 * @param {Settings} settings
 * @param {Settings['border_mode']} mode
 */
function withMode(settings, mode) {
  const same = settings.border_mode === mode && settings.level_rules === '';
  return {
    ...settings,
    border_mode: mode,
    level_rules: '',
    level_thresholds: same ? settings.level_thresholds : '',
  };
}

/**
 * @param {Model} model  that reads
 * @param {Settings} settings  with the rule to use
 * @param {Uint8Array} text
 * @param {import('./reading.js').Job} job
 * @returns {Promise<RuleFigures>}
 */
async function figuresOf(model, settings, text, job) {
  const n = text.length;
  const passes = passesWith(model, settings, n);
  passes.forward(text, n);
  const { losses, borders } = passes.result();
  passes.close();
  const { worst, difference, leaks } = await checkCausality(model, settings, text, job, n);
  return { decoderBpb: losses.byte_decoder / Math.LN2, borders, worst, difference, leaks };
}

/**
 * @param {Model} model  that reads
 * @param {Settings} settings
 * @param {Uint8Array} text  its first bytes count
 * @param {import('./reading.js').Job} job
 * @returns {Promise<{positions: number, uncertainty: RuleFigures, teacherForced: RuleFigures}>}
 * @throws {CoreError} `empty_text`; `bad_settings` for a model without borders
 */
export async function compareRules(model, settings, text, job) {
  if (levelCount(settings) < 2)
    throw new CoreError('bad_settings', 'This model has no borders, so there are no rules to compare.');
  const shown = text.subarray(0, MOST);
  const uncertainty = await figuresOf(model, withMode(settings, 'uncertainty'), shown, job);
  const teacherForced = await figuresOf(model, withMode(settings, 'teacher_forced'), shown, job);
  return { positions: shown.length, uncertainty, teacherForced };
}
