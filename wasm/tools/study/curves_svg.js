/** Training curves as an SVG: bits a byte over arithmetic, seconds and bytes, a line a model, the mean over its seeds. */

import { meanCurve } from '../../engine/means.js';

/** @typedef {import('./results.js').Result} Result */

const AXES = /** @type {const} */ ([
  ['tf', 'TF', 1],
  ['seconds', 'seconds', 1],
  ['bytes', 'MB', 1e-6],
]);
const COLOURS = ['#3b6fd4', '#c2571a', '#2c8a57', '#8a4fc2', '#b3345f', '#6b7280', '#0f8a9d', '#a67c00'];
const [WIDTH, HEIGHT, LEFT, TOP, GAP] = [260, 200, 46, 34, 40];

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** @param {number} x */
const short = (x) => Number(x.toPrecision(3)).toString();

/**
 * One of the three charts.
 * @param {Map<string, Result[]>} groups
 * @param {number} index  of AXES
 * @returns {string}
 */
function chart(groups, index) {
  const [axis, unit, scale] = AXES[index];
  const lines = [...groups].map(([, results]) =>
    meanCurve(results.map(({ outcome }) => outcome.curve.map((point) => ({ x: point[axis], y: point.trainBpb })))),
  );
  const points = lines.flat();
  if (points.length === 0) return '';
  const most = Math.max(...points.map(({ x }) => x));
  const low = Math.floor(Math.min(...points.map(({ y }) => y)) * 5) / 5;
  const high = Math.min(low + 1.6, Math.ceil(Math.max(...points.map(({ y }) => y)) * 5) / 5);
  const left = LEFT + index * (WIDTH + GAP);
  const px = (/** @type {number} */ x) => (left + (x / most) * WIDTH).toFixed(1);
  const py = (/** @type {number} */ y) => (TOP + ((high - Math.min(y, high)) / (high - low)) * HEIGHT).toFixed(1);
  const ticks = Array.from({ length: Math.round((high - low) * 5) + 1 }, (_, i) => low + i / 5);
  const grid = ticks.map(
    (y) =>
      `<path d="M${left} ${py(y)}h${WIDTH}" stroke="#8884" fill="none"/>` +
      (index === 0 ? `<text x="${left - 6}" y="${Number(py(y)) + 4}" text-anchor="end">${y.toFixed(1)}</text>` : ''),
  );
  const drawn = lines.map((line, i) =>
    line.length === 0
      ? ''
      : `<path d="M${line.map(({ x, y }) => `${px(x)} ${py(y)}`).join('L')}" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.6" fill="none"/>`,
  );
  const foot = TOP + HEIGHT + 16;
  const label = `<text x="${left}" y="${foot}">0</text><text x="${left + WIDTH}" y="${foot}" text-anchor="end">${short(most * scale)} ${unit}</text>`;
  return grid.join('') + drawn.join('') + label;
}

/**
 * @param {string} title
 * @param {Map<string, Result[]>} groups  by model
 * @returns {string} an SVG file
 */
export function curvesOf(title, groups) {
  const [width, top] = [LEFT + 3 * WIDTH + 2 * GAP + 16, TOP + HEIGHT + 36];
  const height = top + groups.size * 18 + 6;
  const legend = [...groups].map(([model], i) => {
    const y = top + i * 18;
    return `<path d="M${LEFT} ${y - 4}h22" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="2"/><text x="${LEFT + 30}" y="${y}">${escaped(model)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#777"><text x="${LEFT}" y="18" font-size="14">${escaped(title)}: bits a byte of training</text>${AXES.map((_, i) => chart(groups, i)).join('')}${legend.join('')}</svg>\n`;
}
