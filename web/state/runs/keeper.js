/**
 * Keeps the current run: its points as they come, and with them, every few seconds of training, the weights. It is driven
 * by the worker's events, not by timers, which browsers slow down in hidden tabs.
 */
import { integer } from '../../format/numbers.js';
import { sampleOf, withSample } from '../samples.js';
import { addPoint, trainPoint, validationPoint } from './points.js';
import { isFull, savingProblem } from './problems.js';
import { GoneError, TakenError } from './shelf.js';

/** @typedef {import('../../../wasm/engine/protocol.js').Event} Event */
/** @typedef {import('./record.js').Run} Run */
/** @typedef {import('./points.js').Points} Points */
/** @typedef {import('./shelf.js').Shelf} Shelf */

/** Milliseconds of training between two savings: the first come sooner. And after one that failed. */
const SOON = 1000;
const EVERY = 5000;
const AFTER_FAILURE = 30_000;
/**
 * Bytes that are saved a millisecond, at most, on average: large models are saved less often, so that they train instead.
 * Only the first few savings come sooner: who leaves after half a minute has lost little.
 */
const PACE = 3000;
const SOONER = 4;
/** Milliseconds between two times that the list of runs follows training. */
const SHOW_EVERY = 1000;

/**
 * The clocks of keeping: `now` for what is due, which no change of the machine's clock moves; `date` for what is shown.
 * Both in milliseconds.
 * @type {{now: () => number, date: () => number}}
 */
const CLOCK = { now: () => performance.now(), date: Date.now };

/**
 * Gives the memory of stored bytes back at once. That of many savings would otherwise wait for the browser's garbage
 * collector. @param {Uint8Array} bytes
 */
function freeBytes(bytes) {
  // Browsers without it look by themselves.
  /** @type {any} */ (bytes.buffer).transfer?.(0);
}

/**
 * What the reader decides about a run, not the worker: it may change while the run is written for the first time.
 * @param {Run} run @returns {Partial<Run>}
 */
const decided = ({ name, notes, settings, wanted, firstStep }) => ({ name, notes, settings, wanted, firstStep });

/** The current run; `added` once it is in storage. @typedef {{run: Run, points: Points, release: () => void, added: boolean}} Open */

/**
 * @param {import('../store.js').Store} store
 * @param {import('../client.js').Client} client
 * @param {Shelf} shelf
 * @param {(run: Run) => void} show  puts a run as it is now into the list
 * @param {typeof CLOCK} [clock]
 */
export function createKeeper(store, client, shelf, show, { now, date } = CLOCK) {
  const { runs } = store;
  /** @type {Open|null} */
  let open = null;
  /** When the next saving is due, and when the run was shown last. */
  let due = 0;
  let savings = 0;
  /** Savings that went well, and those that wrote all of the run again. */
  let complete = 0;
  let rewritten = 0;
  let shown = Number.NEGATIVE_INFINITY;
  /** The current saving, and whether another is to follow. @type {Promise<void>|null} */
  let saving = null;
  let again = false;

  /** @returns {Promise<import('../../../wasm/engine/protocol.js').Exported>} rejects where the model goes */
  function exported() {
    return new Promise((resolve, reject) => {
      const job = client.job({ type: 'export', resumable: true }, [], (event) => {
        job.end();
        if (event.type === 'exported') resolve(event);
        else reject(new Error('The model is gone.'));
      });
    });
  }

  /** @param {Open} mine @param {import('./shelf.js').Weights} [weights] */
  async function put(mine, weights) {
    try {
      await write(mine, weights);
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      // The storage was emptied under it: all of it is written again.
      Object.assign(mine, { added: false });
      await write(mine, weights);
      rewritten++;
    }
  }

  /** @param {Open} mine @param {import('./shelf.js').Weights} [weights] */
  async function write(mine, weights) {
    const { run, points } = mine;
    if (!mine.added) await shelf.add(Object.assign(run, { saved: null, before: null }), points);
    mine.added = true;
    const { state, ended, step, elapsedMs, train, validation, best, samples, dataset } = run;
    const noted = { state, ended, step, elapsedMs, train, validation, best, samples, dataset };
    const changes = () => ({ ...decided(run), ...noted });
    const kept = await shelf.change(run.id, changes, { points, weights, last: state === 'finished' });
    run.saved = kept.saved;
    run.before = kept.before;
    show(run);
  }

  /** @param {Open} mine @param {unknown} error @param {number} step */
  async function failed(mine, error, step) {
    due = now() + AFTER_FAILURE;
    const since = runs.keptStep.value;
    const part =
      step > since && since > 0 ? `the weights after step ${integer(since)} are` : 'the weights of this run are';
    runs.problem.value = savingProblem(error, part);
    if (error instanceof TakenError) leave();
    // The curves are small: they may still fit.
    else if (isFull(error)) await put(mine).catch(() => {});
  }

  async function saveOnce() {
    const mine = open;
    if (!mine) return;
    let weights;
    try {
      weights = await exported();
    } catch {
      return;
    }
    if (open !== mine) return freeBytes(weights.bytes);
    const paced = (weights.bytes.length / PACE) * Math.min(1, ++savings / SOONER);
    due = now() + Math.max(Math.min(EVERY, SOON * savings), paced);
    try {
      await put(mine, weights);
      if (open !== mine) return;
      if (shelf.lasting) runs.keptStep.value = weights.step;
      complete++;
      runs.keptAt.value = date();
      if (shelf.lasting) runs.problem.value = null;
    } catch (error) {
      if (open === mine) await failed(mine, error, weights.step);
    } finally {
      freeBytes(weights.bytes);
    }
  }

  /** Saves now, or again after the current saving. @returns {Promise<void>} */
  function save() {
    if (saving) {
      again = true;
      return saving;
    }
    saving = (async () => {
      do {
        again = false;
        await saveOnce();
      } while (again);
    })().finally(() => {
      saving = null;
    });
    return saving;
  }

  /** Lets go of the run: what is said from now on is about another model. @returns {Promise<void>} once it is written */
  async function leave() {
    const mine = open;
    if (!mine) return;
    open = null;
    runs.current.value = null;
    runs.keptStep.value = 0;
    const { run, release, added } = mine;
    try {
      if (run.state === 'training' && added) {
        run.state = 'paused';
        show(await shelf.change(run.id, { state: 'paused' }));
      }
    } catch {
      // It stays as it was kept last.
    } finally {
      release();
    }
  }

  /** @param {Run} run @param {Event} event  @param {Points} points */
  function note(run, points, event) {
    const time = date();
    switch (event.type) {
      case 'progress': {
        const point = trainPoint(event, time);
        Object.assign(run, { train: point, step: event.step, elapsedMs: event.elapsedMs });
        if (event.logged) addPoint(points.train, point);
        return event.logged;
      }
      case 'validation': {
        const { batch_size, sequence_length } = run.settings;
        const bytesSeen = event.step * Number(batch_size) * Number(sequence_length);
        const point = validationPoint(event, { time, elapsedMs: run.elapsedMs, bytesSeen });
        addPoint(points.validation, point);
        run.validation = point;
        if (!run.best || !(run.best.decoderBpb <= point.decoderBpb))
          run.best = { step: point.step, decoderBpb: point.decoderBpb };
        return true;
      }
      case 'sample': {
        run.samples = withSample(run.samples, sampleOf(event));
        return true;
      }
      case 'dataset': {
        const { trainBytes, heldOutBytes, gzipBpb } = event;
        run.dataset = { trainBytes, heldOutBytes, gzipBpb };
        return false;
      }
      case 'state':
        if (event.state === 'idle') return false;
        run.state = event.state;
        run.ended = event.reason ?? null;
        run.step = event.step;
        return true;
      default:
        return false;
    }
  }

  return {
    /** @returns {Open|null} the current run */
    get open() {
      return open;
    },
    /** How often all of a run was written again, as the storage had lost it. */
    get rewritten() {
      return rewritten;
    },
    save,
    leave,
    /** Waits until nothing is being saved. */
    async settle() {
      while (saving) await saving;
    },

    /** Lets go of the run silently; the tab keeps its right to it. @returns {Open|null} what was open */
    detach() {
      const mine = open;
      open = null;
      runs.current.value = null;
      runs.keptStep.value = 0;
      return mine;
    },

    /** From now on what the worker says is about this run. @param {Open} next @param {number} keptStep */
    attach(next, keptStep) {
      open = { ...next, run: { ...next.run } };
      runs.current.value = next.run.id;
      runs.keptStep.value = shelf.lasting ? keptStep : 0;
      due = 0;
      savings = 0;
      show(open.run);
    },

    /** Changes what the reader decides about the current run. @param {string} id @param {Partial<Run>} changes */
    amend(id, changes) {
      if (open?.run.id === id) Object.assign(open.run, changes);
    },

    /** @param {Event} event */
    receive(event) {
      if (!open) return;
      const time = now();
      if (note(open.run, open.points, event) && (event.type !== 'progress' || time - shown >= SHOW_EVERY)) {
        shown = time;
        show(open.run);
        runs.version.value++;
      }
      const training = open.run.state === 'training';
      if (event.type === 'state' && event.state !== 'idle') save();
      else if (training && time >= due && (event.type === 'progress' || event.type === 'validation')) save();
    },

    /** Saves what is not kept yet. @returns {Promise<boolean>} whether all is */
    async keep() {
      if (!open || !shelf.lasting) return false;
      const mine = open;
      const before = complete;
      await save();
      return open === mine && runs.problem.value === null && complete > before;
    },
  };
}

/** @typedef {ReturnType<typeof createKeeper>} Keeper */
