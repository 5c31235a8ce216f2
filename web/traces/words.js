/** Where borders fall relative to words. */
import { atWordStart } from '../../wasm/engine/word_starts.js';

/**
 * Shares of the borders of bytes, and of all bytes, that are at the first letter of a word or at the space before it.
 * @param {import('./trace.js').Trace} trace
 * @returns {{borders: number, bytes: number}|null} null where there are no borders
 */
export function atWords({ text, count, levels }) {
  const { end, count: borders } = levels[1] ?? { count: 0 };
  if (borders === 0) return null;
  // Plain loops: a long text comes in pieces, and is gone through after each.
  let [atBorders, all] = [0, 0];
  for (let j = 0; j < borders; j++) if (atWordStart(text, end[j])) atBorders++;
  for (let at = 0; at < count; at++) if (atWordStart(text, at)) all++;
  return { borders: atBorders / borders, bytes: all / count };
}
