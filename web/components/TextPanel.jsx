/** The text to train on: choosing it, and what is known about it. */
import { useSignal } from '@preact/signals';
import { byteSize, count } from '../format/numbers.js';
import { sizeOf } from '../state/text.js';
import { availableSamples, SAMPLES } from '../state/texts.js';
import { useApp } from './context.js';
import { Fold } from './Fold.jsx';
import { Choices, FileButton } from './fields.jsx';
import { Later } from './Later.jsx';
import { gzipNeeds, heldOut, readOf, toTrainOn } from './page_sentences.js';

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
        dir="auto"
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
  if (!text || !dataset) return store.loadingText.value ? null : <p class="fine">No text yet.</p>;
  const { trainBytes, heldOutBytes, windows, stepsPerEpoch, gzipBpb, note } = dataset;
  const share = (100 * trainBytes) / Math.max(1, trainBytes + heldOutBytes);
  return (
    <>
      <p class="text-name">
        <strong>
          <bdi>{text.name}</bdi>
        </strong>
        <span class="label">{byteSize(sizeOf(text))}</span>
      </p>
      <div class="split" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
        <span />
      </div>
      <p class="split-key">
        <span>{toTrainOn(trainBytes)}</span>
        <span>{heldOut(heldOutBytes)}</span>
      </p>
      <p class="fine">
        {count(windows, 'window')}, {count(stepsPerEpoch, 'step')} an epoch.
        {gzipBpb !== null && ` ${gzipNeeds(gzipBpb)}`}
        {note && ` ${note}`}
      </p>
      {store.nextText.value && (
        <p class="fine">
          <strong>Next:</strong> <bdi>{store.nextText.value.name}</bdi> ({byteSize(sizeOf(store.nextText.value))}), from
          the next start on.
        </p>
      )}
    </>
  );
}

/** How far reading is, with a way out. */
function Reading() {
  const { store, actions } = useApp();
  const name = store.loadingText.value;
  if (name === null) return null;
  const loaded = store.loaded.value;
  return (
    <div class="reading-file" data-testid="reading">
      <p class="fine">
        Reading <bdi>{name}</bdi>
        {readOf(loaded)}
      </p>
      {loaded && (
        <>
          <div
            class="progress-track"
            role="progressbar"
            aria-label={`Reading ${name}`}
            aria-valuemin={0}
            aria-valuemax={loaded.total}
            aria-valuenow={loaded.bytes}
          >
            <span style={{ transform: `scaleX(${loaded.bytes / Math.max(1, loaded.total)})` }} />
          </div>
          <button type="button" class="button small quiet" data-testid="reading-cancel" onClick={actions.cancelReading}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}

/** What the text is made of; counted when it is asked for. */
function Corpus() {
  return (
    <Fold title="What this text is made of" testId="corpus-open">
      {() => <Later load={() => import('./data/CorpusFacts.jsx')} />}
    </Fold>
  );
}

export function TextPanel() {
  const { store, actions } = useApp();
  /** Which other way to a text is open. */
  const way = useSignal(/** @type {'paste'|'wikitext'|null} */ (null));
  /** @param {'paste'|'wikitext'} which */
  const toggle = (which) => {
    way.value = way.value === which ? null : which;
  };
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
        <FileButton id="text-file" label="Open files" small multiple testId="file-input" onFiles={actions.useFiles} />
        <FileButton
          id="text-folder"
          label="Open a folder"
          small
          folder
          testId="folder-input"
          onFiles={async (files) => {
            const { filesOfFolder } = await import('../state/folders.js');
            await actions.useFolder(filesOfFolder(files));
          }}
        />
        <button
          type="button"
          class="button small"
          aria-expanded={way.value === 'paste'}
          data-testid="paste"
          onClick={() => toggle('paste')}
        >
          Paste
        </button>
        <button
          type="button"
          class="button small"
          aria-expanded={way.value === 'wikitext'}
          data-testid="wikitext"
          onClick={() => toggle('wikitext')}
        >
          WikiText-103…
        </button>
      </div>
      {way.value === 'paste' && (
        <Paste
          onDone={() => {
            way.value = null;
          }}
        />
      )}
      {way.value === 'wikitext' && <Later load={() => import('./data/WikiText.jsx')} />}
      <div class="text-facts" data-testid="text-facts">
        <Reading />
        {store.intake.value && <Later load={() => import('./data/Intake.jsx')} />}
        <Facts />
      </div>
      {store.text.value && <Corpus />}
      <p class="fine">
        Any language will do: to the model it is bytes. Text, Markdown, CSV, JSON Lines, Parquet, and gzip or zip of
        these are read; you can also drop files or a folder anywhere on this page.
      </p>
    </div>
  );
}
