/** Training and validation bits per byte over the steps. */
import { useSignal } from '@preact/signals';
import { useApp } from '../components/context.js';
import { fixed, integer } from '../format/numbers.js';
import { Plot } from './Plot.jsx';

/** What a byte costs without a model. */
const NO_MODEL = 8;

/** @param {import('../state/curves.js').Curves} curves @param {number|null} row @param {boolean} alone  one head, no pairs */
function readout(curves, row, alone) {
  if (row === null || row >= curves.step.length) return '';
  /** @param {string} name @param {number|null} encoder @param {number|null} decoder */
  const part = (name, encoder, decoder) =>
    encoder === null || decoder === null ? '' : `  ${name} ${alone ? '' : `${fixed(encoder)} / `}${fixed(decoder)}`;
  return `step ${integer(curves.step[row])}${part('training', curves.trainEncoder[row], curves.trainDecoder[row])}${part('held out', curves.valEncoder[row], curves.valDecoder[row])}`;
}

export function CurveChart() {
  const { store } = useApp();
  const row = useSignal(/** @type {number|null} */ (null));
  const alone = store.oneHead.value;
  const gzip = () => store.dataset.value?.gzipBpb ?? null;

  /** @param {import('../hierarchy/palette.js').Palette} palette @returns {import('./Plot.jsx').Look} */
  const look = (palette) => ({
    height: 320,
    series: [
      { stroke: palette.encoder, width: 1, alpha: 0.55, points: { show: false }, spanGaps: true },
      { stroke: palette.decoder, width: 1, alpha: 0.55, points: { show: false }, spanGaps: true },
      { stroke: palette.encoder, width: 2, dash: [6, 4], spanGaps: true, points: { show: false } },
      { stroke: palette.decoder, width: 2.5, spanGaps: true, points: { show: true, size: 5, fill: palette.sheet } },
    ],
    range: (min) => [Math.max(0, Math.floor(Math.min(min, gzip() ?? 4, 4) - 0.5)), NO_MODEL + 0.6],
    references: () => {
      const zipped = gzip();
      return [
        { value: NO_MODEL, label: '8 bits: no model at all', colour: palette.soft },
        ...(zipped === null
          ? []
          : [{ value: zipped, label: `${fixed(zipped)}: what gzip needs`, colour: palette.soft }]),
      ];
    },
  });

  const data = () => {
    store.curvesVersion.value;
    gzip();
    const { step, trainEncoder, trainDecoder, valEncoder, valDecoder } = store.curves;
    return /** @type {import('uplot').AlignedData} */ ([step, trainEncoder, trainDecoder, valEncoder, valDecoder]);
  };

  store.curvesVersion.value;
  return (
    <div>
      <div class="chart-head">
        <h3>Bits per byte</h3>
        <ul class="key">
          <li style={{ '--colour': 'var(--decoder)' }}>
            <i /> {alone ? 'model' : 'decoder'}, held out
          </li>
          {!alone && (
            <li style={{ '--colour': 'var(--encoder)' }}>
              <i class="dashed" /> encoder, held out
            </li>
          )}
          <li style={{ '--colour': 'var(--ink-soft)' }}>
            <i class="thin" /> in training
          </li>
        </ul>
      </div>
      <div style={{ position: 'relative' }}>
        <Plot
          label="Bits per byte over training steps; the same numbers are in the table below."
          look={look}
          data={data}
          onPoint={(at) => {
            row.value = at;
          }}
        />
        {store.curves.step.length === 0 && (
          <p class="chart-empty fine">The curves of a run appear here once training has started.</p>
        )}
      </div>
      <p class="chart-readout">
        {readout(store.curves, row.value, alone) ||
          `The lower, the better the model foresees the text.${alone ? '' : ' Pairs are encoder / decoder.'}`}
      </p>
    </div>
  );
}
