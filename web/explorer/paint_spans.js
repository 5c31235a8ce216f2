/** The lanes of tokens: boxes with their text, or where they are too many, how densely they lie. */
import { excerpt } from '../format/bytes.js';
import { paintBoxes, paintPending } from '../hierarchy/lanes.js';
import { levelColour } from '../hierarchy/palette.js';
import { bytesShown, cellOf, xAt } from '../traces/axis.js';
import { firstAtLeast } from '../traces/spans.js';
import { borderCounts } from './columns.js';

/** @typedef {import('./strip_layout.js').Lane} Lane */
/** @typedef {import('./strip.js').StripScene} StripScene */
/** @typedef {import('./paint.js').StripStretch} StripStretch */

/** Least pixels per token, on average, for each to have a box; pixels of a column otherwise. */
const [BOX, DENSITY] = [4, 2];
/** Pixels that hide a box's round corner. */
const BEYOND = 4;
/** Shades of a density. */
const SHADES = 8;
/** Pixels that a span's label needs, and characters that a part of its text does. */
const [LABEL, LEAST_ROOM] = [24, 4];
/** Pixels of a character of a label. */
export const LETTER = 6.65;

/**
 * The tokens that are at least partly shown.
 * @param {StripScene} scene
 * @param {number} level
 * @returns {{first: number, end: number}} `end` exclusive
 */
export function tokensShown({ ends, axis, trace }, level) {
  const { from, to } = bytesShown(axis.window, trace.text.length);
  const first = firstAtLeast(ends[level], from);
  const last = firstAtLeast(ends[level], to);
  return { first, end: Math.min(ends[level].length, last + 1) };
}

/** @param {StripScene} scene @param {number} level @param {number} index @returns {[number, number]} pixels */
export function extent({ ends, axis }, level, index) {
  const first = index === 0 ? 0 : ends[level][index - 1] + 1;
  const right = axis.left + axis.width;
  return [Math.max(axis.left - 4, xAt(axis, first)), Math.min(right + 4, xAt(axis, ends[level][index] + 1))];
}

/** Boxes of tokens with their text, or where they are too many, how densely they lie. @param {StripStretch} stretch @param {Lane} lane */
export function paintSpans(stretch, lane) {
  const { level, y, height } = lane;
  const { first, end } = tokensShown(stretch, level);
  if ((end - first) * BOX <= stretch.axis.width) {
    // Those at the edges reach past them, where they are cut off.
    const beyond = Math.ceil(BEYOND / cellOf(stretch.axis));
    paintBoxes({ ...stretch, from: stretch.from - beyond, to: stretch.to + beyond }, lane, level);
    if (height >= 16) for (let index = first; index < end; index++) label(stretch, level, index, y + height / 2 + 0.5);
  } else density(stretch, lane);
  paintPending(stretch, lane, level);
}

/** A span's text, and its length where there is room for both. @param {StripScene} scene @param {number} level @param {number} index @param {number} middle */
function label(scene, level, index, middle) {
  const { context, palette, trace, ends, axis } = scene;
  const [x, to] = extent(scene, level, index);
  if (to - x < LABEL) return;
  const [left, right] = [Math.max(x, axis.left) + 6, Math.min(to, axis.left + axis.width) - 6];
  const first = index === 0 ? 0 : ends[level][index - 1] + 1;
  const length = ends[level][index] + 1 - first;
  const room = Math.floor((right - left) / LETTER);
  // Longer ones are cut off at their end: their beginning is what the eye reaches first.
  const signs = [...excerpt(trace.text.subarray(first, first + Math.min(length, 4 * room)), 4 * room)];
  const whole = length <= 4 * room && signs.length <= room;
  if (!whole && room < LEAST_ROOM) return;
  const size = String(length);
  context.font = `11px ${palette.mono}`;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.fillStyle = palette.ink;
  context.fillText(whole ? signs.join('') : `${signs.slice(0, room - 1).join('')}…`, left, middle);
  // Where the way up or down passes, its mark has that place.
  const marked = [...scene.path, ...scene.conditions].some((place) => place.level === level && place.index === index);
  if (!whole || marked || signs.length + size.length + 2 > room) return;
  context.textAlign = 'right';
  context.fillStyle = palette.soft;
  context.fillText(size, right, middle);
}

/** The darker, the more borders: between the fewest and the most that a column has. @param {StripScene} scene @param {Lane} lane */
function density({ context, axis, ends, palette }, { level, y, height }) {
  const counts = borderCounts(axis, ends[level], DENSITY);
  // Nothing is known after the last border, and the last column is partly empty.
  let columns = counts.length - 1;
  while (columns >= 0 && counts[columns] === 0) columns--;
  const known = counts.subarray(0, Math.max(1, columns));
  const [least, most] = [Math.min(...known), Math.max(1, ...known)];
  context.fillStyle = levelColour(palette, level);
  for (let shade = 0; shade <= SHADES; shade++) {
    context.beginPath();
    for (let i = 0; i <= columns; i++) {
      const share = most > least ? Math.max(0, counts[i] - least) / (most - least) : 1;
      if (counts[i] > 0 && Math.min(SHADES, Math.round(share * SHADES)) === shade)
        context.rect(axis.left + i * DENSITY, y, DENSITY, height);
    }
    context.globalAlpha = 0.2 + (0.7 * shade) / SHADES;
    context.fill();
  }
  context.globalAlpha = 1;
}
