/** How predictions become bits, alive: each byte narrows the interval to its own share. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { symbolSign } from '../format/bytes.js';
import { count, integer, percent } from '../format/numbers.js';
import { useFigures } from './context.js';
import { Figure, useWidth } from './FigureFrame.jsx';
import { ALL_POSSIBLE, codedByte, codedCost } from './figure_sentences.js';
import { narrowings, visibleShares } from './interval.js';

/** @typedef {import('./interval.js').Narrowing} Narrowing */

/** Bytes that are drawn, the height of a bar, and of the room between two; widths from which a share is drawn and named. */
const [ROWS, BAR, GAP, LEAST, NAMED] = [5, 34, 30, 1.5, 13];
/** Digits that are shown. */
const DIGITS = 48;

/** @param {number} byte */
const nameOf = (byte) => symbolSign(byte).text;

/** One bar: how the model shares the interval out. @param {{narrowing: Narrowing, y: number, width: number, latest: boolean}} props */
function Bar({ narrowing, y, width, latest }) {
  return (
    <g class={latest ? 'interval-row latest' : 'interval-row'} transform={`translate(0 ${y})`}>
      <rect class="interval-bar" width={width} height={BAR} />
      {visibleShares(narrowing, LEAST / width).map(({ byte, from, to, own }) => {
        const wide = Math.max((to - from) * width, own ? 2 : 0);
        return (
          <g key={byte} class={own ? 'interval-share own' : 'interval-share'}>
            <rect x={Math.min(from * width, width - wide)} width={wide} height={BAR} />
            {wide >= NAMED && (
              <text x={from * width + wide / 2} y={BAR / 2 + 4} text-anchor="middle">
                {nameOf(byte)}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** The share that came, widened to the next bar. @param {{narrowing: Narrowing, y: number, width: number}} props */
function Widening({ narrowing: { byte, edges }, y, width }) {
  const [from, to] = [edges[byte] * width, edges[byte + 1] * width];
  return <path class="interval-widening" d={`M${from} ${y + BAR}L0 ${y + BAR + GAP}H${width}L${to} ${y + BAR}z`} />;
}

/** @param {{coded: Narrowing[], at: number, width: number}} props */
function Drawing({ coded, at, width }) {
  const first = Math.max(0, at - ROWS);
  const shown = coded.slice(first, at);
  const height = ROWS * (BAR + GAP) - GAP;
  const last = shown[shown.length - 1];
  return (
    <svg
      class="drawing-svg interval-drawing"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={
        last
          ? `The shares that the model gave the last ${count(shown.length, 'byte')}; the latest, ${nameOf(last.byte)}, got ${percent(2 ** -last.cost)}.`
          : 'Nothing is coded yet.'
      }
    >
      {shown.map((narrowing, i) => (
        <g key={first + i}>
          {i < shown.length - 1 && <Widening narrowing={narrowing} y={i * (BAR + GAP)} width={width} />}
          <Bar narrowing={narrowing} y={i * (BAR + GAP)} width={width} latest={i === shown.length - 1} />
        </g>
      ))}
    </svg>
  );
}

/** @param {{coded: Narrowing[], at: number}} props */
function Said({ coded, at }) {
  const narrowing = coded[at - 1];
  if (!narrowing) return <p data-testid="interval-said">{ALL_POSSIBLE}</p>;
  const before = coded[at - 2]?.digits.length ?? 0;
  const cut = Math.max(0, narrowing.digits.length - DIGITS);
  return (
    <>
      <p data-testid="interval-said">
        {codedByte(at)}
        <b>{nameOf(narrowing.byte)}</b>
        {codedCost(at, narrowing)}
      </p>
      <p class="interval-digits" data-testid="interval-digits">
        <span class="label">Digits that are certain now</span>
        <code>
          {cut > 0 ? '…' : '0.'}
          {narrowing.digits.slice(cut, Math.max(cut, before))}
          <b>{narrowing.digits.slice(Math.max(cut, before))}</b>
        </code>
      </p>
    </>
  );
}

/** @param {{width: number}} props */
function Interval({ width }) {
  const figures = useFigures();
  const walk = figures.walk.value;
  const at = useSignal(ROWS);
  const problem = figures.walkProblem.value ?? figures.problem.value;
  if (problem) return <p class="how-message">{problem}</p>;
  if (!walk || width === 0) return <div class="skeleton how-skeleton-interval" />;
  const { text: bytes } = walk.trace;
  const coded = narrowings(bytes, walk.event);
  const place = Math.min(at.value, coded.length);
  return (
    <div class={figures.walkIsFresh.value ? '' : 'stale'}>
      <div class="how-transport">
        <input
          class="slider"
          type="range"
          min={0}
          max={coded.length}
          value={place}
          aria-label="Bytes coded"
          aria-valuetext={`${place} of ${count(coded.length, 'byte')} coded`}
          data-testid="interval-place"
          onInput={(e) => {
            at.value = e.currentTarget.valueAsNumber;
          }}
        />
        <span class="label how-place">
          {integer(place)} / {integer(coded.length)}
        </span>
      </div>
      <Drawing coded={coded} at={place} width={width} />
      <Said coded={coded} at={place} />
    </div>
  );
}

export function IntervalFigure() {
  const figures = useFigures();
  const { place, width } = useWidth(0);
  const view = useRef(/** @type {HTMLDivElement|null} */ (null));
  useEffect(() => {
    if (!view.current) return;
    const sight = new IntersectionObserver(
      (entries) => figures.see('interval', entries[entries.length - 1].isIntersecting),
      { rootMargin: '200px' },
    );
    sight.observe(view.current);
    return () => sight.disconnect();
  }, []);
  return (
    <Figure
      id="how-interval"
      name="interval"
      title="How predictions become bits"
      caption="An interval of numbers is shared out among all bytes as the model expects them. The byte that comes keeps its own share, which is then shared out in turn: each bar is the coloured share above it, made wide again. Any number that is left names the whole text, and a likely text leaves a wide interval, which needs few digits."
    >
      <div ref={view}>
        <div ref={place}>
          <Interval width={width} />
        </div>
      </div>
    </Figure>
  );
}
