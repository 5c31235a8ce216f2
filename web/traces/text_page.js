/** The part of a long text that is laid out in lines. */
import { backToCharacter } from '../format/bytes.js';

/** Longest text that is laid out as a whole; of a longer one, how many bytes are, moved by half as many. */
const [MOST_LINES, PAGE] = [8192, 4096];

/**
 * The part that is laid out when a place is looked at. Neighbouring places share a part.
 * @param {Uint8Array} text
 * @param {number} middle  byte
 * @returns {{from: number, to: number}} bytes, `to` exclusive; no character is cut
 */
export function pageOf(text, middle) {
  if (text.length <= MOST_LINES) return { from: 0, to: text.length };
  const last = Math.ceil((text.length - PAGE) / (PAGE / 2));
  const half = Math.min(last, Math.max(0, Math.round((middle - PAGE / 2) / (PAGE / 2))));
  const from = backToCharacter(text, half * (PAGE / 2));
  const to = Math.min(text.length, from + PAGE);
  return { from, to: to === text.length ? to : backToCharacter(text, to) };
}
