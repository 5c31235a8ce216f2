/** The reader's own presets: to keep, choose, delete, save as a file and open again. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { isolated } from '../../../wasm/files/formats/names.js';
import { count } from '../../format/numbers.js';
import { createPresets, SAYS, writePresets } from '../../state/presets.js';
import '../../styles/data.css';
import { useApp } from '../context.js';
import { FileButton } from '../fields.jsx';

/** @param {{presets: import('../../state/presets.js').Presets, onDelete: (name: string) => void}} props */
function List({ presets, onDelete }) {
  const names = Object.keys(presets.own.value);
  const chosen = presets.chosen();
  if (names.length === 0) return <p class="fine">{SAYS.none}</p>;
  return (
    <ul data-testid="own-presets">
      {names.map((name) => (
        <li key={name}>
          <button type="button" class="link" aria-pressed={name === chosen} onClick={() => presets.choose(name)}>
            <bdi>{name}</bdi>
          </button>
          <span class="buttons">
            {name === chosen && <span class="label">{SAYS.chosen}</span>}
            <button
              type="button"
              class="button small quiet"
              aria-label={SAYS.remove(name)}
              onClick={() => onDelete(name)}
            >
              Delete
            </button>
          </span>
        </li>
      ))}
    </ul>
  );
}

export default function OwnPresets() {
  const { store, actions } = useApp();
  const presets = useMemo(() => createPresets(store), [store]);
  const name = useSignal('');
  const said = useSignal(/** @type {{text: string, undo?: () => void}|null} */ (null));

  /** @param {SubmitEvent} e */
  const save = (e) => {
    e.preventDefault();
    if (!presets.save(name.value)) return;
    said.value = { text: `Kept as “${isolated(name.value.trim())}”.` };
    name.value = '';
  };
  /** @param {File[]} files */
  const take = async ([file]) => {
    if (!file) return;
    const read = presets.take(await file.text());
    said.value = { text: `${count(read, 'preset')} read from ${isolated(file.name)}.` };
  };
  return (
    <div class="own-presets" data-testid="own-presets-panel">
      <List
        presets={presets}
        onDelete={(deleted) => {
          said.value = { text: SAYS.removed(deleted), undo: presets.remove(deleted) };
        }}
      />
      <form class="save" onSubmit={save}>
        <div>
          <label class="label" for="preset-name">
            Keep these settings as
          </label>
          <input
            id="preset-name"
            dir="auto"
            class="input"
            maxLength={60}
            autocomplete="off"
            data-testid="preset-name"
            value={name.value}
            onInput={(e) => {
              name.value = e.currentTarget.value;
            }}
          />
        </div>
        <button type="submit" class="button small" data-testid="preset-save">
          Keep
        </button>
      </form>
      <div class="buttons">
        <button
          type="button"
          class="button small"
          data-testid="preset-export"
          disabled={Object.keys(presets.own.value).length === 0}
          onClick={() => actions.download(new TextEncoder().encode(writePresets(presets.own.value)), 'presets.json')}
        >
          Save all as a file
        </button>
        <FileButton id="preset-file" label="Open a file" accept=".json" small testId="preset-import" onFiles={take} />
      </div>
      <p class="fine" role="status">
        {said.value?.text}{' '}
        {said.value?.undo && (
          <button
            type="button"
            class="link"
            onClick={() => {
              said.value?.undo?.();
              said.value = null;
            }}
          >
            Take it back
          </button>
        )}
      </p>
      {presets.problem.value && <p class="problem">{presets.problem.value}</p>}
    </div>
  );
}
