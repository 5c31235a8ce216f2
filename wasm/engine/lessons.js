/** How a language model learns from the text that it predicts, as it is compressed. */
import { Model } from './core.js';

/** @typedef {import('./settings.js').Settings} Settings */

/**
 * A way of learning, which both sides must follow. Once one was used, nothing of it may change.
 * @typedef {object} Recipe
 * @property {Partial<Settings>} model     settings of one that starts from nothing
 * @property {Partial<Settings>} settings  those of training
 * @property {{stride: number, fresh: number, kept: number, rising: number, falling: number}} lessons  as in c/learner.h
 */

/** Tables of n-grams of a model that starts from nothing. */
const NGRAMS = Object.freeze({ ngram_order: 6, ngram_rows: 8192 });
/** The flat model that starts from nothing. */
const FLAT = Object.freeze({ model_type: 'flat', num_levels: 1, hidden_size: 96, level_blocks: '1' });

/** The hierarchy that starts from nothing: one level above words. */
const WORDS = Object.freeze({
  wiring: 'residual',
  num_levels: 2,
  hidden_size: 96,
  level_blocks: '1,0',
  level_rules: 'rise',
  level_thresholds: '0.5',
  level_target_rates: '5.5',
});

/** @type {Omit<Recipe, 'model'>} */
const USUAL = Object.freeze({
  settings: {
    batch_size: 8,
    sequence_length: 64,
    carry_state: true,
    learning_rate: 0.005,
    weight_decay: 0,
    clip_norm: 1,
    dropout: 0,
    decoder_loss_weight: 1,
    uncertainty_loss_weight: 1,
    level_learning_rate_factors: '',
    seed: 1,
  },
  lessons: { stride: 256, fresh: 4, kept: 8192, rising: 3, falling: 500_000 },
});

/** The ways of learning, by the number that stands in files. @type {Readonly<Record<number, Recipe>>} */
export const RECIPES = Object.freeze({
  1: { ...USUAL, model: FLAT },
  2: {
    ...USUAL,
    model: {
      wiring: 'residual',
      num_levels: 3,
      hidden_size: 96,
      level_blocks: '1,1,0',
      byte_entropy_threshold: 10,
      level_target_rates: '5,4',
    },
  },
  3: { ...USUAL, model: { ...FLAT, ...NGRAMS } },
  4: { ...USUAL, model: { ...WORDS, ...NGRAMS } },
  5: { ...USUAL, model: { ...WORDS, ...NGRAMS, span_order: 2 } },
});

/** The newest recipe for each kind of model that learns: a fresh one, or one that was given. */
export const RECIPE_FOR = Object.freeze({ flat: 3, hierarchy: 5, model: 1 });

/**
 * A model that predicts and learns.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @param {Recipe} recipe
 * @param {{parameters?: Float32Array, parents: boolean}} options  `parameters`: what it starts from, else fresh ones
 * @returns {import('./predictor.js').Predictor|null} null where it has another number of parameters
 * @throws {import('./module.js').CoreError} `bad_setting` where the model can’t learn so, `too_big`
 */
export function createLearner(module, settings, { settings: training, lessons }, { parameters, parents }) {
  const model = new Model(module, { ...settings, ...training });
  if (parameters && parameters.length !== model.size) return null;
  if (parameters) model.setParameters(parameters);
  const { core, at } = model;
  const { call, constants } = core;
  const out = core.take(constants['sizeof ac_predictor']);
  const bytes = call.acw_stream_bytes(at);
  core.check(call.acw_stream_init(at, core.take(bytes), bytes, out));
  const stream = core.ints(out, 1)[0];
  call.acw_stream_set_parents(stream, parents ? 1 : 0);
  const { stride, fresh, kept, rising, falling } = lessons;
  const plan = core.take(constants['sizeof ac_lessons']);
  core.ints(plan, 5).set([stride, fresh, kept, rising, falling]);
  const room = call.acw_learner_bytes(at, plan);
  core.check(call.acw_learner_init(at, stream, plan, room > 0 ? core.take(room) : 0, room, out));
  return { core, at: out, stride };
}
