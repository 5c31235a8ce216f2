/** The kinds of model, and which settings matter to each. */
import { settingOf } from './settings.js';

/** What every model’s byte heads choose from: bytes and the end of the text, as the core has them. */
export const SYMBOLS = 257;

/** @typedef {import('./settings.js').Setting} Setting */
/** @typedef {import('./settings.js').Settings} Settings */

/**
 * The kind of a model: the wiring of an adaptive one, else its type.
 * @param {Partial<Settings>} settings
 * @returns {string}
 */
export function kindOf({ model_type, wiring }) {
  return String(model_type === 'adaptive' ? wiring : model_type);
}

/**
 * Spans that a model has tables of: none without borders.
 * @param {Pick<Settings, 'model_type'|'wiring'|'num_levels'|'span_order'>} settings
 */
export const spansOf = (settings) =>
  kindOf(settings) === 'residual' && settings.num_levels > 1 ? settings.span_order : 0;

/**
 * Whether a model recalls: without tables of n-grams or spans there is nothing to recall by.
 * @param {Settings} settings
 */
export const recalls = (settings) =>
  settings.recall && isResidual(settings) && (settings.ngram_order > 1 || spansOf(settings) > 0);

/**
 * Whether a residual stream scores bytes by the entropy of a head of its encoder. Without borders nothing is scored.
 * @param {Partial<Settings>} settings
 */
export const scoresByEncoder = (settings) =>
  settings.encoder_scores === true && kindOf(settings) === 'residual' && Number(settings.num_levels) > 1;

/**
 * Whether a setting matters to a kind of model. Where it does not, it has no effect.
 * @param {Setting} setting
 * @param {Partial<Settings>} settings  that say which kind
 * @returns {boolean}
 */
export function applies({ only }, settings) {
  return !only || [kindOf(settings), settings.model_type].some((kind) => kind !== undefined && only.includes(kind));
}

/**
 * Whether a model is a residual stream, with levels or flat.
 * @param {Partial<Settings>} settings
 * @returns {boolean}
 */
export const isResidual = (settings) => ['residual', 'flat'].includes(kindOf(settings));

/**
 * Levels of a model, bytes included; models without a hierarchy have one.
 * @param {Settings} settings
 * @returns {number}
 */
export function levelCount({ model_type, num_levels }) {
  return model_type === 'adaptive' ? num_levels : 1;
}

/**
 * Whether a model predicts the next byte once: the encoder has a head, too, in the prototype's wiring and where it scores
 * bytes.
 * @param {Partial<Settings>} settings
 * @returns {boolean}
 */
export const hasOneHead = (settings) => kindOf(settings) !== 'mirror' && !scoresByEncoder(settings);

/**
 * Whether each window goes on from the one before.
 * @param {Settings} settings
 * @returns {boolean}
 */
export function carriesState(settings) {
  const setting = settingOf('carry_state');
  return settings.carry_state === true && setting !== undefined && applies(setting, settings);
}

/**
 * What a model is compared with: the hierarchy with a model without one, and the other way round.
 * @param {Settings} settings
 * @returns {Partial<Settings>} changes to them
 */
export function counterpartOf(settings) {
  /** @type {Record<string, Partial<Settings>>} */
  const others = {
    mirror: { model_type: 'baseline' },
    residual: { model_type: 'flat' },
    baseline: { model_type: 'adaptive', wiring: 'mirror' },
    flat: { model_type: 'adaptive', wiring: 'residual', num_levels: Math.max(2, settings.num_levels) },
  };
  return others[kindOf(settings)];
}
