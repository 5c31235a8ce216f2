/**
 * The border rule of c/borders.h on the page, in the core's own arithmetic: float32. What moves a threshold sees the
 * borders of the bytes at once; levels above have to be asked for, since other tokens have other scores.
 */

/**
 * @param {ArrayLike<number>} score  of a level's positions, float32
 * @param {number} threshold
 * @returns {{sum: Float32Array, border: Uint8Array}} `sum`: after adding the score, before a reset; position 0 is a
 *   border whose score is not counted
 */
export function bordersOf(score, threshold) {
  const n = score.length;
  const limit = Math.fround(threshold);
  const sum = new Float32Array(n);
  const border = new Uint8Array(n);
  let running = 0;
  for (let t = 0; t < n; t++) {
    if (t > 0) running = Math.fround(running + score[t]);
    sum[t] = running;
    if (t === 0 || running >= limit) {
      border[t] = 1;
      running = 0;
    }
  }
  return { sum, border };
}

/**
 * A sum as blocks on top of one another: where each score's block starts and ends. The first score is not counted.
 * @param {{sum: Float32Array, border: Uint8Array}} level
 * @returns {{from: number, to: number}[]}
 */
export function blocksOf({ sum, border }) {
  return Array.from(sum, (to, t) => ({ from: t === 0 || border[t - 1] === 1 ? 0 : sum[t - 1], to }));
}

/** @typedef {import('../state/trace.js').Trace} Trace */
/** @typedef {{source: ArrayLike<number>, score: ArrayLike<number>, sum: Float32Array, border: Uint8Array}} RoutedLevel */

/** Positions of a level that are borders. @param {Uint8Array} border */
const promoted = (border) => Uint32Array.from([...border.keys()].filter((t) => border[t] === 1));

/**
 * A trace under other thresholds, as far up as it can be known: the scores of a level hold as long as its tokens are the
 * same. Its top level has no borders.
 * @param {Trace} trace  a whole one
 * @param {number[]} thresholds  one a level with borders
 * @returns {{levels: RoutedLevel[], whole: boolean}} `whole` where all levels are known
 */
export function reroute(trace, thresholds) {
  /** @type {RoutedLevel[]} */
  const levels = [];
  const { levels: traced } = trace;
  let source = Uint32Array.from({ length: trace.count }, (_, t) => t);
  for (const [l, { score, source: known, count }] of traced.entries()) {
    if (source.length !== count || source.some((s, i) => s !== known[i])) return { levels, whole: false };
    const own = score.subarray(0, count);
    if (l === traced.length - 1) {
      levels.push({ source, score: own, sum: new Float32Array(count), border: new Uint8Array(count) });
      break;
    }
    const { sum, border } = bordersOf(own, thresholds[l]);
    levels.push({ source, score: own, sum, border });
    source = promoted(border);
  }
  return { levels, whole: true };
}

/** Tokens of the level above the ones that are known: where its borders are. @param {RoutedLevel[]} levels */
export function tokensAbove(levels) {
  const top = levels.at(-1);
  return top ? promoted(top.border) : new Uint32Array();
}
