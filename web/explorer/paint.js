/** The lanes of a strip, except those of tokens, painted with the calls that canvas and SvgContext share. A frame's cost depends on its pixels alone. */
import { backToCharacter, clusters } from '../format/bytes.js';
import { integer } from '../format/numbers.js';
import { MOST_BITS, paintBars, paintTeeth, paintText, paintThreshold, share } from '../hierarchy/lanes.js';
import { levelColour } from '../hierarchy/palette.js';
import { bytesShown, cellOf, ruler, xAt } from '../traces/axis.js';
import { measureOf } from '../traces/trace.js';
import { columnsOf } from './columns.js';
import { LETTER, tokensShown } from './paint_spans.js';

/** @typedef {import('./strip_layout.js').Lane} Lane */
/** @typedef {import('./strip.js').StripScene} StripScene */
/** @typedef {StripScene & import('../hierarchy/lanes.js').Stretch} StripStretch  with the bytes that it shows */

/** The stretch that a strip shows. @param {StripScene} scene @returns {StripStretch} */
export function stretchOf(scene) {
  return { ...scene, ...bytesShown(scene.axis.window, scene.trace.count), apart: 0.25, round: 3 };
}

/** Pixels a byte from which bytes are drawn one by one, and from which their characters are. */
const [SINGLE, READABLE] = [2, 6.5];
/** Positions a pixel up to which a running sum is drawn as the line that it is. */
const TEETH = 2.5;
/** Bytes a pixel from which only their mean is drawn. */
const CROWD = 24;

/** @param {StripScene} scene @param {Lane} lane */
export function paintRuler({ context, axis, layout, palette, trace }, lane) {
  const bottom = lane.y + lane.height;
  const { marks } = ruler(axis, layout.wide ? 92 : 76, trace.text.length);
  context.fillStyle = palette.edge;
  context.fillRect(axis.left, bottom - 1, axis.width, 1);
  context.font = `10.5px ${palette.mono}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const mark of marks) {
    const x = Math.round(xAt(axis, mark));
    context.fillStyle = palette.edge;
    context.fillRect(x, bottom - 8, 1, 8);
    // Through all lanes, so that the eye can follow them down.
    context.fillStyle = palette.grid;
    context.fillRect(x, bottom, 1, layout.height - bottom - 4);
    context.fillStyle = palette.soft;
    const text = integer(mark);
    if (x + 8 + text.length * LETTER < axis.left + axis.width)
      context.fillText(text, x + 4, lane.y + lane.height / 2 - 1);
  }
}

/** A level's running sum; where its teeth are too many, what each column holds of it. @param {StripStretch} stretch @param {Lane} lane */
export function paintSum(stretch, lane) {
  const { context, axis, palette, trace, ends } = stretch;
  const { level, y, height } = lane;
  const tokens = trace.levels[level];
  const threshold = trace.thresholds[level];
  if (!tokens || !(threshold > 0) || measureOf(trace, level) === '') return;
  const { first, end } = level === 0 ? { first: stretch.from, end: stretch.to } : tokensShown(stretch, level);
  const known = Math.min(end, tokens.known);
  if (known - first <= TEETH * axis.width) {
    context.save();
    context.beginPath();
    context.rect(axis.left, y - 1, axis.width, height + 2);
    context.clip();
    paintTeeth(stretch, lane, level, first, known);
    context.restore();
  } else {
    context.fillStyle = levelColour(palette, level);
    const pyramid = trace.sketch.sums[level];
    pyramid.extend(tokens.sum, tokens.known);
    const row = { pyramid, values: tokens.sum, ...(level > 0 && { ends: ends[level] }) };
    band(stretch, row, tokens.known, (sum) => y + height - height * share(sum, threshold));
  }
  // Inside the lane: there is another one above.
  paintThreshold(stretch, { y: y + 1, height }, level);
}

/** Least to largest sum of each column, and their mean. @param {StripScene} scene @param {import('./columns.js').Row} row @param {number} count @param {(sum: number) => number} share */
function band({ context, axis, palette }, row, count, share) {
  const { min, max, mean, count: n } = columnsOf(axis, row, count);
  context.beginPath();
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(max[i])) continue;
    const top = share(max[i]);
    context.rect(axis.left + i, top, 1, Math.max(0.5, share(min[i]) - top));
  }
  context.globalAlpha = palette.dark ? 0.3 : 0.2;
  context.fill();
  context.beginPath();
  for (let i = 0; i < n; i++) if (!Number.isNaN(mean[i])) context.rect(axis.left + i, share(mean[i]) - 0.5, 1, 1);
  context.globalAlpha = 0.9;
  context.fill();
}

/**
 * A row of numbers a byte as bars, or a column each: the mean before the largest.
 * @param {StripScene} scene
 * @param {{pyramid: import('../traces/pyramid.js').Pyramid, values: Float32Array}} row
 * @param {Omit<Parameters<typeof paintBars>[2], 'gap'>} how
 */
export function paintRow(scene, row, how) {
  const { context, axis, trace } = scene;
  const cell = cellOf(axis);
  if (cell >= SINGLE) {
    paintBars(stretchOf(scene), row.values, { ...how, gap: cell >= 8 ? 3 : cell >= 4 ? 1 : 0.5 });
    return;
  }
  const { y, height, most, colour, alpha, down } = how;
  const bar = (/** @type {number} */ x, /** @type {number} */ width, /** @type {number} */ value) => {
    const size = Math.max(1, height * Math.min(1, value / most));
    context.rect(x, down ? y : y + height - size, width, size);
  };
  context.fillStyle = colour;
  context.beginPath();
  row.pyramid.extend(row.values, trace.count);
  paintColumns(context, axis, row, trace.count, bar, { most, alpha, crowd: 1 / cell });
  context.globalAlpha = 1;
}

/**
 * Columns of a row with many bytes a pixel: the mean before the largest. Of very many the largest says nothing any more,
 * and means are drawn so that the highest is full.
 * @param {import('./strip.js').Context} context
 * @param {import('../traces/axis.js').Axis} axis
 * @param {import('./columns.js').Row} row
 * @param {number} count
 * @param {(x: number, width: number, value: number) => void} bar
 * @param {{most: number, alpha: number, crowd: number}} how  `crowd`: bytes a pixel
 */
function paintColumns(context, axis, row, count, bar, { most, alpha, crowd }) {
  const { max, mean, count: n } = columnsOf(axis, row, count);
  const crowded = crowd > CROWD;
  let highest = crowded ? 0 : most;
  if (crowded) {
    for (let i = 0; i < n; i++) if (mean[i] > highest) highest = mean[i];
  } else {
    for (let i = 0; i < n; i++) if (!Number.isNaN(max[i])) bar(axis.left + i, 1, max[i]);
    context.globalAlpha = 0.42 * alpha;
    context.fill();
    context.beginPath();
  }
  for (let i = 0; i < n; i++) if (!Number.isNaN(mean[i])) bar(axis.left + i, 1, mean[i] * (most / highest));
  context.globalAlpha = alpha;
  context.fill();
}

/** @param {StripScene} scene @param {Lane} lane */
export function paintEntropy(scene, { y, height }) {
  const { trace, palette } = scene;
  const row = { pyramid: trace.sketch.entropy, values: trace.encoderEntropy };
  paintRow(scene, row, { y, height, most: scene.mostEntropy, colour: palette.ink, alpha: 0.62 });
}

/**
 * What each byte cost. Index t of a trace is about byte t + 1, so the axis is moved by one.
 * @param {StripScene} scene
 * @returns the scene with that axis, and the row of costs in bits
 */
export function costs(scene) {
  const { trace, axis } = scene;
  const window = { from: axis.window.from - 1, span: axis.window.span };
  return {
    scene: { ...scene, axis: { ...axis, window } },
    row: { pyramid: trace.sketch.bits, values: trace.decoderBits },
  };
}

/** Characters, shaded by the bits that they cost; further away, these bits alone. @param {StripStretch} stretch @param {Lane} lane */
export function paintCharacters(stretch, lane) {
  const { context, axis, palette, trace } = stretch;
  const { y, height } = lane;
  const cell = cellOf(axis);
  if (cell < READABLE) {
    const { scene, row } = costs(stretch);
    paintRow(scene, row, { y, height, most: MOST_BITS, colour: palette.decoder, alpha: 0.7 });
    return;
  }
  const { from, to } = bytesShown(axis.window, trace.text.length);
  context.save();
  context.beginPath();
  context.rect(axis.left, y, axis.width, height);
  context.clip();
  const size = Math.min(height * 0.62, Math.max(9, cell * 1.5));
  const shown = clusters(trace.text, backToCharacter(trace.text, from), to);
  paintText(stretch, lane, shown, size);
  context.restore();
}
