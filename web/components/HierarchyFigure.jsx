/** The drawing, and the same as a table. */
import { useEffect, useRef } from 'preact/hooks';
import { fixed, integer } from '../format/numbers.js';
import { sentence, tokenRows } from '../hierarchy/describe.js';
import { levelName, UNCHOSEN } from '../hierarchy/hierarchy_sentences.js';
import { createView } from '../hierarchy/reading_view.js';
import { firstByte } from '../traces/spans.js';
import { levelStyle, useApp } from './context.js';
import { Fold } from './Fold.jsx';
import { Room } from './Room.jsx';
import { figure, ScrollTable } from './Table.jsx';

function Message() {
  const { store } = useApp();
  const problem = store.traceProblem.value;
  if (problem) return <p class="scroller-message">{problem}</p>;
  if (store.trace.value) return null;
  if (store.busy.value || store.loadingText.value !== null) return <div class="skeleton" />;
  if (!store.model.value) return <p class="scroller-message">There is no model to read with.</p>;
  if (store.text.value || store.passage.value.own !== null) return <div class="skeleton" />;
  return <p class="scroller-message">There is no text to read yet: choose one below, or type your own words.</p>;
}

export function HierarchyFigure() {
  const { store, actions } = useApp();
  const scroller = useRef(/** @type {HTMLDivElement|null} */ (null));
  const spacer = useRef(/** @type {HTMLDivElement|null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement|null} */ (null));
  useEffect(() => {
    if (!scroller.current || !spacer.current || !canvas.current) return;
    return createView({ scroller: scroller.current, spacer: spacer.current, canvas: canvas.current }, store, actions);
  }, [store, actions]);
  const reading = store.reading.value;
  const place = store.pointed.value;
  const words = reading && place ? sentence(reading, place) : UNCHOSEN;
  // A slider over the bytes: screen readers speak its value text when keys move it, and are silent otherwise.
  return (
    <div class="drawing">
      <div
        ref={scroller}
        class="sheet recorder scroller"
        role="slider"
        tabIndex={0}
        aria-label="Hierarchy of the passage. Left and right walk along it, up and down between levels."
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, (reading?.trace.count ?? 1) - 1)}
        aria-valuenow={reading && place ? firstByte(reading.ends, place) : 0}
        aria-valuetext={words}
        aria-busy={reading === null}
        data-testid="hierarchy"
      >
        <div ref={spacer}>
          <canvas ref={canvas} data-version="0" data-testid="hierarchy-canvas" />
        </div>
        <Message />
      </div>
    </div>
  );
}

/** @param {{level: number}} props */
function LevelTable({ level }) {
  const { store } = useApp();
  const reading = store.reading.value;
  const lines = store.lines.value;
  if (!reading || !lines || level >= reading.ends.length) return null;
  return (
    <ScrollTable
      label={`Tokens of level ${level}`}
      columns={[
        {
          name: (
            <span class="level-name" style={levelStyle(level)}>
              {levelName(level)}
            </span>
          ),
          figure: false,
        },
        'text',
        figure('bytes'),
        figure('sum'),
        ...(level + 1 < reading.ends.length ? [figure('part of')] : []),
      ]}
    >
      <tbody>
        {tokenRows(reading, level, lines).map((row) => (
          <tr key={row.index}>
            <td>{integer(row.index + 1)}</td>
            <td>
              <bdi>{row.text}</bdi>
            </td>
            <td class="figure">{row.bytes}</td>
            <td class="figure">{fixed(row.collected)}</td>
            {level + 1 < reading.ends.length && (
              <td class="figure">{row.parent < reading.ends[level + 1].length ? integer(row.parent + 1) : '–'}</td>
            )}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

export function HierarchyTable() {
  const { store } = useApp();
  const levels = store.reading.value?.ends.length ?? 1;
  return (
    <Room>
      {levels > 1 && (
        <Fold title="The same as a table" name="hierarchy">
          {() => Array.from({ length: levels - 1 }, (_, i) => <LevelTable key={i + 1} level={levels - 1 - i} />)}
        </Fold>
      )}
    </Room>
  );
}
