/** Rows of numbers as columns of pixels: what each column holds of a row that is longer than there are pixels. */

import { emptySummary } from '../traces/pyramid.js';
import { firstAtLeast } from '../traces/spans.js';

/** @typedef {import('../traces/axis.js').Axis} Axis */

/** A row of numbers, one a byte; with `ends`, one a token that ends there. @typedef {{pyramid: import('../traces/pyramid.js').Pyramid, values: ArrayLike<number>, ends?: Uint32Array}} Row */

/** Of a byte: what rounding may take from the end of a column, so that no byte falls between two. */
const ROUNDING = 1e-6;

/** Least, largest and mean of each column, NaN where there is nothing. @typedef {{count: number, min: Float32Array, max: Float32Array, mean: Float32Array}} Columns */

/** What was computed last of each row: pointing draws the same columns again and again. @type {WeakMap<object, {of: unknown[], columns: Columns}>} */
const latest = new WeakMap();

/**
 * @param {Axis} axis
 * @param {Row} row  whose pyramid has taken in what is to be seen
 * @param {number} count  values that are there
 * @returns {Columns} one a pixel; not to be written to
 */
export function columnsOf(axis, row, count) {
  const { width, window } = axis;
  const of = [width, window.from, window.span, row.values, row.ends?.length, count, row.pyramid.revision];
  const known = latest.get(row.pyramid);
  if (known && of.every((value, i) => value === known.of[i])) return known.columns;
  const columns = compute(axis, row, count);
  latest.set(row.pyramid, { of, columns });
  return columns;
}

/** @param {Axis} axis @param {Row} row @param {number} count @returns {Columns} */
function compute({ width, window }, { pyramid, values, ends }, count) {
  const n = Math.ceil(width);
  const columns = {
    count: n,
    min: new Float32Array(n).fill(Number.NaN),
    max: new Float32Array(n).fill(Number.NaN),
    mean: new Float32Array(n).fill(Number.NaN),
  };
  const perPixel = window.span / width;
  const place = (/** @type {number} */ byte) => (ends ? firstAtLeast(ends, byte, count) : byte);
  const out = emptySummary();
  let from = place(Math.floor(window.from));
  for (let i = 0; i < n && from < count; i++) {
    const to = place(Math.floor(window.from + (i + 1) * perPixel + ROUNDING));
    // A column without a value of its own shows the one that it lies in.
    pyramid.range(values, from, Math.max(to, from + 1), out);
    if (out.n > 0) {
      columns.min[i] = out.min;
      columns.max[i] = out.max;
      columns.mean[i] = out.sum / out.n;
    }
    from = to;
  }
  return columns;
}

/**
 * How many tokens end in each column.
 * @param {Axis} axis
 * @param {Uint32Array} ends
 * @param {number} column  pixels
 * @returns {Uint32Array}
 */
export function borderCounts({ width, window }, ends, column) {
  const counts = new Uint32Array(Math.ceil(width / column));
  const perPixel = (window.span / width) * column;
  let before = firstAtLeast(ends, Math.floor(window.from));
  for (let i = 0; i < counts.length; i++) {
    const next = firstAtLeast(ends, Math.floor(window.from + (i + 1) * perPixel + ROUNDING));
    counts[i] = next - before;
    before = next;
  }
  return counts;
}
