/**
 * The layout of the adaptive model's figure. Bytes are at the bottom and levels stand on one another, as in the
 * drawing of the hierarchy: encoders on the left hand states up at borders, decoders on the right hand them down.
 */

import { finder } from '../anatomy/parts.js';
import { bottom, centre, HEIGHTS, middle, right, Sheet } from './boxes.js';
import { narrowLayout } from './model_narrow.js';

/** @typedef {import('../anatomy/parts.js').Anatomy} Anatomy */
/** @typedef {import('../anatomy/parts.js').Part} Part */
/** @typedef {import('./boxes.js').Box} Box */
/** @typedef {import('./boxes.js').Drawing} Drawing */

/** Width from which encoders and decoders have their heads beside them. */
export const WIDE = 668;

/** Room for the names of levels, between columns, between bands, at a band's edges. */
const [GUTTER, GAP, CHANNEL, PAD] = [86, 20, 34, 16];
/** Shares of the five columns: encoder, heads, border, decoder, byte head. */
const SHARES = [0.23, 0.21, 0.16, 0.23, 0.17];
/** How far apart what goes up and what comes down run where they share a column. */
const SIDE = 18;
/** Height of a loss under its head, and between two heads. */
const [LOSS, STACK] = [HEIGHTS[1], 8];

/** Left edges and widths of the columns. @param {number} width */
function columnsOf(width) {
  const room = width - GUTTER - PAD - GAP * (SHARES.length - 1);
  let x = GUTTER;
  return SHARES.map((share) => {
    const column = { x, width: room * share };
    x += column.width + GAP;
    return column;
  });
}

/** Height of a band without its edges. @param {number} level @param {number} levels */
function heightOf(level, levels) {
  const heads = HEIGHTS[3] + LOSS;
  if (level === 0) return levels > 1 ? HEIGHTS[3] * 2 + PAD : heads;
  return 2 * heads + STACK;
}

/**
 * @param {Anatomy} anatomy  of an adaptive model
 * @param {number} width
 * @returns {Drawing}
 */
export function modelLayout(anatomy, width) {
  return width >= WIDE ? wideLayout(anatomy, width) : narrowLayout(anatomy, width);
}

/** @param {Anatomy} anatomy @param {number} width @returns {Drawing} */
function wideLayout(anatomy, width) {
  const { levels } = anatomy;
  const part = finder(anatomy);
  const sheet = new Sheet();
  const columns = columnsOf(width);
  /** Boxes of each level that wires end at. @type {{encoder: Box, border: Box|null, decoder: Box|null, projection: Box|null, top: number, foot: number}[]} */
  const rows = [];
  let y = 0;
  for (let level = levels - 1; level >= 0; level--) {
    const height = heightOf(level, levels) + 2 * PAD;
    sheet.bands.push({ level, x: 0, y, width, height });
    sheet.labels.push({ x: 14, y: y + 24, text: `level ${level}`, level, anchor: 'start', role: 'level' });
    rows[level] = band({ sheet, part, columns, level, levels, y: y + PAD });
    y += height + CHANNEL;
  }
  const embedding = sheet.box(part('embedding'), { ...columns[0], y }, { colour: 0 });
  const text = sheet.box(part('text'), { ...columns[0], y: bottom(embedding) + STACK }, { colour: 0 });
  const total = sheet.box(
    part('total'),
    { x: columns[1].x, y: embedding.y, width: width - PAD - columns[1].x },
    {
      height: bottom(text) - embedding.y,
      colour: -1,
    },
  );
  for (let level = 0; level < levels; level++) connect(sheet, rows, level, columns, embedding);
  return sheet.finish(width, bottom(total) + 1);
}

/**
 * The boxes of one level.
 * @param {{sheet: Sheet, part: ReturnType<typeof finder>, columns: {x: number, width: number}[], level: number, levels: number, y: number}} what
 */
function band({ sheet, part, columns: [a, b, c, d, e], level, levels, y }) {
  const inner = heightOf(level, levels);
  const foot = y + inner;
  const top = level === levels - 1;
  const encoder = sheet.box(part('encoder', level), { ...a, y: foot - HEIGHTS[3] });
  const heads = level === 0 ? byteHead(sheet, part, b, foot) : metaHeads(sheet, part, b, y, level);
  const x = middle(a) + a.width / 2;
  for (const head of heads)
    sheet.wire(`h-${level}-${head.part.kind}`, 'input', level, elbow(x, centre(encoder), head.x, centre(head)));
  let [border, decoder, projection] = /** @type {(Box|null)[]} */ ([null, null, null]);
  if (!top) {
    const score = heads[heads.length - 1];
    border = sheet.box(
      part('border', level),
      { ...c, y: centre(score) - HEIGHTS[2] / 2 },
      {
        lines: ['border?', level === 0 ? 'Σ entropy' : 'Σ error'],
      },
    );
    sheet.wire(`score-${level}`, 'score', level, [
      [right(score), centre(score)],
      [border.x, centre(border)],
    ]);
    projection = sheet.box(part('projection', level), { ...d, y: foot - 2 * HEIGHTS[3] - PAD });
    decoder = sheet.box(part('decoder', level), { ...d, y: foot - HEIGHTS[3] });
    sheet.wire(`parent-${level}`, 'down', level, [
      [middle(projection), bottom(projection)],
      [middle(decoder), decoder.y],
    ]);
  }
  if (level === 0) decoderHead(sheet, part, e, foot, decoder ?? encoder);
  return { encoder, border, decoder, projection, top: y - PAD, foot: foot + PAD };
}

/** A right-angled way from (x, y) to (toX, toY), its bend half-way. @param {number} x @param {number} y @param {number} toX @param {number} toY @returns {[number, number][]} */
function elbow(x, y, toX, toY) {
  if (Math.abs(y - toY) < 0.5)
    return [
      [x, y],
      [toX, toY],
    ];
  const bend = (x + toX) / 2;
  return [
    [x, y],
    [bend, y],
    [bend, toY],
    [toX, toY],
  ];
}

/** @param {Sheet} sheet @param {ReturnType<typeof finder>} part @param {{x: number, width: number}} column @param {number} foot */
function byteHead(sheet, part, column, foot) {
  const head = sheet.box(part('encoderHead'), { ...column, y: foot - HEIGHTS[3] - LOSS }, { colour: 0 });
  const half = (column.width - 4) / 2;
  sheet.box(part('encoderLoss'), { x: column.x, y: bottom(head), width: half }, { colour: 0 });
  sheet.box(part('entropyFloor'), { x: column.x + half + 4, y: bottom(head), width: half }, { colour: 0 });
  return [head];
}

/** @param {Sheet} sheet @param {ReturnType<typeof finder>} part @param {{x: number, width: number}} column @param {number} y @param {number} level */
function metaHeads(sheet, part, column, y, level) {
  const predictor = sheet.box(part('predictor', level), { ...column, y });
  const loss = sheet.box(part('metaLoss', level), { ...column, y: bottom(predictor) });
  const uncertainty = sheet.box(part('uncertainty', level), { ...column, y: bottom(loss) + STACK });
  sheet.box(part('uncertaintyLoss', level), { ...column, y: bottom(uncertainty) });
  return [predictor, uncertainty];
}

/** @param {Sheet} sheet @param {ReturnType<typeof finder>} part @param {{x: number, width: number}} column @param {number} foot @param {Box} from */
function decoderHead(sheet, part, column, foot, from) {
  const head = sheet.box(part('decoderHead'), { ...column, y: foot - HEIGHTS[3] - LOSS }, { colour: 0 });
  sheet.box(part('decoderLoss'), { ...column, y: bottom(head) }, { colour: 0 });
  // With one level the encoder's state goes round its own head.
  const way = from.part.kind === 'decoder' ? elbow(right(from), centre(from), head.x, centre(head)) : over(from, head);
  sheet.wire('logits', 'down', 0, way);
}

/** @param {Box} from @param {Box} to @returns {[number, number][]} */
function over(from, to) {
  const y = to.y - PAD / 2;
  return [
    [middle(from), from.y],
    [middle(from), y],
    [middle(to), y],
    [middle(to), to.y],
  ];
}

/**
 * What goes in, up and down between a level and its neighbours.
 * @param {Sheet} sheet
 * @param {{encoder: Box, border: Box|null, decoder: Box|null, projection: Box|null, top: number, foot: number}[]} rows
 * @param {number} level
 * @param {{x: number, width: number}[]} columns
 * @param {Box} embedding
 */
function connect(sheet, rows, level, columns, embedding) {
  const row = rows[level];
  const channel = row.foot + CHANNEL / 2;
  const [up, across] = [middle(row.encoder), middle(columns[3])];
  const below = rows[level - 1];
  const from = below?.border ? middle(below.border) : middle(embedding);
  const start = below?.border ? below.top + PAD / 2 : embedding.y;
  /** @type {[number, number][]} */
  const way =
    from === up
      ? [[up, start]]
      : [
          [from, start],
          [from, channel],
          [up, channel],
        ];
  sheet.wire(`x-${level}`, 'input', level, [...way, [up, bottom(row.encoder)]]);
  sheet.labels.push({
    x: from === up ? up + 8 : (from + up) / 2,
    y: channel - 6,
    text: level === 0 ? 'x⁰' : `states at borders`,
    level,
    anchor: from === up ? 'start' : 'middle',
    role: 'note',
  });
  if (row.decoder && row.border) {
    sheet.wire(`skip-${level}`, 'skip', level, [
      [from, channel],
      [across - SIDE, channel],
      [across - SIDE, bottom(row.decoder)],
    ]);
    // The encoder's state waits at the gate of the border.
    const gate = row.top + PAD / 2;
    sheet.wire(
      `emit-${level}`,
      'up',
      level,
      [
        [up, row.encoder.y],
        [up, gate],
        [middle(row.border), gate],
      ],
      false,
    );
    sheet.wire(
      `gate-${level}`,
      'score',
      level,
      [
        [middle(row.border), row.border.y],
        [middle(row.border), gate],
      ],
      false,
    );
    sheet.gates.push({ x: middle(row.border), y: gate, level });
  }
  if (level === 0 || !below?.projection) return;
  const target = below.projection;
  if (row.decoder) {
    sheet.wire(`y-${level}`, 'down', level, [
      [across + SIDE, bottom(row.decoder)],
      [across + SIDE, target.y],
    ]);
    return;
  }
  const over = row.top + PAD / 2;
  sheet.wire(`y-${level}`, 'down', level, [
    [up, row.encoder.y],
    [up, over],
    [across + SIDE, over],
    [across + SIDE, target.y],
  ]);
  sheet.labels.push({
    x: across + SIDE + 8,
    y: centre(row.encoder),
    text: 'y = h',
    level,
    anchor: 'start',
    role: 'note',
  });
}
