/** Curves over one another, by step, bytes, time or arithmetic, with a cursor that mouse and keys move. */
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { levelStyle, useApp } from '../components/context.js';
import { fileName, saveBlob, svgToFile, svgToPng } from '../export/figure_files.js';
import { readPalette } from '../hierarchy/palette.js';
import { layoutOverlay, nearest, readout, walkCurves } from './overlay.js';
import '../styles/overlay.css';

/** @typedef {import('./overlay.js').Axis} Axis */
/** @typedef {import('./overlay.js').Curve} Curve */
/** @typedef {import('./overlay.js').Overlay} Overlay */

const HEIGHT = 340;
/** Narrower, there is no place for a plot. */
const LEAST = 160;

/** @param {{overlay: Overlay, width: number, title: string, label: string, at: number|null, testId: string}} props */
function Picture({ overlay, width, title, label, at, testId }) {
  const { plot, xTicks, yTicks, lines } = overlay;
  const clip = useId();
  return (
    <svg
      class="overlay"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={label}
      data-testid={testId}
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
        {title}
      </text>
      <clipPath id={clip}>
        <rect x={plot.left} y={plot.top} width={plot.right - plot.left} height={plot.bottom - plot.top} />
      </clipPath>
      <g clip-path={`url(#${clip})`}>
        {lines.map(({ id, slot, path, dashed, faint, points }) => (
          <g key={id} style={levelStyle(slot)}>
            <path
              class={faint ? 'overlay-line faint' : 'overlay-line'}
              d={path}
              stroke-dasharray={dashed ? '7 4' : undefined}
            />
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

/** @param {Curve[]} curves @param {Axis} axis @param {number} at */
function valuesAt(curves, axis, at) {
  const lettered = curves.filter(({ points, mark }) => points.length > 0 && mark !== '');
  return readout(
    lettered.map((curve) => ({ mark: curve.mark, ...nearest(curve, at) })),
    axis,
  );
}

/**
 * @param {object} props
 * @param {Curve[]} props.curves
 * @param {Axis} props.axis
 * @param {boolean} props.closeUp  without the first quarter
 * @param {string} props.title     stands in the chart
 * @param {string} props.label     what it shows, for those who do not see it
 * @param {string} props.idle      said while nothing is pointed at
 * @param {string} props.testId
 * @param {string[]} props.file    words of the files’ names
 */
export function OverlayPlot({ curves, axis, closeUp, title, label, idle, testId, file }) {
  const { store } = useApp();
  const place = useRef(/** @type {HTMLDivElement|null} */ (null));
  const width = useSignal(0);
  const pointed = useSignal(/** @type {{axis: Axis, at: number}|null} */ (null));
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
  const most = Math.max(0, ...curves.flatMap(({ points }) => points.slice(-1).map(({ x }) => x)));
  // A place on another axis, or beyond the curves that are left, is none.
  const at = pointed.value?.axis === axis && pointed.value.at <= most ? pointed.value.at : null;
  const words = at === null || curves.length === 0 ? idle : valuesAt(curves, axis, at);
  const point = (/** @type {number|null} */ to) => {
    pointed.value = to === null ? null : { axis, at: to };
  };
  const overlay =
    width.value >= LEAST ? layoutOverlay(curves, { width: width.value, height: HEIGHT, axis, closeUp }) : null;

  /** @param {'svg'|'png'} kind */
  async function save(kind) {
    const svg = place.current?.querySelector('svg');
    if (!svg) return;
    const background = readPalette(svg).sheet;
    try {
      saveBlob(
        kind === 'svg' ? svgToFile(svg, { background }) : await svgToPng(svg, { background }),
        fileName(file, kind),
      );
    } catch {
      store.notice.value = {
        kind: 'problem',
        message: 'The chart could not be saved as a picture: try SVG.',
        reason: 'no_picture',
      };
    }
  }

  return (
    <>
      <div
        ref={place}
        class="overlay-place"
        role="slider"
        tabIndex={0}
        aria-label={`${label}. Left and right walk along their points.`}
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={at ?? 0}
        aria-valuetext={at === null ? 'nothing chosen' : words}
        data-testid={`${testId}-place`}
        onKeyDown={(e) => {
          if (e.ctrlKey || e.metaKey || e.altKey) return;
          const next = walkCurves(curves, at, e.key);
          if (next === null && e.key !== 'Escape') return;
          e.preventDefault();
          point(next);
        }}
        onPointerMove={(e) => {
          const box = place.current?.getBoundingClientRect();
          if (box && overlay) point(overlay.valueAt(e.clientX - box.left));
        }}
        onPointerLeave={() => point(null)}
      >
        {overlay && (
          <Picture overlay={overlay} width={width.value} title={title} label={label} at={at} testId={testId} />
        )}
      </div>
      <p class="chart-readout overlay-readout" data-testid={`${testId}-readout`}>
        {words}
      </p>
      <div class="buttons">
        {
          /** @type {const} */ (['svg', 'png']).map((kind) => (
            <button
              key={kind}
              type="button"
              class="button small quiet"
              data-testid={`${testId}-${kind}`}
              onClick={() => save(kind)}
            >
              Chart as {kind.toUpperCase()}
            </button>
          ))
        }
      </div>
    </>
  );
}
