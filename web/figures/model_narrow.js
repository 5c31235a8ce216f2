/** The adaptive model's figure in two columns, for narrow places: up on the left, down on the right. */

import { finder } from '../anatomy/parts.js';
import { bottom, centre, HEIGHTS, middle, right, Sheet } from './boxes.js';

/** @typedef {import('../anatomy/parts.js').Anatomy} Anatomy */
/** @typedef {import('./boxes.js').Box} Box */
/** @typedef {import('./boxes.js').Drawing} Drawing */

const [PAD, GAP, CHANNEL, HEAD, DROP] = [8, 14, 30, 26, 14];

/**
 * @param {Anatomy} anatomy
 * @param {number} width
 * @returns {Drawing}
 */
export function narrowLayout(anatomy, width) {
  const { levels } = anatomy;
  const part = finder(anatomy);
  const sheet = new Sheet();
  const half = (width - 2 * PAD - GAP) / 2;
  const [left, side] = [
    { x: PAD, width: half },
    { x: PAD + half + GAP, width: half },
  ];
  /** @type {{top: number, foot: number, first: Box, encoder: Box, decoder: Box|null, projection: Box|null}[]} */
  const rows = [];
  let y = 0;
  for (let level = levels - 1; level >= 0; level--) {
    const stack = upward(sheet, part, left, y + HEAD + PAD + liftOf(level, levels), level, levels);
    const foot = bottom(stack.encoder) + PAD;
    sheet.bands.push({ level, x: 0, y, width, height: foot - y });
    sheet.labels.push({ x: PAD + 4, y: y + 18, text: `level ${level}`, level, anchor: 'start', role: 'level' });
    const down = downward(sheet, part, side, foot - PAD, level, levels, stack.encoder);
    rows[level] = { ...stack, ...down, top: y, foot };
    y = foot + CHANNEL;
  }
  const embedding = sheet.box(part('embedding'), { ...left, y }, { colour: 0 });
  const text = sheet.box(part('text'), { ...left, y: bottom(embedding) + PAD }, { colour: 0 });
  sheet.box(part('total'), { ...side, y }, { height: bottom(text) - y, colour: -1 });
  for (let level = 0; level < levels; level++) join(sheet, rows, level, embedding, side);
  return sheet.finish(width, bottom(text) + 1);
}

/** How much higher the right column of a level is than the left. @param {number} level @param {number} levels */
function liftOf(level, levels) {
  if (level > 0 || levels === 1) return 0;
  const [full, loss] = [HEIGHTS[3] + DROP, HEIGHTS[1]];
  return Math.max(0, 3 * full - DROP + loss - (HEIGHTS[2] + DROP + full + loss + HEIGHTS[3]));
}

/** @param {Sheet} sheet @param {Box} from  the lower @param {Box} to @param {number} level @param {import('./boxes.js').WireKind} kind */
function rise(sheet, from, to, level, kind) {
  sheet.wire(`${from.part.id}-${to.part.id}`, kind, level, [
    [middle(from), from.y],
    [middle(from), bottom(to)],
  ]);
}

/** The left column of a level, from its top down. @param {Sheet} sheet @param {ReturnType<typeof finder>} part @param {{x: number, width: number}} column @param {number} y @param {number} level @param {number} levels */
function upward(sheet, part, column, y, level, levels) {
  const border =
    level < levels - 1
      ? sheet.box(
          part('border', level),
          { ...column, y },
          { lines: ['border?', level === 0 ? 'Σ entropy' : 'Σ error'] },
        )
      : null;
  let at = border ? bottom(border) + DROP : y;
  /** @param {import('../anatomy/parts.js').PartKind} kind @param {import('../anatomy/parts.js').PartKind} loss @param {number} of */
  const head = (kind, loss, of) => {
    const box = sheet.box(part(kind, of), { ...column, y: at }, { colour: level });
    const wide = kind === 'encoderHead' ? (column.width - 4) / 2 : column.width;
    const cost = sheet.box(part(loss, of), { x: column.x, y: bottom(box), width: wide }, { colour: level });
    if (kind === 'encoderHead')
      sheet.box(part('entropyFloor'), { x: column.x + wide + 4, y: bottom(box), width: wide }, { colour: 0 });
    at = bottom(cost) + DROP;
    return { box, cost };
  };
  const heads =
    level === 0
      ? [head('encoderHead', 'encoderLoss', -1)]
      : [head('uncertainty', 'uncertaintyLoss', level), head('predictor', 'metaLoss', level)];
  const encoder = sheet.box(part('encoder', level), { ...column, y: at });
  if (border) rise(sheet, heads[0].box, border, level, 'score');
  for (let i = 1; i < heads.length; i++) rise(sheet, heads[i].box, heads[i - 1].cost, level, 'input');
  rise(sheet, encoder, heads[heads.length - 1].cost, level, 'input');
  return { first: border ?? heads[0].box, encoder };
}

/** The right column of a level, from its foot up. @param {Sheet} sheet @param {ReturnType<typeof finder>} part @param {{x: number, width: number}} column @param {number} foot @param {number} level @param {number} levels @param {Box} encoder */
function downward(sheet, part, column, foot, level, levels, encoder) {
  const headed = level === 0 ? HEIGHTS[3] + HEIGHTS[1] : 0;
  const top = level === levels - 1;
  let decoder = /** @type {Box|null} */ (null);
  let projection = /** @type {Box|null} */ (null);
  let from = encoder;
  if (!top) {
    decoder = sheet.box(part('decoder', level), { ...column, y: foot - HEIGHTS[3] - (headed && headed + DROP) });
    projection = sheet.box(part('projection', level), { ...column, y: decoder.y - DROP - HEIGHTS[3] });
    sheet.wire(`parent-${level}`, 'down', level, [
      [middle(projection), bottom(projection)],
      [middle(decoder), decoder.y],
    ]);
    from = decoder;
  }
  if (level === 0) {
    const head = sheet.box(part('decoderHead'), { ...column, y: foot - headed }, { colour: 0 });
    sheet.box(part('decoderLoss'), { ...column, y: bottom(head) }, { colour: 0 });
    sheet.wire(
      'logits',
      'down',
      0,
      top
        ? [
            [right(from), centre(from)],
            [head.x, centre(from)],
          ]
        : [
            [middle(from), bottom(from)],
            [middle(head), head.y],
          ],
    );
  }
  return { decoder, projection };
}

/**
 * @param {Sheet} sheet
 * @param {{top: number, foot: number, first: Box, encoder: Box, decoder: Box|null, projection: Box|null}[]} rows
 * @param {number} level
 * @param {Box} embedding
 * @param {{x: number, width: number}} side
 */
function join(sheet, rows, level, embedding, side) {
  const row = rows[level];
  const below = rows[level - 1];
  const channel = row.foot + CHANNEL / 2;
  const up = middle(row.encoder);
  sheet.wire(`x-${level}`, level === 0 ? 'input' : 'up', level, [
    [up, below ? below.first.y : embedding.y],
    [up, bottom(row.encoder)],
  ]);
  if (below) sheet.gates.push({ x: up, y: channel, level: level - 1 });
  if (row.decoder) {
    // Between the columns, so that it passes the head below the decoder.
    const between = side.x - GAP / 2;
    sheet.wire(`skip-${level}`, 'skip', level, [
      [up, channel],
      [between, channel],
      [between, centre(row.decoder)],
      [side.x, centre(row.decoder)],
    ]);
  }
  if (!below?.projection) return;
  const down = middle(below.projection);
  sheet.wire(
    `y-${level}`,
    'down',
    level,
    row.decoder
      ? [
          [down, bottom(row.decoder)],
          [down, below.projection.y],
        ]
      : [
          [right(row.encoder), centre(row.encoder)],
          [down, centre(row.encoder)],
          [down, below.projection.y],
        ],
  );
  if (!row.decoder)
    sheet.labels.push({ x: down - 8, y: centre(row.encoder) - 8, text: 'y = h', level, anchor: 'end', role: 'note' });
}
