/** The streaming loop: one byte at a time, what is remembered, what changes, and that recomputing says the same. */
import { useEffect, useRef } from 'preact/hooks';
import { levelStyle, useApp } from '../components/context.js';
import { Button } from '../components/fields.jsx';
import { count, integer, significant } from '../format/numbers.js';
import { useFigures } from './context.js';
import { Figure, useWidth } from './FigureFrame.jsx';
import { causalityWords, playLabel, TEACHER_FORCED } from './figure_sentences.js';
import { LoopDrawing } from './LoopDrawing.jsx';
import { largestDifference, momentAt } from './moments.js';

/** Milliseconds between two bytes while it plays. */
const BEAT = 900;

/** Width from which what happens stands beside the drawing, what that takes, and the sheet's own edges. */
const [SIDE_BY_SIDE, SIDE, INSET] = [1056, 368, 13];

/** @param {{path: string}} props */
const Icon = ({ path }) => (
  <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
    <path d={path} fill="currentColor" />
  </svg>
);

const ICONS = {
  first: 'M4 4h2v12H4zM16 4v12l-9-6z',
  back: 'M14 4v12l-9-6z',
  play: 'M5 3.5v13l11-6.5z',
  pause: 'M5 4h3.5v12H5zM11.5 4H15v12h-3.5z',
  next: 'M6 4v12l9-6z',
};

function Transport() {
  const figures = useFigures();
  const { playing } = figures;
  const [read, bytes] = [figures.read.value, figures.bytes.value];
  const ready = figures.walk.value !== null;
  /** @param {number} to */
  const go = (to) => {
    playing.value = false;
    figures.goTo(to);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is seen.
    <div class="how-transport" role="group" aria-label="Bytes of the loop">
      <button
        type="button"
        class="button small"
        aria-label="Back to the start"
        disabled={read === 0}
        data-testid="loop-first"
        onClick={() => go(0)}
      >
        <Icon path={ICONS.first} />
      </button>
      <button
        type="button"
        class="button small"
        aria-label="One byte back"
        disabled={read === 0}
        data-testid="loop-back"
        onClick={() => go(read - 1)}
      >
        <Icon path={ICONS.back} />
      </button>
      <button
        type="button"
        class="button small primary"
        disabled={!ready}
        data-testid="loop-play"
        onClick={() => {
          if (!playing.value && read >= bytes) figures.goTo(0);
          playing.value = !playing.value;
        }}
      >
        <Icon path={playing.value ? ICONS.pause : ICONS.play} />
        {playLabel(playing.value)}
      </button>
      <button
        type="button"
        class="button small"
        aria-label="One byte on"
        disabled={read >= bytes}
        data-testid="loop-next"
        onClick={() => go(read + 1)}
      >
        <Icon path={ICONS.next} />
      </button>
      <input
        class="slider"
        type="range"
        min={0}
        max={bytes}
        value={read}
        aria-label="Bytes read"
        aria-valuetext={`${read} of ${count(bytes, 'byte')} read`}
        data-testid="loop-place"
        onInput={(e) => go(e.currentTarget.valueAsNumber)}
      />
      <span class="label how-place">
        {integer(read)} / {integer(bytes)}
      </span>
    </div>
  );
}

/** What happens at the byte, as a list. @param {{moment: import('./moments.js').Moment}} props */
function Phases({ moment }) {
  if (moment.read === 0) {
    return (
      <p class="how-phases-empty">Nothing has been read: all states are zero. Press Play, or go on byte by byte.</p>
    );
  }
  return (
    <ol class="how-phases" data-testid="loop-phases">
      {moment.phases.map(({ id, level, title, text }, i) => (
        <li key={`${moment.read}-${i}`} class={id} style={{ ...levelStyle(level), '--order': String(i) }}>
          <b>{title}</b>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  );
}

/** The measured difference of both ways. @param {{moment: import('./moments.js').Moment, largest: number}} props */
function Difference({ moment, largest }) {
  const figures = useFigures();
  /** @param {number} d */
  const said = (d) => (d === 0 ? '0, the same bits' : significant(d));
  return (
    <dl class="how-difference" data-testid="loop-difference">
      <div>
        <dt>Largest difference of a logit, cached against recomputed, at this byte</dt>
        <dd>{moment.read === 0 ? '–' : said(moment.difference)}</dd>
      </div>
      <div>
        <dt>over all {integer(figures.bytes.value)} bytes × 257 logits</dt>
        <dd data-largest={largest}>{said(largest)}</dd>
      </div>
    </dl>
  );
}

/** The check as a button. */
function Causality() {
  const { store } = useApp();
  const figures = useFigures();
  const { running, result, problem } = figures.causality.value;
  return (
    <div class="how-causality">
      <Button
        class="button small"
        off={running || figures.bytes.value === 0 || !store.model.value}
        data-testid="causality"
        onClick={figures.check}
      >
        {running ? 'Checking…' : 'Check that nothing looks ahead'}
      </Button>
      <p data-testid="causality-result" role="status">
        {problem}
        {result && causalityWords(result)}
        {!result && !problem && !running && 'Reads every beginning of your sentence alone and compares with the whole.'}
      </p>
      {store.leaks.value && <p class="problem">{TEACHER_FORCED}</p>}
    </div>
  );
}

/** @param {{width: number}} props */
function Loop({ width }) {
  const figures = useFigures();
  const walk = figures.walk.value;
  const problem = figures.walkProblem.value ?? figures.problem.value;
  if (problem) return <p class="how-message">{problem}</p>;
  if (!walk || width === 0) return <div class="skeleton how-skeleton-loop" />;
  const moment = momentAt(walk, figures.read.value);
  return (
    <div class={`loop-grid ${figures.walkIsFresh.value ? '' : 'stale'}`}>
      <div class="sheet recorder loop-sheet">
        <LoopDrawing walk={walk} moment={moment} width={(width >= SIDE_BY_SIDE ? width - SIDE : width) - 2 * INSET} />
      </div>
      <div class="loop-side">
        <Phases moment={moment} />
        <Difference moment={moment} largest={largestDifference(walk.event)} />
      </div>
    </div>
  );
}

/** Plays, and says whether the figure is in view. @param {import('preact').RefObject<HTMLDivElement>} place */
function useLoop(place) {
  const figures = useFigures();
  const { playing } = figures;
  useEffect(() => {
    if (!place.current) return;
    const sight = new IntersectionObserver(
      (entries) => {
        // The latest: on a busy page several come at once.
        const seen = entries[entries.length - 1].isIntersecting;
        figures.see('loop', seen);
        if (!seen) playing.value = false;
      },
      { rootMargin: '200px' },
    );
    sight.observe(place.current);
    return () => sight.disconnect();
  }, []);
  useEffect(() => {
    if (!playing.value) return;
    const timer = setInterval(() => {
      if (figures.read.peek() >= figures.bytes.peek()) playing.value = false;
      else figures.goTo(figures.read.peek() + 1);
    }, BEAT);
    return () => clearInterval(timer);
  }, [playing.value]);
}

export function LoopFigure() {
  const { place, width } = useWidth(0);
  const view = useRef(/** @type {HTMLDivElement|null} */ (null));
  useLoop(/** @type {any} */ (view));
  return (
    <Figure
      id="how-loop"
      name="streaming-loop"
      title="The streaming loop, byte by byte"
      caption="The same sentence and thresholds as in the figure above. Bars are the numbers of a state, up and down from 0; what changed at this byte is in colour. Below, the 257 logits twice: from the cache upwards, recomputed from the first byte downwards."
    >
      <div ref={view}>
        <Transport />
        <div ref={place}>
          <Loop width={width} />
        </div>
        <Causality />
      </div>
    </Figure>
  );
}
