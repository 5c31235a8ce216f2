/** Walking through the hierarchy with keys. */

import { above, below, firstByte, placeAt } from '../traces/spans.js';
import { lineAt } from './layout.js';

/** @typedef {import('../traces/spans.js').Place} Place */
/** @typedef {{trace: import('../traces/trace.js').Trace, ends: import('../traces/spans.js').Ends, layout?: import('./layout.js').Layout, folded?: readonly number[]}} Ground
 *   without a layout there are no lines to walk by; levels that are folded away are skipped */

/** @param {Ground} ground @param {number} level */
function countOf({ trace }, level) {
  return level === 0 ? trace.count : trace.levels[level].count;
}

/** @param {Ground} ground @param {Place} place @param {number} lines @returns {Place} that many lines further, on the same level */
function byLines({ ends, trace, layout }, place, lines) {
  if (!layout || layout.lines.length === 0) return place;
  const byte = firstByte(ends, place);
  const from = lineAt(layout, byte);
  const line = layout.lines[Math.max(0, Math.min(layout.lines.length - 1, from + lines))];
  const column = byte - layout.lines[from].from;
  const target = Math.min(line.from + column, line.to - 1, trace.count - 1);
  return (
    placeAt(ends, place.level, target) ?? {
      level: place.level,
      index: countOf({ trace, ends, layout }, place.level) - 1,
    }
  );
}

/**
 * Where a key leads from a place: along the level (arrows, Home, End), a line (Page Up and Down), to the token above or
 * its last part below.
 * @param {Place|null} place
 * @param {string} key  as in KeyboardEvent
 * @param {Ground} ground
 * @returns {Place|null} null where the key means nothing here
 */
export function walk(place, key, ground) {
  const { trace } = ground;
  if (trace.count === 0) return null;
  if (place === null) return /^(Arrow|Home|End|Page)/.test(key) ? { level: 0, index: 0 } : null;
  const { level, index } = place;
  const last = countOf(ground, level) - 1;
  switch (key) {
    case 'ArrowRight':
      return { level, index: Math.min(last, index + 1) };
    case 'ArrowLeft':
      return { level, index: Math.max(0, index - 1) };
    case 'ArrowUp':
      return above(ground, place) ?? place;
    case 'ArrowDown':
      return below(ground, place);
    case 'Home':
      return { level, index: 0 };
    case 'End':
      return { level, index: last };
    case 'PageUp':
      return byLines(ground, place, -1);
    case 'PageDown':
      return byLines(ground, place, 1);
    default:
      return null;
  }
}
