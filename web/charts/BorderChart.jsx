/** Borders a window, by level, over the steps. */
import { useSignal } from '@preact/signals';
import { levelStyle, useApp } from '../components/context.js';
import { fixed, integer } from '../format/numbers.js';
import { levelColour } from '../hierarchy/palette.js';
import { Plot } from './Plot.jsx';

/** The axis' end above a largest value, rounded so that it seldom changes. @param {number} most @returns {number} */
function roomFor(most) {
  const part = 10 ** Math.floor(Math.log10(Math.max(2, most))) / 4;
  return Math.max(2, part * Math.ceil((1.05 * most) / part));
}

export function BorderChart() {
  const { store } = useApp();
  const row = useSignal(/** @type {number|null} */ (null));
  const levels = store.borderLevels.value;
  store.curvesVersion.value;
  if (levels === 0) return null;

  /** @param {import('../hierarchy/palette.js').Palette} palette @returns {import('./Plot.jsx').Look} */
  const look = (palette) => ({
    height: 170,
    series: Array.from({ length: store.borderLevels.value }, (_, level) => ({
      stroke: levelColour(palette, level),
      width: 2,
      points: { show: false },
      spanGaps: true,
    })),
    range: (_min, max) => [0, Number.isFinite(max) ? roomFor(max) : 10],
  });

  const data = () => {
    store.curvesVersion.value;
    const { step, borders } = store.curves;
    const columns = Array.from(
      { length: store.borderLevels.value },
      (_, level) => borders[level] ?? step.map(() => null),
    );
    return /** @type {import('uplot').AlignedData} */ ([step, ...columns]);
  };

  const at = row.value;
  const { step, borders } = store.curves;
  const shown = at !== null && at < step.length && borders.length > 0 && borders[0][at] !== null;
  return (
    <div>
      <div class="chart-head">
        <h3>Borders in a window of {integer(Number(store.model.value?.settings.sequence_length))} bytes</h3>
        <ul class="key">
          {Array.from({ length: levels }, (_, level) => (
            <li key={level} style={levelStyle(level)}>
              <i /> {level === 0 ? 'bytes' : `level ${level}`}
            </li>
          ))}
        </ul>
      </div>
      <Plot
        low
        label="Borders a window, by level, over training steps; the same numbers are in the table below."
        look={look}
        data={data}
        onPoint={(point) => {
          row.value = point;
        }}
      />
      <p class="chart-readout">
        {shown
          ? `step ${integer(step[at])}  ${borders.map((column) => fixed(column[at] ?? Number.NaN, 1)).join(' / ')}`
          : ' '}
      </p>
    </div>
  );
}
