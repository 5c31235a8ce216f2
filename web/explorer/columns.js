/** Rows of numbers as columns of pixels: what each column holds of a row that is longer than there are pixels. */
import { firstAtLeast } from '../hierarchy/spans.js';
import { emptySummary } from './pyramid.js';

/** @typedef {import('./axis.js').Axis} Axis */
/** @typedef {import('./pyramid.js').Pyramid} Pyramid */
/** @typedef {import('./pyramid.js').Summary} Summary */

/** Pixels of a column. */
export const COLUMN = 1;

/**
 * Visits the columns of an axis with what lies in each of bytes. The summary is reused.
 * @param {Axis} axis
 * @param {{pyramid: Pyramid, values: ArrayLike<number>, ends?: Uint32Array}} row  with `ends`, the row is of tokens that end there
 * @param {number} count  values that are there
 * @param {(x: number, summary: Summary) => void} visit
 * @param {number} [column]  pixels
 */
export function eachColumn({ left, width, window }, { pyramid, values, ends }, count, visit, column = COLUMN) {
  const out = emptySummary();
  const step = (window.span / width) * column;
  const place = (/** @type {number} */ byte) => (ends ? firstAtLeast(ends, byte, count) : byte);
  const columns = Math.ceil(width / column);
  let from = place(Math.floor(window.from));
  for (let i = 0; i < columns; i++) {
    const to = place(Math.floor(window.from + (i + 1) * step));
    // A column without a value of its own shows the one that it lies in.
    pyramid.range(values, from, Math.max(to, from + 1), out);
    if (from >= count) return;
    if (out.n > 0) visit(left + i * column, out);
    from = to;
  }
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
  const step = (window.span / width) * column;
  let before = firstAtLeast(ends, Math.floor(window.from));
  for (let i = 0; i < counts.length; i++) {
    const next = firstAtLeast(ends, Math.floor(window.from + (i + 1) * step));
    counts[i] = next - before;
    before = next;
  }
  return counts;
}
