/** Start, pause, resume, stop, reset, and how far training is. */
import { compact, duration, fixed, integer } from '../format/numbers.js';
import { useApp } from './context.js';
import { Button } from './fields.jsx';
import { endedWords, STATES } from './page_sentences.js';

/** @param {{id: string, label: string, primary?: boolean, off?: boolean, onClick: () => void}} props */
function Action({ id, label, primary = false, off = false, onClick }) {
  return (
    <Button class={`button ${primary ? 'primary' : ''}`} data-testid={id} off={off} onClick={onClick}>
      {label}
    </Button>
  );
}

/** Why the run ended, where that is not obvious. */
function Ended() {
  const { store } = useApp();
  const reason = store.ended.value;
  const settings = store.ranWith.value;
  if (store.state.value !== 'finished' || reason === null || settings === null) return null;
  return (
    <p class="fine" data-testid="ended">
      {endedWords(reason, settings)}
    </p>
  );
}

export function Controls() {
  const { store, actions } = useApp();
  const state = store.state.value;
  const stopping = store.stopping.value;
  const busy = store.busy.value || stopping;
  const running = state === 'training' || state === 'paused';
  const begun = store.progress.value !== null;
  const main = {
    idle: { id: 'start', label: 'Start training', onClick: actions.start },
    finished: { id: 'start', label: 'Start training', onClick: actions.start },
    training: { id: 'pause', label: 'Pause', onClick: actions.pause },
    paused: { id: 'resume', label: 'Resume', onClick: actions.resume },
  }[state];
  return (
    <div class="controls">
      <div class="buttons">
        {/* One button whose task changes, so that it keeps the focus. */}
        <Action {...main} primary off={busy} />
        {running && <Action id="stop" label={stopping ? 'Stopping…' : 'Stop'} off={busy} onClick={actions.stop} />}
        {(running || begun) && <Action id="reset" label="Reset" off={store.busy.value} onClick={actions.reset} />}
      </div>
      <p class="label" data-testid="state">
        {STATES[state]}
      </p>
      <Ended />
    </div>
  );
}

export function Progress() {
  const { store } = useApp();
  const progress = store.progress.value;
  const settings = store.settings.value;
  const step = store.step.value - store.firstStep;
  const most = (progress?.maxSteps ?? store.firstStep + settings.max_steps) - store.firstStep;
  const done = progress ? Math.min(1, step / most) : 0;
  const training = store.state.value === 'training';
  return (
    <div class="progress">
      <div
        class="progress-track"
        role="progressbar"
        aria-label="Training steps"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={progress ? step : 0}
      >
        <span style={{ transform: `scaleX(${done})` }} />
      </div>
      <p class="progress-line">
        <span>
          step <span data-testid="step">{integer(progress ? step : 0)}</span> of {integer(most)}
          {progress && `, epoch ${progress.epoch + 1}`}
        </span>
        {progress && (
          <span>
            {duration(progress.elapsedMs)}{' '}
            {training ? `gone, about ${duration(progress.remainingMs)} to go` : 'of training'}
          </span>
        )}
      </p>
      {progress && (
        <p class="progress-line">
          <span class="aside">{compact(progress.bytesSeen)}B read</span>
          <span class="aside">
            {fixed(progress.stepsPerSecond, 1)} steps/s, {fixed(progress.gflops, 1)} GFLOP/s
          </span>
        </p>
      )}
    </div>
  );
}
