/** Charts in the page's visual language: one place where uPlot is set up. */
import './language.js';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { drawEnd, grown } from './growth.js';

/** @typedef {import('../hierarchy/palette.js').Palette} Palette */
/**
 * A horizontal line that says what a value means.
 * @typedef {{value: number, label: string, colour: string}} Reference
 */

const FONT_SIZE = 11;

/**
 * Draws reference lines with their labels at the left, above the line, or below where there is no room.
 * @param {() => Reference[]} references
 * @param {Palette} palette
 * @returns {uPlot.Plugin}
 */
function referenceLines(references, palette) {
  return {
    hooks: {
      draw: (u) => {
        const { ctx, bbox } = u;
        const ratio = uPlot.pxRatio;
        ctx.save();
        ctx.font = `${FONT_SIZE * ratio}px ${palette.mono}`;
        ctx.textAlign = 'right';
        for (const { value, label, colour } of references()) {
          const y = u.valToPos(value, 'y', true);
          if (y < bbox.top - 1 || y > bbox.top + bbox.height + 1) continue;
          ctx.strokeStyle = colour;
          ctx.fillStyle = colour;
          ctx.lineWidth = ratio;
          ctx.setLineDash([5 * ratio, 4 * ratio]);
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
          const above = y - bbox.top > (FONT_SIZE + 6) * ratio;
          ctx.textBaseline = above ? 'bottom' : 'top';
          ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y + (above ? -3 : 4) * ratio);
        }
        ctx.restore();
      },
    },
  };
}

/**
 * A line chart over training steps.
 * @param {HTMLElement} element
 * @param {object} options
 * @param {number} options.height
 * @param {uPlot.Series[]} options.series   one a column after the steps
 * @param {Palette} options.palette
 * @param {(min: number, max: number) => [number, number]} options.range  of the values
 * @param {() => number} options.steps      the axis goes at least this far
 * @param {() => Reference[]} [options.references]
 * @param {(row: number|null) => void} options.onPoint  the row under the pointer
 */
export function createPlot(element, { height, series, palette, range, steps, references, onPoint }) {
  /** @type {uPlot.Axis} */
  const axis = {
    stroke: palette.soft,
    font: `${FONT_SIZE}px ${palette.mono}`,
    grid: { stroke: palette.rule, width: 0.5 },
    ticks: { stroke: palette.rule, width: 1, size: 5 },
  };
  /** @param {number} [last]  step @returns {[number, number]} */
  const stepRange = (last = 1) => [0, Math.max(1, steps(), last)];
  /** @type {uPlot.Options} */
  const options = {
    width: element.clientWidth || 300,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false, range: (_u, _min, max) => stepRange(max ?? 1) },
      y: { range: (_u, min, max) => range(min ?? Number.NaN, max ?? Number.NaN) },
    },
    axes: [
      {
        ...axis,
        size: 30,
        values: (_u, ticks) => ticks.map((v) => (Number.isInteger(v) ? v.toLocaleString('en') : '')),
      },
      // As everywhere on the page, whatever the browser’s language.
      { ...axis, size: 42, values: (_u, ticks) => ticks.map((v) => v.toLocaleString('en')) },
    ],
    series: [{}, ...series],
    plugins: references ? [referenceLines(references, palette)] : [],
    hooks: { setCursor: [(u) => onPoint(u.cursor.idx ?? null)] },
  };
  const plot = new uPlot(options, [[], ...series.map(() => [])], element);
  /** What the chart shows. @type {import('./growth.js').Drawn|null} */
  let drawn = null;
  const referred = () =>
    references?.()
      .map(({ label }) => label)
      .join('\n');
  /** The reference lines that it shows. */
  let shown = referred();
  /** @param {uPlot.AlignedData} data */
  const showAll = (data) => {
    drawn = grown(data)?.drawn ?? null;
    shown = referred();
    plot.setData(data);
  };

  /** @param {uPlot.AlignedData} data @returns {boolean} whether it was enough to draw what is new */
  const grow = (data) => {
    const more = drawn && grown(data, drawn);
    // What is pointed at is looked for among the rows of the last whole drawing.
    if (!more || !drawn || drawn.rows === 0 || Number(plot.cursor.left) >= 0) return false;
    if (shown !== referred()) return false;
    const { x, y } = plot.scales;
    const [, last] = stepRange(data[0].at(-1));
    const [low, high] = range(more.drawn.low, more.drawn.high);
    if (x.min !== 0 || x.max !== last || y.min !== low || y.max !== high) return false;
    plot.setData(data, false);
    for (const [i, added] of more.added.entries()) drawEnd(plot, i + 1, added, uPlot.pxRatio);
    drawn = more.drawn;
    return true;
  };

  const sizes = new ResizeObserver(() => {
    if (element.clientWidth === 0 || element.clientWidth === plot.width) return;
    plot.setSize({ width: element.clientWidth, height });
    showAll(plot.data);
  });
  sizes.observe(element);
  const pointed = () => showAll(plot.data);
  plot.over.addEventListener('pointerenter', pointed);
  return {
    /** @param {uPlot.AlignedData} data  more of what was shown is drawn onto it */
    show(data) {
      if (!grow(data)) showAll(data);
    },
    destroy() {
      sizes.disconnect();
      plot.destroy();
    },
  };
}
