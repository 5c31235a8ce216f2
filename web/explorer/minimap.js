/** The whole text in a few pixels: borders of every level, what the bytes cost upwards, entropy downwards, and the window. */

import { ENTROPY } from '../hierarchy/hierarchy_sentences.js';
import { paintName } from '../hierarchy/lanes.js';
import { rounded } from '../hierarchy/rounded.js';
import { wholeWindow, xAt } from '../traces/axis.js';
import { bytesOf } from '../traces/spans.js';
import { costs, paintRow, stretchOf } from './paint.js';
import { paintSpans } from './paint_spans.js';

/** @typedef {import('./strip.js').StripScene} StripScene */
/** @typedef {import('./strip_layout.js').StripLayout} StripLayout */
/** @typedef {import('../traces/axis.js').Axis} Axis */

/** Bits of a full bar: less than a single byte may cost, so that means are seen. */
const MOST_BITS = 8;
/** Heights: of a level's row, between rows, of the bars up and down. */
const [ROW, GAP, UP, DOWN] = [6, 2, 22, 14];
/** Least width that the window is shown with, and how near its edges a pointer takes hold of them; pixels. */
const [LEAST_BRUSH, EDGE] = [6, 7];
/** Height of the mark of what was found. */
const TICK = 6;

/** @param {number} levels @param {number} width @param {number} left @param {number} right @returns {StripLayout} */
export function minimapLayout(levels, width, left, right) {
  /** @type {import('./strip_layout.js').Lane[]} */
  const lanes = [];
  let y = 5;
  for (let level = levels - 1; level >= 1; level--) {
    lanes.push({ kind: 'spans', level, y, height: ROW });
    y += ROW + GAP;
  }
  lanes.push({ kind: 'text', level: 0, y, height: UP + DOWN });
  return { lanes, left, right, width, height: y + UP + DOWN + 5, wide: left > 20 };
}

/** @param {StripLayout} layout @param {number} length @returns {Axis} */
export function minimapAxis({ left, right, width }, length) {
  return { left, width: Math.max(1, width - left - right), window: wholeWindow(length) };
}

/** What does not change while the reader moves. @param {StripScene} scene */
export function drawMinimap(scene) {
  const { context, layout, palette, trace, axis } = scene;
  context.clearRect(0, 0, layout.width, layout.height);
  context.save();
  context.beginPath();
  context.rect(axis.left, 0, axis.width, layout.height);
  context.clip();
  for (const lane of layout.lanes) {
    if (lane.kind === 'spans') paintSpans(stretchOf(scene), lane);
    else {
      const middle = lane.y + UP;
      const { scene: moved, row } = costs(scene);
      paintRow(moved, row, { y: lane.y, height: UP, most: MOST_BITS, colour: palette.decoder, alpha: 0.75 });
      const entropy = { pyramid: trace.sketch.entropy, values: trace.encoderEntropy };
      const how = {
        y: middle + 1,
        height: DOWN,
        most: scene.mostEntropy,
        colour: palette.ink,
        alpha: 0.5,
        down: true,
      };
      paintRow(scene, entropy, how);
      context.fillStyle = palette.edge;
      context.fillRect(axis.left, middle, axis.width, 1);
    }
  }
  context.restore();
  if (layout.wide) {
    paintName(scene, 'surprise', layout.height - 5 - DOWN - UP / 2, palette.soft);
    paintName(scene, ENTROPY, layout.height - 4 - DOWN / 2, palette.soft);
  }
}

/**
 * The window's edges in pixels.
 * @param {Axis} axis
 * @param {import('../traces/axis.js').Window} window
 * @returns {[number, number]}
 */
export function brushOf(axis, { from, span }) {
  const [x, to] = [xAt(axis, from), xAt(axis, from + span)];
  const spare = Math.max(0, LEAST_BRUSH - (to - x)) / 2;
  return [Math.max(axis.left, x - spare), Math.min(axis.left + axis.width, to + spare)];
}

/** What a pointer takes hold of. @param {[number, number]} brush @param {number} x @returns {'left'|'right'|'inside'|'outside'} */
export function gripAt([left, right], x) {
  const edge = Math.min(EDGE, Math.max(1, (right - left) / 4));
  if (Math.abs(x - left) <= edge) return 'left';
  if (Math.abs(x - right) <= edge) return 'right';
  return x > left && x < right ? 'inside' : 'outside';
}

/** What does change: the window, what was found, what is pointed at. @param {StripScene} scene @param {import('../traces/axis.js').Window} window */
export function drawBrush(scene, window) {
  const { context, axis, layout, palette } = scene;
  const [x, to] = brushOf(axis, window);
  const right = axis.left + axis.width;
  context.fillStyle = palette.sheet;
  context.globalAlpha = 0.62;
  context.fillRect(axis.left, 0, x - axis.left, layout.height);
  context.fillRect(to, 0, right - to, layout.height);
  context.globalAlpha = 1;
  marks(scene);
  context.strokeStyle = palette.focus;
  context.lineWidth = 1.5;
  context.beginPath();
  rounded(context, x + 0.75, 1.25, Math.max(2, to - x - 1.5), layout.height - 2.5, [3, 3, 3, 3]);
  context.stroke();
  if (to - x < 24) return;
  context.fillStyle = palette.focus;
  for (const edge of [x + 0.75, to - 0.75]) {
    context.beginPath();
    rounded(context, edge - 2, layout.height / 2 - 8, 4, 16, [2, 2, 2, 2]);
    context.fill();
  }
}

/** @param {StripScene} scene */
function marks(scene) {
  const { context, axis, layout, palette, hits, path, conditions, ends, trace } = scene;
  context.fillStyle = palette.focus;
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < hits.starts.length; i++) {
    const x = xAt(axis, hits.starts[i]);
    if (x < last + 1.5) continue;
    last = x;
    context.globalAlpha = 0.3;
    context.fillRect(x - 0.5, 0, 1, layout.height);
    context.globalAlpha = 1;
    context.fillRect(x - 1, layout.height - TICK, 2, TICK);
  }
  context.fillStyle = palette.ink;
  context.strokeStyle = palette.ink;
  for (const [places, dashed] of /** @type {const} */ ([
    [path, false],
    [conditions, true],
  ])) {
    for (const place of places) {
      const lane = layout.lanes.find(({ kind, level }) =>
        place.level === 0 ? kind === 'text' : kind === 'spans' && level === place.level,
      );
      if (!lane || place.index >= (trace.levels[place.level]?.count ?? 0)) continue;
      const { from, to } = bytesOf(ends, place);
      const [x, end] = [xAt(axis, from), xAt(axis, to + 1)];
      const width = Math.max(2.5, end - x);
      const height = place.level === 0 ? layout.height - lane.y : lane.height;
      if (dashed) {
        context.lineWidth = 1;
        context.setLineDash([2, 2]);
        context.strokeRect(x - 0.5, lane.y - 0.5, width + 1, height + 1);
        context.setLineDash([]);
      } else context.fillRect(x, lane.y, width, height);
    }
  }
}
