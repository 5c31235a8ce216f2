/** The layout of the drawing, in CSS pixels. Knows neither canvas nor browser. */

/** @typedef {import('../format/bytes.js').Cluster} Cluster */

/**
 * Sizes that depend on the room there is.
 * @typedef {{cell: number, left: number, right: number, top: number, bottom: number, token: number, gap: number, sum: number,
 *   entropy: number, text: number, fontSize: number}} Metrics
 *
 * A strip inside each line, `y` from the line's top.
 * @typedef {{y: number, height: number}} Lane
 * @typedef {{tokens: (Lane|undefined)[], sum: Lane|null, entropy: Lane|null, text: Lane, height: number}} Lanes
 *   `tokens[l]` for l ≥ 1; those of folded levels are not there
 *
 * Bytes `from`…`to` − 1, clusters likewise.
 * @typedef {{from: number, to: number, firstCluster: number, endCluster: number}} Line
 *
 * @typedef {object} Layout
 * @property {Metrics} metrics
 * @property {Lanes} lanes
 * @property {Line[]} lines
 * @property {number} start        first byte that is laid out
 * @property {Uint32Array} lineOf  line of each byte from there on
 * @property {number} columns      bytes that fit on a line
 * @property {number} width
 * @property {number} height       of all lines
 */

/** Width from which there is room for names of the lanes. */
const WIDE = 560;

/** @param {number} width @param {number} levels @returns {Metrics} */
export function metricsFor(width, levels) {
  const crowded = levels > 4;
  if (width < WIDE) {
    return {
      cell: 10,
      left: 2,
      right: 2,
      top: 12,
      bottom: 10,
      token: crowded ? 11 : 14,
      gap: 2,
      sum: 22,
      entropy: 18,
      text: 22,
      fontSize: 15,
    };
  }
  return {
    cell: 11.5,
    left: 68,
    right: 6,
    top: 16,
    bottom: 14,
    token: crowded ? 13 : 18,
    gap: 3,
    sum: 30,
    entropy: 24,
    text: 26,
    fontSize: 17,
  };
}

/**
 * The strips of a line, from the top: tokens of the top level down to level 1, running sum, entropy, text. Without a
 * second level there is no sum. Folded levels have none of theirs; the text is always there.
 * @param {number} levels
 * @param {Metrics} m
 * @param {readonly number[]} [folded]
 * @returns {Lanes}
 */
export function lanesFor(levels, m, folded = []) {
  let y = m.top;
  /** @type {Lanes['tokens']} */
  const tokens = [];
  for (let l = levels - 1; l >= 1; l--) {
    if (folded.includes(l)) continue;
    tokens[l] = { y, height: m.token };
    y += m.token + m.gap;
  }
  const bytes = !folded.includes(0);
  let [sum, entropy] = /** @type {(Lane|null)[]} */ ([null, null]);
  if (bytes && levels > 1) {
    sum = { y, height: m.sum };
    y += m.sum + m.gap;
  }
  if (bytes) {
    entropy = { y, height: m.entropy };
    y += m.entropy + 1;
  }
  const text = { y, height: m.text };
  y += m.text + m.bottom;
  return { tokens, sum, entropy, text, height: y };
}

/**
 * Wraps clusters into lines of at most `columns` bytes: after white space where that leaves a line at least half full,
 * else wherever it must. A cluster stays whole.
 * @param {Cluster[]} clusters
 * @param {number} columns
 * @returns {Line[]}
 */
export function wrap(clusters, columns) {
  /** @type {Line[]} */
  const lines = [];
  const half = columns / 2;
  let first = 0;
  let from = clusters[0]?.from ?? 0;
  /** Cluster after which the line may end, or −1. */
  let breakable = -1;
  /** @param {number} end  cluster after the line's last */
  const close = (end) => {
    const to = clusters[end - 1].from + clusters[end - 1].length;
    lines.push({ from, to, firstCluster: first, endCluster: end });
    [first, from, breakable] = [end, to, -1];
  };
  for (let i = 0; i < clusters.length; i++) {
    const { length, kind } = clusters[i];
    let used = clusters[i].from - from;
    if (used > 0 && used + length > columns) {
      close(breakable > first ? breakable : i);
      used = clusters[i].from - from;
    }
    const white = kind === 'space' || kind === 'newline' || kind === 'tab';
    if (white && used + length >= half) {
      breakable = i + 1;
      // Empty lines stay with the line before them.
      if (kind === 'newline' && clusters[i + 1]?.kind !== 'newline') close(i + 1);
    }
  }
  if (first < clusters.length) close(clusters.length);
  return lines;
}

/**
 * @param {{clusters: Cluster[], width: number, levels: number, folded?: readonly number[]}} what  `levels`: of the
 *   hierarchy, bytes included; `folded`: those without lanes
 * @returns {Layout}
 */
export function layout({ clusters, width, levels, folded }) {
  const metrics = metricsFor(width, levels);
  const lanes = lanesFor(levels, metrics, folded);
  const columns = Math.max(8, Math.floor((width - metrics.left - metrics.right) / metrics.cell));
  const lines = wrap(clusters, columns);
  const start = lines[0]?.from ?? 0;
  const lineOf = new Uint32Array((lines.at(-1)?.to ?? 0) - start);
  for (const [i, line] of lines.entries()) lineOf.fill(i, line.from - start, line.to - start);
  return { metrics, lanes, lines, start, lineOf, columns, width, height: lines.length * lanes.height };
}

/**
 * The line of a byte; the first or last one for a byte that is not laid out.
 * @param {Layout} layout
 * @param {number} byte
 * @returns {number}
 */
export function lineAt({ start, lineOf }, byte) {
  return lineOf[Math.max(0, Math.min(lineOf.length - 1, byte - start))] ?? 0;
}

/** Left edge of a byte's cell. @param {Layout} layout @param {number} byte @returns {number} */
export function cellX(layout, byte) {
  return layout.metrics.left + (byte - layout.lines[lineAt(layout, byte)].from) * layout.metrics.cell;
}

/**
 * Lines between two heights, `end` exclusive.
 * @param {Layout} layout
 * @param {number} top
 * @param {number} bottom
 * @returns {{first: number, end: number}}
 */
export function linesBetween({ lines, lanes }, top, bottom) {
  const first = Math.max(0, Math.floor(top / lanes.height));
  const end = Math.min(lines.length, Math.ceil(bottom / lanes.height));
  return { first, end: Math.max(first, end) };
}

/**
 * What is at a point: a level and a byte, or null beside the text.
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y  from the top of the first line
 * @returns {{level: number, byte: number}|null}
 */
export function hit({ metrics, lanes, lines }, x, y) {
  const line = lines[Math.floor(y / lanes.height)];
  if (!line || y < 0) return null;
  const byte = line.from + Math.floor((x - metrics.left) / metrics.cell);
  if (x < metrics.left || byte >= line.to) return null;
  const inside = y - Math.floor(y / lanes.height) * lanes.height;
  for (let level = lanes.tokens.length - 1; level >= 1; level--) {
    const lane = lanes.tokens[level];
    if (!lane) continue;
    if (inside >= lane.y - metrics.gap / 2 && inside < lane.y + lane.height + metrics.gap / 2) return { level, byte };
  }
  return { level: 0, byte };
}
