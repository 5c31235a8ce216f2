/** What the model wrote after each evaluation, so that learning can be read as well as seen. */
import { MOST_SAMPLES } from '../state/samples.js';
import '../styles/data.css';
import { useApp } from './context.js';
import { stepName } from './page_sentences.js';

export default function Samples() {
  const { store } = useApp();
  const samples = [...store.samples.value].reverse();
  if (samples.length === 0) return null;
  return (
    <>
      <div class="chart-head">
        <h3>What it wrote on the way</h3>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <ol class="samples" tabIndex={0} reversed aria-label="Samples, the latest first" data-testid="samples">
        {samples.map(({ step, prompt, text }) => (
          <li key={step}>
            <span class="label">{stepName(step)}</span>
            <p>
              <span class="prompt">{prompt}</span>
              {text}
            </p>
          </li>
        ))}
      </ol>
      {samples.length >= MOST_SAMPLES / 3 && (
        <p class="fine">Of a long run, {MOST_SAMPLES} are kept at most, spread from its beginning to the latest.</p>
      )}
    </>
  );
}
