/** The lanes of a strip but those of tokens, painted with the calls that canvas and SvgContext share. A frame costs as much as it has pixels. */
import { backToCharacter, clusters } from '../format/bytes.js';
import { integer } from '../format/numbers.js';
import { levelColour } from '../hierarchy/palette.js';
import { bytesShown, cellOf, ruler, xAt } from '../traces/axis.js';
import { addsUp, measureOf } from '../traces/trace.js';
import { columnsOf } from './columns.js';
import { LETTER, tokensShown } from './paint_spans.js';

/** @typedef {import('./lanes.js').Lane} Lane */
/** @typedef {import('./draw.js').StripScene} StripScene */

/** Bits that fill a bar, or shade a character fully. */
const MOST_BITS = 10;
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
    // Through all lanes, so that eyes can go down.
    context.fillStyle = palette.grid;
    context.fillRect(x, bottom, 1, layout.height - bottom - 4);
    context.fillStyle = palette.soft;
    const text = integer(mark);
    if (x + 8 + text.length * LETTER < axis.left + axis.width)
      context.fillText(text, x + 4, lane.y + lane.height / 2 - 1);
  }
}

/** A level's running sum, rising to its threshold and starting again. @param {StripScene} scene @param {Lane} lane */
export function paintSum(scene, lane) {
  const { context, axis, palette, trace, ends } = scene;
  const { level, y, height } = lane;
  const tokens = trace.levels[level];
  const threshold = trace.thresholds[level];
  if (!tokens || !(threshold > 0) || measureOf(trace, level) === '') return;
  const shown = level === 0 ? bytesShown(axis.window, trace.count) : tokensShown(scene, level);
  const [first, end] = 'to' in shown ? [shown.from, shown.to] : [shown.first, shown.end];
  const colour = levelColour(palette, level);
  const known = Math.min(end, tokens.known);
  const share = (/** @type {number} */ sum) => y + height - height * Math.max(0, Math.min(1, sum / threshold));
  context.fillStyle = colour;
  context.strokeStyle = colour;
  if (known - first <= TEETH * axis.width) sawtooth(scene, lane, first, known, share);
  else {
    const pyramid = trace.sketch.sums[level];
    pyramid.extend(tokens.sum, tokens.known);
    const row = { pyramid, values: tokens.sum, ...(level > 0 && { ends: ends[level] }) };
    band(scene, row, tokens.known, share);
  }
  context.globalAlpha = 0.8;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(axis.left, y + 0.5);
  context.lineTo(axis.left + axis.width, y + 0.5);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** @param {StripScene} scene @param {Lane} lane @param {number} first @param {number} end @param {(sum: number) => number} share  height of a sum */
function sawtooth({ context, axis, palette, trace, ends }, { level, y, height }, first, end, share) {
  const { sum, border } = trace.levels[level];
  const adds = addsUp(trace, level);
  const bottom = y + height;
  const right = (/** @type {number} */ i) => xAt(axis, (level === 0 ? i : ends[level][i]) + 1);
  /** The same line twice: once closed along the bottom and filled, once as it is. @param {boolean} closed */
  const line = (closed) => {
    context.beginPath();
    for (let i = first; i < end; i++) {
      const starts = i === 0 || (adds && border[i - 1] === 1);
      const x = i === 0 ? xAt(axis, 0) : right(i - 1);
      const from = starts ? bottom : share(sum[i - 1]);
      if (i === first && closed) context.moveTo(x, bottom);
      if (closed) context.lineTo(x, from);
      else if (i === first || starts) context.moveTo(x, from);
      context.lineTo(right(i), share(sum[i]));
      if (adds && border[i] === 1) context.lineTo(right(i), bottom);
    }
    if (closed && end > first) context.lineTo(right(end - 1), bottom);
  };
  context.save();
  context.beginPath();
  context.rect(axis.left, y - 1, axis.width, height + 2);
  context.clip();
  line(true);
  context.globalAlpha = palette.dark ? 0.24 : 0.15;
  context.fill();
  line(false);
  // Teeth close together would run into one another.
  const close = end - first > axis.width / 2;
  context.globalAlpha = close ? 0.7 : 1;
  context.lineWidth = close ? 0.75 : 1.25;
  context.lineJoin = 'round';
  context.stroke();
  context.restore();
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
 * @param {{bottom: number, height: number, most: number, colour: string, alpha: number, down?: boolean}} how  `down`: bars hang
 */
export function paintBars({ context, axis, trace }, row, { bottom, height, most, colour, alpha, down = false }) {
  const cell = cellOf(axis);
  const tall = (/** @type {number} */ value) => height * Math.min(1, Math.max(0, value / most));
  const bar = (/** @type {number} */ x, /** @type {number} */ width, /** @type {number} */ value) => {
    const size = Math.max(0.75, tall(value));
    context.rect(x, down ? bottom : bottom - size, width, size);
  };
  context.fillStyle = colour;
  context.beginPath();
  if (cell >= SINGLE) {
    const { from, to } = bytesShown(axis.window, trace.count);
    const gap = cell >= 8 ? 3 : cell >= 4 ? 1 : 0.5;
    for (let byte = from; byte < to; byte++) {
      const [x, end] = [Math.max(axis.left, xAt(axis, byte)), Math.min(axis.left + axis.width, xAt(axis, byte + 1))];
      if (!Number.isNaN(row.values[byte]) && end - x > gap) bar(x + gap / 2, end - x - gap, row.values[byte]);
    }
    context.globalAlpha = alpha;
    context.fill();
  } else {
    row.pyramid.extend(row.values, trace.count);
    paintColumns(context, axis, row, trace.count, bar, { most, alpha, crowd: 1 / cell });
  }
  context.globalAlpha = 1;
}

/**
 * Columns of a row with many bytes a pixel: the mean before the largest. Of very many the largest says nothing any more,
 * and means are drawn so that the highest is full.
 * @param {import('./draw.js').Context} context
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
  paintBars(scene, row, { bottom: y + height, height, most: scene.mostEntropy, colour: palette.ink, alpha: 0.62 });
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

/** Characters, shaded by the bits that they cost; further away, these bits alone. @param {StripScene} scene @param {Lane} lane */
export function paintText(scene, lane) {
  const { palette } = scene;
  const { y, height } = lane;
  if (cellOf(scene.axis) >= READABLE) {
    characters(scene, lane);
    return;
  }
  const { scene: moved, row } = costs(scene);
  paintBars(moved, row, { bottom: y + height, height, most: MOST_BITS, colour: palette.decoder, alpha: 0.7 });
}

/** @param {StripScene} scene @param {Lane} lane */
function characters({ context, axis, palette, trace }, { y, height }) {
  const cell = cellOf(axis);
  const { from, to } = bytesShown(axis.window, trace.text.length);
  const edge = axis.left + axis.width;
  context.save();
  context.beginPath();
  context.rect(axis.left, y, axis.width, height);
  context.clip();
  context.fillStyle = palette.decoder;
  for (let byte = Math.max(1, from); byte < Math.min(to, trace.count); byte++) {
    const bits = trace.decoderBits[byte - 1];
    if (!(bits > 0.05)) continue;
    context.globalAlpha = Math.min(1, bits / MOST_BITS) * (palette.dark ? 0.5 : 0.36);
    context.fillRect(xAt(axis, byte), y, cell, height);
  }
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const size = Math.min(height * 0.62, Math.max(9, cell * 1.5));
  for (const { from: first, length, text, kind } of clusters(trace.text, backToCharacter(trace.text, from), to)) {
    const quiet = kind !== 'char';
    const width = length * cell;
    const x = xAt(axis, first) + width / 2;
    if (x > edge + cell) break;
    const fits = text.length > 1 && quiet ? Math.min(size * 0.56, (1.6 * width) / text.length) : size;
    context.globalAlpha = first < trace.count ? (kind === 'space' ? 0.55 : 1) : 0.4;
    context.fillStyle = quiet ? palette.faint : palette.ink;
    context.font = `${Math.round(10 * (quiet && text.length === 1 ? fits * 0.8 : fits)) / 10}px ${palette.mono}`;
    context.fillText(text, x, y + height / 2 + 1);
    if (length > 1) {
      context.globalAlpha = 0.6;
      context.fillRect(xAt(axis, first) + 2, y + height - 2, width - 4, 1);
    }
  }
  context.restore();
  context.globalAlpha = 1;
}
