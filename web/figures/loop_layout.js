/**
 * The layout of the streaming loop's figure: for each level what is remembered, the text with the reader's
 * place, and the logits. CSS pixels.
 */
import { linesOf } from './border_layout.js';

/** @typedef {import('../format/bytes.js').Cluster} Cluster */
/** @typedef {import('../../wasm/engine/protocol.js').StateName} StateName */
/** @typedef {import('./border_layout.js').Rectangle} Rectangle */

/**
 * @typedef {'encoder'|'budget'|'decoder'|'parent'|'block'} CellKind
 * @typedef {Rectangle & {kind: CellKind, level: number, title: string, strips: Rectangle[]}} Cell  `strips`: one a vector
 * @typedef {{level: number, kind: 'emit'|'parent', points: [number, number][]}} Way
 * @typedef {Rectangle & {level: number}} Row
 * @typedef {{x: number, y: number, cluster: Cluster}} Sign
 * @typedef {{width: number, height: number, rows: Row[], cells: Cell[], ways: Way[], signs: Sign[], text: {cell: number, line: number},
 *   logits: Rectangle}} LoopDrawing
 */

const WIDE = 640;
/** Height of a strip of numbers, of a cell's title, between cells, inside them, between rows. */
const [STRIP, TITLE, GAP, INSET, CHANNEL] = [20, 20, 14, 8, 26];
/** Most numbers of a vector that are drawn: every second of 128, every fourth of 256, … */
export const MOST_BARS = 64;

/** Which numbers of a vector are drawn. @param {number} hidden @returns {number} 1 for every number, 2 for every second, … */
export function strideOf(hidden) {
  return Math.max(1, Math.ceil(hidden / MOST_BARS));
}

/**
 * A vector as bars from the middle line of a strip.
 * @param {ArrayLike<number>} values
 * @param {Rectangle} strip
 * @param {number} most  value that fills half of the strip
 * @returns {string} a path
 */
export function barsPath(values, { x, y, width, height }, most) {
  const stride = strideOf(values.length);
  const count = Math.ceil(values.length / stride);
  const pitch = width / count;
  const bar = Math.max(0.6, pitch * 0.7);
  const zero = y + height / 2;
  let path = '';
  for (let i = 0; i < count; i++) {
    const share = Math.max(-1, Math.min(1, values[i * stride] / (most || 1)));
    const tall = (share * height) / 2;
    // What is nearly 0 still shows where it is.
    const drawn = Math.abs(tall) < 0.4 ? 0.4 : tall;
    path += `M${short(x + i * pitch)} ${short(zero)}h${short(bar)}v${short(-drawn)}h${short(-bar)}z`;
  }
  return path;
}

/**
 * Logits as bars from a line up or down; the smallest has none.
 * @param {ArrayLike<number>} values
 * @param {{x: number, y: number, width: number}} line
 * @param {number} height  of the largest; negative for downwards
 * @param {number} least
 * @param {number} most
 * @returns {string}
 */
export function logitsPath(values, { x, y, width }, height, least, most) {
  const pitch = width / values.length;
  const bar = Math.max(0.5, pitch * 0.72);
  let path = '';
  for (let i = 0; i < values.length; i++) {
    const tall = ((values[i] - least) / (most - least || 1)) * height;
    path += `M${short(x + i * pitch)} ${short(y)}h${short(bar)}v${short(-tall)}h${short(-bar)}z`;
  }
  return path;
}

/** @param {number} n */
const short = (n) => Math.round(n * 100) / 100;

/** @param {StateName[]} names @param {CellKind} kind @param {number} level */
const vectorsOf = (names, kind, level) => names.filter((name) => name.kind === kind && name.level === level).length;

/**
 * @param {{clusters: Cluster[], names: StateName[], levels: number, width: number, titles?: {budget: string, decoder: string}}} what
 *   `levels`: of the model, or blocks of the baseline; `titles`: what cells are called
 * @returns {LoopDrawing}
 */
export function loopLayout({ clusters, names, levels, width, titles = { budget: 'sum', decoder: 'decoder' } }) {
  const wide = width >= WIDE;
  const baseline = names[0]?.kind === 'block';
  /** @type {LoopDrawing} */
  const drawing = {
    width,
    height: 0,
    rows: [],
    cells: [],
    ways: [],
    signs: [],
    text: { cell: 0, line: 0 },
    logits: { x: 0, y: 0, width, height: 0 },
  };
  let y = baseline ? blockRows(drawing, levels, wide) : levelRows(drawing, names, levels, wide, titles);
  y += wide ? 14 : 10;
  const [cell, line] = wide ? [15, 34] : [11.5, 30];
  drawing.text = { cell, line };
  for (const signs of linesOf(clusters, Math.max(6, Math.floor((width - 4) / cell)))) {
    const [{ from }] = signs;
    for (const cluster of signs) drawing.signs.push({ x: 2 + (cluster.from - from) * cell, y, cluster });
    y += line;
  }
  y += 12;
  drawing.logits = { x: 0, y, width, height: wide ? 132 : 112 };
  drawing.height = y + drawing.logits.height;
  return drawing;
}

/** @param {LoopDrawing} drawing @param {CellKind} kind @param {number} level @param {string} title @param {Rectangle} at @param {number} strips */
function addCell({ cells }, kind, level, title, at, strips) {
  const inner = { x: at.x + INSET, width: at.width - 2 * INSET, height: STRIP };
  const list = Array.from({ length: strips }, (_, i) => ({ ...inner, y: at.y + TITLE + i * (STRIP + 2) }));
  const cell = { kind, level, title, ...at, strips: list };
  cells.push(cell);
  return cell;
}

/** @param {LoopDrawing} drawing @param {StateName[]} names @param {number} levels @param {boolean} wide @param {{budget: string, decoder: string}} titles @returns {number} their foot */
function levelRows(drawing, names, levels, wide, titles) {
  const { width } = drawing;
  const left = wide ? 88 : 8;
  const right = wide ? 10 : 8;
  const inset = 10;
  const tall = TITLE + 2 * (STRIP + 2) + 6;
  const columns = wide ? 4 : 2;
  const each = (width - left - right - GAP * (columns - 1)) / columns;
  /** @param {number} i */
  const x = (i) => left + i * (each + GAP);
  let y = 0;
  /** @type {{encoder: Cell, budget: Cell|null, decoder: Cell|null, parent: Cell|null, top: number, foot: number}[]} */
  const rows = [];
  for (let level = levels - 1; level >= 0; level--) {
    const below = level < levels - 1;
    const head = wide ? inset : 26;
    const height = head + (wide || !below ? tall : 2 * tall + GAP) + inset;
    drawing.rows.push({ level, x: 0, y, width, height });
    const first = y + head;
    const second = wide ? first : first + tall + GAP;
    /** @param {number} column @param {number} at */
    const place = (column, at) => ({ x: x(column), y: at, width: each, height: tall });
    // Narrow: what moves up on the left, what comes down on the right.
    const encoder = addCell(
      drawing,
      'encoder',
      level,
      'encoder',
      place(0, wide || !below ? first : second),
      vectorsOf(names, 'encoder', level),
    );
    rows[level] = {
      encoder,
      budget: below ? addCell(drawing, 'budget', level, titles.budget, place(wide ? 1 : 0, first), 1) : null,
      parent: below
        ? addCell(drawing, 'parent', level, 'parent', place(wide ? 2 : 1, first), vectorsOf(names, 'parent', level))
        : null,
      decoder: below
        ? addCell(
            drawing,
            'decoder',
            level,
            titles.decoder,
            place(wide ? 3 : 1, second),
            // There is room for two.
            Math.min(2, vectorsOf(names, 'decoder', level)),
          )
        : null,
      top: y,
      foot: y + height,
    };
    y += height + CHANNEL;
  }
  for (let level = 0; level < levels - 1; level++) tie(drawing, rows[level], rows[level + 1], level);
  return y - CHANNEL;
}

/** @param {Rectangle} cell @param {number} share */
const along = ({ x, width }, share) => x + width * share;

/**
 * The way of a state up at a border, and of a parent down.
 * @param {LoopDrawing} drawing
 * @param {{budget: Cell|null, parent: Cell|null, top: number}} below
 * @param {{encoder: Cell, decoder: Cell|null, foot: number}} above
 * @param {number} level
 */
function tie({ ways }, { budget, parent, top }, { encoder, decoder, foot }, level) {
  if (!budget || !parent) return;
  const channel = (foot + top) / 2;
  // Clear of the level's name, which may stand above.
  const [from, to] = [along(budget, 0.7), along(encoder, 0.5)];
  ways.push({
    kind: 'emit',
    level,
    points: [
      [from, budget.y],
      [from, channel - 4],
      [to, channel - 4],
      [to, encoder.y + encoder.height],
    ],
  });
  const source = decoder ?? encoder;
  const [out, into] = [along(source, decoder ? 0.5 : 0.8), along(parent, 0.6)];
  ways.push({
    kind: 'parent',
    level,
    points: [
      [out, source.y + source.height],
      [out, channel + 4],
      [into, channel + 4],
      [into, parent.y],
    ],
  });
}

/** @param {LoopDrawing} drawing @param {number} blocks @param {boolean} wide @returns {number} their foot */
function blockRows(drawing, blocks, wide) {
  const columns = wide ? 4 : 2;
  const tall = TITLE + 2 * (STRIP + 2) + 6;
  const each = (drawing.width - GAP * (columns - 1)) / columns;
  for (let k = 0; k < blocks; k++) {
    const at = {
      x: (k % columns) * (each + GAP),
      y: Math.floor(k / columns) * (tall + GAP) + 2,
      width: each,
      height: tall,
    };
    addCell(drawing, 'block', k, `block ${k}`, at, 2);
  }
  return Math.ceil(blocks / columns) * (tall + GAP);
}
