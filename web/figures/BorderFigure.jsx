/** The border rule on the reader's own sentence: blocks of entropy that pile up to a threshold which can be dragged. */
import { useRef } from 'preact/hooks';
import { RULES } from '../../wasm/engine/lists.js';
import { levelStyle, useApp } from '../components/context.js';
import { count, fixed, significant } from '../format/numbers.js';
import { tokenEnds } from '../traces/spans.js';
import { addsUp, measureOf } from '../traces/trace.js';
import { BorderTable } from './BorderTable.jsx';
import { borderLayout, byteAt, valueAt } from './border_layout.js';
import { useFigures } from './context.js';
import { Figure, useWidth } from './FigureFrame.jsx';
import { bordersDrawn } from './figure_sentences.js';
import { scaleOf } from './rule.js';
import { ThresholdSlider } from './ThresholdSlider.jsx';

/** @typedef {import('./border_layout.js').BorderDrawing} BorderDrawing */
/** @typedef {import('./border_layout.js').Line} Line */
/** @typedef {import('./border_layout.js').Plot} Plot */

/** The reader's sentence. */
function Sentence() {
  const figures = useFigures();
  return (
    <div class="how-sentence">
      <label class="label" for="how-sentence">
        Your sentence
      </label>
      <input
        id="how-sentence"
        class="input"
        type="text"
        autocomplete="off"
        spellcheck={false}
        value={figures.sentence.value}
        data-testid="how-sentence"
        onInput={(e) => figures.type(e.currentTarget.value)}
      />
    </div>
  );
}

/** @param {{plot: Plot, drawing: BorderDrawing, line: Line, threshold: number|null, tag: string, onDrag: (event: PointerEvent) => void}} props  `threshold`: null where the rule has none */
function PlotLane({ plot, drawing, line, threshold, tag, onDrag }) {
  const { left } = drawing;
  const { level, lane, blocks } = plot;
  const foot = lane.y + lane.height;
  const right = left + line.width;
  const high = Math.min(Math.max(plot.threshold, lane.y + 2), foot);
  return (
    <g class="plot" style={levelStyle(level)}>
      <path class="axis" d={`M${left} ${foot}H${right}`} />
      {blocks.map(({ index, x, y, width, height, border, counted }) => (
        <rect
          key={index}
          class={`pile ${border ? 'last' : ''} ${counted ? '' : 'uncounted'}`}
          x={x + 0.75}
          y={y}
          width={Math.max(1, width - 1.5)}
          height={Math.max(counted ? 1 : 0, height)}
        />
      ))}
      <text class="plot-name" x={0} y={foot - 3}>
        {tag}
      </text>
      {threshold !== null && (
        <g
          class="threshold"
          onPointerDown={onDrag}
          onTouchStart={(e) => e.preventDefault()}
          data-testid={`drag-${level}`}
        >
          <path class="grip" d={`M0 ${high}H${right}`} />
          <path class="limit" d={`M${left - 6} ${high}H${right}`} />
          <rect class="tag" x={0} y={high - 10} width={left - 8} height="20" rx="3" />
          <path class="ridges" d={`M6 ${high - 4}v8m3 -8v8`} />
          <text class="tag-text" x={left - 14} y={high + 4} text-anchor="end">
            {significant(threshold)}
          </text>
        </g>
      )}
    </g>
  );
}

/** @param {{line: Line, drawing: BorderDrawing}} props */
function Signs({ line, drawing }) {
  const { cell } = drawing;
  return (
    <g class="signs">
      {line.signs.map(({ x, cluster }) => (
        <text
          key={cluster.from}
          class={cluster.kind}
          x={x + (cluster.length * cell) / 2}
          y={line.text.y + line.text.height * 0.68}
          text-anchor="middle"
          font-size={cluster.kind === 'invalid' || cluster.kind === 'control' ? cell * 0.7 : cell * 1.16}
        >
          {cluster.text}
        </text>
      ))}
    </g>
  );
}

/** @param {{line: Line}} props */
function Spans({ line }) {
  return (
    <g>
      {line.spans.map(({ level, index, x, y, width, height, opens, closes, bytes }) => (
        <g key={`${level}-${index}`} class="span" style={levelStyle(level)}>
          <rect
            x={x + (opens ? 1 : -2)}
            y={y}
            width={Math.max(1, width - (opens ? 1 : -2) - (closes ? 1 : -2))}
            height={height}
            rx="2"
          />
          {width > 22 && (
            <text x={x + 6} y={y + height * 0.5 + 4}>
              {bytes}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

/** @param {{line: Line}} props */
function BorderLines({ line }) {
  return (
    <g>
      {line.borders.map(({ x, level, y }) => (
        <path
          key={`${level}-${x}`}
          class="border-line"
          style={levelStyle(level)}
          d={`M${x} ${y}V${line.text.y + line.text.height}`}
        />
      ))}
    </g>
  );
}

/** Units of the levels' thresholds, empty where a rule has none. @param {{levels: readonly {unit: string}[]}|null|undefined} model */
const unitsOf = (model) => (model?.levels ?? []).map(({ unit }) => unit);

/** @param {{width: number}} props */
function Drawing({ width }) {
  const { store } = useApp();
  const figures = useFigures();
  const svg = useRef(/** @type {SVGSVGElement|null} */ (null));
  /** Scales as they were when a drag began: what is held must not run away. */
  const held = useRef(/** @type {number[]|null} */ (null));
  const routed = figures.routed.value;
  const thresholds = figures.thresholds.value;
  const problem = figures.problem.value;
  if (problem) return <p class="how-message">{problem}</p>;
  if (!routed || width === 0) return <div class="skeleton how-skeleton" />;
  const scales = held.current ?? thresholds.map((threshold, l) => scaleOf(routed.levels[l], threshold));
  const units = unitsOf(store.model.value);
  const ends = tokenEnds(routed);
  const tokens = routed.levels.slice(1).map((level) => level.count);
  const drawing = borderLayout({
    clusters: figures.clusters.value,
    levels: routed.levels.map((level, l) => (l === 0 ? level : { ...level, end: ends[l] })),
    thresholds,
    scales,
    width,
    count: store.borderLevels.value + 1,
    adds: routed.levels.map((_, level) => addsUp(routed, level)),
  });
  /** @param {number} level */
  const tagOf = (level) =>
    addsUp(routed, level) ? (level === 0 ? 'Σ entropy' : 'Σ error') : measureOf(routed, level) || 'rule';

  /** @param {PointerEvent} event @param {Plot} plot */
  const drag = (event, plot) => {
    event.preventDefault();
    const element = svg.current;
    if (!element) return;
    const scale = scales[plot.level];
    held.current = scales;
    /** @param {PointerEvent} e */
    const move = (e) => {
      const box = element.getBoundingClientRect();
      const value = valueAt(plot, scale, ((e.clientY - box.top) * drawing.height) / box.height);
      figures.setThreshold(plot.level, Number(Math.min(value, scale * 1.06).toPrecision(3)));
    };
    const ending = new AbortController();
    const end = () => {
      ending.abort();
      held.current = null;
      // Once more, with scales that fit.
      store.figureView.value = { ...store.figureView.value };
    };
    const options = { signal: ending.signal };
    window.addEventListener('pointermove', move, options);
    window.addEventListener('pointerup', end, options);
    window.addEventListener('pointercancel', end, options);
    move(event);
  };

  /** @param {MouseEvent} event */
  const choose = (event) => {
    const box = /** @type {SVGSVGElement} */ (svg.current).getBoundingClientRect();
    const byte = byteAt(drawing, event.clientX - box.left, event.clientY - box.top);
    if (byte !== null) figures.goTo(byte + 1);
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the loop's own slider does the same for keys.
    <svg
      ref={svg}
      class="drawing-svg border-svg"
      width={drawing.width}
      height={drawing.height}
      viewBox={`0 0 ${drawing.width} ${drawing.height}`}
      role="img"
      aria-label={bordersDrawn(figures.bytes.value, tokens)}
      data-testid="border-figure"
      data-borders={tokens.join(' ')}
      onClick={choose}
    >
      {drawing.lines.map((line) => (
        <g key={line.y}>
          <Spans line={line} />
          <BorderLines line={line} />
          <Signs line={line} drawing={drawing} />
          {line.plots.map((plot) => (
            <PlotLane
              key={plot.level}
              plot={plot}
              drawing={drawing}
              line={line}
              threshold={units[plot.level] ? thresholds[plot.level] : null}
              tag={tagOf(plot.level)}
              onDrag={(event) => drag(event, plot)}
            />
          ))}
        </g>
      ))}
    </svg>
  );
}

/** How many tokens the borders make, and how long these are. */
function Verdict() {
  const figures = useFigures();
  const routed = figures.routed.value;
  if (!routed || routed.levels.length < 2) return null;
  const bytes = figures.bytes.value;
  const parts = routed.levels.slice(1).map(({ count: tokens }, l) => ({ tokens, level: l + 1 }));
  return (
    <p class="label how-verdict" data-testid="border-verdict">
      {parts.map(({ tokens, level }) => (
        <span key={level} class="level-name" style={levelStyle(level)}>
          {tokens > 0
            ? `${count(tokens, 'token')} of level ${level}, ${fixed(bytes / tokens, 1)} bytes each`
            : `level ${level} …`}
        </span>
      ))}
    </p>
  );
}

/** What the blocks are, by the rule of level 0. @type {Readonly<Record<string, string>>} */
const CAPTIONS = {
  accumulated:
    'Each block is as high as its byte’s entropy, in nats. Drag a threshold: the pile has to reach it, then there is a border and a new pile begins. The first byte always is a border, and its block is not counted.',
  rise: 'Each block is as high as the model’s uncertainty rose with that byte, in nats. Drag the threshold: where a block reaches it there is a border. That is where words begin, since the first letter of a word is the hardest to tell. The first byte always is a border.',
  level:
    'Each block is as high as the model’s uncertainty after that byte, in nats. Drag the threshold: where a block reaches it there is a border. The first byte always is a border.',
};

export function BorderFigure() {
  const { store } = useApp();
  const { place, width } = useWidth(0);
  const figures = useFigures();
  const levels = store.borderLevels.value;
  const units = unitsOf(store.model.value);
  return (
    <Figure
      id="how-border"
      name="border-rule"
      title="The border rule, on your sentence"
      caption={
        levels > 0
          ? (CAPTIONS[store.model.value?.levels[0]?.rule ?? ''] ??
            `The rule of this model: ${RULES[store.model.value?.levels[0]?.rule ?? 'accumulated']} The first byte always is a border.`)
          : 'The open model has one level only, or is the baseline: it puts no borders. Open or train an adaptive model of two levels or more to see the rule at work.'
      }
    >
      <Sentence />
      <div class="sheet recorder how-sheet" ref={place}>
        <Drawing width={width} />
      </div>
      {levels > 0 && (
        <div class="how-controls">
          {units
            .slice(0, 2)
            .map((unit, level) => unit && <ThresholdSlider key={`${level}`} level={level} unit={unit} />)}
          <div class="how-reset">
            <Verdict />
            {units.some(Boolean) && (
              <button
                type="button"
                class="button small"
                disabled={store.figureView.value.rule === null}
                data-testid="how-thresholds-reset"
                onClick={figures.resetThresholds}
              >
                Back to the trained values
              </button>
            )}
          </div>
        </div>
      )}
      <BorderTable />
    </Figure>
  );
}
