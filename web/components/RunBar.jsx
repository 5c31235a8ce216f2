/** A run that goes on, in sight wherever the reader is on the page. */
import { fixed, integer } from '../format/numbers.js';
import { useApp } from './context.js';
import { Button } from './fields.jsx';

export function RunBar() {
  const { store, actions } = useApp();
  const progress = store.progress.value;
  const state = store.state.value;
  if (!progress || (state !== 'training' && state !== 'paused')) return null;
  const most = progress.maxSteps - store.firstStep;
  const step = store.step.value - store.firstStep;
  const held = store.validation.value;
  const busy = store.busy.value || store.stopping.value;
  return (
    <section class="run-bar" aria-label="Training">
      <div class="run-bar-track" aria-hidden="true">
        <span style={{ transform: `scaleX(${Math.min(1, step / most)})` }} />
      </div>
      <p class="label">
        <span>
          {state === 'paused' ? 'Paused at' : 'Training,'} step {integer(step)}
        </span>
        {held && (
          <span>
            <b>{fixed(held.decoderBpb)}</b> bits per byte
          </span>
        )}
      </p>
      <div class="buttons">
        <a class="button small quiet" href="#hierarchy">
          Hierarchy
        </a>
        <Button class="button small" off={busy} onClick={state === 'paused' ? actions.resume : actions.pause}>
          {state === 'paused' ? 'Resume' : 'Pause'}
        </Button>
      </div>
    </section>
  );
}
