/** The explorer: a map of the whole passage, the strip that it opens onto, and what moves and folds them. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { createMinimapView } from '../explorer/minimap_view.js';
import { createStripView } from '../explorer/strip_view.js';
import { integer } from '../format/numbers.js';
import { sentence } from '../hierarchy/describe.js';
import { levelName, UNCHOSEN } from '../hierarchy/hierarchy_sentences.js';
import { firstByte } from '../traces/spans.js';
import { levelStyle, useApp } from './context.js';
import { Button } from './fields.jsx';
import { hitCount, readSoFar, shownBytes } from './page_sentences.js';

/** How many times closer a press of the button zooms in. */
const CLOSER = 2;

/** Which part of the passage is shown, in words. */
function Readout() {
  const { store, actions } = useApp();
  const trace = store.trace.value;
  if (!trace) return null;
  const n = trace.text.length;
  const percent = Math.floor((100 * trace.traced) / n);
  return (
    <span class="label readout" data-testid="zoom-readout" data-read={percent}>
      {shownBytes(actions.shownWindow(), n)}
      {trace.traced < n && readSoFar(percent)}
    </span>
  );
}

function ZoomButtons() {
  const { store, actions } = useApp();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form's fields.
    <div class="button-row" role="group" aria-label="Zoom">
      <button
        type="button"
        class="button small square"
        aria-label="Zoom out"
        data-testid="zoom-out"
        onClick={() => actions.zoom(CLOSER)}
      >
        −
      </button>
      <button
        type="button"
        class="button small square"
        aria-label="Zoom in"
        data-testid="zoom-in"
        onClick={() => actions.zoom(1 / CLOSER)}
      >
        +
      </button>
      <button type="button" class="button small" data-testid="zoom-whole" onClick={actions.showWhole}>
        Whole
      </button>
      <button
        type="button"
        class="button small"
        disabled={store.former.value.length === 0}
        data-testid="zoom-back"
        onClick={actions.showFormer}
      >
        Back
      </button>
    </div>
  );
}

function Search() {
  const { store, actions } = useApp();
  const { starts, more } = store.hits.value;
  const [find, hit] = [store.find.value, store.hit.value];
  const n = starts.length;
  return (
    <search class="find">
      <label class="visually-hidden" for="find">
        Find in the passage
      </label>
      <input
        id="find"
        dir="auto"
        class="input"
        type="search"
        placeholder="Find in the passage"
        value={find}
        maxLength={200}
        autocomplete="off"
        spellcheck={false}
        data-testid="explorer-search"
        onInput={(e) => actions.search(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key !== 'Enter') return;
          e.preventDefault();
          actions.nextHit(e.shiftKey ? -1 : 1);
        }}
      />
      <span class={`label ${find === '' ? '' : 'find-count'}`} role="status" data-testid="hit-count">
        {find === '' ? '' : hitCount(hit, n, more)}
      </span>
      <button
        type="button"
        class="button small square"
        aria-label="Previous place found"
        disabled={n === 0}
        data-testid="hit-previous"
        onClick={() => actions.nextHit(-1)}
      >
        ‹
      </button>
      <button
        type="button"
        class="button small square"
        aria-label="Next place found"
        disabled={n === 0}
        data-testid="hit-next"
        onClick={() => actions.nextHit(1)}
      >
        ›
      </button>
    </search>
  );
}

function Folds() {
  const { store, actions } = useApp();
  const levels = store.trace.value?.levels.length || store.borderLevels.value + 1;
  if (levels < 2) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form's fields.
    <div class="button-row folds" role="group" aria-label="Levels that are shown">
      {Array.from({ length: levels }, (_, i) => levels - 1 - i).map((level) => (
        <button
          key={level}
          type="button"
          class="button small fold-button"
          style={levelStyle(level)}
          aria-pressed={!store.folded.value.includes(level)}
          data-testid={`fold-${level}`}
          onClick={() => actions.toggleLevel(level)}
        >
          <span class="level-name">{levelName(level)}</span>
        </button>
      ))}
    </div>
  );
}

function Export() {
  const { store, actions } = useApp();
  const busy = useSignal(false);
  /** @param {'svg'|'png'} kind */
  const save = async (kind) => {
    busy.value = true;
    try {
      const { saveStrip } = await import('../explorer/save_strip.js');
      await saveStrip(kind, store, actions);
    } catch {
      store.notice.value = {
        kind: 'problem',
        message: 'The picture could not be made: try again, or the other format.',
        reason: 'no_picture',
      };
    } finally {
      busy.value = false;
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form's fields.
    <div class="button-row" role="group" aria-label="Save what the strip shows">
      {
        /** @type {const} */ (['svg', 'png']).map((kind) => (
          <Button
            key={kind}
            class="button small quiet"
            aria-label={`Save as ${kind.toUpperCase()}`}
            off={busy.value || !store.trace.value}
            data-testid={`export-${kind}`}
            onClick={() => save(kind)}
          >
            {kind.toUpperCase()}
          </Button>
        ))
      }
    </div>
  );
}

function Minimap() {
  const { store, actions } = useApp();
  const minimap = useRef(/** @type {HTMLDivElement|null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement|null} */ (null));
  useEffect(() => {
    if (!minimap.current || !canvas.current) return;
    return createMinimapView({ minimap: minimap.current, canvas: canvas.current }, store, actions);
  }, [store, actions]);
  const n = store.trace.value?.text.length ?? 1;
  const { from, span } = actions.shownWindow();
  return (
    <div
      ref={minimap}
      class="minimap"
      role="slider"
      tabIndex={0}
      aria-label="Map of the whole passage. Left and right move the window."
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, n - 1)}
      aria-valuenow={Math.floor(from)}
      aria-valuetext={`from byte ${integer(Math.floor(from) + 1)} to ${integer(Math.min(n, Math.ceil(from + span)))}`}
      data-testid="minimap"
    >
      <canvas ref={canvas} />
    </div>
  );
}

function Strip() {
  const { store, actions } = useApp();
  const strip = useRef(/** @type {HTMLDivElement|null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement|null} */ (null));
  useEffect(() => {
    if (!strip.current || !canvas.current) return;
    return createStripView({ strip: strip.current, canvas: canvas.current }, store, actions);
  }, [store, actions]);
  const reading = store.reading.value;
  const place = store.pointed.value;
  return (
    <div
      ref={strip}
      class="strip"
      role="slider"
      tabIndex={0}
      aria-label="The passage as a strip. Left and right walk along it, up and down between levels, plus, minus and zero zoom, Page Up and Page Down move the window."
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, (reading?.trace.count ?? 1) - 1)}
      aria-valuenow={reading && place ? firstByte(reading.ends, place) : 0}
      aria-valuetext={reading && place ? sentence(reading, place) : UNCHOSEN}
      aria-busy={reading === null}
      data-testid="strip"
    >
      <canvas ref={canvas} data-testid="strip-canvas" />
    </div>
  );
}

export function Explorer() {
  return (
    <div class="sheet explorer" data-testid="explorer">
      <div class="explorer-bar">
        <ZoomButtons />
        <Search />
      </div>
      <Minimap />
      <Strip />
      <div class="explorer-bar foot">
        <Folds />
        <Readout />
        <Export />
      </div>
    </div>
  );
}
