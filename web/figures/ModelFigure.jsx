/** The full model and the baseline, from the open model's own table of tensors; each part says what it is. */
import { Fragment } from 'preact';
import { useRef } from 'preact/hooks';
import { hasOneHead, isResidual, kindOf } from '../../wasm/engine/kinds.js';
import { LOSS_NAMES, termsOf } from '../anatomy/activity.js';
import { levelStyle, useApp } from '../components/context.js';
import { fixed, integer, significant } from '../format/numbers.js';
import { BASELINES, INSET } from './boxes.js';
import { useFigures } from './context.js';
import { Figure, useWidth } from './FigureFrame.jsx';
import { nearestBox } from './nearest.js';
import { PartCard, PartTable } from './PartCard.jsx';
import { pairLayout } from './pair_layout.js';
import { describePart, lossOf } from './part_texts.js';

/** @typedef {import('./boxes.js').Box} Box */
/** @typedef {import('./boxes.js').Wire} Wire */
/** @typedef {import('./pair_layout.js').Placed} Placed */
/** @typedef {import('../anatomy/activity.js').Activity} Activity */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

/** Thickness of a line along which everything goes, and of one along which nothing does. */
const [THICK, THIN] = [5, 1.25];

/** @param {number} level */
const colourOf = (level) => (level < 0 ? { '--colour': 'var(--ink-soft)' } : levelStyle(level));

/** Thickness by how much goes along: logarithms, since each level has a fraction of the one below. @param {Activity|null} activity @param {number} level */
function thickness(activity, level) {
  const [all, own] = [activity?.tokens[0] ?? Number.NaN, activity?.tokens[level] ?? Number.NaN];
  if (!Number.isFinite(own) || all <= 1) return 2;
  return THIN + (THICK - THIN) * Math.max(0, Math.log(1 + own) / Math.log(1 + all));
}

/** @param {{wire: Wire, activity: Activity|null, colour: number}} props */
function WireLine({ wire: { kind, level, points, arrow }, activity, colour }) {
  const width = kind === 'score' ? 1.25 : thickness(activity, level);
  const d = points.map(([x, y], i) => `${i ? 'L' : 'M'}${x} ${y}`).join('');
  const [[ax, ay], [bx, by]] = points.slice(-2);
  const [dx, dy] = [Math.sign(bx - ax), Math.sign(by - ay)];
  const size = 4 + width * 0.7;
  const head = `M${bx} ${by}l${-dx * size - dy * size * 0.6} ${-dy * size + dx * size * 0.6}l${dy * size * 1.2} ${-dx * size * 1.2}z`;
  return (
    <g class={`wire ${kind}`} style={colourOf(colour)}>
      <path d={d} stroke-width={width} />
      {arrow && <path class="head" d={head} />}
    </g>
  );
}

/** @typedef {{text: string, look: 'part-title'|'part-line'|'part-value', x: number, y: number, anchor: 'start'|'middle'|'end'}} Written */

/** The terms of the loss, as they are. @param {Box} box @param {Activity|null} activity @param {Settings|undefined} settings @returns {Written[]} */
function totalTexts(box, activity, settings) {
  /** @param {string} text @param {number} y @param {Written['look']} [look] @returns {Written} */
  const line = (text, y, look = 'part-line') => ({ text, look, x: box.x + 12, y: box.y + y, anchor: 'start' });
  if (!activity || !settings || settings.model_type !== 'adaptive')
    return [line('loss', 22, 'part-title'), ...(box.width > 420 ? [line('the sum that training minimises', 43)] : [])];
  const { losses, gradientNorm, learningRate } = activity;
  const terms = termsOf(losses, settings).map(
    ({ name, weight, value }) => `${weight === 1 ? '' : `${weight} · `}${LOSS_NAMES[name]} ${significant(value)}`,
  );
  const title = line(`loss ${significant(losses.total)}`, 22, 'part-title');
  if (box.width <= 420)
    return [title, ...terms.slice(0, 4).map((term, i) => line(`${i === 0 ? '=' : '+'} ${term}`, 38 + 12 * i))];
  const [encoder, decoder] = [losses.byte_encoder, losses.byte_decoder].map((nats) => fixed(nats / Math.LN2));
  const bits = hasOneHead(settings) ? decoder : `encoder ${encoder}, decoder ${decoder}`;
  return [
    title,
    line(`= ${terms.join(' + ')}`, 43),
    line(
      gradientNorm === null
        ? `bits per byte: ${bits}`
        : `gradient norm ${significant(gradientNorm)}, learning rate ${significant(learningRate ?? Number.NaN)}`,
      62,
    ),
  ];
}

/** What is written in a box. @param {Box} box @param {Activity|null} activity @param {Settings|undefined} settings @returns {Written[]} */
function textsOf(box, activity, settings) {
  const { part, x, y, width, lines } = box;
  if (part.kind === 'total') return totalTexts(box, activity, settings);
  const loss = lossOf(part, activity);
  if (lines.length === 1 && Number.isFinite(loss) && part.kind !== 'entropyFloor') {
    /** @type {Written} */
    const value = {
      text: significant(loss),
      look: 'part-value',
      x: x + width - INSET,
      y: y + BASELINES[0],
      anchor: 'end',
    };
    if (width <= 84) return [value];
    return [{ text: lines[0], look: 'part-line', x: x + INSET, y: y + BASELINES[0], anchor: 'start' }, value];
  }
  return lines.map((text, i) => ({
    text,
    look: i === 0 && !isLoss(part.kind) ? 'part-title' : 'part-line',
    x: x + width / 2,
    y: y + BASELINES[i],
    anchor: 'middle',
  }));
}

/** @param {Box['part']['kind']} kind */
const isLoss = (kind) => /Loss$|^entropyFloor$/.test(kind);

/** @param {{box: Box, placed: Placed, activity: Activity|null, first: boolean}} props */
function PartBox({ box, placed, activity, first }) {
  const figures = useFigures();
  const { store } = useApp();
  const anatomy = /** @type {NonNullable<typeof figures.anatomies.value>} */ (figures.anatomies.value)[placed.type];
  const chosen = store.figureView.value.part === box.part.id;
  const { title } = describePart(box.part, anatomy);
  const texts = textsOf(box, activity, store.model.value?.settings);
  const shape = isLoss(box.part.kind) ? 'loss' : box.part.kind === 'border' ? 'rule' : 'module';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button can't be inside a drawing.
    <g
      class={`part ${shape} ${box.part.kind} ${chosen ? 'chosen' : ''}`}
      style={colourOf(box.colour)}
      role="button"
      tabindex={chosen || first ? 0 : -1}
      aria-pressed={chosen}
      aria-label={`${title}: ${texts.map(({ text }) => text).join(' ')}`}
      data-part={box.part.id}
      onPointerEnter={(event) => {
        if (event.pointerType === 'mouse') figures.choosePart(box.part.id);
      }}
      onClick={(event) => {
        figures.choosePart(box.part.id);
        event.currentTarget.focus({ preventScroll: true });
      }}
      onFocus={() => figures.choosePart(box.part.id)}
    >
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={shape === 'rule' ? 12 : 3} />
      {texts.map(({ text, look, x, y, anchor }) => (
        <Fragment key={y + look}>
          <text class={look} x={x} y={y} text-anchor={anchor}>
            {text}
          </text>{' '}
        </Fragment>
      ))}
    </g>
  );
}

/** @param {{placed: Placed, activity: Activity|null, open: boolean, entry: string}} props */
function ModelDrawing({ placed, activity, open, entry }) {
  const { boxes, wires, bands, labels, gates } = placed.drawing;
  const shown = open ? activity : null;
  const narrow = placed.drawing.width < 560;
  return (
    <g transform={`translate(${placed.x} ${placed.y})`} class={`model-${placed.type} ${open ? '' : 'closed'}`}>
      {bands.map(({ level, x, y, width, height }) => (
        <g key={level} class="band" style={levelStyle(level)}>
          <rect class="band-fill" x={x} y={y} width={width} height={height} rx="3" />
          <rect class="band-edge" x={x} y={y} width="3" height={height} />
          {shown && Number.isFinite(shown.tokens[level]) && (
            <text
              class="note"
              x={narrow ? width - 10 : 14}
              y={narrow ? y + 18 : y + 42}
              text-anchor={narrow ? 'end' : 'start'}
            >
              {integer(shown.tokens[level])} {level === 0 ? 'bytes' : 'tokens'}
            </text>
          )}
        </g>
      ))}
      {wires.map((wire) => (
        <WireLine key={wire.id} wire={wire} activity={shown} colour={placed.type === 'baseline' ? -1 : wire.level} />
      ))}
      {gates.map(({ x, y, level }) => (
        <g key={y} class="gate" style={colourOf(level)}>
          <circle cx={x} cy={y} r={level < 0 ? 5.5 : 4.5} />
          {level < 0 && <path d={`M${x - 3} ${y}h6M${x} ${y - 3}v6`} />}
        </g>
      ))}
      {labels.map(({ x, y, text, level, anchor, role }) => (
        <text key={`${x}-${y}`} class={`${role}-label`} style={colourOf(level)} x={x} y={y} text-anchor={anchor}>
          {text}
        </text>
      ))}
      {boxes.map((box) => (
        <PartBox key={box.part.id} box={box} placed={placed} activity={shown} first={box.part.id === entry} />
      ))}
    </g>
  );
}

/** @param {{width: number}} props */
function Drawing({ width }) {
  const { store } = useApp();
  const figures = useFigures();
  const drawing = useRef(/** @type {SVGSVGElement|null} */ (null));
  const anatomies = figures.anatomies.value;
  if (!anatomies || width === 0) return <div class="skeleton how-skeleton-model" />;
  const layout = pairLayout(anatomies, width);
  const activity = figures.activity.value;
  const open = store.model.value?.settings.model_type === 'adaptive' ? 'adaptive' : 'baseline';
  const all = layout.models.flatMap(({ x, y, drawing: { boxes } }) =>
    boxes.map((box) => ({ box, x: x + box.x, y: y + box.y })),
  );
  const { part } = store.figureView.value;
  const entry = all.some(({ box }) => box.part.id === part) ? (part ?? '') : 'encoder-0';
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return;
    }
    const from = all.find(({ box }) => box.part.id === entry);
    const to =
      from &&
      nearestBox(
        all.map(({ box, x, y }) => ({ ...box, x, y })),
        { ...from.box, x: from.x, y: from.y },
        event.key,
      );
    if (!to) return;
    event.preventDefault();
    figures.choosePart(to.part.id);
    /** @type {SVGGElement|null|undefined} */ (drawing.current?.querySelector(`[data-part="${to.part.id}"]`))?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can't be a drawing.
    <svg
      ref={drawing}
      class="drawing-svg model-svg"
      width={layout.width}
      height={layout.height}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      role="group"
      aria-label="Parts of both models. Arrow keys go from part to part."
      data-testid="model-figure"
      onKeyDown={key}
    >
      {layout.models.map((placed) => (
        <ModelDrawing key={placed.type} placed={placed} activity={activity} open={placed.type === open} entry={entry} />
      ))}
    </svg>
  );
}

/** What is said where a model without a hierarchy is open. @type {Readonly<Record<string, string>>} */
const OPEN = { baseline: 'The open model is the baseline. ', flat: 'The open model is the flat one. ' };

export function ModelFigure() {
  const { store } = useApp();
  const { activity, anatomies } = useFigures();
  const { place, width } = useWidth(0);
  const settings = store.model.value?.settings;
  const kind = settings ? kindOf(settings) : 'mirror';
  return (
    <Figure
      id="how-model"
      name="model"
      title={`The whole model, and ${settings && isResidual(settings) ? 'a flat one' : 'the baseline'} beside it`}
      caption={
        <>
          {activity.value?.title ?? 'Nothing has been read yet'}.{' '}
          {kind === 'mirror' && settings && `${integer(settings.hidden_size)} numbers in every state. `}
          The more goes along a line, the thicker it is. {OPEN[kind] ?? ''}
          Point at a part, or walk with the arrow keys.
        </>
      }
    >
      <div class="model-grid">
        <div class="sheet model-sheet" ref={place}>
          <Drawing width={width} />
        </div>
        <PartCard />
      </div>
      {anatomies.value && <PartTable />}
    </Figure>
  );
}
