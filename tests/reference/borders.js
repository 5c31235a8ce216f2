/**
 * Where a level puts its borders, and which parent conditions a position. Nothing here passes a gradient.
 */

/** @typedef {import('./tape.js').Matrix} Matrix */

/** The running sum of one level: position 0 is a border, then every position at which the sum reaches the threshold. */
export class BorderRule {
  #threshold;
  #started = false;

  /** The sum since the last border, in the unit of the scores. */
  sum = 0;

  /** @param {number} threshold */
  constructor(threshold) {
    this.#threshold = threshold;
  }

  /**
   * Adds the next position.
   * @param {number} score  nats at level 0, predicted squared error above; position 0's own is not counted
   * @returns {boolean} whether the position is a border
   */
  next(score) {
    if (this.#started) this.sum += score;
    const border = !this.#started || this.sum >= this.#threshold;
    if (border) this.sum = 0;
    this.#started = true;
    return border;
  }
}

/**
 * Borders of a whole sequence by accumulated uncertainty.
 * @param {ArrayLike<number>} scores  [T]
 * @param {number} threshold
 * @returns {Uint8Array} [T], 1 at a border
 */
export function accumulatedBorders(scores, threshold) {
  const rule = new BorderRule(threshold);
  return Uint8Array.from(scores, (score) => Number(rule.next(score)));
}

/**
 * Teacher-forced borders of level 0: wherever the likeliest symbol is not the one that follows. They look at the
 * target and so leak the future.
 * @param {Matrix} logits  [T][V]
 * @param {number[]} targets  [T]
 * @returns {Uint8Array} [T]
 */
export function mistakenBorders(logits, targets) {
  return Uint8Array.from(targets, (target, t) => {
    const row = logits.data.subarray(t * logits.cols, (t + 1) * logits.cols);
    const likeliest = row.indexOf(Math.max(...row)); // the lowest index wins a tie
    return Number(t === 0 || likeliest !== target);
  });
}

/**
 * Teacher-forced borders of a higher level: wherever the squared error exceeds the threshold.
 * @param {ArrayLike<number>} errors  [T]
 * @param {number} threshold
 * @returns {Uint8Array} [T]
 */
export function exceedingBorders(errors, threshold) {
  return Uint8Array.from(errors, (error, t) => Number(t === 0 || error > threshold));
}

/**
 * @param {Uint8Array} mask  [T]
 * @returns {number[]} the positions of the borders, in order
 */
export function borderPositions(mask) {
  return Array.from(mask.keys()).filter((t) => mask[t] === 1);
}

/**
 * Which token of the level above conditions each position: the token that the last border made, unless it is the
 * level's first token or the position is that border itself.
 * @param {Uint8Array} mask  [T]
 * @returns {Int32Array} [T], −1 for none
 */
export function parentIndices(mask) {
  let last = -1;
  return Int32Array.from(mask, (border) => {
    if (border === 1) last += 1;
    return border === 1 || last < 1 ? -1 : last;
  });
}
