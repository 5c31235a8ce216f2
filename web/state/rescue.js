/** What happens once the model's worker is gone: another one opens what was kept, and goes on with what was going on. */
import { batch } from '@preact/signals';
import { isolated } from '../../wasm/files/formats/names.js';
import { integer } from '../format/numbers.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./runs/record.js').Run} Run */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

/** What was going on when the worker went. @typedef {{reached: number, intent: Store['intent'], settings: Settings|null, putBack: () => void}} Before */

/** Attempts in a row while training gets no further: a model that is too large for this machine never does. */
const MOST = 3;
const STOPPED = 'The model’s worker stopped, perhaps for want of memory';

/**
 * What the reader had typed and chosen: opening a run brings its own.
 * @param {Store} store
 * @returns {() => void} puts it back
 */
function remembered({ settings, invalid, continueWeights, nextText, thresholds }) {
  const all = [settings, invalid, continueWeights, nextText, thresholds].map((signal) => {
    const { value } = signal;
    return () => {
      /** @type {import('@preact/signals').Signal<unknown>} */ (signal).value = value;
    };
  });
  return () =>
    batch(() => {
      for (const putBack of all) putBack();
    });
}

/**
 * @param {Store} store
 * @param {object} parts
 * @param {import('./runs/gate.js').RunsGate} parts.runs
 * @param {() => () => void} parts.hold      keeps the page busy, until what it returns is called
 * @param {() => void} parts.forget          what the page showed of the model that is gone
 * @param {() => Promise<unknown>} parts.openExample
 * @param {(settings: Settings) => void} parts.train
 * @param {() => void} parts.stop
 */
export function createRescue(store, { runs, hold, forget, openExample, train, stop }) {
  /** Whether the worker is gone and nothing stands in for its model yet. */
  let gone = false;
  let recovering = false;
  /** Deaths in a row, and the furthest step before them. */
  let [deaths, furthest] = [0, 0];

  /** @param {string} message @param {string} reason @param {Record<string, unknown>} fields */
  function say(message, reason, fields) {
    store.notice.value = { kind: 'problem', message, reason, fields };
  }

  /** @param {Run} run  that is open again @param {Before} before */
  function goOn({ name, step, saved, state }, { reached, intent, settings }) {
    const kept = Boolean(saved) || reached === 0;
    const place = kept ? 'the last that was kept' : 'as nothing of it was kept yet';
    const begin = `${STOPPED}, and was started again. “${isolated(name)}” is back at step ${integer(step)}, ${place}`;
    const back = (/** @type {string} */ what, /** @type {string} */ then) =>
      say(begin + what, `rescued_${then}`, { name, step, kept });
    if (state === 'finished') return back(': its end.', 'end');
    if (intent === null || settings === null) return back(': press Resume to go on from there.', 'wait');
    train(settings);
    if (intent === 'train') return back(', and training goes on from there.', 'train');
    stop();
    back(', and ends there, as you asked.', 'stop');
  }

  /** It happens again and again: leaves it to the reader. */
  async function giveUp() {
    const run = store.runs.run.value;
    await openExample();
    const again = run
      ? `Go on with “${isolated(run.name)}” under Runs once there is more memory, or train a smaller model.`
      : 'Close other tabs, then reload the page.';
    say(`${STOPPED}, ${deaths} times in a row. ${again}`, 'given_up', { deaths, name: run?.name });
  }

  /** @param {Before} before */
  async function standIn(before) {
    const shown = store.notice.value;
    forget();
    if (deaths > MOST) return giveUp();
    const run = await runs.rescue();
    if (gone) return;
    if (run) {
      before.putBack();
      return goOn(run, before);
    }
    const why = store.notice.value;
    await openExample();
    if (why) store.notice.value = why === shown ? why : { ...why, message: `${STOPPED}. ${why.message}` };
  }

  return {
    /** Notes that the worker is gone. */
    note() {
      if (store.reached > furthest) deaths = 0;
      furthest = Math.max(furthest, store.reached);
      deaths++;
      gone = true;
    },
    /** Notes that there is a model. */
    opened() {
      gone = false;
    },
    /** Replaces a model that is gone, unless that is happening already. */
    async recover() {
      if (recovering || !gone) return;
      recovering = true;
      const release = hold();
      const { reached, intent, ranWith } = store;
      const before = { reached, intent, settings: ranWith.value, putBack: remembered(store) };
      for (let tried = 0; gone && tried <= MOST; tried = deaths) {
        gone = false;
        await standIn(before);
      }
      gone = false;
      recovering = false;
      release();
    },
    /** The reader asks for training: attempts are counted anew. */
    trust() {
      deaths = 0;
      furthest = 0;
    },
  };
}
