/** The strips of the explorer, one above the other, in CSS pixels. Knows neither canvas nor browser. */
import { byteAt } from '../traces/axis.js';

/**
 * `spans` and `sum` belong to a level; `sum` of level l lies between the tokens of l and those of l + 1 that it makes.
 * @typedef {{kind: 'ruler'|'spans'|'sum'|'entropy'|'text', level: number, y: number, height: number}} Lane
 * @typedef {{lanes: Lane[], left: number, right: number, width: number, height: number, wide: boolean}} StripLayout
 */

/** Width from which there is room for names beside the lanes. */
const WIDE = 560;

/** Heights of the lanes, with room beside them and without; `crowded` where there are many levels. */
const SIZES = {
  wide: { ruler: 22, spans: 24, sum: 30, entropy: 28, text: 32, gap: 4, left: 74, right: 8 },
  narrow: { ruler: 20, spans: 22, sum: 24, entropy: 22, text: 30, gap: 3, left: 6, right: 6 },
  crowded: { ruler: 20, spans: 17, sum: 17, entropy: 22, text: 30, gap: 2, left: 74, right: 8 },
};
/** Levels from which lanes get lower. */
const CROWD = 5;

/**
 * @param {{levels: number, width: number, folded?: readonly number[]}} what  `levels`: of the hierarchy, bytes included;
 *   `folded`: those without lanes. Characters always have one.
 * @returns {StripLayout}
 */
export function stripLayout({ levels, width, folded = [] }) {
  const wide = width >= WIDE;
  const size = { ...(levels >= CROWD ? SIZES.crowded : SIZES.wide), ...(!wide && SIZES.narrow) };
  /** @type {Lane[]} */
  const lanes = [];
  let y = 0;
  /** @param {Lane['kind']} kind @param {number} level */
  const add = (kind, level) => {
    lanes.push({ kind, level, y, height: size[kind] });
    y += size[kind] + size.gap;
  };
  add('ruler', 0);
  for (let level = levels - 1; level >= 0; level--) {
    if (folded.includes(level)) continue;
    if (level < levels - 1) add('sum', level);
    add(level === 0 ? 'entropy' : 'spans', level);
  }
  add('text', 0);
  return { lanes, left: size.left, right: size.right, width, height: y + size.gap, wide };
}

/** Width of what is drawn beside the names. @param {StripLayout} layout @returns {number} CSS pixels */
export function plotWidth({ width, left, right }) {
  return Math.max(1, width - left - right);
}

/** @param {StripLayout} layout @param {import('../traces/axis.js').Window} window @returns {import('../traces/axis.js').Axis} */
export function axisOf(layout, window) {
  return { left: layout.left, width: plotWidth(layout), window };
}

/**
 * What is at a point: a level and a byte, or null.
 * @param {StripLayout} layout
 * @param {import('../traces/axis.js').Axis} axis
 * @param {number} x
 * @param {number} y
 * @param {number} length  bytes of the text
 * @returns {{level: number, byte: number}|null}
 */
export function hitStrip(layout, axis, x, y, length) {
  const lane = layout.lanes.find((l) => y >= l.y && y < l.y + l.height);
  const byte = Math.floor(byteAt(axis, x));
  if (!lane || lane.kind === 'ruler' || x < axis.left || x >= axis.left + axis.width || byte < 0 || byte >= length)
    return null;
  return { level: lane.level, byte };
}
