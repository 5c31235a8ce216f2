/**
 * The layout of the border rule's figure: lines of text, over each the sum of its bytes' entropies as blocks
 * on top of one another, the tokens between borders, their sums, and the tokens above. CSS pixels.
 */
import { blocksOf } from './rule.js';

/** @typedef {import('../format/bytes.js').Cluster} Cluster */
/** @typedef {import('../traces/trace.js').LevelTrace} LevelTrace */

/**
 * @typedef {{x: number, y: number, width: number, height: number}} Rectangle
 * @typedef {{y: number, height: number}} Lane
 * @typedef {Rectangle & {index: number, from: number, to: number, border: boolean, counted: boolean}} Block  `from` and `to`:
 *   the sum before and after
 * @typedef {Rectangle & {index: number, level: number, opens: boolean, closes: boolean, bytes: number}} Span
 * @typedef {{x: number, cluster: Cluster}} Sign
 * @typedef {{level: number, lane: Lane, threshold: number, blocks: Block[]}} Plot  `threshold`: its height, from the top
 * @typedef {{y: number, height: number, width: number, signs: Sign[], text: Lane, plots: Plot[], spans: Span[], borders: {x: number, level: number, y: number}[]}} Line
 * @typedef {{width: number, height: number, left: number, cell: number, lines: Line[]}} BorderDrawing
 */

/** Sizes where there is room, and where there is little. */
const SIZES = Object.freeze({
  wide: { left: 104, cell: 15.5, most: 20, plots: [150, 96], span: 20, text: 30, gap: 8, line: 20, top: 8 },
  narrow: { left: 62, cell: 11.5, most: 14, plots: [96, 64], span: 16, text: 26, gap: 6, line: 16, top: 8 },
});
const WIDE = 640;
/** Share of a plot that is above the largest sum it has to show. */
const HEADROOM = 0.06;

/**
 * Lines of at most `columns` bytes, broken after white space where there is some, never inside a character.
 * @param {Cluster[]} clusters
 * @param {number} columns
 * @returns {Cluster[][]}
 */
export function linesOf(clusters, columns) {
  /** @type {Cluster[][]} */
  const lines = [];
  /** @type {Cluster[]} */
  let line = [];
  const used = () => line.reduce((sum, { length }) => sum + length, 0);
  for (const cluster of clusters) {
    if (line.length > 0 && used() + cluster.length > columns) {
      let space = line.length - 1;
      while (space >= 0 && (line[space].kind === 'char' || line[space].kind === 'invalid')) space--;
      const rest = space > columns / 3 ? line.splice(space + 1) : [];
      lines.push(line);
      line = rest;
    }
    line.push(cluster);
  }
  if (line.length > 0) lines.push(line);
  return lines;
}

/** First and last byte of each token of a level. @param {LevelTrace} level */
function extents({ end, count }) {
  return Array.from(end.subarray(0, count), (to, i) => ({ from: i === 0 ? 0 : end[i - 1] + 1, to }));
}

/**
 * @param {{clusters: Cluster[], levels: LevelTrace[], thresholds: number[], scales: number[], width: number, count: number, adds?: boolean[]}} what
 *   `levels`: as far as they are known; `count`: how many the model has; `scales`: the largest sum of each plot; `adds`:
 *   whether a level's scores add up, default yes
 * @returns {BorderDrawing}
 */
export function borderLayout({ clusters, levels, thresholds, scales, width, count, adds = [] }) {
  const least = width >= WIDE ? SIZES.wide : SIZES.narrow;
  const bytes = clusters.reduce((sum, { length }) => sum + length, 0);
  // A sentence that fits on one line may fill it.
  const cell = Math.max(least.cell, Math.min(least.most, (width - least.left - 4) / Math.max(1, bytes)));
  const size = { ...least, cell };
  const plotted = Math.min(2, Math.max(0, count - 1));
  const columns = Math.max(6, Math.floor((width - size.left - 4) / size.cell));
  const drawn = levels.slice(0, plotted).map((level, l) => ({
    level: l,
    blocks: blocksOf(level, adds[l] ?? true),
    routed: level,
    extents: l === 0 ? null : extents(level),
  }));
  const tokens = levels.slice(1, count).map((level, i) => ({ level: i + 1, extents: extents(level) }));
  let y = size.top;
  /** @type {Line[]} */
  const lines = [];
  for (const signs of linesOf(clusters, columns)) {
    const line = lineAt({ y, signs, size, count, plotted, drawn, tokens, thresholds, scales });
    lines.push(line);
    y += line.height + size.line;
  }
  return { width, height: Math.max(y - size.line + 4, 40), left: size.left, cell: size.cell, lines };
}

/**
 * @param {{y: number, signs: Cluster[], size: typeof SIZES.wide, count: number, plotted: number,
 *   drawn: {level: number, blocks: {from: number, to: number}[], routed: LevelTrace, extents: {from: number, to: number}[]|null}[],
 *   tokens: {level: number, extents: {from: number, to: number}[]}[], thresholds: number[], scales: number[]}} what
 * @returns {Line}
 */
function lineAt({ y: top, signs, size, count, plotted, drawn, tokens, thresholds, scales }) {
  const from = signs[0].from;
  const last = signs[signs.length - 1];
  const to = last.from + last.length;
  /** Left edge of a byte. @param {number} byte */
  const at = (byte) => size.left + (byte - from) * size.cell;
  /** @type {Span[]} */
  const spans = [];
  /** @type {Plot[]} */
  const plots = [];
  let y = top;
  // From the top: tokens of each level, and below those of level l the sum of the level under them.
  for (let level = count - 1; level >= 1; level--) {
    const lane = { y, height: size.span };
    y += size.span + 3;
    for (const [index, extent] of (tokens.find((t) => t.level === level)?.extents ?? []).entries()) {
      const [a, b] = [Math.max(extent.from, from), Math.min(extent.to + 1, to)];
      if (a >= b) continue;
      const [opens, closes] = [extent.from >= from, extent.to < to];
      const bytes = extent.to - extent.from + 1;
      spans.push({ level, index, x: at(a), width: (b - a) * size.cell, ...lane, opens, closes, bytes });
    }
    if (level > plotted) continue;
    const plot = { y, height: size.plots[level - 1] };
    y += plot.height + size.gap;
    const scale = scales[level - 1];
    /** @param {number} value */
    const high = (value) => plot.y + plot.height - (value / scale) * plot.height * (1 - HEADROOM);
    const own = drawn.find((d) => d.level === level - 1);
    /** @type {Block[]} */
    const blocks = [];
    for (const [index, block] of (own?.blocks ?? []).entries()) {
      const extent = own?.extents?.[index] ?? { from: index, to: index };
      const [a, b] = [Math.max(extent.from, from), Math.min(extent.to + 1, to)];
      if (a >= b) continue;
      const place = {
        x: at(a),
        width: (b - a) * size.cell,
        y: high(block.to),
        height: high(block.from) - high(block.to),
      };
      blocks.push({ index, ...block, ...place, border: own?.routed.border[index] === 1, counted: index > 0 });
    }
    plots.push({ level: level - 1, lane: plot, threshold: high(thresholds[level - 1] ?? 0), blocks });
  }
  const text = { y, height: size.text };
  const borders = spans
    .filter(({ closes }) => closes)
    .map(({ x, width, level, y: high }) => ({ x: x + width, level, y: high }));
  return {
    y: top,
    height: y + size.text - top,
    width: (to - from) * size.cell,
    signs: signs.map((cluster) => ({ x: at(cluster.from), cluster })),
    text,
    plots,
    spans,
    borders,
  };
}

/**
 * The byte at a point of a line, or null.
 * @param {BorderDrawing} drawing
 * @param {number} x
 * @param {number} y
 * @returns {number|null}
 */
export function byteAt({ lines, left, cell }, x, y) {
  const line = lines.find((l) => y >= l.y && y < l.y + l.height);
  if (!line || x < left || x >= left + line.width) return null;
  return line.signs[0].cluster.from + Math.floor((x - left) / cell);
}

/**
 * The sum that a height of a plot stands for.
 * @param {Plot} plot
 * @param {number} scale
 * @param {number} y
 * @returns {number}
 */
export function valueAt({ lane }, scale, y) {
  const share = (lane.y + lane.height - y) / (lane.height * (1 - HEADROOM));
  return Math.max(0, share * scale);
}
