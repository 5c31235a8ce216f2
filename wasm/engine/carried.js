/** What the sequences of a batch carry from one window to the next, in and out of a model's memory. */

/** @typedef {import('./core.js').Model} Model */

/**
 * `states` [sequences][width] are hidden states and active parents, `rules` six numbers per sequence and level, the fields of
 * an `ac_rule_state`. Both are empty where nothing is carried.
 * @typedef {{states: Float32Array, rules: Float64Array}} Carried
 */

/** Numbers of an `ac_rule_state`. */
export const RULE_FIELDS = 6;

/** At the start of a text. @type {Readonly<Carried>} */
export const NOTHING_CARRIED = Object.freeze({ states: new Float32Array(0), rules: new Float64Array(0) });

/**
 * Works on views of each rule's state.
 * @param {Model} model
 * @param {(floats: Float32Array, ints: Int32Array, at: number) => void} work  `at`: of its first number in `rules`
 */
function eachRule({ core, at: model, sequences, rulesWidth }, work) {
  const k = core.constants;
  const first = core.call.acw_memory_rules(model);
  const floats = (k['ac_rule_state.symbol'] - k['ac_rule_state.reached']) / 4;
  for (let i = 0; i < (sequences * rulesWidth) / RULE_FIELDS; i++) {
    const at = first + i * k['sizeof ac_rule_state'];
    const ints = core.ints(at + k['ac_rule_state.symbol'], RULE_FIELDS - floats);
    work(core.floats(at + k['ac_rule_state.reached'], floats), ints, i * RULE_FIELDS);
  }
}

/** @param {Model} model @returns {Float32Array} [sequences][width] a view */
export function statesOf({ core, at, sequences, carriedWidth }) {
  return core.floats(core.call.acw_memory_states(at), sequences * carriedWidth);
}

/**
 * A copy of what a model's sequences carry.
 * @param {Model} model
 * @returns {Carried}
 */
export function readCarried(model) {
  if (!model.carries) return NOTHING_CARRIED;
  return { states: statesOf(model).slice(), rules: readRules(model) };
}

/** A copy of what the rules of a model’s sequences remember. @param {Model} model @returns {Float64Array} [sequences][levels][RULE_FIELDS] */
export function readRules(model) {
  const rules = new Float64Array(model.sequences * model.rulesWidth);
  eachRule(model, (floats, ints, i) => {
    rules.set(floats, i);
    rules.set(ints, i + floats.length);
  });
  return rules;
}

/**
 * Sets what a model's sequences carry.
 * @param {Model} model
 * @param {Carried} carried  of as many sequences; nothing carried starts them anew
 */
export function writeCarried(model, { states, rules }) {
  if (!model.carries) return;
  model.core.call.acw_forget(model.at, model.core.constants.AC_TRAIN);
  if (states.length === 0) return;
  statesOf(model).set(states);
  eachRule(model, (floats, ints, i) => {
    floats.set(rules.subarray(i, i + floats.length));
    ints.set(rules.subarray(i + floats.length, i + RULE_FIELDS));
  });
}

/**
 * What sequences carry by the news of it.
 * @param {Carried} before  may be changed
 * @param {import('./telling.js').News} news
 * @returns {Carried}
 */
export function updated(before, news) {
  if ('whole' in news) return news.whole;
  const { states } = before;
  news.at.forEach((i, k) => {
    states[i] = news.states[k];
  });
  return { states, rules: news.rules };
}
