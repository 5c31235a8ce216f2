/** The guided first run: a sample is trained for a minute, while three things are pointed at one after the other. */
import { batch, signal } from '@preact/signals';
import { differences } from '../../wasm/engine/settings.js';
import { FIRST_PRESET, presetSettings } from './address.js';
import { remember, TOUR_TAKEN } from './runs/signals.js';
import { FIRST_SAMPLE, SAMPLES } from './texts.js';
import { when } from './waiting.js';

/** @typedef {import('./store.js').Store} Store */
/** What is pointed at, in this order. @typedef {'curve'|'borders'|'writing'} Stop */

/** @type {readonly Stop[]} */
export const STOPS = Object.freeze(['curve', 'borders', 'writing']);
/** Quick start, and no longer than this on a slow machine. */
const MINUTES = 1;

/** Settings of the tour's own run. */
export const tourSettings = () => ({ ...presetSettings(FIRST_PRESET), max_minutes: MINUTES });

/** @param {Store} store @returns {import('./store.js').Text|null} that of the next start */
const textOf = (store) => store.nextText.value ?? store.text.value;

/** @param {Store} store */
const hasSample = (store) => Object.hasOwn(SAMPLES, textOf(store)?.id ?? '');

/**
 * What of the reader's own the tour's run would replace.
 * @param {Store} store
 * @returns {string[]} in words; empty where there is nothing
 */
export function inTheWay(store) {
  const settings = store.settings.value;
  const own = [presetSettings(FIRST_PRESET), tourSettings()].every((known) => differences(settings, known).length > 0);
  const training = store.state.value === 'training' || store.state.value === 'paused';
  /** @type {[boolean, string][]} */
  const things = [
    [training, THINGS.training],
    [!training && store.unsaved.value > 0, THINGS.run],
    [store.model.value?.origin === 'file', THINGS.weights],
    [textOf(store) !== null && !hasSample(store), THINGS.text],
    [store.intake.value !== null, THINGS.files],
    [store.passage.value.own !== null, THINGS.words],
    [own || Object.keys(store.invalid.value).length > 0, THINGS.settings],
  ];
  return things.filter(([there]) => there).map(([, words]) => words);
}

/** @param {string[]} things @returns {string} "a, b and c" */
const listed = (things) => [things.slice(0, -1).join(', '), things.at(-1)].filter(Boolean).join(' and ');

/** What of the reader's own the tour's run would replace. */
export const THINGS = Object.freeze({
  training: 'the training under way',
  run: 'what you trained',
  weights: 'the weights that you opened',
  text: 'your text',
  files: 'the files that wait to be read',
  words: 'your own words in the drawing',
  settings: 'your settings',
});

/** What is asked before the tour begins. @param {string[]} things @returns {string} */
export const takesThePlaceOf = (things) =>
  `The tour trains a new model on a sample text. It takes the place of ${listed(things)}.`;

/**
 * @param {Store} store
 * @param {Pick<import('./app.js').App['actions'], 'useSample'|'startRun'|'unlessUnsaved'>} actions
 */
export function createTour(store, actions) {
  const at = signal(/** @type {Stop|null} */ (null));
  const begun = signal(false);
  let starting = false;
  let waiting = false;
  /** What is being read or opened is the reader's own, too, once it is there. */
  const ready = () => when(() => !store.busy.value && store.loadingText.value === null);

  /** @returns {Promise<boolean>} whether its run has begun; why it has not is said already */
  async function start() {
    await ready();
    if (!hasSample(store)) await actions.useSample(FIRST_SAMPLE);
    // The reader may have skipped it meanwhile.
    if (!hasSample(store) || at.value === null) return false;
    batch(() => {
      store.settings.value = tourSettings();
      store.invalid.value = {};
      store.continueWeights.value = false;
      store.intake.value = null;
      store.notice.value = null;
      if (store.passage.value.own !== null) store.passage.value = { ...store.passage.value, start: 0, own: null };
    });
    return actions.startRun({});
  }

  /** Follows its run to the end. The limit is of this run alone: the reader's next one takes what it needs. */
  async function followRun() {
    await when(() => store.state.value === 'training');
    begun.value = true;
    await when(() => store.state.value === 'finished' || store.state.value === 'idle');
    if (differences(store.settings.value, tourSettings()).length === 0)
      store.settings.value = presetSettings(FIRST_PRESET);
  }

  /** Points at the first thing at once, and starts what is to be seen there; one start at a time. */
  async function startOnce() {
    if (starting) return;
    starting = true;
    begun.value = false;
    at.value = STOPS[0];
    try {
      if (await start()) {
        remember(TOUR_TAKEN, true);
        followRun();
      } else at.value = null;
    } finally {
      starting = false;
    }
  }

  return {
    /** Where it is; null before and after. */
    at,
    /** Whether its run has begun. @type {import('@preact/signals').ReadonlySignal<boolean>} */
    begun,
    /** Begins, after a question where something of the reader's own would be replaced. */
    async begin() {
      if (at.value !== null || waiting) return;
      waiting = true;
      await ready();
      waiting = false;
      const things = inTheWay(store);
      if (things.length === 0) return startOnce();
      store.question.value = {
        message: takesThePlaceOf(things),
        action: 'Start the tour',
        proceed: () => actions.unlessUnsaved('Start the tour', startOnce),
      };
    },
    next() {
      const next = at.value === null ? undefined : STOPS[STOPS.indexOf(at.value) + 1];
      at.value = next ?? null;
    },
    /** Ends it; its run goes on. */
    end() {
      at.value = null;
    },
  };
}

/** @typedef {ReturnType<typeof createTour>} Tour */
