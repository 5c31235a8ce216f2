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
function statesOf({ core, at, sequences, carriedWidth }) {
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

/** A copy of what the rules of a model's sequences remember. @param {Model} model */
function readRules(model) {
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
 * What sequences carry now, for one who knows what they carried before: all of it, or only the states that are others, since of
 * what is recalled a step changes little. @typedef {{whole: Carried}|{at: Int32Array, states: Float32Array, rules: Float64Array}} News
 */

/** Tells what a model's sequences carry, after one training pass after the other, to one who keeps it. */
export class Teller {
  /** What was told, as bits. @type {Int32Array|null} */
  #told = null;
  /** Places of the slots that the sequences had come to then. @type {Int32Array} */
  #slots = new Int32Array(0);

  /** Tells all the next time, as after anything but a pass that goes on. */
  forget() {
    this.#told = null;
  }

  /** @param {Model} model  after a pass that goes on from the one that was told last @returns {News} */
  news(model) {
    const { core, at: address, sequences, carriedWidth } = model;
    const now = statesOf(model);
    const bits = new Int32Array(now.buffer, now.byteOffset, now.length);
    const slotsWidth = core.call.acw_slots_width(address);
    if (slotsWidth === 0) return { whole: readCarried(model) };
    const slots = core.ints(core.call.acw_slots(address), core.call.acw_slot_count(address));
    const latest = this.#slots;
    // Rows of a pass go time step by time step.
    this.#slots = slots.slice(-slots.length / core.call.acw_steps(address, 0));
    const told = this.#told;
    if (told?.length !== bits.length) {
      this.#told = bits.slice();
      return { whole: readCarried(model) };
    }
    /** @type {number[]} */
    const at = [];
    /** @param {number} i */
    const look = (i) => {
      // Bits are compared, so that a negative zero is told, too.
      if (bits[i] === told[i]) return;
      told[i] = bits[i];
      at.push(i);
    };
    for (let s = 0; s < sequences; s++)
      for (let i = s * carriedWidth; i < (s + 1) * carriedWidth - slotsWidth; i++) look(i);
    for (const i of latest) look(i);
    for (const i of slots) look(i);
    return { at: Int32Array.from(at), states: Float32Array.from(at, (i) => now[i]), rules: readRules(model) };
  }
}

/**
 * What sequences carry by the news of it.
 * @param {Carried} before  may be changed
 * @param {News} news
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
