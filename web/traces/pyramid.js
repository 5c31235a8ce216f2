/**
 * Summaries of a long row of numbers, so that any part of it can be drawn in a time that its width in pixels decides and
 * not its length: least, largest and sum of 16 neighbours, of 16 such groups, and so on.
 */

/** Values that a group summarises. */
const GROUP = 16;

/** The summary of a part of a row; `n` counts what is a number. @typedef {{min: number, max: number, sum: number, n: number}} Summary */

/** One storey: a group each. @typedef {{min: Float32Array, max: Float32Array, sum: Float64Array, n: Uint32Array}} Storey */

/** @returns {Summary} */
export function emptySummary() {
  return { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, sum: 0, n: 0 };
}

/** @param {Storey|null} storey @param {number} size @returns {Storey} with room for so many groups */
function withRoom(storey, size) {
  if (storey && storey.min.length >= size) return storey;
  const room = Math.max(size, 2 * (storey?.min.length ?? 0), 64);
  const next = {
    min: new Float32Array(room),
    max: new Float32Array(room),
    sum: new Float64Array(room),
    n: new Uint32Array(room),
  };
  if (storey) for (const key of /** @type {const} */ (['min', 'max', 'sum', 'n'])) next[key].set(storey[key]);
  return next;
}

/** @param {Summary} out @param {ArrayLike<number>} values @param {number} from @param {number} to */
function addValues(out, values, from, to) {
  let { min, max, sum, n } = out;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    n++;
  }
  out.min = min;
  out.max = max;
  out.sum = sum;
  out.n = n;
}

export class Pyramid {
  /** Values that are summarised. */
  count = 0;
  /** Goes up with whatever is taken in. */
  revision = 0;
  /** @type {Storey[]} */
  #storeys = [];

  /**
   * Takes in what came since the last time. Its cost grows with what is new.
   * @param {ArrayLike<number>} values
   * @param {number} count  of them that are there
   */
  extend(values, count) {
    if (count <= this.count) return;
    let [first, size] = [Math.floor(this.count / GROUP), Math.ceil(count / GROUP)];
    const scratch = emptySummary();
    for (let level = 0; ; level++) {
      const storey = withRoom(this.#storeys[level] ?? null, size);
      this.#storeys[level] = storey;
      const end = level === 0 ? count : this.#sizeAt(level - 1, count);
      for (let group = first; group < size; group++) {
        scratch.min = Number.POSITIVE_INFINITY;
        scratch.max = Number.NEGATIVE_INFINITY;
        scratch.sum = 0;
        scratch.n = 0;
        this.#add(scratch, values, level - 1, group * GROUP, Math.min(end, (group + 1) * GROUP));
        storey.min[group] = scratch.min;
        storey.max[group] = scratch.max;
        storey.sum[group] = scratch.sum;
        storey.n[group] = scratch.n;
      }
      if (size <= GROUP) break;
      [first, size] = [Math.floor(first / GROUP), Math.ceil(size / GROUP)];
    }
    this.count = count;
    this.revision++;
  }

  /** Groups of a storey over so many values. @param {number} level @param {number} count */
  #sizeAt(level, count) {
    let size = Math.ceil(count / GROUP);
    for (let l = 0; l < level; l++) size = Math.ceil(size / GROUP);
    return size;
  }

  /** Forgets what was taken in from a place on, because it changes. @param {number} from */
  touch(from) {
    this.count = Math.min(this.count, Math.max(0, from));
  }

  /**
   * The summary of values `from`…`to` − 1, exactly; what was not taken in yet does not count.
   * @param {ArrayLike<number>} values
   * @param {number} from
   * @param {number} to
   * @param {Summary} [out]  to be written over
   * @returns {Summary}
   */
  range(values, from, to, out = emptySummary()) {
    out.min = Number.POSITIVE_INFINITY;
    out.max = Number.NEGATIVE_INFINITY;
    out.sum = 0;
    out.n = 0;
    let low = Math.max(0, from);
    let high = Math.min(this.count, to);
    if (low >= high) return out;
    // Up the storeys: at each, what sticks out of whole groups of the next is added.
    for (let level = -1; ; level++) {
      const first = Math.ceil(low / GROUP);
      const last = Math.floor(high / GROUP);
      if (first >= last || level + 1 >= this.#storeys.length) {
        this.#add(out, values, level, low, high);
        return out;
      }
      this.#add(out, values, level, low, first * GROUP);
      this.#add(out, values, level, last * GROUP, high);
      low = first;
      high = last;
    }
  }

  /** Adds values (level −1), or groups of a storey. @param {Summary} out @param {ArrayLike<number>} values @param {number} level @param {number} from @param {number} to */
  #add(out, values, level, from, to) {
    if (level < 0) {
      addValues(out, values, from, to);
      return;
    }
    const { min, max, sum, n } = this.#storeys[level];
    let { min: least, max: most, sum: total, n: count } = out;
    for (let i = from; i < to; i++) {
      // Of a group without numbers, least and largest are infinite and change nothing.
      if (min[i] < least) least = min[i];
      if (max[i] > most) most = max[i];
      total += sum[i];
      count += n[i];
    }
    out.min = least;
    out.max = most;
    out.sum = total;
    out.n = count;
  }

  /** The largest of all that was taken in. @param {ArrayLike<number>} values */
  largest(values) {
    return this.range(values, 0, this.count).max;
  }
}
