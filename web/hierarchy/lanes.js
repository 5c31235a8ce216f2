/**
 * Draws lanes: text, entropy, running sums, spans. The reading view’s lines and the explorer’s strip both do it here. Uses
 * only calls that canvas and SvgContext share. What is too dense to be drawn one by one is in explorer/paint.js.
 */
import { cellOf, xAt } from '../traces/axis.js';
import { segments } from '../traces/spans.js';
import { addsUp } from '../traces/trace.js';
import { levelColour } from './palette.js';
import { rounded } from './rounded.js';

/** What canvas and SvgContext have in common. @typedef {CanvasRenderingContext2D|import('../export/svg_context.js').SvgContext} Context */
/** Where a lane is, in CSS pixels. @typedef {{y: number, height: number}} Lane */
/** A token’s bytes that are shown. @typedef {ReturnType<typeof segments>[number]} Span */

/**
 * A stretch of a text: bytes `from`…`to` − 1.
 * @typedef {object} Stretch
 * @property {Context} context  scaled to CSS pixels
 * @property {import('../traces/trace.js').Trace} trace
 * @property {import('../traces/spans.js').Ends} ends
 * @property {import('./palette.js').Palette} palette
 * @property {import('../traces/axis.js').Axis} axis
 * @property {number} from
 * @property {number} to
 * @property {number} apart     pixels from a box’s edge to its border
 * @property {number} round     radius of its corners
 * @property {boolean} [rises]  whether it shows its part of the running sum
 * @property {Set<string>} [lit]  tokens that stand out, as "level:index"; where there are some, the others fade
 */

/** Bits that fill a bar, or shade a character fully. */
export const MOST_BITS = 10;

/** @param {number} sum @param {number|undefined} threshold @returns {number} of a lane’s height, at most all of it */
export const share = (sum, threshold = 0) => (threshold > 0 ? Math.max(0, Math.min(1, sum / threshold)) : 1);

/** @param {Context} context @param {string} colour @param {number} alpha @param {number[]} dash @param {number} from @param {number} to @param {number} y */
function dashes(context, colour, alpha, dash, from, to, y) {
  context.strokeStyle = colour;
  context.globalAlpha = alpha;
  context.lineWidth = 1;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(from, y);
  context.lineTo(to, y);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** The line of a running sum’s threshold, above the lane. @param {Stretch} stretch @param {Lane} lane @param {number} level */
export function paintThreshold({ context, axis, palette }, { y }, level) {
  dashes(context, levelColour(palette, level), 0.75, [3, 3], axis.left, axis.left + axis.width, y - 0.5);
}

/** A level’s running sum, rising to its threshold and starting again. @param {Stretch} stretch @param {Lane} lane @param {number} level @param {number} first  token, or byte at level 0 @param {number} end  exclusive */
export function paintTeeth({ context, axis, palette, trace, ends }, { y, height }, level, first, end) {
  const { sum, border } = trace.levels[level];
  const threshold = trace.thresholds[level];
  const adds = addsUp(trace, level);
  const bottom = y + height;
  const top = (/** @type {number} */ i) => bottom - height * share(sum[i], threshold);
  const right = (/** @type {number} */ i) => xAt(axis, i < 0 ? 0 : (level === 0 ? i : ends[level][i]) + 1);
  /** The same line twice: once closed along the bottom and filled, once as it is. @param {boolean} closed */
  const line = (closed) => {
    context.beginPath();
    for (let i = first; i < end; i++) {
      const starts = i === 0 || (adds && border[i - 1] === 1);
      const [x, from] = [right(i - 1), starts ? bottom : top(i - 1)];
      if (i === first && closed) context.moveTo(x, bottom);
      if (closed) context.lineTo(x, from);
      else if (i === first || starts) context.moveTo(x, from);
      context.lineTo(right(i), top(i));
      if (adds && border[i] === 1) context.lineTo(right(i), bottom);
    }
    if (closed && end > first) context.lineTo(right(end - 1), bottom);
  };
  context.fillStyle = context.strokeStyle = levelColour(palette, level);
  line(true);
  context.globalAlpha = palette.dark ? 0.24 : 0.16;
  context.fill();
  line(false);
  // Teeth close together would run into one another.
  const close = end - first > axis.width / 2;
  context.globalAlpha = close ? 0.7 : 1;
  context.lineWidth = close ? 0.75 : 1.25;
  context.lineJoin = 'round';
  context.stroke();
}

/**
 * A bar for each byte.
 * @param {Stretch} stretch
 * @param {ArrayLike<number>} values
 * @param {Lane & {gap: number, most: number, colour: string, alpha: number, down?: boolean}} how  `gap`: pixels between bars; `most`: of a full one; `down`: they hang
 */
export function paintBars({ context, axis, from, to }, values, { y, height, gap, most, colour, alpha, down }) {
  context.fillStyle = colour;
  context.globalAlpha = alpha;
  context.beginPath();
  for (let byte = from; byte < to; byte++) {
    const tall = Math.max(1, height * Math.min(1, values[byte] / most));
    if (tall) context.rect(xAt(axis, byte) + gap / 2, down ? y : y + height - tall, cellOf(axis) - gap, tall);
  }
  context.fill();
  context.globalAlpha = 1;
}

/**
 * Characters, shaded by the bits that they cost.
 * @param {Stretch} stretch
 * @param {Lane} lane
 * @param {Iterable<import('../format/bytes.js').Cluster>} clusters
 * @param {number} size  of the font, in pixels
 */
export function paintText({ context, axis, palette, trace, from, to }, { y, height }, clusters, size) {
  const cell = cellOf(axis);
  context.fillStyle = palette.decoder;
  for (let byte = Math.max(1, from); byte < to; byte++) {
    const bits = trace.decoderBits[byte - 1];
    if (!(bits > 0.05)) continue;
    context.globalAlpha = Math.min(1, bits / MOST_BITS) * (palette.dark ? 0.5 : 0.36);
    context.fillRect(xAt(axis, byte), y, cell, height);
  }
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { from: first, length, text, kind } of clusters) {
    const quiet = kind !== 'char';
    const named = quiet && text.length > 1;
    const [x, width] = [xAt(axis, first), length * cell];
    const own = named ? Math.min(size * 0.56, (1.6 * width) / text.length) : size * (quiet ? 0.8 : 1);
    context.globalAlpha = first < to ? (kind === 'space' ? 0.6 : 1) : 0.4;
    context.fillStyle = quiet ? palette.faint : palette.ink;
    context.font = `${Math.round(10 * own) / 10}px ${palette.mono}`;
    context.fillText(text, x + width / 2, y + height / 2 + 1, named ? width - 1 : undefined);
    if (length > 1) {
      context.globalAlpha = 0.6;
      context.fillRect(x + 2, y + height - 2, width - 4, 1);
    }
  }
  context.globalAlpha = 1;
}

/** Where a box is. @param {Stretch} stretch @param {Span} span @returns {[number, number]} its left edge and width */
export function boxOf({ axis, apart }, { from, to, opens, closes }) {
  const x = xAt(axis, from) + (opens ? apart : 0);
  return [x, xAt(axis, to) - (closes ? apart : 0) - x];
}

/** A level’s tokens as boxes. @param {Stretch} stretch @param {Lane} lane @param {number} level @returns {Span[]} what has a box */
export function paintBoxes(stretch, lane, level) {
  const { context, palette, ends, from, to, lit } = stretch;
  const { y, height } = lane;
  const spans = segments(ends[level], from, to);
  context.fillStyle = context.strokeStyle = levelColour(palette, level);
  for (const bright of [false, true]) {
    const some = spans.filter(({ index }) => !!lit?.has(`${level}:${index}`) === bright);
    const strength = lit?.size && !bright ? 0.55 : 1;
    /** Boxes are round only where the token itself begins or ends. @param {number} inset */
    const boxes = (inset) => {
      context.beginPath();
      for (const span of some) {
        const [x, all] = boxOf(stretch, span);
        const width = Math.max(0.75, all - 2 * inset);
        const round = width > 6 ? (height > 12 ? stretch.round : 1) : 0;
        const [l, r] = [span.opens ? round : 0, span.closes ? round : 0];
        rounded(context, x + inset, y + inset, width, height - 2 * inset, [l, r, r, l]);
      }
    };
    boxes(0);
    context.globalAlpha = (bright ? 0.5 : palette.dark ? 0.22 : 0.17) * strength;
    context.fill();
    if (stretch.rises && ramps(stretch, some, lane, level)) {
      context.globalAlpha = (bright ? 0.9 : 0.42) * strength;
      context.fill();
    }
    boxes(0.5);
    context.globalAlpha = (height > 12 ? 1 : 0.8) * strength;
    context.lineWidth = bright ? 2 : 1;
    context.stroke();
  }
  context.globalAlpha = 1;
  return spans;
}

/** A line where no border is yet. @param {Stretch} stretch @param {Lane} lane @param {number} level */
export function paintPending({ context, axis, palette, ends, to }, { y, height }, level) {
  const x = Math.max(axis.left, xAt(axis, (ends[level].at(-1) ?? -1) + 1)) + 1;
  const end = Math.min(axis.left + axis.width, xAt(axis, to));
  if (end - x >= 3) dashes(context, levelColour(palette, level), 0.5, [2, 3], x, end, y + height - 0.5);
}

/** How far each token raises its level’s sum, over the token’s width, as a path. @param {Stretch} stretch @param {Span[]} spans @param {Lane} lane @param {number} level @returns {boolean} whether there is any */
function ramps(stretch, spans, { y, height }, level) {
  const { context, trace, ends } = stretch;
  const { known, sum, border } = trace.levels[level];
  const threshold = trace.thresholds[level];
  if (level === trace.levels.length - 1 || !addsUp(trace, level)) return false;
  context.beginPath();
  for (const span of spans) {
    const { index, from, to } = span;
    if (index >= known) continue;
    const before = share(index === 0 || border[index - 1] === 1 ? 0 : sum[index - 1], threshold);
    const rise = share(sum[index], threshold) - before;
    const first = index === 0 ? 0 : ends[level][index - 1] + 1;
    const length = ends[level][index] + 1 - first;
    const top = (/** @type {number} */ byte) => y + height * (1 - before - (rise * (byte - first)) / length);
    const [x, width] = boxOf(stretch, span);
    context.moveTo(x, y + height);
    context.lineTo(x, top(from));
    context.lineTo(x + width, top(to));
    context.lineTo(x + width, y + height);
  }
  return true;
}

/** A lane’s name, beside it. @param {Pick<Stretch, 'context'|'axis'|'palette'>} stretch @param {string} text @param {number} middle @param {string} colour */
export function paintName({ context, axis, palette }, text, middle, colour) {
  context.font = `10.5px ${palette.mono}`;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillStyle = colour;
  context.fillText(text, axis.left - 10, middle);
}
