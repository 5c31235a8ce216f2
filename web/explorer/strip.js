/** Draws a strip: its lanes, then what is pointed at and the way from it up to the top and back down. */

import { ENTROPY, levelName } from '../hierarchy/hierarchy_sentences.js';
import { paintName } from '../hierarchy/lanes.js';
import { levelColour } from '../hierarchy/palette.js';
import { rounded } from '../hierarchy/rounded.js';
import { xAt } from '../traces/axis.js';
import { firstByte, lastByte } from '../traces/spans.js';
import { measureOf } from '../traces/trace.js';
import { paintCharacters, paintEntropy, paintRuler, paintSum, stretchOf } from './paint.js';
import { extent, paintSpans } from './paint_spans.js';

/** @typedef {import('./strip_layout.js').Lane} Lane */
/** @typedef {import('../traces/spans.js').Place} Place */

/** @typedef {import('../hierarchy/lanes.js').Context} Context */

/**
 * @typedef {object} StripScene
 * @property {Context} context  scaled to CSS pixels
 * @property {import('../traces/trace.js').Trace} trace
 * @property {import('../traces/spans.js').Ends} ends
 * @property {import('./strip_layout.js').StripLayout} layout
 * @property {import('../traces/axis.js').Axis} axis
 * @property {import('../hierarchy/palette.js').Palette} palette
 * @property {Place[]} path        what is pointed at and what it is part of, upwards; empty for nothing
 * @property {Place[]} conditions  the tokens through which what is above comes down to it, upwards
 * @property {{from: number, to: number}|null} reach  bytes that its state conditions, both inclusive
 * @property {import('../traces/search.js').Hits} hits
 * @property {number} hit          the one that the reader went to, or −1
 * @property {number} mostEntropy  nats of a full bar
 * @property {{kind: Lane['kind'], level: number}|null} [lane]  that the explanation speaks of
 */

/** Pixels that a found text is marked with at least. */
const LEAST_MARK = 2;

/** @param {StripScene} scene */
export function drawStrip(scene) {
  const { context, layout, axis } = scene;
  context.clearRect(0, 0, layout.width, layout.height);
  context.save();
  context.beginPath();
  context.rect(axis.left, 0, axis.width, layout.height);
  context.clip();
  backdrop(scene);
  const stretch = stretchOf(scene);
  for (const lane of layout.lanes) {
    if (lane.kind === 'ruler') paintRuler(scene, lane);
    else if (lane.kind === 'spans') paintSpans(stretch, lane);
    else if (lane.kind === 'sum') paintSum(stretch, lane);
    else if (lane.kind === 'entropy') paintEntropy(scene, lane);
    else paintCharacters(stretch, lane);
  }
  paintHits(scene);
  spotlight(scene);
  marker(scene);
  context.restore();
  if (layout.wide) names(scene);
}

/** Names of the lanes, beside them. @param {StripScene} scene */
function names(scene) {
  const { layout, palette, trace } = scene;
  const bytes = trace.levels.length < 2;
  for (const { kind, level, y, height } of layout.lanes) {
    const colour = kind === 'spans' || kind === 'sum' ? levelColour(palette, level) : palette.soft;
    const text = {
      ruler: 'byte',
      spans: levelName(level),
      sum: level === 0 ? measureOf(trace, 0) : `${measureOf(trace, level)} ${level}`,
      entropy: ENTROPY,
      text: bytes ? 'text' : 'bytes',
    };
    paintName(scene, text[kind], y + height / 2 + (kind === 'ruler' ? -1 : 0.5), colour);
  }
}

/** A frame around the lane that the explanation speaks of. @param {StripScene} scene */
function marker({ context, layout, axis, palette, lane }) {
  const found = lane && layout.lanes.find(({ kind, level }) => kind === lane.kind && level === lane.level);
  if (!found) return;
  context.strokeStyle = palette.focus;
  context.lineWidth = 2.5;
  context.strokeRect(axis.left + 1.5, found.y - 1, axis.width - 3, found.height + 2);
  context.globalAlpha = 0.09;
  context.fillStyle = palette.focus;
  context.fillRect(axis.left + 1.5, found.y - 1, axis.width - 3, found.height + 2);
  context.globalAlpha = 1;
}

/** @param {StripScene} scene @param {number} from @param {number} to  bytes, exclusive @returns {[number, number]|null} pixels, cut to what is shown */
function cut({ axis }, from, to) {
  const [x, end] = [Math.max(axis.left, xAt(axis, from)), Math.min(axis.left + axis.width, xAt(axis, to))];
  return x < end ? [x, end] : null;
}

/** @param {StripScene} scene @param {Place} place @returns {Lane|undefined} where it is drawn */
function laneOf({ layout }, { level }) {
  return layout.lanes.find((lane) =>
    level === 0 ? lane.kind === 'text' : lane.kind === 'spans' && lane.level === level,
  );
}

/** Behind everything: the bytes of each token on the path, the widest first, from its lane down to the text. @param {StripScene} scene */
function backdrop(scene) {
  const { context, ends, layout, palette, path } = scene;
  const bottom = layout.height - 4;
  for (const place of [...path].reverse()) {
    const found = cut(scene, firstByte(ends, place), lastByte(ends, place) + 1);
    if (!found) continue;
    const top = laneOf(scene, place);
    const y = place.level === 0 ? (layout.lanes.find((l) => l.level === 0 && l.kind !== 'ruler')?.y ?? 0) : top?.y;
    if (y === undefined) continue;
    context.globalAlpha = place.level === 0 ? 0.2 : 0.08;
    context.fillStyle = levelColour(palette, place.level);
    context.fillRect(found[0], y, found[1] - found[0], bottom - y);
  }
  context.globalAlpha = 1;
}

/** What was found: under the characters, and on the ruler. @param {StripScene} scene */
function paintHits(scene) {
  const { context, axis, hits, hit, layout, palette } = scene;
  const text = layout.lanes[layout.lanes.length - 1];
  const top = layout.lanes[0];
  const end = axis.window.from + axis.window.span;
  context.fillStyle = palette.focus;
  let last = Number.NEGATIVE_INFINITY;
  for (let i = firstEndAfter(hits.ends, axis.window.from); i < hits.starts.length && hits.starts[i] < end; i++) {
    const found = cut(scene, hits.starts[i], hits.ends[i]);
    // Of those that share a pixel, one is enough.
    if (!found || found[0] < last + 1) continue;
    last = found[0];
    const width = Math.max(LEAST_MARK, found[1] - found[0]);
    context.fillRect(found[0], text.y + text.height + 1, width, 2.5);
    context.fillRect(found[0], top.y + top.height - 4, width, 3);
  }
  const now = hit >= 0 && hit < hits.starts.length ? cut(scene, hits.starts[hit], hits.ends[hit]) : null;
  if (!now) return;
  context.strokeStyle = palette.focus;
  context.lineWidth = 2;
  context.strokeRect(now[0], text.y - 0.5, Math.max(LEAST_MARK, now[1] - now[0]), text.height + 1);
}

/** @param {Uint32Array} ends @param {number} byte  the first that ends after it */
function firstEndAfter(ends, byte) {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] <= byte) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Before everything: frames, the way up, and the way down. @param {StripScene} scene */
function spotlight(scene) {
  const { path, conditions, reach } = scene;
  if (path.length === 0) return;
  if (reach && path[0].level > 0) underline(scene, reach);
  for (const place of path) frame(scene, place, 'path');
  for (const place of conditions) frame(scene, place, 'condition');
  way(scene, path, false);
  way(scene, [path[0], ...conditions], true);
}

/** The bytes that a token's state conditions. @param {StripScene} scene @param {{from: number, to: number}} reach */
function underline(scene, { from, to }) {
  const { context, layout, palette, path } = scene;
  const found = cut(scene, from, to + 1);
  const text = layout.lanes[layout.lanes.length - 1];
  if (!found) return;
  context.strokeStyle = levelColour(palette, path[0].level);
  context.lineWidth = 2;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(found[0], text.y + text.height - 1);
  context.lineTo(found[1], text.y + text.height - 1);
  context.stroke();
  context.setLineDash([]);
}

/** @param {StripScene} scene @param {Place} place @param {'path'|'condition'} role */
function frame(scene, place, role) {
  const { context, palette, axis, trace } = scene;
  const lane = laneOf(scene, place);
  if (!lane || place.index >= trace.levels[place.level].count) return;
  const [x, to] =
    place.level === 0 ? [xAt(axis, place.index), xAt(axis, place.index + 1)] : extent(scene, place.level, place.index);
  const width = Math.max(2, to - x - 1.5);
  context.beginPath();
  rounded(context, x + 0.75, lane.y + 0.5, width, lane.height - 1, [3, 3, 3, 3]);
  if (role === 'path' && place.level > 0) {
    context.fillStyle = levelColour(palette, place.level);
    context.globalAlpha = 0.28;
    context.fill();
    context.globalAlpha = 1;
  }
  context.strokeStyle = role === 'path' && place.level > 0 ? levelColour(palette, place.level) : palette.ink;
  context.lineWidth = role === 'path' ? 2.25 : 1.5;
  if (role === 'condition') context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}

/** A line through places of neighbouring levels: solid upwards, dashed for what comes down. @param {StripScene} scene @param {Place[]} places @param {boolean} down */
function way(scene, places, down) {
  const { context, axis, ends, palette } = scene;
  /** @type {[number, number, number][]} */
  const points = [];
  for (const place of places) {
    const lane = laneOf(scene, place);
    if (!lane) continue;
    // A token's state is that of its last byte.
    const at = place.level === 0 ? place.index + 0.5 : lastByte(ends, place) + 0.5;
    const x = Math.min(axis.left + axis.width - 3, Math.max(axis.left + 3, xAt(axis, at)));
    points.push([x, place.level === 0 ? lane.y : lane.y + lane.height / 2, place.level]);
  }
  if (points.length < 2) return;
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.25;
  context.globalAlpha = 0.75;
  if (down) context.setLineDash([3, 3]);
  context.beginPath();
  for (let i = 0; i < points.length; i++) {
    const [x, y] = points[i];
    if (i === 0) context.moveTo(x, y);
    else {
      const [before, from] = points[i - 1];
      const middle = (from + y) / 2;
      context.bezierCurveTo(before, middle, x, middle, x, y);
    }
  }
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
  for (const [x, y, level] of points.slice(level0(points) ? 1 : 0)) {
    context.beginPath();
    rounded(context, x - 3, y - 3, 6, 6, [3, 3, 3, 3]);
    context.fillStyle = down ? palette.sheet : levelColour(palette, level);
    context.fill();
    context.strokeStyle = down ? palette.ink : palette.sheet;
    context.lineWidth = 1;
    context.stroke();
  }
}

/** @param {[number, number, number][]} points */
const level0 = (points) => points[0][2] === 0;
