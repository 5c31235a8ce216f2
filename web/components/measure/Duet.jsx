/** The text with what two models paid for each byte: one above, one below. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { backToCharacter, excerpt } from '../../format/bytes.js';
import { integer } from '../../format/numbers.js';
import { DUET, duetHit, duetLayout, paidByBoth } from '../../statistics/duet.js';
import { useApp } from '../context.js';
import { SaveFigure } from '../SaveFigure.jsx';
import { DuetTable } from './DuetTable.jsx';

/** @typedef {import('../../traces/trace.js').Trace} Trace */

/** Bytes that are drawn: the numbers are over all. */
const MOST_DRAWN = 2048;

/** @param {{line: import('../../statistics/duet.js').DuetLine, y: number}} props */
function Line({ line, y }) {
  const base = DUET.bars + DUET.text / 2;
  return (
    <g transform={`translate(0 ${y})`}>
      <path class="borders" d={line.upperBorders} />
      <path class="borders" d={line.lowerBorders} />
      <path class="upper" d={line.upper} />
      <path class="lower" d={line.lower} />
      <g class="signs">
        {line.signs.map((sign) => (
          <text key={sign.x} class={sign.quiet ? 'quiet' : ''} x={sign.x} y={base + 5}>
            {sign.text}
          </text>
        ))}
      </g>
    </g>
  );
}

/** @param {{first: Trace, second: Trace, names: [string, string]}} props */
export function Duet({ first, second, names }) {
  const { store } = useApp();
  const place = useRef(/** @type {HTMLDivElement|null} */ (null));
  const drawing = useRef(/** @type {SVGSVGElement|null} */ (null));
  const width = useSignal(0);
  useEffect(() => {
    if (!place.current) return;
    const size = new ResizeObserver(([entry]) => {
      width.value = entry.contentRect.width;
    });
    size.observe(place.current);
    return () => size.disconnect();
  }, []);
  const { text } = first;
  const shown = text.length > MOST_DRAWN ? text.subarray(0, backToCharacter(text, MOST_DRAWN)) : text;
  const layout = useMemo(
    () => (width.value > 0 ? duetLayout({ text: shown, first, second, width: width.value }) : null),
    [first, second, width.value],
  );
  const pointed = store.pointed.value;
  const byte = pointed?.level === 0 && pointed.index < shown.length ? pointed.index : -1;
  /** @param {number} index @param {boolean} stay */
  const point = (index, stay) => {
    const next = index >= 0 && index < shown.length ? { level: 0, index } : null;
    if (stay) store.selected.value = next;
    else store.hovered.value = next;
  };
  /** @param {PointerEvent} e */
  const under = (e) => {
    const box = /** @type {Element} */ (e.currentTarget).getBoundingClientRect();
    return layout ? duetHit(layout, e.clientX - box.left, e.clientY - box.top) : -1;
  };
  const words = (/** @type {number} */ i) =>
    paidByBoth({
      sign: excerpt(text.subarray(i, i + 1)),
      byte: i + 1,
      first: first.decoderBits[i - 1],
      second: second.decoderBits[i - 1],
    });
  const line = layout?.lines.findIndex((each) => byte >= each.from && byte < each.to) ?? -1;
  return (
    <div class="duet">
      <ul class="key">
        <li class="key-upper">
          <i /> above: {names[0]}
        </li>
        <li class="key-lower">
          <i /> below: {names[1]}
        </li>
      </ul>
      <div
        ref={place}
        class="sheet duet-sheet"
        role="slider"
        tabIndex={0}
        aria-label="What both models paid, byte by byte. Left and right walk along the text."
        aria-valuemin={0}
        aria-valuemax={shown.length - 1}
        aria-valuenow={Math.max(0, byte)}
        aria-valuetext={byte > 0 ? words(byte) : 'nothing chosen'}
        onKeyDown={(e) => {
          const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
          if (step === undefined) return;
          e.preventDefault();
          point(Math.max(0, Math.min(shown.length - 1, byte + step)), true);
        }}
      >
        {layout && (
          <svg
            ref={drawing}
            width={layout.width}
            height={layout.height}
            aria-hidden="true"
            onPointerMove={(e) => point(under(e), false)}
            onPointerLeave={() => point(-1, false)}
            onPointerDown={(e) => point(under(e), true)}
          >
            {layout.lines.map((each, i) => (
              <Line key={each.from} line={each} y={i * layout.lineHeight} />
            ))}
            {line >= 0 && (
              <rect
                class="pointed"
                x={(byte - (layout.lines[line]?.from ?? 0)) * DUET.cell}
                y={line * layout.lineHeight}
                width={DUET.cell}
                height={layout.lineHeight - DUET.gap}
              />
            )}
          </svg>
        )}
      </div>
      <p class="chart-readout" data-testid="duet-readout">
        {byte > 0 ? words(byte) : 'Point at a byte to see what each model paid for it.'}
        {shown.length < text.length && ` Drawn are the first ${integer(shown.length)} bytes.`}
      </p>
      <SaveFigure name="two-models" drawing={() => drawing.current} />
      <DuetTable first={first} second={second} names={names} bytes={shown.length} />
    </div>
  );
}
