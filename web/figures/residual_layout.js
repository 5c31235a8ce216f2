/**
 * The layout of the residual stream's figure: up on the left, where encoders read and borders let states through;
 * down on the right, where parents and further layers add to the stream. A flat model is one column of it.
 */
import { encoderPredicts, finder } from '../anatomy/parts.js';
import { bottom, centre, HEIGHTS, middle, right, Sheet } from './boxes.js';

/** @typedef {import('../anatomy/parts.js').Anatomy} Anatomy */
/** @typedef {import('../anatomy/parts.js').Part} Part */
/** @typedef {import('./boxes.js').Box} Box */
/** @typedef {import('./boxes.js').Drawing} Drawing */
/** @typedef {{x: number, width: number}} Column */
/** @typedef {{encoder: Box, border: Box|null, projection: Box|null, layers: Box|null, foot: number}} Row */

/** Edges, between columns, between bands, for a level's name, between boxes, widest column. */
const [PAD, GAP, CHANNEL, HEAD, DROP, WIDEST] = [8, 40, 26, 26, 22, 250];
/** Boxes of a flat model lie this far apart, and this much is left beside them. */
const [APART, BESIDE] = [20, 22];

/**
 * @param {Anatomy} anatomy  of the residual wiring, with levels
 * @param {number} width
 * @returns {Drawing}
 */
export function residualLayout(anatomy, width) {
  const { levels } = anatomy;
  const part = finder(anatomy);
  const sheet = new Sheet();
  const column = Math.min(WIDEST, (width - 2 * PAD - GAP) / 2);
  const edge = (width - 2 * column - GAP) / 2;
  const [left, side] = [
    { x: edge, width: column },
    { x: edge + column + GAP, width: column },
  ];
  /** @type {Row[]} */
  const rows = [];
  let y = 0;
  for (let level = levels - 1; level >= 0; level--) {
    const foot = y + HEAD + Math.max(upHeight(level, levels), downHeight(anatomy, level)) + PAD;
    sheet.bands.push({ level, x: 0, y, width, height: foot - y });
    sheet.labels.push({ x: PAD + 6, y: y + 18, text: `level ${level}`, level, anchor: 'start', role: 'level' });
    const up = upward(sheet, anatomy, left, foot - PAD, level);
    rows[level] = { ...up, ...downward(sheet, anatomy, side, foot - PAD, level), foot };
    y = foot + CHANNEL;
  }
  const embedding = sheet.box(part('embedding'), { ...left, y }, { colour: 0 });
  const text = sheet.box(part('text'), { ...left, y: bottom(embedding) + PAD }, { colour: 0 });
  sheet.box(part('total'), { ...side, y }, { height: bottom(text) - y, colour: -1 });
  for (let level = 0; level < levels; level++) join(sheet, rows, level, embedding);
  return sheet.finish(width, bottom(text) + 1);
}

/** Height of the left column. @param {number} level @param {number} levels */
function upHeight(level, levels) {
  return level === levels - 1 ? HEIGHTS[3] : HEIGHTS[2] + HEIGHTS[3] * 2 + HEIGHTS[1] + 2 * DROP;
}

/** Height of the right column. @param {Anatomy} anatomy @param {number} level */
function downHeight({ parts, levels }, level) {
  const layers = parts.some(({ kind, level: of }) => kind === 'layers' && of === level);
  const boxes = (level < levels - 1 ? 1 : 0) + (layers ? 1 : 0) + (level === 0 ? 1 : 0);
  return boxes * (HEIGHTS[3] + DROP) + (level === 0 ? HEIGHTS[1] : 0);
}

/** A straight way up from a box to the one above it. @param {Sheet} sheet @param {Box} from @param {Box} to @param {number} level @param {import('./boxes.js').WireKind} kind */
function rise(sheet, from, to, level, kind) {
  sheet.wire(`${from.part.id}-${to.part.id}`, kind, level, [
    [middle(from), from.y],
    [middle(from), bottom(to)],
  ]);
}

/** @param {Sheet} sheet @param {Anatomy} anatomy @param {Column} column @param {number} foot @param {number} level */
function upward(sheet, anatomy, column, foot, level) {
  const { levels } = anatomy;
  const part = finder(anatomy);
  const encoder = sheet.box(part('encoder', level), { ...column, y: foot - HEIGHTS[3] });
  if (level === levels - 1) return { encoder, border: null };
  const [head, paid] =
    level === 0 && encoderPredicts(anatomy)
      ? [part('encoderHead'), part('encoderLoss')]
      : [part('score', level), part('scoreLoss', level)];
  const loss = sheet.box(paid, { ...column, y: encoder.y - DROP - HEIGHTS[1] }, { colour: level });
  const score = sheet.box(head, { ...column, y: loss.y - HEIGHTS[3] }, { colour: level });
  const border = sheet.box(
    part('border', level),
    { ...column, y: score.y - DROP - HEIGHTS[2] },
    { lines: ['border?', 'by the rule'] },
  );
  rise(sheet, encoder, loss, level, 'input');
  rise(sheet, score, border, level, 'score');
  return { encoder, border };
}

/** @param {Sheet} sheet @param {Anatomy} anatomy @param {Column} column @param {number} foot @param {number} level */
function downward(sheet, anatomy, column, foot, level) {
  const part = finder(anatomy);
  const { parts, levels } = anatomy;
  /** @type {Box|null} */
  let layers = null;
  let y = foot;
  if (level === 0) {
    const loss = sheet.box(part('headLoss'), { ...column, y: foot - HEIGHTS[1] }, { colour: 0 });
    const head = sheet.box(part('head'), { ...column, y: loss.y - HEIGHTS[3] }, { colour: 0 });
    y = head.y - DROP;
  }
  if (parts.some(({ kind, level: of }) => kind === 'layers' && of === level)) {
    layers = sheet.box(part('layers', level), { ...column, y: y - HEIGHTS[3] });
    if (level === 0) fall(sheet, layers, y + DROP, level);
    y = layers.y - DROP;
  }
  if (level === levels - 1) return { projection: null, layers };
  const projection = sheet.box(part('projection', level), { ...column, y: y - HEIGHTS[3] });
  fall(sheet, projection, bottom(projection) + DROP, level);
  return { projection, layers };
}

/** A straight way down from a box. @param {Sheet} sheet @param {Box} from @param {number} to @param {number} level */
function fall(sheet, from, to, level) {
  sheet.wire(`below-${from.part.id}`, 'down', level, [
    [middle(from), bottom(from)],
    [middle(from), to],
  ]);
}

/**
 * What goes in, across, up and down.
 * @param {Sheet} sheet
 * @param {Row[]} rows
 * @param {number} level
 * @param {Box} embedding
 */
function join(sheet, rows, level, embedding) {
  const { encoder, layers, projection, foot } = rows[level];
  const below = rows[level - 1];
  const from = below?.border ?? embedding;
  sheet.wire(`x-${level}`, below ? 'up' : 'input', level, [
    [middle(encoder), from.y],
    [middle(encoder), bottom(encoder)],
  ]);
  if (below) {
    sheet.gates.push({ x: middle(encoder), y: foot + CHANNEL / 2, level });
    const label = { x: middle(encoder) + 10, y: foot + CHANNEL / 2 + 4, level };
    sheet.labels.push({ ...label, text: 'states at borders', anchor: 'start', role: 'note' });
  }
  // The stream goes across, where the parent is added.
  const target = layers ?? projection;
  if (target && projection) {
    const across = (right(encoder) + target.x) / 2;
    const sum = bottom(projection) + DROP / 2;
    sheet.wire(`stream-${level}`, 'skip', level, [
      [right(encoder), centre(encoder)],
      [across, centre(encoder)],
      [across, sum],
      [middle(target), sum],
    ]);
    sheet.gates.push({ x: middle(target), y: sum, level: -1 });
  }
  if (!below?.projection) return;
  const down = middle(below.projection);
  /** @type {[number, number][]} */
  const way = layers
    ? [[down, bottom(layers)]]
    : [
        [right(encoder), centre(encoder)],
        [down, centre(encoder)],
      ];
  if (layers && !projection) {
    sheet.wire(`stream-${level}`, 'skip', level, [
      [right(encoder), centre(encoder)],
      [layers.x, centre(encoder)],
    ]);
  }
  sheet.wire(`y-${level}`, 'down', level, [...way, [down, below.projection.y]]);
}

/**
 * @param {Anatomy} anatomy  of a flat model
 * @param {number} width
 * @param {number} [height]  that there is; more is taken where the parts need it
 * @returns {Drawing}
 */
export function flatLayout(anatomy, width, height = 0) {
  const part = finder(anatomy);
  const sheet = new Sheet();
  const column = { x: BESIDE, width: width - BESIDE - 10 };
  const kinds = /** @type {const} */ (['embedding', 'encoder', 'layers', 'head']);
  const parts = kinds.flatMap((kind) => anatomy.parts.find((p) => p.kind === kind) ?? []);
  const needed = HEAD + HEIGHTS[1] * 2 + parts.length * (HEIGHTS[3] + APART) + PAD;
  const whole = Math.max(height, needed);
  sheet.labels.push({ x: BESIDE, y: 18, text: 'flat', level: -1, anchor: 'start', role: 'level' });
  let below = sheet.box(part('text'), { ...column, y: whole - HEIGHTS[1] - 1 }, { colour: -1 });
  for (const each of parts) {
    const loss = each.kind === 'head' ? HEIGHTS[1] : 0;
    const y = below.y - (each.kind === 'embedding' ? PAD : APART) - HEIGHTS[3] - loss;
    const box = sheet.box(each, { ...column, y }, { colour: -1 });
    if (each.kind === 'head') sheet.box(part('headLoss'), { ...column, y: bottom(box) }, { colour: -1 });
    if (each.kind !== 'embedding') {
      sheet.wire(`to-${each.id}`, 'input', 0, [
        [middle(column), below.y],
        [middle(column), bottom(box) + loss],
      ]);
    }
    below = box;
  }
  return sheet.finish(width, whole);
}
