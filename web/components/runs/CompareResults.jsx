/** Results of compared settings: verdicts by seeds, and their curves over one another. */
import { useSignal } from '@preact/signals';
import { meanCurve } from '../../../wasm/engine/means.js';
import { OverlayPlot } from '../../charts/OverlayPlot.jsx';
import { AXES, curvePoints, IDLE, markOf } from '../../charts/overlay.js';
import { SeedRows, SeedTable } from '../../charts/SeedRows.jsx';
import { arithmeticOf } from '../../state/runs/arithmetic.js';
import { partOf } from '../../state/runs/series.js';
import { studyRows } from '../../statistics/studies.js';
import { useApp } from '../context.js';
import { Fold } from '../Fold.jsx';
import { Choices } from '../fields.jsx';
import { usePoints } from './usePoints.js';

/** @typedef {'tf'|'bytesSeen'|'elapsedMs'} CompareAxis */
/** @typedef {import('../../charts/overlay.js').Curve} Curve */

/** @param {{series: import('../../state/runs/series.js').Series}} props */
export function CompareResults({ series }) {
  const { store } = useApp();
  const axis = useSignal(/** @type {CompareAxis} */ ('tf'));
  const hidden = useSignal(/** @type {ReadonlySet<string>} */ (new Set()));
  const { entries, jobs, reference } = series;
  const list = store.runs.list.value;
  const points = usePoints(jobs.flatMap(({ run }) => (run === null ? [] : [run])));
  const part = partOf(series);
  const rows = studyRows(part);
  const slots = new Map(rows.map(({ name, slot }) => [name, slot]));
  /** Those without a result yet come after them. */
  const slotOf = (/** @type {string} */ name) =>
    slots.get(name) ??
    slots.size + entries.filter((each) => !slots.has(each.name)).findIndex((each) => each.name === name);

  const curves = entries.flatMap(({ name, gflop }, entry) => {
    if (hidden.value.has(name)) return [];
    const look = { slot: slotOf(name) % 8, dashed: entry === reference };
    /** @type {(Curve & {whole: boolean})[]} */
    const own = jobs.flatMap(({ entry: of, run: id, seed, state }) => {
      const run = of === entry ? list.find((each) => each.id === id) : undefined;
      const read = id === null ? undefined : points.get(id);
      if (!run || !read) return [];
      const spent = arithmeticOf(read, run.settings, gflop);
      const drawn = curvePoints(read, axis.value, 'valDecoder', spent);
      const whole = state === 'done';
      return drawn.length === 0
        ? []
        : [{ ...look, id: `${name} ${seed}`, mark: '', faint: true, whole, points: drawn }];
    });
    const finished = own.filter(({ whole }) => whole);
    const mark = markOf(slotOf(name));
    if (finished.length === 0) return own.map((curve) => ({ ...curve, mark, faint: false }));
    const mean = { ...look, id: name, mark, points: meanCurve(finished.map((curve) => curve.points)) };
    return own.length > 1 ? [...own, mean] : [mean];
  });

  /** @param {string} name */
  function toggle(name) {
    const next = new Set(hidden.value);
    if (!next.delete(name)) next.add(name);
    hidden.value = next;
  }

  return (
    <>
      {rows.length > 0 && (
        <SeedRows
          part={part}
          rows={rows}
          hidden={hidden.value}
          onToggle={toggle}
          label="Held-out bits a byte of the compared settings"
          testId="compare-model"
        />
      )}
      {curves.length > 0 && (
        <div class="overlay-block">
          <div class="overlay-controls">
            <Choices
              name="compare-axis"
              legend="Horizontal axis"
              value={axis.value}
              options={[
                { value: 'tf', label: 'By arithmetic' },
                { value: 'bytesSeen', label: 'By bytes seen' },
                { value: 'elapsedMs', label: 'By time' },
              ]}
              onChange={(value) => {
                axis.value = /** @type {CompareAxis} */ (value);
              }}
            />
          </div>
          <OverlayPlot
            curves={curves}
            axis={axis.value}
            closeUp
            title={`held out, by ${AXES[axis.value].label}`}
            label="Held-out bits a byte of the compared settings, by curve"
            idle={IDLE.comparison}
            testId="compare"
            file={['comparison', 'by', axis.value]}
          />
        </div>
      )}
      {rows.length > 0 && (
        <Fold title="The same as a table" testId="compare-fold">
          {() => <SeedTable part={part} rows={rows} timed label="The comparison as a table" testId="compare-table" />}
        </Fold>
      )}
    </>
  );
}
