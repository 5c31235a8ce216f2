/** The text to train on: choosing it, and what is known of it. */
import { useSignal } from '@preact/signals';
import { byteSize, count, fixed, integer } from '../format/numbers.js';
import { availableSamples, SAMPLES } from '../state/texts.js';
import { useApp } from './context.js';
import { Choices, FileButton } from './fields.jsx';

/** @param {{onDone: () => void}} props */
function Paste({ onDone }) {
  const { actions } = useApp();
  const text = useSignal('');
  return (
    <div class="paste">
      <label class="label" for="pasted">
        Text to train on
      </label>
      <textarea
        id="pasted"
        class="input"
        data-testid="paste-text"
        ref={(element) => {
          if (text.peek() === '') element?.focus();
        }}
        onInput={(e) => {
          text.value = e.currentTarget.value;
        }}
      />
      <div class="buttons">
        <button
          type="button"
          class="button small primary"
          data-testid="paste-use"
          onClick={() => {
            actions.usePasted(text.value);
            if (text.value !== '') onDone();
          }}
        >
          Use this text
        </button>
        <button type="button" class="button small quiet" onClick={onDone}>
          Cancel
        </button>
      </div>
    </div>
  );
}

function Facts() {
  const { store } = useApp();
  const text = store.text.value;
  const dataset = store.dataset.value;
  if (!text || !dataset) {
    return (
      <p class="text-facts fine">{store.loadingText.value ? `Reading ${store.loadingText.value}…` : 'No text yet.'}</p>
    );
  }
  const { trainBytes, heldOutBytes, windows, stepsPerEpoch, gzipBpb, note } = dataset;
  const share = (100 * trainBytes) / Math.max(1, trainBytes + heldOutBytes);
  return (
    <div class="text-facts" data-testid="text-facts">
      <p class="text-name">
        <strong>{text.name}</strong>
        <span class="label">{byteSize(text.bytes.length)}</span>
      </p>
      <div class="split" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
        <span />
      </div>
      <p class="split-key">
        <span>{byteSize(trainBytes)} to train on</span>
        <span>{byteSize(heldOutBytes)} held out</span>
      </p>
      <p class="fine">
        {count(windows, 'window')}, {count(stepsPerEpoch, 'step')} an epoch.
        {gzipBpb !== null && ` gzip needs ${fixed(gzipBpb)} bits for each held-out byte.`}
        {note && ` ${note}`}
      </p>
      {store.nextText.value && (
        <p class="fine">
          <strong>Next:</strong> {store.nextText.value.name} ({integer(store.nextText.value.bytes.length)} bytes), from
          the next start on.
        </p>
      )}
    </div>
  );
}

export function TextPanel() {
  const { store, actions } = useApp();
  const pasting = useSignal(false);
  const chosen = (store.nextText.value ?? store.text.value)?.id ?? '';
  return (
    <div class="block">
      <h3 class="panel-title">The text</h3>
      <Choices
        name="sample"
        legend="Sample text"
        value={chosen}
        options={availableSamples().map((value) => ({ value, label: SAMPLES[value].name }))}
        onChange={actions.useSample}
      />
      <div class="buttons" style={{ marginTop: 'var(--space-2)' }}>
        <FileButton id="text-file" label="Open a file" small testId="file-input" onFiles={actions.useFiles} />
        <button
          type="button"
          class="button small"
          aria-expanded={pasting.value}
          data-testid="paste"
          onClick={() => {
            pasting.value = !pasting.value;
          }}
        >
          Paste
        </button>
      </div>
      {pasting.value && (
        <Paste
          onDone={() => {
            pasting.value = false;
          }}
        />
      )}
      <Facts />
      <p class="fine">
        Any file will do, in any language: to the model it is bytes. You can also drop one anywhere on this page.
      </p>
    </div>
  );
}
