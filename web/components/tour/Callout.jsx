/** What the tour says about the thing that it points at. */
import { duration } from '../../format/numbers.js';
import { STOPS } from '../../state/tour.js';
import { atWords } from '../../traces/words.js';
import { useApp } from '../context.js';
import { bordersAtWords, costFell, stopOf } from './tour_sentences.js';

/** @typedef {import('../../state/tour.js').Stop} Stop */

function CurveWords() {
  const { store } = useApp();
  store.curvesVersion.value;
  const first = store.curves.valDecoder.find((bits) => bits !== null);
  const now = store.validation.value?.decoderBpb;
  const gzip = store.dataset.value?.gzipBpb ?? null;
  return (
    <>
      A new model reads {store.text.value?.name}, and is tested on a part that it never reads. Watch the curve fall.
      {first !== undefined && first !== null && now !== undefined && ` ${costFell({ first, now, gzip })}`}
    </>
  );
}

function BorderWords() {
  const { store } = useApp();
  const words = store.trace.value && atWords(store.trace.value);
  return (
    <>
      The same passage, drawn again as the model learns. Nobody told it what a word is.
      {words && ` ${bordersAtWords(words)}`}
    </>
  );
}

function WritingWords() {
  const { store } = useApp();
  return (
    <>
      {store.samples.value.length > 0
        ? 'From time to time the model writes on by itself, the latest first: noise at the start, then letters, words, half sentences.'
        : 'From time to time the model writes on by itself: it is about to do so for the first time.'}{' '}
      Now it is your turn: choose a text of your own, and press Start.
    </>
  );
}

/** @type {Readonly<Record<Stop, {title: string, Words: () => import('preact').JSX.Element}>>} */
const WORDS = {
  curve: { title: 'It learns to foresee the text', Words: CurveWords },
  borders: { title: 'Its borders move to the words', Words: BorderWords },
  writing: { title: 'It writes', Words: WritingWords },
};

/** @param {{begun: boolean}} props */
function Training({ begun }) {
  const { store } = useApp();
  const progress = store.progress.value;
  if (begun && store.state.value !== 'training') return <>The training is over.</>;
  return <>{begun && progress ? `${duration(progress.elapsedMs)} of about a minute` : 'Training begins.'}</>;
}

/** @param {{tour: import('../../state/tour.js').Tour}} props */
export function Callout({ tour }) {
  const stop = tour.at.value;
  if (stop === null) return null;
  const { title, Words } = WORDS[stop];
  const number = STOPS.indexOf(stop) + 1;
  const last = number === STOPS.length;
  const train = () => {
    tour.end();
    location.hash = 'train';
  };
  return (
    <div
      class="callout"
      role="dialog"
      aria-labelledby="tour-title"
      aria-describedby="tour-words"
      tabIndex={-1}
      data-testid="tour"
    >
      <p class="label callout-place">
        <span>{stopOf(number, STOPS.length)}</span>
        <span data-testid="tour-training">
          <Training begun={tour.begun.value} />
        </span>
      </p>
      <h3 id="tour-title">{title}</h3>
      <p id="tour-words">
        <Words />
      </p>
      <div class="buttons">
        <button type="button" class="button small primary" data-testid="tour-next" onClick={tour.next}>
          {last ? 'Done' : 'Next'}
        </button>
        {!last && (
          <button type="button" class="button small quiet" data-testid="tour-skip" onClick={tour.end}>
            Skip the tour
          </button>
        )}
        {last && (
          <button type="button" class="button small quiet" data-testid="tour-train" onClick={train}>
            Train it on your text
          </button>
        )}
      </div>
    </div>
  );
}
