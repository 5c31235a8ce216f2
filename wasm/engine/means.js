/** Means, their errors, and paired differences. */

/** @typedef {{n: number, mean: number, error: number}} Mean  `error`: standard error, NaN with fewer than two numbers */

/**
 * @param {readonly number[]} values
 * @returns {Mean}
 */
export function meanOf(values) {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  return { n, mean, error: n < 2 ? Number.NaN : Math.sqrt(variance / n) };
}

/** The middle one of some numbers, or the mean of the two middle ones. @param {readonly number[]} list @returns {number} */
export function median(list) {
  const sorted = list.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The differences of two models' figures, seed by seed.
 * @param {ReadonlyMap<number, number>} one  figures by seed
 * @param {ReadonlyMap<number, number>} other
 * @returns {Mean} of one − other, over the seeds that both have
 */
export function pairedDifference(one, other) {
  return meanOf([...one].filter(([seed]) => other.has(seed)).map(([seed, x]) => x - Number(other.get(seed))));
}

/**
 * @param {Mean} mean
 * @param {number} [digits]
 * @returns {string} “2.116 ± 0.002”
 */
export function shownMean({ n, mean, error }, digits = 4) {
  if (n === 0) return '–';
  return `${mean.toFixed(digits)}${Number.isFinite(error) ? ` ± ${error.toFixed(digits)}` : ''}`;
}

/** Student’s t beyond which 5 of 100 means of pure chance lie, by degrees of freedom from 1; the last for all above. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/**
 * How sure a mean’s sign is. The standard error of few numbers is itself uncertain, so that it takes more of them.
 * @param {Mean} mean
 * @returns {'none'|'chance'|'likely'|'clear'} `none`: fewer than two numbers. `chance`: within two standard errors of 0.
 *   `clear`: beyond what Student’s t allows chance in 5 of 100 cases. `likely`: between the two
 */
export function certainty({ n, mean, error }) {
  if (n < 2) return 'none';
  if (!(Math.abs(mean) > 2 * error)) return 'chance';
  return Math.abs(mean) > STUDENT[Math.min(n - 1, STUDENT.length) - 1] * error ? 'clear' : 'likely';
}

/**
 * The mean of curves, point by point, as far as the shortest goes.
 * @param {readonly (readonly {x: number, y: number}[])[]} curves
 * @returns {{x: number, y: number}[]}
 */
export function meanCurve(curves) {
  const length = curves.length === 0 ? 0 : Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, i) => ({
    x: meanOf(curves.map((curve) => curve[i].x)).mean,
    y: meanOf(curves.map((curve) => curve[i].y)).mean,
  }));
}
