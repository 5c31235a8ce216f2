/** What the sequences of a batch carry, told step by step by the worker that has them to the one that keeps what all carry. */
import { readCarried, readRules, statesOf } from './carried.js';

/** @typedef {import('./core.js').Model} Model */
/** @typedef {import('./carried.js').Carried} Carried */

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
