/** Draws the visible lines of a hierarchy on a canvas. Everything that it needs to know is in the scene. */

import { xAt } from '../traces/axis.js';
import { firstAtLeast, firstByte, lastByte } from '../traces/spans.js';
import { measureOf } from '../traces/trace.js';
import { ENTROPY, levelName } from './hierarchy_sentences.js';
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
 * @property {number} shown        bytes that are drawn in full
 * @property {number} mostEntropy  nats of a full bar
 *
 * A line of it, with its upper edge at 0.
 * @typedef {Scene & import('./lanes.js').Stretch & {line: Line}} Row
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
  for (let i = first; i < end; i++) {
    context.save();
    context.translate(0, i * layout.lanes.height - scrollTop);
    drawLine(scene, layout.lines[i]);
    context.restore();
  }
}

/** @param {Scene} scene @param {Line} line */
function drawLine(scene, line) {
  const { layout, trace, shown, palette, path } = scene;
  const { metrics, lanes } = layout;
  const span = line.to - line.from;
  const axis = { left: metrics.left, width: span * metrics.cell, window: { from: line.from, span } };
  /** @type {Row} */
  const row = {
    ...scene,
    line,
    axis,
    from: line.from,
    to: Math.min(line.to, shown),
    apart: 1,
    round: 2.5,
    rises: true,
  };
  /** The lane's name, where there is a margin for it. @param {string} text @param {import('./lanes.js').Lane} lane @param {string} colour */
  const name = (text, { y, height }, colour) => metrics.left > 20 && paintName(row, text, y + height / 2 + 0.5, colour);
  if (scene.window) marked(row, scene.window);
  if (path.length > 0) backdrop(row);
  paintText(row, lanes.text, scene.clusters.slice(line.firstCluster, line.endCluster), metrics.fontSize);
  if (lanes.entropy) {
    const how = { ...lanes.entropy, gap: 3, most: scene.mostEntropy, colour: palette.ink, alpha: 0.62 };
    paintBars(row, trace.encoderEntropy, how);
    name(ENTROPY, lanes.entropy, palette.soft);
  }
  const measure = measureOf(trace, 0);
  if (lanes.sum && trace.levels.length > 1 && measure) {
    paintTeeth(row, lanes.sum, 0, row.from, row.to);
    paintThreshold(row, lanes.sum, 0);
    name(measure, lanes.sum, levelColour(palette, 0));
  }
  for (let level = trace.levels.length - 1; level >= 1; level--) {
    const lane = lanes.tokens[level];
    if (!lane) continue;
    for (const span of paintBoxes(row, lane, level)) label(row, lane, level, span);
    paintPending(row, lane, level);
    name(levelName(level), lane, levelColour(palette, level));
  }
  risers(row);
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

/** The lines that rise from a border to the tokens that it closes, in the colours of their levels. @param {Row} row */
function risers({ context, trace, ends, layout, palette, axis, from: first, to }) {
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
      if (level > 1 && ends[level][firstAtLeast(ends[level], cut - 1)] !== cut - 1) break;
      const lane = lanes.tokens[level];
      if (!lane) continue;
      context.strokeStyle = levelColour(palette, level);
      context.beginPath();
      context.moveTo(x, from);
      context.lineTo(x, lane.y + lane.height);
      context.stroke();
      from = lane.y;
    }
  }
  context.globalAlpha = 1;
}

/** @param {Row} row @param {number} from @param {number} to  bytes, exclusive @returns {[number, number]|null} pixels of those that are on the line */
function onLine({ axis, line }, from, to) {
  const [first, end] = [Math.max(line.from, from), Math.min(line.to, to)];
  return first < end ? [xAt(axis, first), xAt(axis, end)] : null;
}

/** @param {Row} row @param {Place} place */
const extent = (row, place) => onLine(row, firstByte(row.ends, place), lastByte(row.ends, place) + 1);

/** The bytes that the strip shows: a bar over them. @param {Row} row @param {import('../traces/axis.js').Window} window */
function marked(row, { from, span }) {
  const { context, layout, palette } = row;
  const found = onLine(row, from, from + span);
  if (!found) return;
  const [x, end] = found;
  context.fillStyle = palette.focus;
  context.globalAlpha = palette.dark ? 0.1 : 0.06;
  context.fillRect(x, 4, end - x, layout.lanes.height - 8);
  context.globalAlpha = 0.7;
  context.fillRect(x, 4, end - x, 1.5);
  context.globalAlpha = 1;
}

/** Behind everything: the bytes of each token on the path, the widest first. @param {Row} row */
function backdrop(row) {
  const { context, layout, palette, path } = row;
  const { tokens, sum, entropy, text } = layout.lanes;
  for (const place of [...path].reverse()) {
    const found = extent(row, place);
    if (!found) continue;
    const { y } = tokens[place.level] ?? sum ?? entropy ?? text;
    context.globalAlpha = place.level === 0 ? 0.2 : 0.09;
    context.fillStyle = levelColour(palette, place.level);
    context.fillRect(found[0], y, found[1] - found[0], text.y + text.height - y);
  }
  context.globalAlpha = 1;
}

/** Before everything: an underline a token, the byte's frame, a dashed one around what conditions it. @param {Row} row */
function spotlight(row) {
  const { context, layout, palette, path, conditions } = row;
  const { text, tokens } = layout.lanes;
  path.forEach((place, i) => {
    const found = extent(row, place);
    if (!found) return;
    context.fillStyle = levelColour(palette, place.level);
    context.fillRect(found[0] + 1, text.y + text.height + 1 + 3 * i, found[1] - found[0] - 2, 2);
  });
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  const byte = path[0].level === 0 && extent(row, path[0]);
  if (byte) context.strokeRect(byte[0] - 0.25, text.y + 0.5, layout.metrics.cell + 0.5, text.height - 1);
  context.setLineDash([4, 3]);
  for (const place of conditions) {
    const [found, lane] = [extent(row, place), tokens[place.level]];
    if (found && lane) context.strokeRect(found[0], lane.y - 1, found[1] - found[0], lane.height + 2);
  }
  context.setLineDash([]);
}
