/** One run: what it was, and what can be done with it. */
import { useId, useState } from 'preact/hooks';
import { counterpartOf } from '../../../wasm/engine/kinds.js';
import { defaults, differences, settingOf } from '../../../wasm/engine/settings.js';
import { reasonText } from '../../../wasm/engine/stopping.js';
import { modelName } from '../../format/model_names.js';
import { byteSize, fixed, integer } from '../../format/numbers.js';
import { freshSettings } from '../../state/runs/record.js';
import { useApp } from '../context.js';
import { Button } from '../fields.jsx';
import { useRuns } from './context.js';
import { BETTER, beganFrom, besideOther, notFresh } from './run_sentences.js';

/** @typedef {import('../../state/runs/record.js').Run} Run */

/** Left out of the changed settings: they are shown elsewhere, or are not about training. */
const APART = new Set(['model_type', 'seed', 'workers', 'temperature', 'top_k', 'max_new_bytes', 'stop_at_eos']);

/** @param {Run['settings']} settings */
function changedSettings(settings) {
  return differences(settings, defaults())
    .filter((name) => !APART.has(name))
    .map((name) => `${settingOf(name)?.label.toLowerCase() ?? name} ${settings[name]}`);
}

/** What a run is compared with, either way. @param {{run: Run}} props */
function Counterpart({ run }) {
  const { store } = useApp();
  const list = store.runs.list.value;
  const other = list.find(({ id }) => id === run.counterpart) ?? list.find(({ counterpart }) => counterpart === run.id);
  if (!other) return null;
  const [mine, its] = [run.validation, other.validation];
  if (!mine || !its)
    return (
      <p data-testid="counterpart">
        Its counterpart is “<bdi>{other.name}</bdi>”.
      </p>
    );
  const difference = mine.decoderBpb - its.decoderBpb;
  return (
    <p data-testid="counterpart">
      {besideOther({
        name: <bdi>{other.name}</bdi>,
        parameters: run.parameterCount === other.parameterCount ? run.parameterCount : null,
        mine,
        its,
        strong: (text) => <b>{text}</b>,
      })}{' '}
      {BETTER[Math.abs(difference) < 0.0005 ? 'neither' : difference < 0 ? 'this' : 'other'](Math.abs(difference))}
      {[run, other].map(({ name, from }) => (from === null ? '' : ` ${notFresh(name, from)}`)).join('')}
    </p>
  );
}

/** @param {{run: Run}} props */
function Samples({ run }) {
  const latest = run.samples.at(-1);
  if (!latest) return null;
  return (
    <details class="fold" data-testid="run-samples">
      <summary>What it wrote on the way</summary>
      <ol class="run-samples">
        {[...run.samples].reverse().map(({ step, text }) => (
          <li key={step}>
            <span class="label">step {integer(step)}</span>
            <p class="mono">{text}</p>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** @param {{run: Run}} props */
function Actions({ run }) {
  const { store } = useApp();
  const actions = useRuns();
  const busy = store.busy.value;
  const open = store.runs.current.value === run.id;
  const training = store.state.value === 'training';
  const elsewhere = store.runs.elsewhere.value.has(run.id);
  const done = run.state === 'finished';
  /** @param {string} testId @param {string} label @param {() => unknown} act @param {boolean} [off] */
  const button = (testId, label, act, off = false) => (
    <Button class="button small" data-testid={testId} off={busy || off} onClick={act}>
      {label}
    </Button>
  );
  return (
    <div class="run-actions">
      <div class="buttons">
        {!open && !done && button('run-go-on', 'Go on', () => actions.goOn(run.id), elsewhere)}
        {!open && button('run-open', 'Open', () => actions.open(run.id), elsewhere)}
        {button('run-counterpart', `Train the ${modelName(counterpartOf(run.settings))} beside it`, () =>
          actions.trainCounterpart(run.id),
        )}
        {button('run-duplicate', 'Duplicate with changes', () => actions.duplicate(run.id))}
        {button('run-compare', 'Add to comparison', () => actions.comparing.add(run.name, freshSettings(run)))}
        {button('run-delete', 'Delete', () => actions.remove(run.id), elsewhere || (open && training))}
      </div>
      <div class="buttons run-exports">
        <span class="label">Save as</span>
        {button('run-jsonl', 'JSON Lines', () => actions.exportRun(run.id, 'jsonl'))}
        {button('run-csv', 'CSV', () => actions.exportRun(run.id, 'csv'))}
        {button('run-tensorboard', 'TensorBoard', () => actions.exportRun(run.id, 'tensorboard'))}
        {button('run-weights', 'Weights', () => actions.exportRun(run.id, 'weights'), run.saved === null)}
      </div>
      {run.from !== null && (
        <p class="fine" data-testid="run-from">
          {beganFrom({ name: <bdi>{run.from}</bdi>, firstStep: run.firstStep })}
        </p>
      )}
    </div>
  );
}

/**
 * A field whose text is the reader's until they leave it: what training says meanwhile must not take it from them.
 * @param {{label: string, as: 'input'|'textarea', saved: string, keep: (text: string) => Promise<boolean>} & Record<string, unknown>} props
 */
function Written({ label, as, saved, keep, ...rest }) {
  const [draft, setDraft] = useState(/** @type {string|null} */ (null));
  const Field = /** @type {any} */ (as);
  const id = useId();
  return (
    <label class="run-field" htmlFor={id}>
      <span class="label">{label}</span>
      <Field
        id={id}
        class="input"
        dir="auto"
        {...rest}
        value={draft ?? saved}
        onInput={(/** @type {any} */ { currentTarget: { value } }) => setDraft(value)}
        onChange={async (/** @type {any} */ { currentTarget: { value } }) => {
          await keep(value);
          setDraft((now) => (now === value ? null : now));
        }}
      />
    </label>
  );
}

/** @param {{run: Run}} props */
export function RunDetail({ run }) {
  const actions = useRuns();
  const { text, settings, dataset } = run;
  const changed = changedSettings(settings);
  return (
    <article class="run-detail" aria-label={run.name} data-testid="run-detail">
      <div class="run-about">
        <Written
          key={run.id}
          label="Name"
          as="input"
          maxLength={120}
          saved={run.name}
          data-testid="run-rename"
          keep={(/** @type {string} */ name) => actions.rename(run.id, name)}
        />
        <p>
          A {settings.model_type === 'adaptive' ? `hierarchy of ${settings.num_levels} levels` : modelName(settings)},{' '}
          {integer(run.parameterCount)} parameters, on <bdi>{text.name}</bdi> ({byteSize(text.bytes)}), seed{' '}
          {String(settings.seed)}.{dataset?.gzipBpb ? ` gzip needs ${fixed(dataset.gzipBpb)} bits per byte there.` : ''}
          {run.best ? ` Best: ${fixed(run.best.decoderBpb, 3)} at step ${integer(run.best.step)}.` : ''}
        </p>
        {run.ended && (
          <p class="fine" data-testid="run-ended">
            It ended at step {integer(run.step)}: {reasonText(run.ended, settings)}.
          </p>
        )}
        <p class="fine">
          {changed.length > 0 ? `Other than the defaults: ${changed.join(', ')}.` : 'All settings are the defaults.'}
        </p>
        <Counterpart run={run} />
        <Samples run={run} />
      </div>
      <div class="run-about">
        <Written
          key={run.id}
          label="Notes"
          as="textarea"
          maxLength={20_000}
          saved={run.notes}
          data-testid="run-notes"
          keep={(/** @type {string} */ notes) => actions.setNotes(run.id, notes)}
        />
        <Actions run={run} />
      </div>
    </article>
  );
}
