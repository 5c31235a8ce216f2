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
 * What differs between those who draw lanes. Lengths are in CSS pixels, shades are opacities.
 * @typedef {object} Look
 * @property {number} bar      least height of a bar
 * @property {number} space    shade of a space’s sign
 * @property {number} area     under a running sum, in the light theme
 * @property {number} limit    shade of the line at the threshold
 * @property {number} above    that line’s place, above the lane’s upper edge
 * @property {number} box      shade of a box, in the light theme
 * @property {number} apart    from a box’s edge to its border
 * @property {number} inside   from a box’s edge to its filling
 * @property {number} least    width of a box
 * @property {(width: number, height: number) => number} round  radius of a box’s corners
 * @property {(height: number) => number} edge  shade of a box’s outline
 * @property {number} pending  shade of the line where no border is yet
 * @property {number} beyond   how far boxes reach past what is shown, where that is cut off
 * @property {boolean} rises   whether a box shows the running sum
 *
 * A stretch of a text, and how it is shown. Bytes `from`…`to` − 1 are drawn.
 * @typedef {object} Stretch
 * @property {Context} context  scaled to CSS pixels
 * @property {import('../traces/trace.js').Trace} trace
 * @property {import('../traces/spans.js').Ends} ends
 * @property {import('./palette.js').Palette} palette
 * @property {import('../traces/axis.js').Axis} axis
 * @property {number} from
 * @property {number} to
 * @property {Look} look
 * @property {Set<string>} [lit]   tokens that stand out, as "level:index"
 * @property {boolean} [dimmed]    whether the others step back
 */

/** Bits that fill a bar, or shade a character fully. */
export const MOST_BITS = 10;

/** @param {number} sum @param {number|undefined} threshold @returns {number} of a lane’s height, at most all of it */
export const share = (sum, threshold = 0) => (threshold > 0 ? Math.max(0, Math.min(1, sum / threshold)) : 1);

/** @param {Context} context @param {number} from @param {number} to @param {number} y */
function dashes(context, from, to, y) {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(from, y);
  context.lineTo(to, y);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** The line of a running sum’s threshold. @param {Stretch} stretch @param {Lane} lane @param {number} level */
export function paintThreshold({ context, axis, palette, look }, { y }, level) {
  context.strokeStyle = levelColour(palette, level);
  context.globalAlpha = look.limit;
  context.setLineDash([3, 3]);
  dashes(context, axis.left, axis.left + axis.width, y - look.above);
}

/** A level’s running sum, rising to its threshold and starting again. @param {Stretch} stretch @param {Lane} lane @param {number} level @param {number} first  token, or byte at level 0 @param {number} end  exclusive */
export function paintTeeth({ context, axis, palette, trace, ends, look }, { y, height }, level, first, end) {
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
  context.globalAlpha = palette.dark ? 0.24 : look.area;
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
 * @param {Lane & {most: number, colour: string, alpha: number, down?: boolean}} how  `most`: of a full bar; `down`: bars hang
 */
export function paintBars({ context, axis, from, to, look }, values, { y, height, most, colour, alpha, down }) {
  const cell = cellOf(axis);
  const gap = cell >= 8 ? 3 : cell >= 4 ? 1 : 0.5;
  context.fillStyle = colour;
  context.beginPath();
  for (let byte = from; byte < to; byte++) {
    const [x, end] = [Math.max(axis.left, xAt(axis, byte)), Math.min(axis.left + axis.width, xAt(axis, byte + 1))];
    const tall = Math.max(look.bar, height * Math.min(1, Math.max(0, values[byte] / most)));
    if (tall && end - x > gap) context.rect(x + gap / 2, down ? y : y + height - tall, end - x - gap, tall);
  }
  context.globalAlpha = alpha;
  context.fill();
  context.globalAlpha = 1;
}

/**
 * Characters, shaded by the bits that they cost.
 * @param {Stretch} stretch
 * @param {Lane} lane
 * @param {Iterable<import('../format/bytes.js').Cluster>} clusters
 * @param {{size: number, grid: number, squeeze: boolean}} font  its size, steps of a pixel that sizes are rounded to, and whether names of bytes may be squeezed
 */
export function paintText({ context, axis, palette, trace, from, to, look }, { y, height }, clusters, font) {
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
    const size = named ? Math.min(font.size * 0.56, (1.6 * width) / text.length) : font.size * (quiet ? 0.8 : 1);
    context.globalAlpha = first < to ? (kind === 'space' ? look.space : 1) : 0.4;
    context.fillStyle = quiet ? palette.faint : palette.ink;
    context.font = `${Math.round(font.grid * size) / font.grid}px ${palette.mono}`;
    context.fillText(text, x + width / 2, y + height / 2 + 1, font.squeeze && named ? width - 1 : undefined);
    if (length > 1) {
      context.globalAlpha = 0.6;
      context.fillRect(x + 2, y + height - 2, width - 4, 1);
    }
  }
  context.globalAlpha = 1;
}

/** Where a box is. @param {Stretch} stretch @param {Span} span @returns {[number, number]} its left edge and width */
export function boxOf({ axis, look }, { from, to, opens, closes }) {
  const x = xAt(axis, from) + (opens ? look.apart : 0);
  return [x, xAt(axis, to) - (closes ? look.apart : 0) - x];
}

/** A level’s tokens as boxes. @param {Stretch} stretch @param {Lane} lane @param {number} level @returns {Span[]} what has a box */
export function paintBoxes(stretch, lane, level) {
  const { context, palette, ends, from, to, look, lit, dimmed, axis } = stretch;
  const { y, height } = lane;
  const colour = levelColour(palette, level);
  const beyond = Math.ceil(look.beyond / cellOf(axis));
  const spans = segments(ends[level], from - beyond, to + beyond);
  for (const bright of [false, true]) {
    const some = spans.filter(({ index }) => (lit?.has(`${level}:${index}`) ?? false) === bright);
    if (some.length === 0) continue;
    const strength = dimmed && !bright ? 0.55 : 1;
    /** Boxes are round only where the token itself begins or ends. @param {number} inset */
    const boxes = (inset) => {
      context.beginPath();
      for (const span of some) {
        const [x, width] = boxOf(stretch, span);
        const inner = Math.max(look.least, width - 2 * inset);
        const round = look.round(inner, height);
        const [l, r] = [span.opens ? round : 0, span.closes ? round : 0];
        rounded(context, x + inset, y + inset, inner, height - 2 * inset, [l, r, r, l]);
      }
    };
    boxes(look.inside);
    context.fillStyle = context.strokeStyle = colour;
    context.globalAlpha = (bright ? 0.5 : palette.dark ? 0.22 : look.box) * strength;
    context.fill();
    if (look.rises && ramps(stretch, some, lane, level)) {
      context.globalAlpha = (bright ? 0.9 : 0.42) * strength;
      context.fill();
    }
    boxes(0.5);
    context.globalAlpha = look.edge(height) * strength;
    context.lineWidth = bright ? 2 : 1;
    context.stroke();
  }
  context.globalAlpha = 1;
  return spans;
}

/** A line where no border is yet. @param {Stretch} stretch @param {Lane} lane @param {number} level */
export function paintPending({ context, axis, palette, ends, to, look }, { y, height }, level) {
  const x = Math.max(axis.left, xAt(axis, (ends[level].at(-1) ?? -1) + 1)) + 1;
  const end = Math.min(axis.left + axis.width, xAt(axis, to));
  if (end - x < 3) return;
  context.strokeStyle = levelColour(palette, level);
  context.globalAlpha = look.pending;
  context.setLineDash([2, 3]);
  dashes(context, x, end, y + height - 0.5);
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
