/** All runs: their curves over one another, their figures, each by itself, and everything as one file. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { markOf } from '../../charts/overlay.js';
import { emptyPoints } from '../../state/runs/points.js';
import '../../styles/runs.css';
import { useApp } from '../context.js';
import { FileButton } from '../fields.jsx';
import { Compare } from './Compare.jsx';
import { useRuns } from './context.js';
import { Check } from './Keeping.jsx';
import { OverlayChart } from './OverlayChart.jsx';
import { RunDetail } from './RunDetail.jsx';
import { RunTable } from './RunTable.jsx';
import { NO_RUNS, PROMISES } from './run_sentences.js';
import { usePoints } from './usePoints.js';

/** Curves that have a colour and a letter of their own, and how many are there at first. */
const MOST_SHOWN = 8;
const FIRST_SHOWN = 4;

/** A run that was deleted can be had back. */
function Undo() {
  const { store } = useApp();
  const actions = useRuns();
  const deleted = store.runs.deleted.value;
  const undo = useRef(/** @type {HTMLButtonElement|null} */ (null));
  useEffect(() => undo.current?.focus(), [deleted?.id]);
  return (
    <div role="status">
      {deleted && (
        <p class="run-undo" data-testid="run-undo">
          <span>
            “<bdi>{deleted.name}</bdi>” is deleted.
          </span>
          {/* It comes instead of what was deleted, which had the focus. */}
          <button
            type="button"
            class="button small"
            ref={undo}
            data-testid="run-undo-button"
            onClick={actions.undoRemove}
          >
            Undo
          </button>
        </p>
      )}
    </div>
  );
}

/** How safe the runs are that the browser keeps. */
function Promised() {
  const { lasting, promised } = useApp().store.runs;
  if (!lasting.value) return null;
  return (
    <p class="fine" data-testid="promised">
      {promised.value ? PROMISES.given : PROMISES.lacking}
    </p>
  );
}

function Session() {
  const { store } = useApp();
  const actions = useRuns();
  const texts = useSignal(false);
  const some = store.runs.list.value.length > 0;
  return (
    <div class="run-session">
      <h3 class="panel-title">Everything as one file</h3>
      <div class="buttons">
        <button
          type="button"
          class="button small"
          disabled={!some}
          data-testid="session-export"
          onClick={() => actions.exportSession(texts.value)}
        >
          Save all runs (.zip)
        </button>
        <FileButton
          id="session-file"
          label="Open a saved session"
          accept=".zip"
          small
          testId="session-input"
          onFiles={async (files) => {
            if (files[0]) await actions.importSession(files[0].name, new Uint8Array(await files[0].arrayBuffer()));
          }}
        />
      </div>
      {some && <Promised />}
      {some && (
        <Check
          checked={texts.value}
          testId="session-texts"
          onChange={(yes) => {
            texts.value = yes;
          }}
        >
          With my own texts in it
        </Check>
      )}
    </div>
  );
}

/** Records that can't be read. */
function Damaged() {
  const { store } = useApp();
  const actions = useRuns();
  const count = store.runs.damaged.value.length;
  if (count === 0) return null;
  return (
    <p class="run-undo" data-testid="damaged">
      <span>
        {count === 1 ? 'One run that was kept here is' : `${count} runs that were kept here are`} damaged and can’t be
        read.
      </span>
      <button type="button" class="button small" onClick={actions.dropDamaged}>
        Forget {count === 1 ? 'it' : 'them'}
      </button>
    </p>
  );
}

function Panel() {
  const { store } = useApp();
  const list = store.runs.list.value;
  const sort = useSignal({ by: 'created', down: true });
  const selected = useSignal(/** @type {string|null} */ (null));
  /** What the reader chose; runs that are not in it are shown as long as there is room. @type {import('@preact/signals').Signal<Record<string, boolean>>} */
  const chosen = useSignal({});
  /** Colours stay with their runs. */
  const slots = useSignal(/** @type {ReadonlyMap<string, number>} */ (new Map()));

  const wanted = list.filter(({ id }, i) => chosen.value[id] ?? i < FIRST_SHOWN).slice(0, MOST_SHOWN);
  const shown = new Map([...slots.peek()].filter(([id]) => wanted.some((run) => run.id === id)));
  for (const { id } of [...wanted].reverse()) {
    const used = new Set(shown.values());
    const free = Array.from({ length: MOST_SHOWN }, (_, slot) => slot).find((slot) => !used.has(slot));
    if (!shown.has(id) && free !== undefined) shown.set(id, free);
  }
  useEffect(() => {
    slots.value = shown;
  });
  const points = usePoints([...shown.keys()]);
  const curves = wanted
    .filter(({ id }) => shown.has(id))
    .map((run) => {
      const slot = shown.get(run.id) ?? 0;
      return { run, slot, mark: markOf(slot), points: points.get(run.id) ?? emptyPoints() };
    });
  const run =
    list.find(({ id }) => id === selected.value) ?? list.find(({ id }) => id === store.runs.current.value) ?? list[0];
  return (
    <>
      <OverlayChart runs={curves} />
      <RunTable
        by={sort.value.by}
        down={sort.value.down}
        onSort={(by) => {
          sort.value = { by, down: sort.value.by === by ? !sort.value.down : by === 'created' };
        }}
        shown={shown}
        onShow={(id) => {
          chosen.value = { ...chosen.value, [id]: !shown.has(id) };
        }}
        selected={run.id}
        onSelect={(id) => {
          selected.value = id;
        }}
      />
      <RunDetail key={run.id} run={run} />
    </>
  );
}

function Runs() {
  const { store } = useApp();
  const some = store.runs.list.value.length > 0;
  return (
    <div class="runs">
      <Damaged />
      {some ? (
        <Panel />
      ) : (
        <p class="run-none" data-testid="no-runs">
          {NO_RUNS}
        </p>
      )}
      <Undo />
      <Compare />
      <Session />
    </div>
  );
}

export default function RunsSection() {
  const app = useApp();
  const failed = useSignal(false);
  useEffect(() => {
    app.loadRuns().catch(() => {
      failed.value = true;
    });
  }, [app]);
  return (
    <>
      <div class="section-head">
        <h2>Runs</h2>
        <p>
          Every training is a run, kept in this browser with its curves and its last weights, until you delete it. Lay
          curves over one another, train the model without a hierarchy beside a run, or{' '}
          <a href="#runs-compare">compare settings</a> with several seeds.
        </p>
      </div>
      {app.runs.value ? (
        <Runs />
      ) : failed.value ? (
        <p class="problem">The runs could not be loaded: reload the page.</p>
      ) : (
        <div class="skeleton" style={{ height: '24rem' }} />
      )}
    </>
  );
}
