/**
 * Which bytes and tokens belong together. Token j of a level is the state at a border of the level below and stands for
 * what was read since the border before: it ends at its border and starts after the one before. Position 0 of every
 * level is a border, so the first token of each level is the first byte alone. In the residual wiring a token starts at its
 * border and ends before the next.
 */

/** @typedef {import('./trace.js').Trace} Trace */
/** A byte (level 0) or a token. @typedef {{level: number, index: number}} Place */
/** For each level the last byte of each token; level 0 has none listed, a byte ends at itself. @typedef {Uint32Array[]} Ends */

/**
 * The last byte of each token. In the residual wiring a token conditions its border's own position, so there it stands for
 * what follows up to the next border; else for what was read since the border before.
 * @param {Trace} trace
 * @returns {Ends} views where they can be
 */
export function tokenEnds(trace) {
  if (trace.manner.residual) {
    return trace.levels.map(({ end, count }, level) => {
      if (level === 0) return new Uint32Array();
      const ends = Uint32Array.from({ length: count }, (_, j) => end[j + 1] - 1);
      if (count > 0) ends[count - 1] = trace.count - 1;
      return ends;
    });
  }
  return trace.levels.map(({ end, count }, level) => (level === 0 ? new Uint32Array() : end.subarray(0, count)));
}

/**
 * The first of `count` ascending values that is at least `value`; `count` where none is.
 * @param {ArrayLike<number>} values
 * @param {number} value
 * @param {number} [count]
 * @returns {number}
 */
export function firstAtLeast(values, value, count = values.length) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {Place|null} a @param {Place|null} b @returns {boolean} whether both are the same, or none */
export const samePlace = (a, b) => a?.level === b?.level && a?.index === b?.index;

/** @param {Ends} ends @param {Place} place @returns {number} its first byte */
export function firstByte(ends, { level, index }) {
  if (level === 0) return index;
  return index === 0 ? 0 : ends[level][index - 1] + 1;
}

/** @param {Ends} ends @param {Place} place @returns {number} its last byte */
export function lastByte(ends, { level, index }) {
  return level === 0 ? index : ends[level][index];
}

/** @param {Ends} ends @param {Place} place @returns {{from: number, to: number}} its bytes, both inclusive */
export function bytesOf(ends, place) {
  return { from: firstByte(ends, place), to: lastByte(ends, place) };
}

/** @param {Ends} ends @param {number} level @param {number} byte @returns {Place|null} null after the level's last border */
export function placeAt(ends, level, byte) {
  if (level === 0) return { level, index: byte };
  const index = firstAtLeast(ends[level], byte);
  return index < ends[level].length ? { level, index } : null;
}

/** The token of the next level that came last, at a position or before it. @param {Trace} trace @param {Place} place @returns {Place|null} */
function latestAbove(trace, { level, index }) {
  const { source, count } = trace.levels[level + 1];
  const j = firstAtLeast(source, index + 1, count) - 1;
  return j >= 0 ? { level: level + 1, index: j } : null;
}

/** @param {Trace} trace @param {Place} place @returns {Place|null} the token of the next level that it is part of */
export function parentOf(trace, { level, index }) {
  const above = trace.levels[level + 1];
  if (!above) return null;
  if (trace.manner.residual) return latestAbove(trace, { level, index });
  const j = firstAtLeast(above.source, index, above.count);
  return j < above.count ? { level: level + 1, index: j } : null;
}

/** @param {Trace} trace @param {Place} place  a token @returns {{from: number, to: number}} positions of the level below, both inclusive */
export function childrenOf(trace, { level, index }) {
  const { source, count } = trace.levels[level];
  if (trace.manner.residual) {
    const next = index + 1 < count ? source[index + 1] : trace.levels[level - 1].count;
    return { from: source[index], to: next - 1 };
  }
  return { from: index === 0 ? 0 : source[index - 1] + 1, to: source[index] };
}

/** @param {Trace} trace @param {Place} place @returns {Place[]} it and everything it is part of, upwards */
export function pathOf(trace, place) {
  const path = [place];
  for (let next = parentOf(trace, place); next; next = parentOf(trace, next)) path.push(next);
  return path;
}

/**
 * The token whose state is added to a position: the last one that came from before it. None at a border itself, nor while
 * only a level's first token is there, but for the residual wiring.
 * @param {Trace} trace
 * @param {Place} place
 * @returns {Place|null}
 */
export function conditionOf(trace, { level, index }) {
  const above = trace.levels[level + 1];
  if (!above) return null;
  // In the residual wiring a border has the parent that it makes, and the first token counts.
  if (trace.manner.residual) return latestAbove(trace, { level, index });
  if (trace.levels[level].border[index] === 1) return null;
  const j = firstAtLeast(above.source, index, above.count) - 1;
  return j >= 1 ? { level: level + 1, index: j } : null;
}

/**
 * The tokens through which what is above comes down to a position: the one that conditions it, the one that conditions
 * that one, and so on upwards. Their states flow the other way.
 * @param {Trace} trace
 * @param {Place} place
 * @returns {Place[]}
 */
export function conditionsOf(trace, place) {
  const list = [];
  for (let next = conditionOf(trace, place); next; next = conditionOf(trace, next)) list.push(next);
  return list;
}

/**
 * The positions of the level below that a token's state conditions, or null where there are none.
 * @param {Trace} trace
 * @param {Place} place  a token
 * @returns {{from: number, to: number}|null} both inclusive
 */
export function conditionedBy(trace, { level, index }) {
  const { residual } = trace.manner;
  if (index === 0 && !residual) return null;
  const { source, count } = trace.levels[level];
  const from = source[index] + (residual ? 0 : 1);
  const to = (index + 1 < count ? source[index + 1] : trace.levels[level - 1].count) - 1;
  return to >= from ? { from, to } : null;
}

/**
 * The first or last byte that a token's state conditions, through the levels between; −1 where there is none.
 * @param {Trace} trace
 * @param {Place} place  a token
 * @param {boolean} last
 * @returns {number}
 */
function edgeOfReach(trace, place, last) {
  const range = conditionedBy(trace, place);
  if (!range) return -1;
  if (place.level === 1) return last ? range.to : range.from;
  const direction = last ? -1 : 1;
  for (let index = last ? range.to : range.from; index >= range.from && index <= range.to; index += direction) {
    const byte = edgeOfReach(trace, { level: place.level - 1, index }, last);
    if (byte >= 0) return byte;
  }
  return -1;
}

/**
 * The bytes that a token's state conditions, directly or through the levels between: from the first to the last, border
 * positions among them excepted.
 * @param {Trace} trace
 * @param {Place} place  a token
 * @returns {{from: number, to: number}|null} both inclusive
 */
export function bytesConditionedBy(trace, place) {
  const from = edgeOfReach(trace, place, false);
  return from < 0 ? null : { from, to: edgeOfReach(trace, place, true) };
}

/**
 * The tokens of a level that touch bytes `from`…`to` − 1, cut to them.
 * @param {Uint32Array} ends
 * @param {number} from
 * @param {number} to
 * @returns {{index: number, from: number, to: number, opens: boolean, closes: boolean}[]} `to` exclusive; `opens` and
 *   `closes`: whether the token's own first and last byte are among them
 */
export function segments(ends, from, to) {
  const list = [];
  for (let index = firstAtLeast(ends, from); index < ends.length; index++) {
    const first = index === 0 ? 0 : ends[index - 1] + 1;
    if (first >= to) break;
    const end = ends[index] + 1;
    list.push({ index, from: Math.max(first, from), to: Math.min(end, to), opens: first >= from, closes: end <= to });
  }
  return list;
}

/** A trace, and the levels that are folded away. @typedef {{trace: Trace, folded?: readonly number[]}} Shown */

/** The token above that is shown, or null. @param {Shown} shown @param {Place} place @returns {Place|null} */
export function above({ trace, folded = [] }, place) {
  let at = parentOf(trace, place);
  while (at && folded.includes(at.level)) at = parentOf(trace, at);
  return at;
}

/** The last part below that is shown; bytes always are. @param {Shown} shown @param {Place} place @returns {Place} */
export function below({ trace, folded = [] }, place) {
  let at = place;
  do {
    if (at.level > 0) at = { level: at.level - 1, index: childrenOf(trace, at).to };
  } while (at.level > 0 && folded.includes(at.level));
  return at;
}
