/** Long work in slices, with a turn for messages after each. */
import { tick } from './tick.js';

/** Milliseconds of work between two turns for messages, and between two pieces of generated text. */
const SLICE = 25;

/** Works until the slice is over, then lets messages in. */
export class Slices {
  #start = performance.now();
  #length;

  /** @param {number} [first]  milliseconds of the first slice, longer where short work is not to be cut */
  constructor(first = SLICE) {
    this.#length = first;
  }

  /** @returns {Promise<boolean>} whether messages had a turn */
  async turn() {
    if (performance.now() - this.#start < this.#length) return false;
    this.#length = SLICE;
    await tick();
    this.#start = performance.now();
    return true;
  }
}
