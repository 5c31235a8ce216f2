/** Where borders fall against words. */
import { atWordStart } from '../../wasm/engine/words.js';

/**
 * Shares of the borders of bytes, and of all bytes, that are at the first letter of a word or at the space before it.
 * @param {import('./trace.js').Trace} trace
 * @returns {{borders: number, bytes: number}|null} null where there are no borders
 */
export function atWords({ text, count, levels }) {
  const borders = levels[1]?.end.subarray(0, levels[1].count) ?? [];
  if (borders.length === 0) return null;
  const share = (/** @type {ArrayLike<number>} */ places) =>
    Array.from(places).filter((at) => atWordStart(text, at)).length / places.length;
  return { borders: share(borders), bytes: share(Array.from({ length: count }, (_, at) => at)) };
}
