/** What the chosen settings would cost, and which of them do not go together. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { duration, fixed, integer, significant } from '../../format/numbers.js';
import '../../styles/data.css';
import { useApp } from '../context.js';
import { CANNOT_TRAIN, speedHere } from '../page_sentences.js';

/** @param {number} bytes */
const mib = (bytes) => `${fixed(bytes / 2 ** 20, 1)} MiB`;

/** @param {{estimating: import('../../state/estimating.js').Estimating}} props */
function Figures({ estimating }) {
  const estimate = estimating.estimate.value;
  if (!estimate) return <p class="fine">Working out what this costs…</p>;
  const { parameterCount, memoryBytes, workerBytes, workers, choice } = estimate;
  const speed = estimating.speed.value;
  const seconds = estimating.seconds.value;
  return (
    <dl>
      <div>
        <dt>parameters</dt>
        <dd data-testid="cost-parameters">{integer(parameterCount)}</dd>
      </div>
      <div>
        <dt>memory</dt>
        <dd data-testid="cost-memory">
          {mib(memoryBytes)}
          {workers > 1 && (
            <small>
              {workers} workers, up to {mib(workerBytes)} each
            </small>
          )}
        </dd>
      </div>
      {choice && (
        <div>
          <dt>workers</dt>
          <dd data-testid="cost-workers">
            {choice.workers}
            <small>
              measured: one makes {significant(choice.aloneSpeed)} steps/s, {choice.all} make{' '}
              {significant(choice.allSpeed)}
            </small>
          </dd>
        </div>
      )}
      <div>
        <dt>speed here</dt>
        <dd data-testid="cost-speed">
          {speed === null ? 'not known yet' : speedHere(speed)}
          {seconds !== null && seconds > 0 && <small>all steps in about {duration(1000 * seconds)}</small>}
        </dd>
      </div>
    </dl>
  );
}

/** @param {{estimating: import('../../state/estimating.js').Estimating}} props */
function Findings({ estimating }) {
  const list = estimating.findings.value;
  return (
    <ul class="findings-list" data-testid="findings" aria-live="polite">
      {list.map(({ kind, message }) => (
        <li key={message} class={kind === 'problem' ? 'is-problem' : ''}>
          {kind === 'problem' && <strong>{CANNOT_TRAIN}</strong>}
          {message}
        </li>
      ))}
    </ul>
  );
}

export default function Cost() {
  const app = useApp();
  const estimating = useSignal(/** @type {import('../../state/estimating.js').Estimating|null} */ (null));
  useEffect(() => {
    let ended = false;
    app.estimating().then((made) => {
      if (ended) made.end();
      else estimating.value = made;
    });
    return () => {
      ended = true;
      estimating.peek()?.end();
    };
  }, []);
  if (!estimating.value) return null;
  return (
    <section class="cost-sheet" aria-label="What these settings cost">
      <Figures estimating={estimating.value} />
      <Findings estimating={estimating.value} />
    </section>
  );
}
