/** Draws the visible lines of a hierarchy on a canvas. Everything that it needs to know is in the scene. */

import { firstByte, lastByte } from '../traces/spans.js';
import { measureOf } from '../traces/trace.js';
import { paintEntropy, paintSum, paintText, paintTokens, xOf } from './lanes.js';
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

/** @param {Scene} scene @param {Line} line @param {number} top */
function drawLine(scene, line, top) {
  if (scene.window) marked(scene, line, top, scene.window);
  if (scene.path.length > 0) backdrop(scene, line, top);
  paintText(scene, line, top);
  paintEntropy(scene, line, top);
  paintSum(scene, line, top);
  for (let level = scene.trace.levels.length - 1; level >= 1; level--) paintTokens(scene, line, top, level);
  risers(scene, line, top);
  if (scene.layout.metrics.left > 20) names(scene, top);
  if (scene.path.length > 0) spotlight(scene, line, top);
}

/** Names of the strips, in the margin. @param {Scene} scene @param {number} top */
function names({ context, layout, palette, trace }, top) {
  const { lanes, metrics } = layout;
  context.font = `10.5px ${palette.mono}`;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  /** @param {string} text @param {import('./layout.js').Lane} lane @param {string} colour */
  const name = (text, lane, colour) => {
    context.fillStyle = colour;
    context.fillText(text, metrics.left - 10, top + lane.y + lane.height / 2 + 0.5);
  };
  for (let level = trace.levels.length - 1; level >= 1; level--) {
    const lane = lanes.tokens[level];
    if (lane) name(`level ${level}`, lane, levelColour(palette, level));
  }
  if (lanes.sum) name(measureOf(trace, 0), lanes.sum, levelColour(palette, 0));
  if (lanes.entropy) name('entropy', lanes.entropy, palette.soft);
}

/** The lines that rise from a border to the tokens that it closes, in the colours of their levels. @param {Scene} scene @param {Line} line @param {number} top */
function risers(scene, line, top) {
  const { context, trace, ends, layout, palette, shown } = scene;
  if (trace.levels.length < 2) return;
  const { lanes } = layout;
  context.lineWidth = 1;
  for (let byte = line.from; byte < Math.min(line.to, shown); byte++) {
    if (trace.levels[0].border[byte] !== 1) continue;
    // A token starts at its border in the residual wiring, else it ends there.
    const cut = trace.manner.residual ? byte : byte + 1;
    if (cut === 0) continue;
    const x = Math.round(xOf(scene, line, cut)) - 0.5;
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

/** The bytes that the strip shows: a bar over them. @param {Scene} scene @param {Line} line @param {number} top @param {import('../traces/axis.js').Window} window */
function marked(scene, line, top, { from, span }) {
  const { context, layout, palette } = scene;
  const [first, end] = [Math.max(line.from, from), Math.min(line.to, from + span)];
  if (first >= end) return;
  const [x, to] = [xOf(scene, line, first), xOf(scene, line, end)];
  context.fillStyle = palette.focus;
  context.globalAlpha = palette.dark ? 0.1 : 0.06;
  context.fillRect(x, top + 4, to - x, layout.lanes.height - 8);
  context.globalAlpha = 0.7;
  context.fillRect(x, top + 4, to - x, 1.5);
  context.globalAlpha = 1;
}

/** Behind everything: the bytes of each token on the path, the widest first. @param {Scene} scene @param {Line} line @param {number} top */
function backdrop(scene, line, top) {
  const { context, ends, layout, palette, path } = scene;
  const { lanes } = layout;
  for (const place of [...path].reverse()) {
    const cut = onLine(line, firstByte(ends, place), lastByte(ends, place));
    if (!cut) continue;
    const [x, end] = [xOf(scene, line, cut[0]), xOf(scene, line, cut[1])];
    const from = lanes.tokens[place.level] ?? lanes.sum ?? lanes.entropy ?? lanes.text;
    context.globalAlpha = place.level === 0 ? 0.2 : 0.09;
    context.fillStyle = levelColour(palette, place.level);
    context.fillRect(x, top + from.y, end - x, lanes.text.y + lanes.text.height - from.y);
  }
  context.globalAlpha = 1;
}

/** Before everything: the byte's frame, an underline a token, a dotted one under what conditions it. @param {Scene} scene @param {Line} line @param {number} top */
function spotlight(scene, line, top) {
  const { context, ends, layout, palette, path, conditions } = scene;
  const { lanes } = layout;
  const under = top + lanes.text.y + lanes.text.height + 1;
  /** @param {Place} place @param {number} y */
  const underline = (place, y) => {
    const cut = onLine(line, firstByte(ends, place), lastByte(ends, place));
    if (!cut) return;
    const x = xOf(scene, line, cut[0]) + 1;
    context.fillStyle = levelColour(palette, place.level);
    context.fillRect(x, y, xOf(scene, line, cut[1]) - 1 - x, 2);
  };
  path.forEach((place, i) => {
    underline(place, under + 3 * i);
  });
  const [start] = path;
  const cut = start.level === 0 ? onLine(line, start.index, start.index) : null;
  if (cut) {
    const x = xOf(scene, line, cut[0]);
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.5;
    context.strokeRect(x - 0.25, top + lanes.text.y + 0.5, layout.metrics.cell + 0.5, lanes.text.height - 1);
  }
  for (const condition of conditions) outlineCondition(scene, line, top, condition);
}

/** @param {Scene} scene @param {Line} line @param {number} top @param {Place} condition */
function outlineCondition(scene, line, top, condition) {
  const { context, ends, layout, palette } = scene;
  const cut = onLine(line, firstByte(ends, condition), lastByte(ends, condition));
  const lane = layout.lanes.tokens[condition.level];
  if (!cut || !lane) return;
  const x = xOf(scene, line, cut[0]);
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.strokeRect(x, top + lane.y - 1, xOf(scene, line, cut[1]) - x, lane.height + 2);
  context.setLineDash([]);
}
