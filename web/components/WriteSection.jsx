/** Generation: what to go on from, how to draw, and the result. */
import { settingOf } from '../../wasm/engine/settings.js';
import { significant } from '../format/numbers.js';
import { useApp } from './context.js';
import { GeneratedText } from './GeneratedText.jsx';
import { written } from './page_sentences.js';

/** @typedef {import('../state/store.js').GenerationSettings} GenerationSettings */

/** The slider's end; the number may be anything that the settings allow. */
const HOTTEST = 2;

function Temperature() {
  const { store, actions } = useApp();
  const { temperature } = store.generationSettings.value;
  return (
    <div>
      <label class="label" for="temperature">
        <span>Temperature</span>
        <span>{significant(temperature)}</span>
      </label>
      <input
        id="temperature"
        class="slider"
        type="range"
        min={0.05}
        max={HOTTEST}
        step={0.05}
        value={temperature}
        aria-describedby="temperature-help"
        onInput={(e) => actions.changeGeneration({ temperature: e.currentTarget.valueAsNumber })}
      />
      <p class="fine" id="temperature-help">
        Below 1 the model plays safe, above 1 it gambles.
      </p>
    </div>
  );
}

/** @param {{name: 'top_k'|'max_new_bytes'|'seed', label: string}} props */
function NumberField({ name, label }) {
  const { store, actions } = useApp();
  const setting = settingOf(name);
  return (
    <div>
      <label class="label" for={`generate-${name}`}>
        {label}
      </label>
      <input
        id={`generate-${name}`}
        class="input"
        type="number"
        min={setting?.min}
        max={setting?.max}
        step={1}
        value={store.generationSettings.value[name]}
        data-testid={`generate-${name}`}
        onChange={(e) => actions.changeGeneration({ [name]: e.currentTarget.valueAsNumber })}
      />
    </div>
  );
}

function StopAtEnd() {
  const { store, actions } = useApp();
  const setting = settingOf('stop_at_eos');
  return (
    <div>
      <label class="check-line">
        <input
          class="check"
          type="checkbox"
          checked={store.generationSettings.value.stop_at_eos}
          onChange={(e) => actions.changeGeneration({ stop_at_eos: e.currentTarget.checked })}
        />
        <span class="label">{setting?.label}</span>
      </label>
    </div>
  );
}

function Form() {
  const { store, actions } = useApp();
  const running = store.generation.value?.running ?? false;
  return (
    <form
      class="write-form"
      onSubmit={(e) => {
        e.preventDefault();
        if (!running) actions.generate();
      }}
    >
      <div>
        <label class="label" for="prompt">
          Go on from
        </label>
        <textarea
          id="prompt"
          dir="auto"
          class="input"
          value={store.generationSettings.value.prompt}
          data-testid="prompt"
          onInput={(e) => actions.changeGeneration({ prompt: e.currentTarget.value })}
        />
      </div>
      <Temperature />
      <div class="write-numbers">
        <NumberField name="max_new_bytes" label="Length, bytes" />
        <NumberField name="top_k" label="Top k (0: all)" />
        <NumberField name="seed" label="Seed" />
      </div>
      <StopAtEnd />
      <div class="buttons">
        {running ? (
          <button type="button" class="button primary" data-testid="generate-stop" onClick={actions.stopGenerating}>
            Stop writing
          </button>
        ) : (
          <button
            type="submit"
            class="button primary"
            disabled={!store.model.value || store.leaks.value}
            data-testid="generate-button"
          >
            Write
          </button>
        )}
      </div>
      {store.leaks.value && (
        <p class="fine">
          This model’s borders look at the byte to come, which is not there yet when it writes: train one with borders
          from uncertainty.
        </p>
      )}
    </form>
  );
}

function Foot() {
  const { store, actions } = useApp();
  const generation = store.generation.value;
  if (!generation) return null;
  return (
    <div class="output-foot">
      <p class="label" data-testid="generated-figures">
        {written(generation)}
      </p>
      {!generation.running && generation.count > 0 && (
        <button
          type="button"
          class="button small quiet"
          onClick={() => {
            actions.traceGenerated();
            document.getElementById('hierarchy')?.focus();
          }}
        >
          See its hierarchy
        </button>
      )}
    </div>
  );
}

export default function WriteSection() {
  return (
    <section class="section" id="write" aria-label="Write" tabIndex={-1}>
      <div class="section-head">
        <h2>Let it write</h2>
        <p>
          The model goes on from your words, one byte at a time, and puts its borders as it goes: the taller the stroke,
          the more levels end there.
        </p>
      </div>
      <div class="write-grid">
        <Form />
        <div>
          <GeneratedText />
          <Foot />
        </div>
      </div>
    </section>
  );
}
