/** Long work in slices, with a turn for messages between two. */
import { tick } from './tick.js';

/** Milliseconds of work between two turns for messages, and between two pieces of generated text. */
const SLICE = 25;

/** Works until the slice is over, then lets messages in. */
export class Slices {
  #start = performance.now();

  /** @returns {Promise<boolean>} whether messages had a turn */
  async turn() {
    if (performance.now() - this.#start < SLICE) return false;
    await tick();
    this.#start = performance.now();
    return true;
  }
}
