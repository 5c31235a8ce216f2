/** The layout of the baseline's figure: a stack of residual blocks. */

import { finder } from '../anatomy/parts.js';
import { bottom, HEIGHTS, middle, Sheet, shortLine } from './boxes.js';

/** @typedef {import('../anatomy/parts.js').Anatomy} Anatomy */
/** @typedef {import('./boxes.js').Drawing} Drawing */

/** Room for the ways round the blocks, between boxes, above the stack. */
const [ROUND, DROP, HEAD] = [22, 18, 30];
/** Between blocks that are many. */
const TIGHT = 8;

/**
 * @param {Anatomy} anatomy
 * @param {number} width
 * @param {number} [height]  that there is; more is taken where the blocks need it
 * @returns {Drawing}
 */
export function baselineLayout(anatomy, width, height = 0) {
  const part = finder(anatomy);
  const sheet = new Sheet();
  const blocks = anatomy.levels;
  const column = { x: ROUND, width: width - ROUND - 10 };
  const rest = HEAD + HEIGHTS[1] * 2 + HEIGHTS[3] * 3 + DROP * 3 + 8;
  const roomy = blocks * (HEIGHTS[3] + DROP) <= Math.max(height - rest, 6 * (HEIGHTS[3] + DROP));
  const [blockHeight, drop] = roomy ? [HEIGHTS[3], DROP] : [HEIGHTS[1], TIGHT];
  const needed = rest + blocks * (blockHeight + drop);
  const whole = Math.max(height, needed);
  sheet.labels.push({ x: ROUND, y: 18, text: 'baseline', level: -1, anchor: 'start', role: 'level' });
  // From the bottom up.
  const text = sheet.box(part('text'), { ...column, y: whole - HEIGHTS[1] - 1 }, { colour: -1 });
  const embedding = sheet.box(part('embedding'), { ...column, y: text.y - 8 - HEIGHTS[3] }, { colour: -1 });
  let below = embedding;
  const spare = Math.max(0, whole - needed);
  // What room is left goes between the boxes, up to a point.
  const air = Math.min(24, spare / (blocks + 2));
  for (let k = 0; k < blocks; k++) {
    const block = part('block', k);
    const y = below.y - drop - air - blockHeight;
    const box = sheet.box(block, { ...column, y }, { ...(roomy ? {} : { lines: [shortLine(block)] }), colour: -1 });
    const [x, from, to] = [middle(column), below.y, bottom(box)];
    sheet.wire(`block-${k}`, 'input', 0, [
      [x, from],
      [x, to],
    ]);
    const [fork, merge] = [to + (from - to) * 0.62, box.y - (drop + air) * 0.38];
    sheet.wire(
      `round-${k}`,
      'skip',
      0,
      [
        [x, fork],
        [ROUND - 12, fork],
        [ROUND - 12, merge],
        [x, merge],
      ],
      false,
    );
    // Where the way round is added again.
    sheet.gates.push({ x, y: merge, level: -1 });
    below = box;
  }
  const head = sheet.box(
    part('head'),
    { ...column, y: below.y - drop - air - HEIGHTS[3] - HEIGHTS[1] },
    { colour: -1 },
  );
  const loss = sheet.box(part('headLoss'), { ...column, y: bottom(head) }, { colour: -1 });
  sheet.wire('head', 'input', 0, [
    [middle(column), below.y],
    [middle(column), bottom(loss)],
  ]);
  sheet.box(part('pad'), { ...column, y: Math.max(HEAD, head.y - DROP - HEIGHTS[3]) }, { colour: -1 });
  return sheet.finish(width, whole);
}
