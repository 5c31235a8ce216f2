/**
 * Operations of the tape that move or average whole rows: picking, stacking, cutting columns.
 */

import { gradientOf } from './tape.js';

/** @typedef {import('./tape.js').Tape} Tape */
/** @typedef {import('./tape.js').Matrix} Matrix */

/** @param {Matrix} m @param {number} r @returns {Float64Array} a view of row r, [cols] */
export function rowOf(m, r) {
  return m.data.subarray(r * m.cols, (r + 1) * m.cols);
}

/**
 * The mean of each row.
 * @param {Tape} tape
 * @param {Matrix} a  [N][C]
 * @returns {Matrix} [N][1]
 */
export function rowMeans(tape, a) {
  const means = new Float64Array(a.rows);
  for (let r = 0; r < a.rows; r++) means[r] = rowOf(a, r).reduce((sum, x) => sum + x, 0) / a.cols;
  return tape.record(a.rows, 1, means, (dy) => {
    const da = gradientOf(a);
    for (let i = 0; i < da.length; i++) da[i] += dy[Math.floor(i / a.cols)] / a.cols;
  });
}

/**
 * A range of columns.
 * @param {Tape} tape
 * @param {Matrix} a  [N][C]
 * @param {number} from
 * @param {number} count
 * @returns {Matrix} [N][count]
 */
export function columns(tape, a, from, count) {
  const y = new Float64Array(a.rows * count);
  for (let r = 0; r < a.rows; r++) y.set(rowOf(a, r).subarray(from, from + count), r * count);
  return tape.record(a.rows, count, y, (dy) => {
    const da = gradientOf(a);
    for (let r = 0; r < a.rows; r++) for (let c = 0; c < count; c++) da[r * a.cols + from + c] += dy[r * count + c];
  });
}

/**
 * Rows picked by index, in any order, repeats allowed; index −1 gives a row of zeros.
 * @param {Tape} tape
 * @param {Matrix} a  [N][C]
 * @param {ArrayLike<number>} indices  M of them
 * @returns {Matrix} [M][C]
 */
export function gather(tape, a, indices) {
  const picked = Array.from(indices);
  if (picked.some((r) => r < -1 || r >= a.rows)) throw new Error(`A row index is outside [${a.rows}].`);
  const y = new Float64Array(picked.length * a.cols);
  picked.forEach((r, m) => {
    if (r >= 0) y.set(rowOf(a, r), m * a.cols);
  });
  return tape.record(picked.length, a.cols, y, (dy) => {
    picked.forEach((r, m) => {
      if (r < 0) return;
      const da = gradientOf(a);
      for (let c = 0; c < a.cols; c++) da[r * a.cols + c] += dy[m * a.cols + c];
    });
  });
}

/**
 * Matrices stacked vertically.
 * @param {Tape} tape
 * @param {Matrix[]} parts  at least one, each [N_i][C]
 * @returns {Matrix} [Σ N_i][C]
 */
export function stack(tape, parts) {
  const cols = parts[0].cols;
  if (parts.some((part) => part.cols !== cols)) throw new Error('Stacked matrices must have as many columns.');
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const y = new Float64Array(rows * cols);
  let at = 0;
  const starts = parts.map((part) => {
    y.set(part.data, at);
    at += part.data.length;
    return at - part.data.length;
  });
  return tape.record(rows, cols, y, (dy) => {
    parts.forEach((part, p) => {
      const da = gradientOf(part);
      for (let i = 0; i < da.length; i++) da[i] += dy[starts[p] + i];
    });
  });
}
