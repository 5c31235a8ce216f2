/** Draws the visible lines of a hierarchy on a canvas. Everything that it needs to know is in the scene. */

import { xAt } from '../traces/axis.js';
import { firstByte, lastByte } from '../traces/spans.js';
import { measureOf } from '../traces/trace.js';
import {
  boxOf,
  paintBars,
  paintBoxes,
  paintName,
  paintPending,
  paintTeeth,
  paintText,
  paintThreshold,
} from './lanes.js';
import { linesBetween } from './layout.js';
import { levelColour } from './palette.js';

/** @typedef {import('./layout.js').Line} Line */
/** @typedef {import('../traces/spans.js').Place} Place */

/**
 * @typedef {object} Scene
 * @property {CanvasRenderingContext2D} context  scaled to CSS pixels
 * @property {import('../traces/trace.js').Trace} trace
 * @property {import('../traces/spans.js').Ends} ends
 * @property {import('../format/bytes.js').Cluster[]} clusters  of the bytes that are laid out
 * @property {import('./layout.js').Layout} layout
 * @property {import('./palette.js').Palette} palette
 * @property {Place[]} path        what is pointed at and what it is part of, upwards; empty for nothing
 * @property {Place[]} conditions  the tokens through which what is above comes down to it, upwards
 * @property {import('../traces/axis.js').Window|null} window  bytes that are marked, because the strip shows them
 * @property {Set<string>} lit     the path's tokens as "level:index"
 * @property {boolean} dimmed      whether the rest steps back
 * @property {number} shown        bytes that are drawn in full
 * @property {number} mostEntropy  nats of a full bar
 *
 * A line of it, `top` pixels from what is drawn on.
 * @typedef {Scene & import('./lanes.js').Stretch & {line: Line, top: number}} Row
 */

/** Nats of a full entropy bar at least, so that a sure model does not look unsure. */
const LEAST_SCALE = 3;

/** @param {import('../traces/trace.js').Trace} trace @returns {number} nats at the top of the scale */
export function entropyScale({ sketch, encoderEntropy, count }) {
  sketch.entropy.extend(encoderEntropy, count);
  return Math.max(LEAST_SCALE, sketch.entropy.largest(encoderEntropy));
}

/**
 * @param {Scene} scene
 * @param {number} scrollTop
 * @param {number} height  of what is visible
 */
export function draw(scene, scrollTop, height) {
  const { context, layout } = scene;
  context.clearRect(0, 0, layout.width, height);
  const { first, end } = linesBetween(layout, scrollTop, scrollTop + height);
  for (let i = first; i < end; i++) drawLine(scene, layout.lines[i], i * layout.lanes.height - scrollTop);
}

/** How the lines of the reading view look. @type {import('./lanes.js').Look} */
const LINES = {
  bar: 1,
  space: 0.6,
  area: 0.16,
  limit: 0.75,
  above: 0.5,
  box: 0.17,
  apart: 1,
  inside: 0,
  least: 1,
  round: () => 2.5,
  edge: () => 1,
  pending: 0.5,
  beyond: 0,
  rises: true,
};

/** @param {Scene} scene @param {Line} line @param {number} top */
function drawLine(scene, line, top) {
  const { layout, trace, shown, palette, path } = scene;
  const { metrics, lanes } = layout;
  const span = line.to - line.from;
  const axis = { left: metrics.left, width: span * metrics.cell, window: { from: line.from, span } };
  /** @type {Row} */
  const row = { ...scene, axis, from: line.from, to: Math.min(line.to, shown), look: LINES, line, top };
  /** @param {import('./layout.js').Lane} lane */
  const placed = ({ y, height }) => ({ y: top + y, height });
  if (scene.window) marked(row, scene.window);
  if (path.length > 0) backdrop(row);
  const clusters = scene.clusters.slice(line.firstCluster, line.endCluster);
  paintText(row, placed(lanes.text), clusters, { size: metrics.fontSize, grid: 100, squeeze: true });
  if (lanes.entropy) {
    const how = { ...placed(lanes.entropy), most: scene.mostEntropy, colour: palette.ink, alpha: 0.62 };
    paintBars(row, trace.encoderEntropy, how);
  }
  if (lanes.sum && trace.levels.length > 1 && measureOf(trace, 0) !== '') {
    paintTeeth(row, placed(lanes.sum), 0, row.from, row.to);
    paintThreshold(row, placed(lanes.sum), 0);
  }
  for (let level = trace.levels.length - 1; level >= 1; level--) {
    const lane = lanes.tokens[level];
    if (!lane) continue;
    for (const span of paintBoxes(row, placed(lane), level)) label(row, placed(lane), level, span);
    paintPending(row, placed(lane), level);
  }
  risers(row);
  if (metrics.left > 20) names(row);
  if (path.length > 0) spotlight(row);
}

/** A span's length in bytes, where there is room. @param {Row} row @param {import('./lanes.js').Lane} lane @param {number} level @param {import('./lanes.js').Span} span */
function label(row, { y, height }, level, span) {
  const { context, palette, lit } = row;
  const [x, width] = boxOf(row, span);
  if (height < 14 || width < 34 || !(span.opens && span.closes)) return;
  context.globalAlpha = lit.has(`${level}:${span.index}`) ? 1 : 0.8;
  context.fillStyle = palette.ink;
  context.font = `${Math.min(11, height - 5)}px ${palette.mono}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(String(span.to - span.from), x + 6, y + height / 2 + 0.5, width - row.layout.metrics.gap);
  context.globalAlpha = 1;
}

/** Names of the lanes, in the margin. @param {Row} row */
function names(row) {
  const { layout, palette, trace, top } = row;
  const { lanes } = layout;
  /** @param {string} text @param {import('./layout.js').Lane|null|undefined} lane @param {string} colour */
  const name = (text, lane, colour) => lane && paintName(row, text, top + lane.y + lane.height / 2 + 0.5, colour);
  for (let level = trace.levels.length - 1; level >= 1; level--)
    name(`level ${level}`, lanes.tokens[level], levelColour(palette, level));
  name(measureOf(trace, 0), lanes.sum, levelColour(palette, 0));
  name('entropy', lanes.entropy, palette.soft);
}

/** The lines that rise from a border to the tokens that it closes, in the colours of their levels. @param {Row} row */
function risers({ context, trace, ends, layout, palette, axis, from: first, to, top }) {
  if (trace.levels.length < 2) return;
  const { lanes } = layout;
  context.lineWidth = 1;
  for (let byte = first; byte < to; byte++) {
    if (trace.levels[0].border[byte] !== 1) continue;
    // A token starts at its border in the residual wiring, else it ends there.
    const cut = trace.manner.residual ? byte : byte + 1;
    if (cut === 0) continue;
    const x = Math.round(xAt(axis, cut)) - 0.5;
    context.globalAlpha = 0.8;
    let from = lanes.text.y + lanes.text.height - 3;
    for (let level = 1; level < trace.levels.length; level++) {
      if (level > 1 && !endsAt(ends[level], cut - 1)) break;
      const lane = lanes.tokens[level];
      if (!lane) continue;
      context.strokeStyle = levelColour(palette, level);
      context.beginPath();
      context.moveTo(x, top + from);
      context.lineTo(x, top + lane.y + lane.height);
      context.stroke();
      from = lane.y;
    }
  }
  context.globalAlpha = 1;
}

/** @param {Uint32Array} ends @param {number} byte */
function endsAt(ends, byte) {
  let [low, high] = [0, ends.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] === byte) return true;
    if (ends[middle] < byte) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** @param {Line} line @param {number} from @param {number} to @returns {[number, number]|null} bytes of it that are on the line, `to` exclusive */
function onLine(line, from, to) {
  const cut = /** @type {[number, number]} */ ([Math.max(line.from, from), Math.min(line.to, to + 1)]);
  return cut[0] < cut[1] ? cut : null;
}

/** The bytes that the strip shows: a bar over them. @param {Row} row @param {import('../traces/axis.js').Window} window */
function marked({ context, layout, palette, axis, line, top }, { from, span }) {
  const [first, end] = [Math.max(line.from, from), Math.min(line.to, from + span)];
  if (first >= end) return;
  const [x, to] = [xAt(axis, first), xAt(axis, end)];
  context.fillStyle = palette.focus;
  context.globalAlpha = palette.dark ? 0.1 : 0.06;
  context.fillRect(x, top + 4, to - x, layout.lanes.height - 8);
  context.globalAlpha = 0.7;
  context.fillRect(x, top + 4, to - x, 1.5);
  context.globalAlpha = 1;
}

/** Behind everything: the bytes of each token on the path, the widest first. @param {Row} row */
function backdrop({ context, ends, layout, palette, path, axis, line, top }) {
  const { lanes } = layout;
  for (const place of [...path].reverse()) {
    const cut = onLine(line, firstByte(ends, place), lastByte(ends, place));
    if (!cut) continue;
    const [x, end] = [xAt(axis, cut[0]), xAt(axis, cut[1])];
    const from = lanes.tokens[place.level] ?? lanes.sum ?? lanes.entropy ?? lanes.text;
    context.globalAlpha = place.level === 0 ? 0.2 : 0.09;
    context.fillStyle = levelColour(palette, place.level);
    context.fillRect(x, top + from.y, end - x, lanes.text.y + lanes.text.height - from.y);
  }
  context.globalAlpha = 1;
}

/** Before everything: the byte's frame, an underline a token, a dotted one under what conditions it. @param {Row} row */
function spotlight(row) {
  const { context, ends, layout, palette, path, conditions, axis, line, top } = row;
  const { lanes } = layout;
  const under = top + lanes.text.y + lanes.text.height + 1;
  /** @param {Place} place @param {number} y */
  const underline = (place, y) => {
    const cut = onLine(line, firstByte(ends, place), lastByte(ends, place));
    if (!cut) return;
    const x = xAt(axis, cut[0]) + 1;
    context.fillStyle = levelColour(palette, place.level);
    context.fillRect(x, y, xAt(axis, cut[1]) - 1 - x, 2);
  };
  path.forEach((place, i) => {
    underline(place, under + 3 * i);
  });
  const [start] = path;
  const cut = start.level === 0 ? onLine(line, start.index, start.index) : null;
  if (cut) {
    const x = xAt(axis, cut[0]);
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.5;
    context.strokeRect(x - 0.25, top + lanes.text.y + 0.5, layout.metrics.cell + 0.5, lanes.text.height - 1);
  }
  for (const condition of conditions) outlineCondition(row, condition);
}

/** @param {Row} row @param {Place} condition */
function outlineCondition({ context, ends, layout, palette, axis, line, top }, condition) {
  const cut = onLine(line, firstByte(ends, condition), lastByte(ends, condition));
  const lane = layout.lanes.tokens[condition.level];
  if (!cut || !lane) return;
  const x = xAt(axis, cut[0]);
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.strokeRect(x, top + lane.y - 1, xAt(axis, cut[1]) - x, lane.height + 2);
  context.setLineDash([]);
}
