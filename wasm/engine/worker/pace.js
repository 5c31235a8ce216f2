/**
 * Time spent on work that comes in like pieces: training steps, batches of an evaluation, samples. A device that sleeps, or
 * a tab that is frozen, stops in the middle of a piece, and some clocks go on meanwhile. So a piece that takes much longer
 * than usual counts as a usual one; the first of its kind has nothing to be measured by, and counts whole.
 */

/** A piece that took so many milliseconds, and so many times as long as usual, was slept through. */
const ASLEEP = 5000;
const TIMES = 20;
/** Weight of the latest piece in the running mean. */
const FRESH = 0.1;

/** Times pieces of one kind, in milliseconds. */
export class Pace {
  #start = 0;

  /** @param {() => number} now  a clock that never goes back */
  constructor(now) {
    this.now = now;
    /** What a piece usually takes; 0 before the first. */
    this.usual = 0;
  }

  /** A piece begins. */
  begin() {
    this.#start = this.now();
  }

  /** A piece ends, and the next may begin. @returns {number} the work that it was */
  lap() {
    const now = this.now();
    const took = now - this.#start;
    this.#start = now;
    if (this.usual === 0) this.usual = took;
    else if (took < ASLEEP || took < TIMES * this.usual) this.usual += FRESH * (took - this.usual);
    else return this.usual;
    return took;
  }
}
