/** Which bytes a strip shows, and where: pure arithmetic of zooming and panning. Positions are bytes, fractions allowed. */

/** Bytes `from`…`from` + `span`. @typedef {{from: number, span: number}} Window */
/** Pixels from `left` on, `width` wide, show a window. @typedef {{left: number, width: number, window: Window}} Axis */

/** Bytes that are shown at least: one, with a little of its neighbours. */
export const LEAST = 2;
/** Width of a byte when a passage is first shown, in CSS pixels. */
const FIRST_CELL = 11.5;

/**
 * A window that lies inside a text.
 * @param {Window} window
 * @param {number} length  bytes of the text
 * @returns {Window}
 */
export function clampWindow({ from, span }, length) {
  const most = Math.max(LEAST, length);
  const width = Number.isFinite(span) ? Math.min(most, Math.max(LEAST, span)) : most;
  const start = Number.isFinite(from) ? Math.min(most - width, Math.max(0, from)) : 0;
  return { from: start, span: width };
}

/** The whole of a text. @param {number} length @returns {Window} */
export function wholeWindow(length) {
  return clampWindow({ from: 0, span: length }, length);
}

/** The beginning of a text with its characters readable. @param {number} length @param {number} width  pixels @returns {Window} */
export function firstWindow(length, width) {
  return clampWindow({ from: 0, span: Math.floor(width / FIRST_CELL) }, length);
}

/**
 * Closer or further, with one place staying where it is.
 * @param {Window} window
 * @param {number} factor  of the span: below 1 is closer
 * @param {number} about   byte that stays
 * @param {number} length
 * @returns {Window}
 */
export function zoomWindow({ from, span }, factor, about, length) {
  const next = clampWindow({ from: 0, span: span * factor }, length).span;
  return clampWindow({ from: about - ((about - from) * next) / span, span: next }, length);
}

/** @param {Window} window @param {number} by  bytes @param {number} length @returns {Window} */
export function panWindow({ from, span }, by, length) {
  return clampWindow({ from: from + by, span }, length);
}

/**
 * A window that shows a byte range, moved no further than it must; it keeps its span unless the range is longer.
 * @param {Window} window
 * @param {number} first
 * @param {number} end   exclusive
 * @param {number} length
 * @returns {Window}
 */
export function revealWindow({ from, span }, first, end, length) {
  // Some of what is around it too.
  const margin = Math.min(0.08 * span, Math.max(0, (span - (end - first)) / 2));
  if (end - first >= span) {
    // The end of what is too long is where its border is.
    const inside = from >= first - margin && from + span <= end + margin;
    return inside ? clampWindow({ from, span }, length) : clampWindow({ from: end + margin - span, span }, length);
  }
  if (first - margin < from) return clampWindow({ from: first - margin, span }, length);
  if (end + margin > from + span) return clampWindow({ from: end + margin - span, span }, length);
  return clampWindow({ from, span }, length);
}

/**
 * A window of the same span around a byte range.
 * @param {Window} window
 * @param {number} first
 * @param {number} end
 * @param {number} length
 * @returns {Window}
 */
export function centreWindow({ span }, first, end, length) {
  return clampWindow({ from: (first + end - span) / 2, span }, length);
}

/** @param {Axis} axis @param {number} byte @returns {number} CSS pixels */
export function xAt({ left, width, window }, byte) {
  return left + ((byte - window.from) / window.span) * width;
}

/** @param {Axis} axis @param {number} x @returns {number} byte, with its fraction */
export function byteAt({ left, width, window }, x) {
  return window.from + ((x - left) / width) * window.span;
}

/** Pixels of a byte. @param {Axis} axis @returns {number} */
export function cellOf({ width, window }) {
  return width / window.span;
}

/**
 * Whole bytes that are at least partly shown, `to` exclusive.
 * @param {Window} window
 * @param {number} length
 * @returns {{from: number, to: number}}
 */
export function bytesShown({ from, span }, length) {
  return { from: Math.max(0, Math.floor(from)), to: Math.min(length, Math.ceil(from + span)) };
}

/**
 * Positions of a ruler's marks: round numbers, at least `apart` pixels from one another.
 * @param {Axis} axis
 * @param {number} apart  pixels
 * @param {number} length
 * @returns {{interval: number, marks: number[]}}
 */
export function ruler({ width, window }, apart, length) {
  const least = (apart / width) * window.span;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  const interval = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? 10 * power;
  const marks = [];
  const end = Math.min(length, window.from + window.span);
  for (let at = Math.ceil(window.from / interval) * interval; at <= end; at += interval) marks.push(at);
  return { interval, marks };
}
