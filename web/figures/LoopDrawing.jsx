/** The drawing of the streaming loop. */

import { kindOf } from '../../wasm/engine/kinds.js';
import { levelStyle } from '../components/context.js';
import { clusters, symbolSign } from '../format/bytes.js';
import { count, percent, significant } from '../format/numbers.js';
import { measureOf } from '../traces/trace.js';
import { barsPath, logitsPath, loopLayout } from './loop_layout.js';

/** @typedef {import('./moments.js').Walk} Walk */
/** @typedef {import('./moments.js').Moment} Moment */
/** @typedef {import('./loop_layout.js').Cell} CellBox */

/** Largest number of each kind of vector over the whole text: GRU states stay within 1, projected parents do not. @type {WeakMap<object, Map<string, number>>} */
const scales = new WeakMap();

/** @param {Walk} walk @param {string} kind @param {number} level */
function scaleOf({ event }, kind, level) {
  if (kind !== 'parent') return 1;
  const known = scales.get(event) ?? new Map();
  scales.set(event, known);
  const key = `${kind}-${level}`;
  if (!known.has(key)) {
    let most = 1e-6;
    const { names, states, hidden } = event;
    for (const [i, name] of names.entries()) {
      if (name.kind !== kind || name.level !== level) continue;
      for (let from = i * hidden; from < states.length; from += names.length * hidden)
        for (let k = from; k < from + hidden; k++) most = Math.max(most, Math.abs(states[k]));
    }
    known.set(key, most);
  }
  return known.get(key) ?? 1;
}

/** @param {{cell: CellBox, moment: Moment}} props */
function Budget({ cell, moment }) {
  const budget = moment.budgets[cell.level];
  const [strip] = cell.strips;
  if (!budget || !strip) return null;
  const share = Math.max(0, Math.min(1, budget.threshold > 0 ? budget.reached / budget.threshold : 0));
  return (
    <>
      <rect class="budget-room" x={strip.x} y={strip.y + 2} width={strip.width} height={strip.height - 4} />
      <rect class="budget-fill" x={strip.x} y={strip.y + 2} width={strip.width * share} height={strip.height - 4} />
      <path class="budget-limit" d={`M${strip.x + strip.width} ${strip.y - 2}v${strip.height + 4}`} />
      <text class="cell-note" x={strip.x} y={strip.y + strip.height + 15}>
        {significant(budget.reached)} of {significant(budget.threshold)}
        {budget.border ? ': border' : ''}
      </text>
    </>
  );
}

/** @param {{cell: CellBox, walk: Walk, moment: Moment}} props */
function Cell({ cell, walk, moment }) {
  const { kind, level, title, x, y, width, height, strips } = cell;
  const states = moment.states.filter(({ name }) => name.kind === kind && name.level === level);
  const changed = kind === 'budget' ? moment.budgets[level]?.changed : states.some((state) => state.changed);
  return (
    <g
      class={`cell ${changed ? 'changed' : ''}`}
      style={levelStyle(kind === 'block' ? 0 : level)}
      data-cell={`${kind}-${level}`}
      data-changed={changed}
    >
      <rect class="cell-box" x={x} y={y} width={width} height={height} rx="3" />
      <text class="cell-title" x={x + 8} y={y + 14}>
        {title}
      </text>
      {changed && (
        <text class="cell-mark" x={x + width - 8} y={y + 14} text-anchor="end">
          changed
        </text>
      )}
      {kind === 'budget' ? (
        <Budget cell={cell} moment={moment} />
      ) : (
        strips.map((strip, i) => (
          <g key={strip.y}>
            <path class="cell-zero" d={`M${strip.x} ${strip.y + strip.height / 2}h${strip.width}`} />
            {states[i] && <path class="bars" d={barsPath(states[i].values, strip, scaleOf(walk, kind, level))} />}
          </g>
        ))
      )}
      {kind === 'parent' && (
        <text class="cell-note" x={x + 8} y={strips[0].y + strips[0].height + 15}>
          projected
        </text>
      )}
    </g>
  );
}

/** Levels that put a border at each byte so far. @param {Walk} walk @param {number} byte */
function depthAt({ trace }, byte) {
  let depth = 0;
  let position = byte;
  for (let l = 0; l < trace.levels.length - 1; l++) {
    if (trace.levels[l].border[position] !== 1) break;
    depth++;
    position = trace.levels[l + 1].source.subarray(0, trace.levels[l + 1].count).indexOf(position);
    if (position < 0) break;
  }
  return depth;
}

/** @param {{layout: import('./loop_layout.js').LoopDrawing, walk: Walk, moment: Moment}} props */
function Text({ layout, walk, moment }) {
  const { cell, line } = layout.text;
  return (
    <g class="signs">
      {layout.signs.map(({ x, y, cluster }) => {
        const here = moment.byte >= cluster.from && moment.byte < cluster.from + cluster.length;
        const read = cluster.from + cluster.length <= moment.read;
        const { residual } = walk.trace.manner;
        const depth = read ? depthAt(walk, residual ? cluster.from : cluster.from + cluster.length - 1) : 0;
        const edge = residual ? x : x + cluster.length * cell;
        return (
          <g key={cluster.from} class={here ? 'here' : read ? 'read' : 'ahead'}>
            {here && (
              <rect class="here-box" x={x + 0.5} y={y + 2} width={cluster.length * cell - 1} height={line - 8} rx="2" />
            )}
            <text
              class={cluster.kind}
              x={x + (cluster.length * cell) / 2}
              y={y + line * 0.6}
              text-anchor="middle"
              font-size={cluster.kind === 'invalid' || cluster.kind === 'control' ? cell * 0.7 : cell * 1.16}
            >
              {cluster.text}
            </text>
            {depth > 0 && (
              <path
                class="border-line"
                style={levelStyle(depth)}
                d={`M${edge} ${y + line - 3}v${-Math.min(line - 4, 10 + 8 * depth)}`}
              />
            )}
          </g>
        );
      })}
    </g>
  );
}

/** @param {{layout: import('./loop_layout.js').LoopDrawing, walk: Walk, moment: Moment}} props */
function Logits({ layout, walk, moment }) {
  const { x, y, width, height } = layout.logits;
  const { event, trace } = walk;
  const symbols = event.cached.length / trace.count;
  const left = 4;
  const line = { x: x + left, y: y + height / 2 + 4, width: width - 2 * left };
  const half = height / 2 - 24;
  const label = (
    <>
      <text class="cell-title" x={x + left} y={y + 12}>
        cached
      </text>
      <text class="cell-title" x={x + left} y={y + height - 3}>
        recomputed
      </text>
    </>
  );
  const axis = <path class="axis" d={`M${line.x} ${line.y}h${line.width}`} />;
  if (moment.byte < 0)
    return (
      <g class="logits">
        {label}
        {axis}
      </g>
    );
  /** @param {Float32Array} all */
  const at = (all) => all.subarray(moment.byte * symbols, (moment.byte + 1) * symbols);
  const [cached, recomputed] = [at(event.cached), at(event.recomputed)];
  const least = Math.min(...cached);
  const most = Math.max(...cached);
  const best = trace.decoderTop[moment.byte * trace.top];
  const pitch = line.width / symbols;
  const peak = line.x + (best + 0.5) * pitch;
  const sign = symbolSign(best);
  const ends = peak > x + width * 0.8;
  return (
    <g class="logits">
      {label}
      <path class="logit-bars" d={logitsPath(cached, line, half, least, most)} />
      <path class="logit-bars again" d={logitsPath(recomputed, { ...line, y: line.y + 1 }, -half, least, most)} />
      {axis}
      <text class="cell-note" x={peak + (ends ? -5 : 5)} y={line.y - half - 4} text-anchor={ends ? 'end' : 'start'}>
        {sign.kind === 'space' ? 'space' : sign.text} {percent(trace.decoderProbability[moment.byte * trace.top])}
      </text>
    </g>
  );
}

/** @param {{walk: Walk, moment: Moment, width: number}} props */
export function LoopDrawing({ walk, moment, width }) {
  const { event, trace, settings } = walk;
  const baseline = settings.model_type === 'baseline';
  const levels = baseline ? event.names.length / 2 : trace.levels.length;
  const residual = kindOf(settings) === 'residual';
  const titles = { budget: measureOf(trace, 0) || 'rule', decoder: residual ? 'layers' : 'decoder' };
  const layout = loopLayout({ clusters: clusters(trace.text), names: event.names, levels, width, titles });
  const wide = width >= 640;
  const changed = layout.cells.filter(({ kind, level }) =>
    kind === 'budget'
      ? moment.budgets[level]?.changed
      : moment.states.some(({ name, changed: c }) => c && name.kind === kind && name.level === level),
  );
  const words = changed.map(
    ({ kind, level }) =>
      `${kind === 'budget' ? titles.budget : kind} of ${kind === 'block' ? 'number' : 'level'} ${level}`,
  );
  return (
    <svg
      class="drawing-svg loop-svg"
      width={layout.width}
      height={layout.height}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      role="img"
      aria-label={`States after ${count(moment.read, 'byte')}. Changed: ${words.join(', ') || 'nothing'}.`}
      data-testid="loop-figure"
      data-read={moment.read}
    >
      {layout.rows.map(({ level, x, y, width: w, height }) => (
        <g key={level} class="band" style={levelStyle(level)}>
          <rect class="band-fill" x={x} y={y} width={w} height={height} rx="3" />
          <rect class="band-edge" x={x} y={y} width="3" height={height} />
          <text class="level-label" x={wide ? 14 : 12} y={y + (wide ? 24 : 18)}>
            level {level}
          </text>
        </g>
      ))}
      {layout.ways.map(({ kind, level, points }) => {
        const emitted = moment.budgets[level]?.border ?? false;
        const parentMoved = moment.states.some(
          ({ name, changed: c }) => c && name.kind === 'parent' && name.level === level,
        );
        const lit = kind === 'emit' ? emitted : emitted && parentMoved;
        const [bx, by] = points[points.length - 1];
        const up = kind === 'emit' ? 1 : -1;
        return (
          <g key={`${kind}-${level}`} class={`way ${kind} ${lit ? 'lit' : ''}`} style={levelStyle(level + 1)}>
            <path d={points.map(([px, py], i) => `${i ? 'L' : 'M'}${px} ${py}`).join('')} />
            <path class="head" d={`M${bx} ${by}l-4.5 ${8 * up}h9z`} />
          </g>
        );
      })}
      {layout.cells.map((cell) => (
        <Cell key={`${cell.kind}-${cell.level}`} cell={cell} walk={walk} moment={moment} />
      ))}
      <Text layout={layout} walk={walk} moment={moment} />
      <Logits layout={layout} walk={walk} moment={moment} />
    </svg>
  );
}
