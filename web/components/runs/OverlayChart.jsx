/** Curves of several runs, by step, bytes or time. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { AXES, curvePoints, layoutOverlay, MEASURES, nearest, walkCurves } from '../../charts/overlay.js';
import { fileName, saveBlob, svgToFile, svgToPng } from '../../export/figures.js';
import { fixed } from '../../format/numbers.js';
import { readPalette } from '../../hierarchy/palette.js';
import { levelStyle, useApp } from '../context.js';
import { Choices } from '../fields.jsx';
import { Check } from './Keeping.jsx';

/** @typedef {import('../../charts/overlay.js').Axis} Axis */
/** @typedef {import('../../charts/overlay.js').Measure} Measure */
/** @typedef {import('../../charts/overlay.js').Curve} Curve */
/** @typedef {import('../../charts/overlay.js').Overlay} Overlay */

const HEIGHT = 340;
/** Narrower, there is no place for a plot. */
const LEAST = 160;

/** @param {{overlay: Overlay, width: number, axis: Axis, measure: Measure, at: number|null}} props */
function Picture({ overlay, width, axis, measure, at }) {
  const { plot, xTicks, yTicks, lines } = overlay;
  return (
    <svg
      class="overlay"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label="Bits per byte of the chosen runs"
      data-testid="overlay"
    >
      {yTicks.map(({ at: y, label }) => (
        <g key={label}>
          <line class="overlay-grid" x1={plot.left} x2={plot.right} y1={y} y2={y} />
          <text class="overlay-tick" x={plot.left - 8} y={y + 4} text-anchor="end">
            {label}
          </text>
        </g>
      ))}
      {xTicks.map(({ at: x, label }, i) => (
        <g key={label}>
          <line class="overlay-rule" x1={x} x2={x} y1={plot.bottom} y2={plot.bottom + 5} />
          <text class="overlay-tick" x={x} y={plot.bottom + 20} text-anchor={i === 0 ? 'start' : 'middle'}>
            {label}
          </text>
        </g>
      ))}
      <line class="overlay-rule" x1={plot.left} x2={plot.right} y1={plot.bottom} y2={plot.bottom} />
      <text class="overlay-tick" x={plot.right} y={plot.top + 12} text-anchor="end">
        {`bits per byte (${MEASURES[measure]}) by ${AXES[axis].label}`}
      </text>
      <clipPath id="overlay-clip">
        <rect x={plot.left} y={plot.top} width={plot.right - plot.left} height={plot.bottom - plot.top} />
      </clipPath>
      <g clip-path="url(#overlay-clip)">
        {lines.map(({ id, slot, path, dashed, points }) => (
          <g key={id} style={levelStyle(slot)}>
            <path class="overlay-line" d={path} stroke-dasharray={dashed ? '7 4' : undefined} />
            {points.length === 1 && (
              <circle class="overlay-dot" cx={overlay.xAt(points[0].x)} cy={overlay.yAt(points[0].y)} r="3" />
            )}
          </g>
        ))}
      </g>
      {at !== null && (
        <line class="overlay-cursor" x1={overlay.xAt(at)} x2={overlay.xAt(at)} y1={plot.top} y2={plot.bottom} />
      )}
      {lines.map(({ id, slot, mark, end }) => (
        <text key={id} class="overlay-mark" style={levelStyle(slot)} x={end.x + 6} y={end.labelY + 4}>
          {mark}
        </text>
      ))}
    </svg>
  );
}

/** @param {Curve[]} curves @param {Axis} axis @param {number|null} at */
function readout(curves, axis, at) {
  if (at === null || curves.length === 0)
    return 'Solid: hierarchies. Dashed: models without one. Letters are those of the table below. Point, or press the arrow keys, for values.';
  const parts = curves
    .filter(({ points }) => points.length > 0)
    .map((curve) => {
      const { x, y } = nearest(curve, at);
      return `${curve.mark}: ${fixed(y, 3)} at ${AXES[axis].text(x)}`;
    });
  return parts.join('   ');
}

/** @param {{runs: {run: import('../../state/runs/record.js').Run, slot: number, mark: string, points: import('../../state/runs/points.js').Points}[]}} props */
export function OverlayChart({ runs }) {
  const { store } = useApp();
  const place = useRef(/** @type {HTMLDivElement|null} */ (null));
  const width = useSignal(0);
  const axis = useSignal(/** @type {Axis} */ ('step'));
  const measure = useSignal(/** @type {Measure} */ ('valDecoder'));
  const closeUp = useSignal(false);
  const at = useSignal(/** @type {number|null} */ (null));
  useEffect(() => {
    const target = place.current;
    if (!target) return;
    width.value = target.clientWidth;
    const sizes = new ResizeObserver(() => {
      width.value = target.clientWidth;
    });
    sizes.observe(target);
    return () => sizes.disconnect();
  }, []);
  /** @type {Curve[]} */
  const curves = runs.map(({ run, slot, mark, points }) => ({
    id: run.id,
    slot,
    mark,
    dashed: run.settings.model_type !== 'adaptive',
    points: curvePoints(points, axis.value, measure.value),
  }));
  const most = Math.max(0, ...curves.flatMap(({ points }) => points.slice(-1).map(({ x }) => x)));
  const words = readout(curves, axis.value, at.value);
  const options = { width: width.value, height: HEIGHT, axis: axis.value, closeUp: closeUp.value };
  const overlay = width.value >= LEAST ? layoutOverlay(curves, options) : null;

  /** @param {'svg'|'png'} kind */
  async function save(kind) {
    const svg = place.current?.querySelector('svg');
    if (!svg) return;
    const background = readPalette(svg).sheet;
    const name = fileName(['runs', measure.value, 'by', axis.value], kind);
    try {
      saveBlob(kind === 'svg' ? svgToFile(svg, { background }) : await svgToPng(svg, { background }), name);
    } catch {
      store.notice.value = { kind: 'problem', message: 'The chart could not be saved as a picture: try SVG.' };
    }
  }

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
            at.value = null;
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
      <div
        ref={place}
        class="overlay-place"
        role="slider"
        tabIndex={0}
        aria-label="Bits per byte of the chosen runs. Left and right walk along their points."
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={Math.min(most, at.value ?? 0)}
        aria-valuetext={at.value === null ? 'nothing chosen' : words}
        data-testid="overlay-place"
        onKeyDown={(e) => {
          if (e.ctrlKey || e.metaKey || e.altKey) return;
          const next = walkCurves(curves, at.value, e.key);
          if (next === null && e.key !== 'Escape') return;
          e.preventDefault();
          at.value = next;
        }}
        onPointerMove={(e) => {
          const box = place.current?.getBoundingClientRect();
          if (box && overlay) at.value = overlay.valueAt(e.clientX - box.left);
        }}
        onPointerLeave={() => {
          at.value = null;
        }}
      >
        {overlay && (
          <Picture overlay={overlay} width={width.value} axis={axis.value} measure={measure.value} at={at.value} />
        )}
      </div>
      <p class="chart-readout overlay-readout" data-testid="overlay-readout">
        {words}
      </p>
      <div class="buttons">
        {
          /** @type {const} */ (['svg', 'png']).map((kind) => (
            <button
              key={kind}
              type="button"
              class="button small quiet"
              data-testid={`chart-${kind}`}
              onClick={() => save(kind)}
            >
              Chart as {kind.toUpperCase()}
            </button>
          ))
        }
      </div>
    </div>
  );
}
