/** Curves of several runs over one another: where everything goes. Pure, so that it can be tested without a browser. */
import { byteSize, duration, fixed, integer, significant } from '../format/numbers.js';

/** @typedef {import('../state/runs/points.js').Points} Points */
/** @typedef {import('../state/runs/points.js').Point} Point */
/** @typedef {'step'|'bytesSeen'|'elapsedMs'|'tf'} Axis  `tf`: 10¹² floating-point operations */
/** @typedef {'valDecoder'|'valEncoder'|'trainDecoder'|'trainEncoder'} Measure */
/**
 * One curve. `mark`: its letter, none where it only stands behind another; `faint`: drawn thin.
 * @typedef {{id: string, mark: string, slot: number, dashed: boolean, faint?: boolean, points: {x: number, y: number}[]}} Curve
 */
/** @typedef {{at: number, label: string}} Tick */
/**
 * @typedef {object} Overlay
 * @property {{left: number, right: number, top: number, bottom: number}} plot  pixels
 * @property {Tick[]} xTicks
 * @property {Tick[]} yTicks
 * @property {(Curve & {path: string, end: {x: number, y: number, labelY: number}})[]} lines
 * @property {(x: number) => number} valueAt  of the axis, at a pixel
 * @property {(x: number) => number} xAt      a pixel, of a value of the axis
 * @property {(y: number) => number} yAt
 */

/**
 * The letter of a curve.
 * @param {number} slot  its place among those that are shown
 * @returns {string}
 */
export const markOf = (slot) => 'abcdefghijkl'[slot] ?? '?';

/** Pixels around the plot. Marks stand at the right. */
const MARGIN = { left: 44, right: 22, top: 12, bottom: 28 };
/** Pixels between two marks at least. */
const MARK_HEIGHT = 13;
/** Share of a run's points that a close-up leaves out of the range. */
const EARLY = 0.25;

/** @type {Record<Axis, {label: string, text: (value: number) => string}>} */
export const AXES = {
  step: { label: 'step', text: integer },
  bytesSeen: { label: 'bytes seen', text: byteSize },
  elapsedMs: { label: 'time in training', text: duration },
  tf: { label: 'arithmetic', text: (tf) => `${significant(tf)} TF` },
};

/** Between the values of two curves. */
const BETWEEN = '   ';

/** What a curve has at a point. @param {string} mark @param {number} y @param {number} x @param {Axis} axis @returns {string} */
const valueAt = (mark, y, x, axis) => `${mark}: ${fixed(y, 3)} at ${AXES[axis].text(x)}`;

/**
 * What curves have at points.
 * @param {readonly {mark: string, x: number, y: number}[]} points
 * @param {Axis} axis
 * @returns {string}
 */
export const readout = (points, axis) => points.map(({ mark, x, y }) => valueAt(mark, y, x, axis)).join(BETWEEN);

/** How values can be had. */
const HOW = 'Point, or press the arrow keys, for values.';
/** What is said below a chart while nothing is pointed at. */
export const IDLE = Object.freeze({
  runs: `Solid: hierarchies. Dashed: models without one. Letters are those of the table below. ${HOW}`,
  comparison: `Held-out bits a byte, the first quarter left out. Thin: each seed; thick: their mean; dashed: what the others are compared with. ${HOW}`,
  study: (/** @type {string} */ reference) =>
    `In training, the first quarter left out. Thin: each seed; thick: their mean; dashed: ${reference}. ${HOW}`,
});

/** @type {Record<Measure, string>} */
export const MEASURES = {
  valDecoder: 'decoder, held out',
  valEncoder: 'encoder, held out',
  trainDecoder: 'decoder, in training',
  trainEncoder: 'encoder, in training',
};

/**
 * A run's points as one curve.
 * @param {Points} points
 * @param {Axis} axis
 * @param {Measure} measure
 * @param {(step: number) => number} [spent]  arithmetic up to a step
 * @returns {{x: number, y: number}[]}
 */
export function curvePoints(points, axis, measure, spent = () => Number.NaN) {
  const list = measure.startsWith('val') ? points.validation : points.train;
  const field = measure.endsWith('Decoder') ? 'decoderBpb' : 'encoderBpb';
  return list
    .map((point) => ({ x: axis === 'tf' ? spent(point.step) : point[axis], y: point[field] }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
}

/**
 * Round numbers from `low` to `high`, about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 * @param {readonly number[]} [intervals]  that are round, besides powers of ten
 * @returns {number[]}
 */
export function roundNumbers(low, high, count, intervals = [1, 2, 5, 10]) {
  const rough = Math.max((high - low) / Math.max(1, count), Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = (intervals.find((s) => s * power >= rough) ?? 10) * power;
  const numbers = [];
  for (let i = Math.ceil(low / interval - 1e-9); i * interval <= high + interval * 1e-9; i++)
    numbers.push(i * interval + 0);
  return numbers;
}

/** Times that are round on a clock, in milliseconds. */
const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400].map((s) => s * 1000);

/** @param {Axis} axis @param {number} high @param {number} count */
function xNumbers(axis, high, count) {
  if (axis !== 'elapsedMs') return roundNumbers(0, high, count).filter((x) => axis !== 'step' || Number.isInteger(x));
  const interval = CLOCK.find((s) => high / s <= count) ?? 86_400_000 * Math.ceil(high / 86_400_000 / count);
  return Array.from({ length: Math.floor(high / interval) + 1 }, (_, i) => i * interval);
}

/** @param {Curve[]} curves @param {boolean} closeUp @returns {[number, number]} */
function range(curves, closeUp) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of curves) {
    const from = closeUp ? Math.floor(points.length * EARLY) : 0;
    for (const { y } of points.slice(Math.min(from, points.length - 1))) {
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
  }
  if (!(low <= high)) return [0, 8];
  const room = Math.max((high - low) * 0.08, 0.02);
  return [Math.max(0, low - room), high + room];
}

/** Moves marks apart, from the top down, then back up where they ran out of room. @param {Overlay['lines']} lines @param {number} bottom */
function spreadMarks(lines, bottom) {
  const ends = lines.map(({ end }) => end).sort((a, b) => a.y - b.y);
  let least = Number.NEGATIVE_INFINITY;
  for (const end of ends) {
    end.labelY = Math.max(end.y, least);
    least = end.labelY + MARK_HEIGHT;
  }
  let most = bottom;
  for (const end of ends.reverse()) {
    end.labelY = Math.min(end.labelY, most);
    most = end.labelY - MARK_HEIGHT;
  }
}

/**
 * @param {Curve[]} curves
 * @param {{width: number, height: number, axis: Axis, closeUp: boolean}} options  pixels
 * @returns {Overlay}
 */
export function layoutOverlay(curves, { width, height, axis, closeUp }) {
  const plot = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const [low, high] = range(curves, closeUp);
  const ends = curves.flatMap(({ points }) => points.slice(-1).map(({ x }) => x));
  const most = Math.max(axis === 'tf' ? Number.MIN_VALUE : 1, ...ends);
  const [w, h] = [plot.right - plot.left, plot.bottom - plot.top];
  const xAt = (/** @type {number} */ x) => plot.left + (w * x) / most;
  const yAt = (/** @type {number} */ y) => plot.bottom - (h * (y - low)) / (high - low);
  const round = (/** @type {number} */ n) => Math.round(n * 10) / 10;
  const lines = curves
    .filter(({ points }) => points.length > 0)
    .map((curve) => {
      const path = curve.points
        .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(xAt(x))} ${round(yAt(y))}`)
        .join('');
      const last = curve.points[curve.points.length - 1];
      const y = Math.min(plot.bottom, Math.max(plot.top, yAt(last.y)));
      return { ...curve, path, end: { x: xAt(last.x), y, labelY: y } };
    });
  spreadMarks(
    lines.filter(({ mark }) => mark !== ''),
    plot.bottom,
  );
  const yNumbers = roundNumbers(low, high, Math.max(2, h / 32));
  const digits = yNumbers.length > 1 && yNumbers[1] - yNumbers[0] < 0.1 ? 2 : 1;
  return {
    plot,
    xTicks: xNumbers(axis, most, Math.max(2, w / 110)).map((x) => ({ at: xAt(x), label: AXES[axis].text(x) })),
    yTicks: yNumbers.map((y) => ({ at: yAt(y), label: fixed(y, digits) })),
    lines,
    valueAt: (x) => Math.max(0, Math.min(most, ((x - plot.left) / w) * most)),
    xAt,
    yAt,
  };
}

/**
 * Where a key takes the cursor: along all values at which a curve has a point, or to their ends.
 * @param {readonly Curve[]} curves
 * @param {number|null} at  the cursor, a value of the axis; null while there is none
 * @param {string} key      as keyboards name it
 * @returns {number|null} the next value of the axis; null where the key means nothing here
 */
export function walkCurves(curves, at, key) {
  const values = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  if (values.length === 0) return null;
  const [first, last] = [values[0], values[values.length - 1]];
  if (key === 'Home') return first;
  if (key === 'End') return last;
  if (key === 'ArrowRight') return values.find((x) => at === null || x > at) ?? last;
  if (key === 'ArrowLeft') return values.findLast((x) => at === null || x < at) ?? first;
  return null;
}

/**
 * The point of a curve that is nearest to a value of the axis.
 * @param {Curve} curve
 * @param {number} x
 * @returns {{x: number, y: number}}
 */
export function nearest({ points }, x) {
  let best = points[0];
  for (const point of points) if (Math.abs(point.x - x) < Math.abs(best.x - x)) best = point;
  return best;
}
