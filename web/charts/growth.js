/**
 * Curves that grow: where a chart only has more rows than when it was drawn, on the same scales, only the new part is
 * drawn onto it.
 */

/** @typedef {import('uplot').AlignedData} Data */
/** @typedef {{row: number, step: number}|null} End  the last point of a curve that is drawn */
/** @typedef {{low: number, high: number, rows: number, ends: End[]}} Drawn  least and greatest value, rows, and ends by curve */

/**
 * What is left to draw beyond what was drawn.
 * @param {Data} data
 * @param {Drawn} [before]  default nothing
 * @returns {{drawn: Drawn, added: {from: End, rows: number[]}[]}|null} `added`: of each curve, the rows of its new points and
 *   the point that they go on from; null where what was drawn is no longer there
 */
export function grown(data, before = { low: Infinity, high: -Infinity, rows: 0, ends: data.slice(1).map(() => null) }) {
  const [steps, ...columns] = data;
  if (steps.length < before.rows || columns.length !== before.ends.length) return null;
  let { low, high } = before;
  const added = [];
  const ends = [];
  for (const [i, column] of columns.entries()) {
    const from = before.ends[i];
    if (from && steps[from.row] !== from.step) return null;
    const rows = [];
    for (let row = from ? from.row + 1 : 0; row < steps.length; row++) {
      const value = column[row];
      if (value === null || value === undefined) continue;
      rows.push(row);
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const last = rows.at(-1);
    ends.push(last === undefined ? from : { row: last, step: steps[last] });
    added.push({ from, rows });
  }
  return { drawn: { low, high, rows: steps.length, ends }, added };
}

/**
 * Draws the new end of a curve as uPlot draws it all.
 * @param {import('uplot')} plot
 * @param {number} index  of the series
 * @param {{from: End, rows: number[]}} added
 * @param {number} ratio  the screen's pixels in one of the page's
 */
export function drawEnd(plot, index, { from, rows }, ratio) {
  if (rows.length === 0) return;
  const { ctx, bbox, series, data } = plot;
  const { width = 1, alpha = 1, dash, points } = series[index];
  /** @param {unknown} look @returns {string} */
  const colour = (look) => /** @type {string} */ (typeof look === 'function' ? look(plot, index) : look);
  const places = (from ? [from.row, ...rows] : rows).map((row) => [
    Math.round(plot.valToPos(data[0][row], 'x', true)),
    Math.round(plot.valToPos(/** @type {number} */ (data[index][row]), 'y', true)),
  ]);
  const line = Math.round(width * ratio * 1000) / 1000;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.translate((line % 2) / 2, (line % 2) / 2);
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = colour(series[index].stroke);
  ctx.lineWidth = line;
  ctx.lineJoin = 'round';
  ctx.setLineDash((dash ?? []).map((length) => length * ratio));
  ctx.beginPath();
  for (const [x, y] of places) ctx.lineTo(x, y);
  ctx.stroke();
  if (points?.show === true) {
    const { size = 5, width: edge = 1, fill } = points;
    ctx.setLineDash([]);
    ctx.fillStyle = colour(fill);
    ctx.lineWidth = edge * ratio;
    for (const [x, y] of from ? places.slice(1) : places) {
      ctx.beginPath();
      ctx.arc(x, y, ((size - edge) / 2) * ratio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  }
  ctx.restore();
}
