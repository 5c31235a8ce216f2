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
