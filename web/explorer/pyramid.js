/**
 * Summaries of a long row of numbers, so that any part of it can be drawn in a time that its width in pixels decides and
 * not its length: least, largest and sum of 16 neighbours, of 16 such groups, and so on.
 */

/** Values that a group summarises. */
const GROUP = 16;

/** What a part of a row comes to; `n` counts what is a number. @typedef {{min: number, max: number, sum: number, n: number}} Summary */

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

/** @param {Summary} out @param {Storey} storey @param {number} group */
function addGroup(out, storey, group) {
  if (storey.n[group] === 0) return;
  out.min = Math.min(out.min, storey.min[group]);
  out.max = Math.max(out.max, storey.max[group]);
  out.sum += storey.sum[group];
  out.n += storey.n[group];
}

/** @param {Summary} out @param {ArrayLike<number>} values @param {number} from @param {number} to */
function addValues(out, values, from, to) {
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    if (value < out.min) out.min = value;
    if (value > out.max) out.max = value;
    out.sum += value;
    out.n++;
  }
}

export class Pyramid {
  /** Values that are summarised. */
  count = 0;
  /** @type {Storey[]} */
  #storeys = [];

  /**
   * Takes in what came since the last time. Costs as much as there is new.
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
      const below = this.#storeys[level - 1];
      const end = level === 0 ? count : this.#sizeAt(level - 1, count);
      for (let group = first; group < size; group++) {
        Object.assign(scratch, emptySummary());
        const [from, to] = [group * GROUP, Math.min(end, (group + 1) * GROUP)];
        if (level === 0) addValues(scratch, values, from, to);
        else for (let i = from; i < to; i++) addGroup(scratch, below, i);
        storey.min[group] = scratch.min;
        storey.max[group] = scratch.max;
        storey.sum[group] = scratch.sum;
        storey.n[group] = scratch.n;
      }
      if (size <= GROUP) break;
      [first, size] = [Math.floor(first / GROUP), Math.ceil(size / GROUP)];
    }
    this.count = count;
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
    let [low, high] = [Math.max(0, from), Math.min(this.count, to)];
    if (low >= high) return out;
    // Up the storeys: at each, what sticks out of whole groups of the next is added.
    for (let level = -1; ; level++) {
      const storey = this.#storeys[level];
      const [first, last] = [Math.ceil(low / GROUP), Math.floor(high / GROUP)];
      const done = first >= last || level + 1 >= this.#storeys.length;
      /** @param {number} a @param {number} b */
      const add = (a, b) => {
        if (level < 0) addValues(out, values, a, b);
        else for (let i = a; i < b; i++) addGroup(out, storey, i);
      };
      if (done) {
        add(low, high);
        return out;
      }
      add(low, first * GROUP);
      add(last * GROUP, high);
      [low, high] = [first, last];
    }
  }

  /** The largest of all that was taken in. @param {ArrayLike<number>} values */
  largest(values) {
    return this.range(values, 0, this.count).max;
  }
}
