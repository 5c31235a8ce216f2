/** What the heads expect to pay against what they pay. */
import { useRef } from 'preact/hooks';
import { fixed, integer } from '../../format/numbers.js';
import { calibration } from '../../statistics/measures.js';
import { calibrationVerdict } from '../../statistics/verdicts.js';
import { useApp } from '../context.js';
import { Fold } from '../Fold.jsx';
import { SaveFigure } from '../SaveFigure.jsx';
import { figure, Table } from '../Table.jsx';

/** @typedef {import('../../statistics/measures.js').Calibration} CalibrationResult */

const [SIZE, LEFT, BOTTOM] = [220, 30, 26];

/** @param {{name: string, result: CalibrationResult, dashed: boolean, scale: (bits: number) => number}} props */
function Curve({ name, result, dashed, scale }) {
  const points = result.bins.map(({ entropy, bits }) => [LEFT + scale(entropy), SIZE - BOTTOM - scale(bits)]);
  return (
    <g style={{ '--colour': `var(--${name})` }} class={dashed ? 'curve dashed' : 'curve'}>
      <path d={points.map(([x, y], i) => `${i ? 'L' : 'M'}${fixed(x, 1)} ${fixed(y, 1)}`).join('')} />
      {points.map(([x, y]) => (
        <circle key={x} cx={fixed(x, 1)} cy={fixed(y, 1)} r="3" />
      ))}
    </g>
  );
}

/** @param {{heads: [string, CalibrationResult][]}} props */
function Plot({ heads }) {
  const drawing = useRef(/** @type {SVGSVGElement|null} */ (null));
  const most = Math.max(1, ...heads.flatMap(([, { bins }]) => bins.flatMap(({ entropy, bits }) => [entropy, bits])));
  const end = Math.ceil(most);
  const scale = (/** @type {number} */ bits) => (bits / end) * (SIZE - LEFT - 8);
  const ticks = Array.from({ length: Math.floor(end / Math.ceil(end / 4)) }, (_, i) => (i + 1) * Math.ceil(end / 4));
  const right = LEFT + scale(end);
  const top = SIZE - BOTTOM - scale(end);
  const label = heads.map(([name, result]) => `${name} ${calibrationVerdict(result)}`).join('; ');
  return (
    <div>
      <svg
        ref={drawing}
        class="calibration"
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        role="img"
        aria-label={`Calibration: ${label}.`}
      >
        <path class="axis" d={`M${LEFT} ${top}V${SIZE - BOTTOM}H${right}`} />
        <path class="ideal" d={`M${LEFT} ${SIZE - BOTTOM}L${right} ${top}`} />
        {ticks.map((tick) => (
          <g key={tick}>
            <text x={LEFT + scale(tick)} y={SIZE - BOTTOM + 13} text-anchor="middle">
              {tick}
            </text>
            <text x={LEFT - 6} y={SIZE - BOTTOM - scale(tick) + 4} text-anchor="end">
              {tick}
            </text>
          </g>
        ))}
        <text x={right} y={SIZE - 2} text-anchor="end">
          expected bits
        </text>
        <text x={LEFT + 4} y={top + 4}>
          paid bits
        </text>
        {heads.map(([name, result]) => (
          <Curve key={name} name={name} result={result} dashed={name === 'encoder'} scale={scale} />
        ))}
      </svg>
      <SaveFigure name="calibration" drawing={() => drawing.current} />
    </div>
  );
}

/** @param {{heads: [string, CalibrationResult][]}} props */
function Tenths({ heads }) {
  return (
    <Fold title="The same as a table" name="calibration">
      {() => (
        <Table columns={['tenth', ...heads.map(([name]) => figure(`${name}: expected / paid`))]}>
          <tbody>
            {heads[0][1].bins.map((_, i) => (
              <tr key={`${i}`}>
                <td>{i + 1}</td>
                {heads.map(([name, { bins }]) => (
                  <td key={name} class="figure">
                    {fixed(bins[i].entropy)} / {fixed(bins[i].bits)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Fold>
  );
}

export function Calibration() {
  const { store } = useApp();
  const trace = store.trace.value;
  if (!trace?.done) return null;
  const part = (/** @type {'encoder'|'decoder'} */ head) =>
    calibration(trace[`${head}Entropy`].subarray(0, trace.count), trace[`${head}Bits`].subarray(0, trace.count));
  /** @type {[string, CalibrationResult][]} */
  const heads = trace.levels.length > 1 && !store.oneHead.value ? [['encoder', part('encoder')]] : [];
  heads.push(['decoder', part('decoder')]);
  return (
    <section class="measure" aria-labelledby="measure-calibration">
      <h3 id="measure-calibration">Does it know what it does not know?</h3>
      <div class="measure-row">
        <Plot heads={heads} />
        <Table columns={['bits a byte', figure('expected'), figure('paid')]}>
          <tbody>
            {heads.map(([name, result]) => (
              <tr key={name} style={{ '--colour': `var(--${name})` }}>
                <td>
                  <span class="level-name">{heads.length > 1 ? name : 'model'}</span>
                </td>
                <td class="figure" data-testid={`expected-${name}`}>
                  {fixed(result.entropy, 3)}
                </td>
                <td class="figure" data-testid={`paid-${name}`}>
                  {fixed(result.bits, 3)}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      <Tenths heads={heads} />
      <p class="fine">
        Entropy is what a head expects to pay for the next byte. Each dot is a tenth of the bytes, about{' '}
        {integer(heads[0][1].bins[0]?.count ?? 0)}, from the surest to the least sure: on the line, expectation and cost
        agree; above it the head is too sure of itself.
      </p>
    </section>
  );
}
