/** The border rule as blocks: each score on top of the sum before it, until a border starts again from 0; or each by itself. */

/** @typedef {import('../traces/trace.js').LevelTrace} LevelTrace */

/**
 * Where each score's block of a level starts and ends. The first position's score is not counted, so its block is empty.
 * @param {Pick<LevelTrace, 'sum'|'border'|'known'>} level
 * @param {boolean} [adds]  whether scores add up; else each block stands on the ground
 * @returns {{from: number, to: number}[]}
 */
export function blocksOf({ sum, border, known }, adds = true) {
  return Array.from(sum.subarray(0, known), (to, t) => ({
    from: !adds || t === 0 || border[t - 1] === 1 ? 0 : sum[t - 1],
    to: Math.max(0, to),
  }));
}

/**
 * The largest sum that a plot shows: what is there, and the threshold with room to move it up.
 * @param {Pick<LevelTrace, 'sum'|'known'>|undefined} level
 * @param {number} threshold
 * @returns {number}
 */
export function scaleOf(level, threshold) {
  const most = level ? level.sum.subarray(0, level.known).reduce((a, b) => Math.max(a, b), 0) : 0;
  return Math.max(most, 1.3 * threshold, 1e-3);
}
