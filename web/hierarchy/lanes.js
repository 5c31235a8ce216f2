/** The strips of one line of the drawing: token spans, running sum, entropy bars, text. Each paints on a canvas context. */

import { segments } from '../traces/spans.js';
import { addsUp, measureOf } from '../traces/trace.js';
import { levelColour } from './palette.js';
import { rounded } from './rounded.js';

/** @typedef {import('./layout.js').Line} Line */
/** @typedef {import('./layout.js').Lane} Lane */
/** @typedef {import('./draw.js').Scene} Scene */

/** Bits that shade a character fully. */
const MOST_BITS = 10;
/** Running sums end here, in thresholds, even where the border was long overdue. */
const MOST_SUM = 1;

/** @param {Scene} scene @param {Line} line @param {number} byte @returns {number} CSS pixels */
export function xOf({ layout }, line, byte) {
  return layout.metrics.left + (byte - line.from) * layout.metrics.cell;
}

/** @param {number} sum @param {number} threshold */
function share(sum, threshold) {
  return threshold > 0 ? Math.max(0, Math.min(MOST_SUM, sum / threshold)) : MOST_SUM;
}

/**
 * A span of a level, with the running sum of its own level rising in it.
 * @param {Scene} scene
 * @param {Line} line
 * @param {number} top
 * @param {number} level
 */
export function paintTokens(scene, line, top, level) {
  const { context, trace, ends, layout, palette, lit, shown } = scene;
  const lane = layout.lanes.tokens[level];
  if (!lane) return;
  const y = top + lane.y;
  const colour = levelColour(palette, level);
  const tokens = trace.levels[level];
  const isTop = level === trace.levels.length - 1;
  const threshold = trace.thresholds[level] ?? 0;
  for (const segment of segments(ends[level], line.from, Math.min(line.to, shown))) {
    const { index, from, to, opens, closes } = segment;
    const x = xOf(scene, line, from) + (opens ? 1 : 0);
    const width = xOf(scene, line, to) - (closes ? 1 : 0) - x;
    const isLit = lit.has(`${level}:${index}`);
    const strength = scene.dimmed && !isLit ? 0.55 : 1;
    context.globalAlpha = (isLit ? 0.5 : palette.dark ? 0.22 : 0.17) * strength;
    context.fillStyle = colour;
    roundRect(context, x, y, width, lane.height, opens, closes);
    context.fill();
    if (!isTop && index < tokens.known && addsUp(scene.trace, level)) {
      const [before, after] = [
        index === 0 || tokens.border[index - 1] === 1 ? 0 : tokens.sum[index - 1],
        tokens.sum[index],
      ];
      ramp(scene, segment, ends[level], x, width, lane, y, [share(before, threshold), share(after, threshold)]);
      context.globalAlpha = (isLit ? 0.9 : 0.42) * strength;
      context.fill();
    }
    context.globalAlpha = strength;
    context.strokeStyle = colour;
    context.lineWidth = isLit ? 2 : 1;
    roundRect(context, x + 0.5, y + 0.5, width - 1, lane.height - 1, opens, closes);
    context.stroke();
    label(scene, segment, x, width, y, lane, isLit);
  }
  pending(scene, line, y, lane, level, colour);
  context.globalAlpha = 1;
}

/**
 * The part of a token's rise that is on this line, as a path: the sum goes up over the token's width.
 * @param {Scene} scene
 * @param {ReturnType<typeof segments>[number]} segment
 * @param {Uint32Array} ends
 * @param {number} x
 * @param {number} width
 * @param {Lane} lane
 * @param {number} y
 * @param {[number, number]} rise  shares of the threshold before and after the token
 */
function ramp({ context }, { index, from, to }, ends, x, width, lane, y, [before, after]) {
  const first = index === 0 ? 0 : ends[index - 1] + 1;
  const length = ends[index] + 1 - first;
  const left = before + (after - before) * ((from - first) / length);
  const right = before + (after - before) * ((to - first) / length);
  context.beginPath();
  context.moveTo(x, y + lane.height);
  context.lineTo(x, y + lane.height * (1 - left));
  context.lineTo(x + width, y + lane.height * (1 - right));
  context.lineTo(x + width, y + lane.height);
  context.closePath();
}

/** A span's length in bytes, where there is room. @param {Scene} scene @param {ReturnType<typeof segments>[number]} segment @param {number} x @param {number} width @param {number} y @param {Lane} lane @param {boolean} isLit */
function label({ context, palette, layout }, { from, to, opens, closes }, x, width, y, lane, isLit) {
  if (lane.height < 14 || width < 34 || !(opens && closes)) return;
  context.globalAlpha = isLit ? 1 : 0.8;
  context.fillStyle = palette.ink;
  context.font = `${Math.min(11, lane.height - 5)}px ${palette.mono}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(String(to - from), x + 6, y + lane.height / 2 + 0.5, width - layout.metrics.gap);
}

/** What no border has closed yet. @param {Scene} scene @param {Line} line @param {number} y @param {Lane} lane @param {number} level @param {string} colour */
function pending(scene, line, y, lane, level, colour) {
  const { context, ends, shown } = scene;
  const last = ends[level].at(-1);
  const from = Math.max(line.from, last === undefined ? 0 : last + 1);
  const to = Math.min(line.to, shown);
  if (from >= to) return;
  context.globalAlpha = 0.5;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(xOf(scene, line, from) + 1, y + lane.height - 0.5);
  context.lineTo(xOf(scene, line, to), y + lane.height - 0.5);
  context.stroke();
  context.setLineDash([]);
}

/** A box, round only where the token itself begins or ends. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} height @param {boolean} opens @param {boolean} closes */
function roundRect(context, x, y, width, height, opens, closes) {
  const [l, r] = [opens ? 2.5 : 0, closes ? 2.5 : 0];
  context.beginPath();
  rounded(context, x, y, Math.max(1, width), height, [l, r, r, l]);
}

/** Level 0's running sum, rising byte by byte to its threshold, the lane's upper edge. @param {Scene} scene @param {Line} line @param {number} top */
export function paintSum(scene, line, top) {
  const { context, trace, layout, palette, shown } = scene;
  const lane = layout.lanes.sum;
  if (!lane || trace.levels.length < 2 || measureOf(trace, 0) === '') return;
  const adds = addsUp(trace, 0);
  const { cell } = layout.metrics;
  const bottom = top + lane.y + lane.height;
  const { sum, border } = trace.levels[0];
  const threshold = trace.thresholds[0] ?? 0;
  const colour = levelColour(palette, 0);
  const to = Math.min(line.to, shown);
  /** @param {number} byte */
  const height = (byte) => lane.height * share(sum[byte], threshold);
  const area = new Path2D();
  const edge = new Path2D();
  area.moveTo(xOf(scene, line, line.from), bottom);
  let open = false;
  for (let byte = line.from; byte < to; byte++) {
    const x = xOf(scene, line, byte);
    const starts = byte === 0 || (adds && border[byte - 1] === 1);
    const left = starts ? 0 : height(byte - 1);
    if (!open || starts) {
      edge.moveTo(x, bottom - left);
      open = true;
    }
    area.lineTo(x, bottom - left);
    area.lineTo(x + cell, bottom - height(byte));
    edge.lineTo(x + cell, bottom - height(byte));
    if (adds && border[byte] === 1) {
      area.lineTo(x + cell, bottom);
      edge.lineTo(x + cell, bottom);
    }
  }
  area.lineTo(xOf(scene, line, Math.max(to, line.from)), bottom);
  context.fillStyle = colour;
  context.globalAlpha = palette.dark ? 0.24 : 0.16;
  context.fill(area);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.stroke(edge);
  context.globalAlpha = 0.75;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(xOf(scene, line, line.from), top + lane.y - 0.5);
  context.lineTo(xOf(scene, line, line.to), top + lane.y - 0.5);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Entropy after each byte. @param {Scene} scene @param {Line} line @param {number} top */
export function paintEntropy(scene, line, top) {
  const { context, trace, layout, palette, shown, mostEntropy } = scene;
  const lane = layout.lanes.entropy;
  if (!lane) return;
  const { cell } = layout.metrics;
  const bottom = top + lane.y + lane.height;
  context.fillStyle = palette.ink;
  context.globalAlpha = 0.62;
  for (let byte = line.from; byte < Math.min(line.to, shown); byte++) {
    const height = Math.max(1, lane.height * Math.min(1, trace.encoderEntropy[byte] / mostEntropy));
    context.fillRect(xOf(scene, line, byte) + 1.5, bottom - height, cell - 3, height);
  }
  context.globalAlpha = 1;
}

/** Characters, shaded by the bits that they cost. @param {Scene} scene @param {Line} line @param {number} top */
export function paintText(scene, line, top) {
  const { context, trace, layout, palette, clusters, shown } = scene;
  const { lanes, metrics } = layout;
  const y = top + lanes.text.y;
  const middle = y + lanes.text.height / 2 + 1;
  context.fillStyle = palette.decoder;
  for (let byte = Math.max(1, line.from); byte < Math.min(line.to, shown); byte++) {
    const bits = trace.decoderBits[byte - 1];
    if (!Number.isFinite(bits)) continue;
    context.globalAlpha = Math.min(1, bits / MOST_BITS) * (palette.dark ? 0.5 : 0.36);
    context.fillRect(xOf(scene, line, byte), y, metrics.cell, lanes.text.height);
  }
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (let i = line.firstCluster; i < line.endCluster; i++) {
    const { from, length, text, kind } = clusters[i];
    const quiet = kind !== 'char';
    const small = text.length > 1 && quiet;
    context.globalAlpha = from < shown ? (kind === 'space' ? 0.6 : 1) : 0.4;
    context.fillStyle = quiet ? palette.faint : palette.ink;
    const size = small
      ? Math.min(metrics.fontSize * 0.56, (1.6 * length * metrics.cell) / text.length)
      : metrics.fontSize;
    context.font = `${quiet && !small ? size * 0.8 : size}px ${palette.mono}`;
    const width = length * metrics.cell;
    context.fillText(text, xOf(scene, line, from) + width / 2, middle, small ? width - 1 : undefined);
    if (length > 1) {
      context.globalAlpha = 0.6;
      context.fillRect(xOf(scene, line, from) + 2, y + lanes.text.height - 2, width - 4, 1);
    }
  }
  context.globalAlpha = 1;
}
