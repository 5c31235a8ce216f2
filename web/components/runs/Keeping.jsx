/** What the browser keeps of training, and the offer to go on after a reload. */
import { dateAndTime, timeOfDay } from '../../format/dates.js';
import { canStayAwake } from '../../state/runs/awake.js';
import { useApp } from '../context.js';
import { Button } from '../fields.jsx';
import { useRuns } from './context.js';
import { canGoOn, comparisonCanGoOn, keptUpTo, openElsewhere } from './run_sentences.js';
import '../../styles/runs.css';

/** @param {{name: string|undefined}} props */
export const Named = ({ name }) => (
  <strong>
    <bdi>{name}</bdi>
  </strong>
);

/** A comparison that was cut off, by a reload for example. */
function CutComparison() {
  const { store } = useApp();
  const { comparing } = useRuns();
  const { entries, jobs } = comparing.series.value;
  const done = jobs.filter(({ state }) => state === 'done' || state === 'failed').length;
  return (
    <section class="notice offer" aria-label="A comparison to go on with" data-testid="comparison-offer">
      <p>
        {comparisonCanGoOn({
          settings: entries.length,
          done,
          trainings: jobs.length,
          linked: (text) => <a href="#runs-compare">{text}</a>,
        })}
      </p>
      <div class="buttons">
        <Button
          class="button small primary"
          data-testid="comparison-go-on"
          off={store.busy.value}
          onClick={comparing.goOn}
        >
          Go on
        </Button>
        <button
          type="button"
          class="button small quiet"
          data-testid="comparison-not-now"
          onClick={() => {
            comparing.aside.value = true;
          }}
        >
          Not now
        </button>
      </div>
    </section>
  );
}

/** A run that was not finished, or the comparison that it is part of. */
export function Offer() {
  const { store } = useApp();
  const actions = useRuns();
  const { phase, current, aside, elsewhere } = actions.comparing;
  const offer = store.runs.offer.value;
  const cut = phase.value === 'cut' && !elsewhere.value;
  if (cut && !aside.value) return <CutComparison />;
  if (!offer || (phase.value === 'cut' && offer.id === current.value?.run)) return null;
  const { id, name, text, step, steps, at } = offer;
  return (
    <section class="notice offer" aria-label="A run to go on with" data-testid="offer">
      <p>{canGoOn({ name: <Named name={name} />, text: <bdi>{text}</bdi>, step, steps, at: dateAndTime(at) })}</p>
      <div class="buttons">
        <Button
          class="button small primary"
          data-testid="offer-go-on"
          off={store.busy.value}
          onClick={() => actions.goOn(id)}
        >
          Go on
        </Button>
        <Button class="button small" data-testid="offer-open" off={store.busy.value} onClick={() => actions.open(id)}>
          Open it paused
        </Button>
        <button type="button" class="button small quiet" data-testid="offer-not-now" onClick={actions.setAside}>
          Not now
        </button>
      </div>
    </section>
  );
}

function Problem() {
  const { store, actions } = useApp();
  const runs = useRuns();
  const problem = store.runs.problem.value;
  if (!problem) return null;
  return (
    <div class="keeping-problem" role="alert" data-testid="keep-problem" data-reason={problem.reason}>
      <p class="problem">{problem.message}</p>
      <div class="buttons">
        {store.step.value > 0 && (
          <button
            type="button"
            class="button small"
            data-testid="keep-download"
            onClick={() => actions.downloadWeights(true)}
          >
            Download now
          </button>
        )}
        {problem.cure === 'again' && (
          <button type="button" class="button small" data-testid="keep-again" onClick={runs.keepAgain}>
            Try again
          </button>
        )}
        {problem.cure === 'empty' && (
          <button type="button" class="button small" data-testid="keep-empty" onClick={runs.emptyStorage}>
            Empty the storage and reload
          </button>
        )}
      </div>
    </div>
  );
}

/** Names of runs that other tabs have open. */
function Elsewhere() {
  const { store } = useApp();
  const names = store.runs.list.value.filter(({ id }) => store.runs.elsewhere.value.has(id)).map(({ name }) => name);
  if (names.length === 0) return null;
  return (
    <p class="fine" data-testid="elsewhere">
      {openElsewhere(names)}
    </p>
  );
}

/** @param {{checked: boolean, onChange: (yes: boolean) => void, testId: string, children: import('preact').ComponentChildren}} props */
export function Check({ checked, onChange, testId, children }) {
  return (
    <label class="keeping-check">
      <input
        type="checkbox"
        class="check"
        checked={checked}
        data-testid={testId}
        onChange={(e) => onChange(e.currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  );
}

export function Keeping() {
  const { store } = useApp();
  const runs = useRuns();
  const { run, problem, keptStep, keptAt, keepTexts, stayAwake } = store.runs;
  const text = store.nextText.value ?? store.text.value;
  const kept = run.value && keptAt.value > 0 && !problem.value && store.runs.lasting.value;
  return (
    <div class="keeping">
      {kept && (
        <p class="fine" data-testid="kept" data-step={keptStep.value}>
          {keptUpTo({
            name: <Named name={run.value?.name} />,
            step: keptStep.value,
            at: timeOfDay(keptAt.value),
          })}
        </p>
      )}
      <Problem />
      <Elsewhere />
      {text && !text.id && store.runs.lasting.value && (
        <Check checked={keepTexts.value} onChange={runs.setKeepTexts} testId="keep-texts">
          Keep my texts in this browser too. Otherwise going on after a reload asks for the file again.
        </Check>
      )}
      {canStayAwake() && (store.state.value === 'training' || store.state.value === 'paused') && (
        <Check checked={stayAwake.value} onChange={runs.setStayAwake} testId="stay-awake">
          Keep the screen awake while it trains
        </Check>
      )}
    </div>
  );
}
