/** Trains the settings of a series one after the other: each is a run as any other, so it is kept, paused and resumed as such. */
import { computed, signal } from '@preact/signals';
import { reasonText } from '../../../wasm/engine/stopping.js';
import { isolated } from '../../../wasm/files/formats/names.js';
import { integer } from '../../format/numbers.js';
import { findings } from '../combinations.js';
import { heldOutOf } from '../estimating.js';
import { browserStorage } from '../presets.js';
import { sizeOf } from '../text.js';
import { when } from '../waiting.js';
import { arithmeticOf } from './arithmetic.js';
import { measuredGflop } from './pilot.js';
import { freeName } from './record.js';
import { findText, textIdentity } from './reopening.js';
import {
  emptySeries,
  jobsOf,
  MOST_ENTRIES,
  NOT_TRAINED,
  ofEntry,
  readSeries,
  settingsOf,
  stoppedAt,
  writeSeries,
} from './series.js';

/** @typedef {import('./series.js').Series} Series */
/** @typedef {import('./series.js').Job} Job */
/** @typedef {import('./series.js').Entry} Entry */
/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../../wasm/engine/protocol.js').Event} Event */
/** @typedef {import('../../../wasm/engine/protocol.js').EstimateEvent} Estimate */
/**
 * `draft`: settings are collected; `training`, `paused`: one of its runs is open; `cut`: another model is, as after a reload;
 * `ended`: nothing is left to train.
 * @typedef {'draft'|'training'|'paused'|'cut'|'ended'} Phase
 */

const KEY = 'comparison';
/** The lock of the tab that trains the series. */
const LOCK = 'comparison';

/** @param {Pick<Storage, 'getItem'>|undefined} storage @returns {Series} */
function load(storage) {
  try {
    return readSeries(JSON.parse(storage?.getItem(KEY) ?? 'null'));
  } catch {
    return emptySeries();
  }
}

/**
 * @param {import('../store.js').Store} store
 * @param {import('../client.js').Client} client
 * @param {{keeper: import('./keeper.js').Keeper, shelf: import('./shelf.js').Shelf, opening: import('./reopening.js').Opening,
 *   parts: import('./runs.js').Parts, locks: import('../../storage/locks.js').Locks}} tools
 * @param {Pick<Storage, 'getItem'|'setItem'>|undefined} [storage]  where the series is kept; may be forbidden
 */
export function createComparing(store, client, { keeper, shelf, opening, parts, locks }, storage = browserStorage()) {
  const { runs } = store;
  const series = signal(load(storage));
  /** What stands in the way of the start, a sentence each. */
  const problems = signal(/** @type {string[]} */ ([]));
  /** Whether the next training is being opened, or the last one is being kept. */
  const moving = signal(false);
  /** Whether another tab trains it. */
  const elsewhere = signal(false);
  /** Whether the reader does not want to be asked about it again. */
  const aside = signal(false);
  /** Why the current training can't go on. @type {string|null} */
  let failure = null;
  let ending = false;
  /** The form before the series took its place, and what it was given last. @type {{before: Settings, given: Settings}|null} */
  let form = null;
  /** @type {(() => void)|null} */
  let release = null;

  const current = computed(() => series.value.jobs.find(({ state }) => state === 'training') ?? null);
  const phase = computed(() => {
    const { jobs } = series.value;
    if (jobs.length === 0) return 'draft';
    if (!jobs.some(({ state }) => state === 'waiting' || state === 'training')) return 'ended';
    if (moving.value) return 'training';
    if (current.value === null || current.value.run !== runs.current.value) return 'cut';
    return store.state.value === 'paused' ? 'paused' : 'training';
  });

  /** @param {Partial<Series>} changes */
  function put(changes) {
    series.value = { ...series.value, ...changes };
    try {
      storage?.setItem(KEY, writeSeries(series.value));
    } catch {
      // It is there until the page closes.
    }
  }

  /** @param {Job} job @param {Partial<Job>} changes */
  function change(job, changes) {
    put({ jobs: series.value.jobs.map((each) => (each === job ? { ...job, ...changes } : each)) });
  }

  /** @param {string} message @param {string} reason @param {'note'|'problem'} [kind] */
  function say(message, reason, kind = 'problem') {
    store.notice.value = { kind, message, reason };
  }

  /** @param {Settings} settings @returns {Promise<Estimate>} @throws {Error} a sentence */
  function estimateOf(settings) {
    return new Promise((resolve, reject) => {
      const job = client.job({ type: 'estimate', settings }, [], (event) => {
        job.end();
        if (event.type === 'estimate') resolve(event);
        else reject(new Error(event.type === 'failed' ? event.message : ''));
      });
    });
  }

  /**
   * What an entry takes, and what stands in its way.
   * @param {Entry} entry
   * @param {import('../store.js').Text} text
   * @returns {Promise<{entry: Entry, problems: string[]}>}
   */
  async function examine(entry, text) {
    try {
      const estimate = await estimateOf(entry.settings);
      const known = { size: sizeOf(text), heldOut: heldOutOf(text, entry.settings.val_fraction) };
      const deviceMemory = /** @type {any} */ (globalThis.navigator)?.deviceMemory;
      const found = findings(entry.settings, { text: known, estimate, deviceMemory });
      const problems = found.filter(({ kind }) => kind === 'problem').map(({ message }) => message);
      if (known.heldOut < entry.settings.sequence_length)
        problems.push('Less than one window is held out, so there would be nothing to compare: hold out more.');
      const usual = estimate.gflopPerStep;
      const levels = entry.settings.model_type === 'adaptive' && problems.length === 0;
      return {
        entry: { ...entry, gflop: levels ? await measuredGflop(entry.settings, text, usual, parts) : usual },
        problems,
      };
    } catch (error) {
      return { entry, problems: [/** @type {Error} */ (error).message] };
    }
  }

  /** Makes this tab the one that trains the series. @returns {Promise<boolean>} */
  async function hold() {
    release ??= await locks.take(LOCK);
    elsewhere.value = release === null;
    if (!release)
      say('Another tab of this page trains this comparison: go on there, or close that tab first.', 'elsewhere');
    return release !== null;
  }

  /** Trains what comes next, until one runs or none is left. */
  async function next() {
    moving.value = true;
    try {
      for (;;) {
        const job = series.value.jobs.find(({ state }) => state === 'waiting');
        if (!job) return end();
        if (!(await begin(job))) return;
        if (current.value) return;
      }
    } finally {
      moving.value = false;
    }
  }

  /** @param {Job} job @returns {Promise<boolean>} whether the series can go on, even where this one failed */
  async function begin(job) {
    const { text: identity, entries } = series.value;
    const text = identity && (await findText({ text: identity }, store, shelf, parts.fetchSample));
    if (!text) {
      say(
        `The comparison needs “${isolated(identity?.name ?? '')}”, which this browser did not keep: open that file, then go on.`,
        'no_text',
        'note',
      );
      return false;
    }
    failure = null;
    store.invalid.value = {};
    const given = settingsOf(series.value, job);
    form = { before: form?.before ?? store.settings.value, given };
    store.settings.value = given;
    store.nextText.value = text === store.text.value ? null : text;
    store.notice.value = null;
    const name = freeName(`${entries[job.entry].name}, seed ${job.seed}`, runs.list.value);
    if (await parts.startRun({ name })) change(job, { state: 'training', run: keeper.open?.run.id ?? null });
    else {
      const { message } = store.notice.value ?? { message: 'It could not be started.' };
      change(job, { state: 'failed', problem: message });
    }
    return true;
  }

  /** All are trained. */
  function end() {
    release?.();
    release = null;
    if (form && store.settings.value === form.given) store.settings.value = form.before;
    form = null;
    const { jobs } = series.value;
    const done = jobs.filter(({ state }) => state === 'done').length;
    store.announcement.value = `The comparison is done: ${integer(done)} of ${integer(jobs.length)} trained.`;
  }

  /** The current training came to its end. @param {Job} job */
  async function finish(job) {
    moving.value = true;
    await keeper.settle();
    const open = keeper.open;
    const bits = open?.run.validation?.decoderBpb;
    if (!open || bits === undefined || !Number.isFinite(bits))
      change(job, { state: 'failed', problem: 'It was not evaluated.' });
    else if (open.run.ended === 'stopped') change(job, { state: 'failed', problem: stoppedAt(open.run.step) });
    else {
      const { run, points } = open;
      const { step, elapsedMs, settings, parameterCount } = run;
      const tf = arithmeticOf(points, settings, series.value.entries[job.entry].gflop)(step);
      const bytesSeen = step * settings.batch_size * settings.sequence_length;
      const outcome = { bits, parameters: parameterCount, step, bytesSeen, elapsedMs, tf };
      const early = run.ended === null || run.ended === 'steps' ? null : reasonText(run.ended, settings);
      const problem = early && `It ended at step ${integer(step)}: ${early}.`;
      change(job, { state: 'done', problem: runs.problem.value?.message ?? problem, outcome });
    }
    await goAhead();
  }

  /** The current training can't go on. @param {Job} job @param {string} problem */
  async function giveUp(job, problem) {
    moving.value = true;
    await keeper.settle();
    change(job, { state: 'failed', problem });
    await goAhead();
  }

  /** To the next one, unless the reader wants no more of them. */
  async function goAhead() {
    if (!ending) return next();
    ending = false;
    put({
      jobs: series.value.jobs.map((job) =>
        job.state === 'waiting' ? { ...job, state: 'failed', problem: NOT_TRAINED } : job,
      ),
    });
    moving.value = false;
    return end();
  }

  /** After the worker's end: where its run was not opened again, that training is given up. */
  async function afterDeath() {
    const job = current.value;
    const message = failure;
    if (!job || message === null) return;
    await when(() => !store.busy.value);
    if (failure !== message || current.value !== job) return;
    failure = null;
    if (runs.current.value !== job.run) await giveUp(job, message);
  }

  return {
    series,
    phase,
    current,
    problems,
    elsewhere,
    aside,

    /**
     * Puts settings into the list.
     * @param {string} name
     * @param {Settings} settings
     */
    add(name, settings) {
      const { entries, jobs } = series.value;
      problems.value = [];
      if (jobs.length > 0 && phase.value !== 'ended')
        return say(
          'A comparison is under way: stop it, or let it end, before you change what it compares.',
          'comparing',
        );
      if (entries.length >= MOST_ENTRIES) return say(`A comparison has at most ${MOST_ENTRIES} settings.`, 'full');
      const entry = { name: freeName(name, entries), settings: { ...settings }, gflop: 0 };
      put({ entries: [...entries, entry], jobs: [], text: null });
      store.announcement.value = `“${isolated(entry.name)}” is in the comparison.`;
      return undefined;
    },
    /** @param {number} index */
    remove(index) {
      const { entries, reference } = series.value;
      const left = entries.filter((_, i) => i !== index);
      problems.value = [];
      put({
        entries: left,
        jobs: [],
        text: null,
        reference: Math.max(0, reference > index ? reference - 1 : Math.min(reference, left.length - 1)),
      });
    },
    /** @param {Partial<Pick<Series, 'reference'|'seeds'|'equal'>>} changes */
    choose: (changes) => put(changes),
    /** Back to the list of settings; the runs stay. */
    anew() {
      problems.value = [];
      put({ jobs: [], text: null });
    },

    /** Looks at all settings, then trains them, or says which can't be. */
    async start() {
      const text = store.nextText.value ?? store.text.value;
      if (!text) {
        problems.value = ['There is no text to train on yet: choose a sample, or drop a file anywhere on this page.'];
        return;
      }
      /** @type {Awaited<ReturnType<typeof examine>>[]} */
      const examined = [];
      // One after the other: each may take the memory of a model.
      for (const entry of series.value.entries) examined.push(await examine(entry, text));
      problems.value = examined.flatMap(({ entry, problems }) =>
        problems.map((problem) => ofEntry(entry.name, problem)),
      );
      if (problems.value.length > 0) return;
      const identity = await textIdentity(text);
      parts.unlessUnsaved('Train the comparison', async () => {
        if (!(await hold())) return;
        aside.value = false;
        put({ entries: examined.map(({ entry }) => entry), text: identity });
        put({ jobs: jobsOf(series.value) });
        await next();
      });
    },

    /** Goes on with a series that was cut, from where its run was kept. */
    async goOn() {
      if (!(await hold())) return;
      const job = current.value;
      if (!job) return next();
      failure = null;
      if (job.run !== null && runs.list.value.some(({ id }) => id === job.run)) {
        const { run: id } = job;
        parts.unlessUnsaved('Go on with the comparison', async () => {
          const run = await opening.openAgain(id, true);
          // It had come to its end when the page went.
          if (run?.state === 'finished') await finish(job);
          // What waits for its text goes on by itself once that is opened.
          else if (!run && runs.wants.value === null && !runs.elsewhere.value.has(id))
            await giveUp(job, store.notice.value?.message ?? 'It could not be opened again.');
        });
        return;
      }
      // Its run is gone: it is trained once more.
      change(job, { state: 'waiting', run: null });
      await next();
    },
    pause: parts.pause,
    resume: parts.train,

    /** Ends the series: the current training with a last evaluation, the rest untrained. */
    async stop() {
      ending = true;
      const job = current.value;
      if (phase.value === 'cut' && job) return giveUp(job, 'Not trained to its end: the comparison was stopped.');
      if (phase.value === 'cut') return goAhead();
      return parts.stop();
    },

    /** @param {Event} event  after the keeper has it */
    async receive(event) {
      const job = current.value;
      if (!job || moving.value) return;
      if (event.type === 'failed' && event.id === undefined && (event.fatal || job.run === runs.current.value)) {
        failure = event.message;
        if (event.fatal) await afterDeath();
        return;
      }
      if (event.type !== 'state' || job.run !== runs.current.value) return;
      if (event.state === 'training') failure = null;
      if (event.state === 'finished') await finish(job);
      else if (event.state === 'paused' && failure !== null) await giveUp(job, failure);
    },

    /** Looks whether another tab trains the series, and what became of it there. */
    async look() {
      if (release) return;
      elsewhere.value = (await locks.taken()).has(LOCK);
      series.value = load(storage);
    },
  };
}

/** @typedef {ReturnType<typeof createComparing>} Comparing */
