/** Comparing settings: the list of them, the running trainings, and their results. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { counterpartOf } from '../../../wasm/engine/kinds.js';
import { PRESETS } from '../../../wasm/engine/presets.js';
import { isolated } from '../../../wasm/files/formats/names.js';
import { modelName } from '../../format/model_names.js';
import { count, fixed, percent } from '../../format/numbers.js';
import { presetOf, presetSettings } from '../../state/address.js';
import { freshSettings } from '../../state/runs/record.js';
import { changedOf, MOST_ENTRIES, MOST_SEEDS, remainingMs } from '../../state/runs/series.js';
import { useApp } from '../context.js';
import { Button, Choices } from '../fields.jsx';
import { Scroll } from '../Table.jsx';
import { CompareResults } from './CompareResults.jsx';
import { useRuns } from './context.js';
import { Named } from './Keeping.jsx';
import { comparisonProgress, ofTraining, settingsName } from './run_sentences.js';
import '../../styles/compare.css';

/** @typedef {import('../../state/runs/series.js').Series} Series */
/** @typedef {import('../../state/runs/series.js').Job} Job */
/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */

/** Everything that can be put into the list, by value. @returns {{group: string, options: {value: string, label: string, name: string, settings: Settings}[]}[]} */
function useSources() {
  const { store } = useApp();
  const now = store.settings.value;
  const other = { ...now, ...counterpartOf(now) };
  const preset = presetOf(now);
  const name = preset ? PRESETS[preset].label : settingsName(now);
  return [
    {
      group: 'The form above',
      options: [
        { value: 'form', label: 'The settings as they are', name, settings: now },
        {
          value: 'counterpart',
          label: `A ${modelName(other)} in place of the ${modelName(now)}`,
          name: preset ? `${name}, ${modelName(other)}` : settingsName(other),
          settings: other,
        },
      ],
    },
    {
      group: 'Presets',
      options: Object.entries(PRESETS).map(([key, { label }]) => ({
        value: `preset ${key}`,
        label,
        name: label,
        settings: presetSettings(key),
      })),
    },
    {
      group: 'Kept runs',
      options: store.runs.list.value.map((run) => ({
        value: `run ${run.id}`,
        label: isolated(run.name),
        name: run.name,
        settings: freshSettings(run),
      })),
    },
  ].filter(({ options }) => options.length > 0);
}

function Adding() {
  const { store } = useApp();
  const { comparing } = useRuns();
  const sources = useSources();
  const chosen = useSignal('form');
  const all = sources.flatMap(({ options }) => options);
  const source = all.find(({ value }) => value === chosen.value) ?? all[0];
  const full = comparing.series.value.entries.length >= MOST_ENTRIES;

  function add() {
    const [bad] = Object.values(store.invalid.value);
    const fromForm = source.value === 'form' || source.value === 'counterpart';
    if (bad && fromForm) comparing.problems.value = [bad.error];
    else comparing.add(source.name, source.settings);
  }

  return (
    <div class="compare-adding">
      <label class="study-choice">
        <span class="label">Settings to add</span>
        <select
          class="input"
          value={source.value}
          data-testid="compare-source"
          onChange={(e) => {
            chosen.value = e.currentTarget.value;
          }}
        >
          {sources.map(({ group, options }) => (
            <optgroup key={group} label={group}>
              {options.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <Button class="button small" off={full} data-testid="compare-add" onClick={add}>
        Add
      </Button>
    </div>
  );
}

/** @param {{series: Series, index: number}} props */
function EntryRow({ series, index }) {
  const { comparing } = useRuns();
  const { entries, reference } = series;
  const { name, settings } = entries[index];
  const changes = changedOf(settings, entries[reference].settings);
  const own = index === reference;
  return (
    <li class="compare-entry" data-testid="compare-entry">
      <label class="compare-name">
        <input
          type="radio"
          name="compare-reference"
          checked={own}
          aria-label={`Compare the others with ${isolated(name)}`}
          onChange={() => comparing.choose({ reference: index })}
        />
        <span>
          <bdi>{name}</bdi> {(own || series.equal === 'own') && <small>{count(settings.max_steps, 'step')}</small>}
        </span>
      </label>
      <button
        type="button"
        class="button small quiet"
        aria-label={`Remove ${isolated(name)}`}
        onClick={() => comparing.remove(index)}
      >
        Remove
      </button>
      <p class="fine">
        {own
          ? `The others are compared with this: a ${settings.model_type === 'adaptive' ? `hierarchy of ${settings.num_levels} levels` : modelName(settings)}, ${settings.hidden_size} wide.`
          : changes.length > 0
            ? `Other than that: ${changes.join(', ')}.`
            : 'The same settings once more.'}
      </p>
    </li>
  );
}

function Draft() {
  const { store } = useApp();
  const { comparing } = useRuns();
  const series = comparing.series.value;
  const looking = useSignal(false);
  const { entries, seeds, equal } = series;
  const trainings = entries.length * seeds;
  const busy = store.busy.value || looking.value;

  async function start() {
    looking.value = true;
    await comparing.start().finally(() => {
      looking.value = false;
    });
  }

  return (
    <>
      <Adding />
      {entries.length > 0 && (
        <ol class="compare-entries" aria-label="Settings to compare">
          {entries.map(({ name }, i) => (
            <EntryRow key={name} series={series} index={i} />
          ))}
        </ol>
      )}
      {entries.length === 1 && <p class="fine">Add at least one more, then they can be trained and compared.</p>}
      {entries.length > 1 && (
        <>
          <div class="overlay-controls">
            <label class="overlay-measure">
              <span class="label">Seeds</span>
              <select
                class="input"
                value={`${seeds}`}
                data-testid="compare-seeds"
                onChange={(e) => comparing.choose({ seeds: Number(e.currentTarget.value) })}
              >
                {Array.from({ length: MOST_SEEDS }, (_, i) => (
                  <option key={i} value={`${i + 1}`}>
                    {i + 1}
                  </option>
                ))}
              </select>
            </label>
            <Choices
              name="compare-equal"
              legend="What is equal for all"
              value={equal}
              options={[
                { value: 'arithmetic', label: 'Equal arithmetic' },
                { value: 'bytes', label: 'Equal bytes' },
                { value: 'own', label: 'Each its own steps' },
              ]}
              onChange={(value) => comparing.choose({ equal: /** @type {Series['equal']} */ (value) })}
            />
          </div>
          <p class="fine">
            {seeds === 1
              ? 'With one seed no difference can be told from chance: take three or more where there is time.'
              : 'Each seed is one order of the data and one start of the weights, the same for all settings whose batches have the same shape.'}{' '}
            {equal === 'own'
              ? ''
              : `The others make as many steps as come to the ${equal} of the settings that they are compared with${equal === 'arithmetic' ? ', measured by a few steps of each' : ''}. `}
            Which part of the text is held out, and how many workers train, is the same for all.
          </p>
          <div class="buttons">
            <Button class="button primary" off={busy} data-testid="compare-start" onClick={start}>
              {looking.value ? 'Looking at the settings…' : `Train ${count(trainings, 'model')}, one after the other`}
            </Button>
          </div>
        </>
      )}
    </>
  );
}

/** @param {{job: Job, step: number}} props */
function Cell({ job, step }) {
  const { state, outcome, problem, steps } = job;
  if (state === 'done' && outcome)
    return (
      <td class="figure">
        {fixed(outcome.bits, 3)}
        {problem && <span class="run-state">see below</span>}
      </td>
    );
  if (state === 'training') return <td class="figure">{percent(Math.min(1, step / steps))}</td>;
  return <td class="figure run-state">{state === 'failed' ? 'failed' : 'waits'}</td>;
}

/** The trainings and their results. @param {{series: Series}} props */
function Jobs({ series }) {
  const { store } = useApp();
  const { comparing } = useRuns();
  const { entries, jobs } = series;
  const seeds = [...new Set(jobs.map(({ seed }) => seed))];
  const step = comparing.phase.value === 'cut' ? 0 : store.step.value;
  const problems = new Map(
    jobs
      .filter(({ problem }) => problem !== null)
      .map(({ entry, seed, problem }) => [ofTraining(entries[entry].name, seed, problem ?? ''), problem]),
  );
  return (
    <>
      <Scroll label="Trainings of the comparison">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">settings</th>
              {seeds.map((seed) => (
                <th key={seed} scope="col" class="figure">
                  seed {seed}
                </th>
              ))}
            </tr>
          </thead>
          <tbody data-testid="compare-jobs">
            {entries.map(({ name }, entry) => (
              <tr key={name}>
                <th scope="row">
                  <bdi>{name}</bdi>
                </th>
                {seeds.map((seed) => {
                  const job = jobs.find((each) => each.entry === entry && each.seed === seed);
                  return job ? <Cell key={seed} job={job} step={step} /> : <td key={seed} />;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {[...problems.keys()].map((sentence) => (
        <p key={sentence} class="fine" data-testid="compare-failed">
          {sentence}
        </p>
      ))}
    </>
  );
}

/** @param {{series: Series}} props */
function Progress({ series }) {
  const { store } = useApp();
  const { comparing } = useRuns();
  const phase = comparing.phase.value;
  const { jobs, entries } = series;
  const over = jobs.filter(({ state }) => state === 'done' || state === 'failed').length;
  const job = comparing.current.value;
  const now = { step: store.step.value, elapsedMs: store.progress.value?.elapsedMs ?? 0 };
  const left = remainingMs(series, phase === 'cut' ? { step: 0, elapsedMs: 0 } : now);
  const share = job && phase !== 'cut' ? Math.min(1, now.step / job.steps) : 0;
  const busy = store.busy.value;
  return (
    <>
      <p data-testid="compare-progress">
        {comparisonProgress({
          phase: phase === 'paused' || phase === 'cut' ? phase : 'training',
          elsewhere: comparing.elsewhere.value,
          over,
          trainings: jobs.length,
          job: job && { name: <Named name={entries[job.entry].name} />, seed: job.seed },
          left,
        })}
      </p>
      <progress class="compare-bar" max={jobs.length} value={over + share} aria-label="Trainings done" />
      <div class="buttons">
        {phase === 'training' && (
          <Button class="button small" off={busy} data-testid="compare-pause" onClick={comparing.pause}>
            Pause
          </Button>
        )}
        {phase === 'paused' && (
          <Button class="button small primary" off={busy} data-testid="compare-resume" onClick={comparing.resume}>
            Resume
          </Button>
        )}
        {phase === 'cut' && (
          <Button class="button small primary" off={busy} data-testid="compare-go-on" onClick={comparing.goOn}>
            Go on
          </Button>
        )}
        <Button class="button small" off={busy} data-testid="compare-stop" onClick={comparing.stop}>
          Stop the comparison
        </Button>
      </div>
    </>
  );
}

export function Compare() {
  const { comparing } = useRuns();
  const series = comparing.series.value;
  const phase = comparing.phase.value;
  useEffect(() => {
    if (location.hash === '#runs-compare') document.querySelector('#runs-compare')?.scrollIntoView();
  }, []);
  return (
    <section class="compare" id="runs-compare" aria-labelledby="compare-title" tabIndex={-1}>
      <h3 class="panel-title" id="compare-title">
        Compare settings
      </h3>
      <p class="compare-lead">
        Trains two or more settings one after the other on the text that is open, each with the same seeds and kept as a
        run, and says what their difference is worth.
      </p>
      {phase === 'draft' ? (
        <Draft />
      ) : (
        <>
          {phase !== 'ended' && <Progress series={series} />}
          <Jobs series={series} />
          <CompareResults series={series} />
          {phase === 'ended' && (
            <div class="buttons">
              <button type="button" class="button small" data-testid="compare-anew" onClick={comparing.anew}>
                Change the settings
              </button>
            </div>
          )}
        </>
      )}
      <div role="alert">
        {comparing.problems.value.map((problem) => (
          <p key={problem} class="problem" data-testid="compare-problem">
            {problem}
          </p>
        ))}
      </div>
    </section>
  );
}
