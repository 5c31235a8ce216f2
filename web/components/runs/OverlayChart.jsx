/** Curves of several runs, by step, bytes or time. */
import { useSignal } from '@preact/signals';
import { OverlayPlot } from '../../charts/OverlayPlot.jsx';
import { AXES, curvePoints, IDLE, MEASURES } from '../../charts/overlay.js';
import { Choices } from '../fields.jsx';
import { Check } from './Keeping.jsx';

/** @typedef {'step'|'bytesSeen'|'elapsedMs'} Axis */
/** @typedef {import('../../charts/overlay.js').Measure} Measure */

/** @param {{runs: {run: import('../../state/runs/record.js').Run, slot: number, mark: string, points: import('../../state/runs/points.js').Points}[]}} props */
export function OverlayChart({ runs }) {
  const axis = useSignal(/** @type {Axis} */ ('step'));
  const measure = useSignal(/** @type {Measure} */ ('valDecoder'));
  const closeUp = useSignal(false);
  const curves = runs.map(({ run, slot, mark, points }) => ({
    id: run.id,
    slot,
    mark,
    dashed: run.settings.model_type !== 'adaptive',
    points: curvePoints(points, axis.value, measure.value),
  }));
  return (
    <div class="overlay-block">
      <div class="overlay-controls">
        <Choices
          name="overlay-axis"
          legend="Horizontal axis"
          value={axis.value}
          options={[
            { value: 'step', label: 'By step' },
            { value: 'bytesSeen', label: 'By bytes seen' },
            { value: 'elapsedMs', label: 'By time' },
          ]}
          onChange={(value) => {
            axis.value = /** @type {Axis} */ (value);
          }}
        />
        <label class="overlay-measure">
          <span class="label">Bits per byte</span>
          <select
            class="input"
            value={measure.value}
            data-testid="overlay-measure"
            onChange={(e) => {
              measure.value = /** @type {Measure} */ (e.currentTarget.value);
            }}
          >
            {Object.entries(MEASURES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <Check
          checked={closeUp.value}
          testId="overlay-close-up"
          onChange={(yes) => {
            closeUp.value = yes;
          }}
        >
          Close up, without the first quarter
        </Check>
      </div>
      <OverlayPlot
        curves={curves}
        axis={axis.value}
        closeUp={closeUp.value}
        title={`bits per byte (${MEASURES[measure.value]}) by ${AXES[axis.value].label}`}
        label="Bits per byte of the chosen runs"
        idle={IDLE.runs}
        testId="overlay"
        file={['runs', measure.value, 'by', axis.value]}
      />
    </div>
  );
}
