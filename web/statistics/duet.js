/** Layout of two models' bits over one text: a line of characters, the first's bits above it, the second's below. */
import { clusters } from '../format/bytes.js';
import { fixed } from '../format/numbers.js';
import { wrap } from '../hierarchy/layout.js';

/** Sizes in CSS pixels; a full bar is `MOST_BITS`. */
export const DUET = Object.freeze({ cell: 10, bars: 26, text: 20, gap: 14, MOST_BITS: 10 });

/**
 * One line. Paths are in the line's own coordinates, from its top left.
 * @typedef {{from: number, to: number, upper: string, lower: string, upperBorders: string, lowerBorders: string,
 *   signs: {x: number, text: string, quiet: boolean}[]}} DuetLine
 */

/** @param {number} n */
const short = (n) => String(Math.round(n * 100) / 100);

/**
 * Bars as one path: byte t's bar is what it cost; the first byte of a text cost nothing, it was given.
 * @param {Float32Array} bits  [t] what byte t + 1 cost
 * @param {number} from
 * @param {number} to
 * @param {1|-1} direction  1 upwards from `base`
 * @param {number} base
 */
function barsPath(bits, from, to, direction, base) {
  let path = '';
  for (let byte = Math.max(1, from); byte < to; byte++) {
    const value = bits[byte - 1];
    if (!(value > 0)) continue;
    const height = DUET.bars * Math.min(1, value / DUET.MOST_BITS);
    path += `M${(byte - from) * DUET.cell + 1} ${base}v${short(-direction * height)}h${DUET.cell - 2}V${base}z`;
  }
  return path;
}

/**
 * Ticks where level 0 has a border: after that byte, or before it where it begins a token.
 * @param {import('../traces/trace.js').Trace} trace
 * @param {number} from
 * @param {number} to
 * @param {number} y
 */
function ticks({ levels: [{ border }], manner }, from, to, y) {
  const after = manner.residual ? 0 : 1;
  let path = '';
  for (let byte = from; byte < to; byte++) {
    if (border[byte] === 1) path += `M${(byte - from + after) * DUET.cell} ${y}v${DUET.bars}`;
  }
  return path;
}

/**
 * @param {{text: Uint8Array, first: import('../traces/trace.js').Trace, second: import('../traces/trace.js').Trace, width: number}} what
 * @returns {{lines: DuetLine[], width: number, lineHeight: number, height: number}}
 */
export function duetLayout({ text, first, second, width }) {
  const columns = Math.max(8, Math.floor(width / DUET.cell));
  const signs = clusters(text);
  const base = DUET.bars + DUET.text;
  const lines = wrap(signs, columns).map(({ from, to, firstCluster, endCluster }) => ({
    from,
    to,
    upper: barsPath(first.decoderBits, from, to, 1, DUET.bars),
    lower: barsPath(second.decoderBits, from, to, -1, base),
    upperBorders: first.levels.length > 1 ? ticks(first, from, to, 0) : '',
    lowerBorders: second.levels.length > 1 ? ticks(second, from, to, base) : '',
    signs: signs.slice(firstCluster, endCluster).map((sign) => ({
      x: (sign.from - from + sign.length / 2) * DUET.cell,
      text: sign.text,
      quiet: sign.kind !== 'char',
    })),
  }));
  const lineHeight = 2 * DUET.bars + DUET.text + DUET.gap;
  return { lines, width: columns * DUET.cell, lineHeight, height: lines.length * lineHeight };
}

/**
 * What two models paid for a byte.
 * @param {{sign: string, byte: number, first: number, second: number}} paid  `byte` from 1; bits
 * @returns {string}
 */
export const paidByBoth = ({ sign, byte, first, second }) =>
  `${sign}, byte ${byte}: ${fixed(first)} against ${fixed(second)} bits`;

/**
 * The byte at a point, or −1.
 * @param {{lines: DuetLine[], lineHeight: number}} layout
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
export function duetHit({ lines, lineHeight }, x, y) {
  const line = lines[Math.floor(y / lineHeight)];
  if (!line || x < 0) return -1;
  const byte = line.from + Math.floor(x / DUET.cell);
  return byte < line.to ? byte : -1;
}
