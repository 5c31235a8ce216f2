/** Actions on the model: open, train, pause, stop, reset, download. */

import { batch } from '@preact/signals';
import { createRouting } from '../../wasm/engine/rerouting.js';
import { CHANGEABLE } from '../../wasm/engine/settings.js';
import { count } from '../format/numbers.js';
import { Refusal } from './client.js';
import { emptyCurves } from './curves.js';
import { createRescue } from './rescue.js';
import { curvesOf, progressOf } from './runs/points.js';
import { handedOver } from './text.js';
import { when } from './waiting.js';
import { createWeightActions } from './weights.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').Origin} Origin */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

/** What an action that the reader chose would cost. @param {number} steps  that are kept nowhere @returns {string} */
export const throwsAway = (steps) =>
  `This throws away ${count(steps, 'step')} of training that neither a download nor this browser holds.`;

/**
 * @param {Store} store
 * @param {Client} client
 * @param {{tracing: import('./tracing.js').Tracing, runs: import('./runs/gate.js').RunsGate,
 *   download: (bytes: Uint8Array, name: string) => void, fetchExample: () => Promise<Uint8Array>}} parts
 */
export function createModelActions(store, client, { tracing, runs, download, fetchExample }) {
  /** How many things keep the page busy now. */
  let held = 0;
  /** How many of them wait for the worker, and end by themselves when it is gone. */
  let attempts = 0;

  /** The core, for immediate re-routing. @type {Promise<WebAssembly.Module>|undefined} */
  let compiled;

  /** Keeps the page busy. @returns {() => void} ends that */
  function hold() {
    store.busy.value = ++held > 0;
    return () => {
      store.busy.value = --held > 0;
    };
  }

  /**
   * @param {Settings} settings
   * @param {{origin: Origin, name: string, checkpoint?: Uint8Array}} what
   * @returns {Promise<string[]>} sentences on what was assumed about the checkpoint
   */
  async function open(settings, { origin, name, checkpoint }) {
    const answer = await client.open(settings, checkpoint);
    rescue.opened();
    await runs.leave();
    const { settings: opened, program, notes, ...facts } = answer;
    const { step, levels } = facts;
    compiled ??= WebAssembly.compile(/** @type {BufferSource} */ (program));
    const route = createRouting(await compiled, levels, Number(opened.seed));
    store.intent = null;
    batch(() => {
      store.model.value = { ...facts, settings: opened, route, origin, name };
      store.state.value = 'idle';
      forgetRun(step);
      store.thresholds.value = null;
      if (origin === 'fresh') store.continueWeights.value = false;
      const generation = store.generation.value;
      if (generation?.running) store.generation.value = { ...generation, running: false, reason: 'stopped' };
    });
    tracing.forget();
    tracing.refresh();
    return notes;
  }

  /** Hands the chosen text to the open model. One that is refused gives way to the one before. */
  async function handText() {
    const next = store.nextText.value;
    const text = next ?? store.text.value;
    if (!text) return;
    // Another may be chosen meanwhile.
    const taken = () => {
      if (store.nextText.value === next) store.nextText.value = null;
    };
    const { run } = client;
    try {
      await client.data(...handedOver(text));
    } catch (error) {
      if (next && run !== 0 && run === client.run) {
        taken();
        if (store.text.value) await client.data(...handedOver(store.text.value));
      }
      throw error;
    }
    batch(() => {
      taken();
      store.text.value = text;
    });
    tracing.refresh();
  }

  /**
   * Does work that may be refused. The refusal has been shown already; if it cost the model, another takes its place.
   * @param {() => Promise<void>} work
   * @returns {Promise<boolean>}
   */
  async function attempt(work) {
    const release = hold();
    attempts++;
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return false;
    } finally {
      attempts--;
      if (attempts === 0) await rescue.recover();
      release();
    }
  }

  /** The model is gone. */
  function forgetModel() {
    batch(() => {
      store.model.value = null;
      store.state.value = 'idle';
      forgetRun(0);
    });
    tracing.forget();
  }

  /** Forgets what a run leaves on the page. @param {number} step  that the weights have */
  function forgetRun(step) {
    store.stopping.value = false;
    store.starting.value = false;
    store.step.value = step;
    store.reached = step;
    store.savedStep.value = step;
    store.firstStep = step;
    store.progress.value = null;
    store.validation.value = null;
    store.runs.elapsedBefore = 0;
    store.samples.value = [];
    store.ended.value = null;
    store.curves = emptyCurves();
    store.curvesVersion.value++;
  }

  /** @param {string} action @param {() => void} proceed  at once where the browser keeps what there is */
  async function unlessUnsaved(action, proceed) {
    const begun = store.unsaved.value > 0 || store.state.value === 'training';
    if (!begun || (await runs.keep())) {
      proceed();
      return;
    }
    const lost = store.unsaved.value;
    store.question.value = {
      message: throwsAway(lost),
      action,
      proceed,
    };
  }

  /** @returns {Partial<Settings>} */
  function trainingSettings() {
    const wanted = store.settings.value;
    const changes = Object.fromEntries(CHANGEABLE.map((name) => [name, wanted[name]]));
    // Steps are asked for on top of those that the weights have.
    return { ...changes, max_steps: store.firstStep + Number(wanted.max_steps) };
  }

  /** @param {Partial<import('./runs/gate.js').Beginning>} [run]  what is known of the run besides its settings */
  async function startAnew(run = {}) {
    await open(store.settings.value, { origin: 'fresh', name: 'your model' });
    await handText();
    await runs.begin({ wanted: store.settings.value, going: false, ...run });
    train();
  }

  async function goOn() {
    store.firstStep = store.step.value;
    if (store.nextText.value || !store.dataset.value) await handText();
    await runs.begin({ wanted: store.settings.value, going: true });
    train();
  }

  /** @param {Settings} settings */
  function trainWith(settings) {
    store.ranWith.value = settings;
    store.intent = 'train';
    store.starting.value = client.run !== 0;
    client.send({ type: 'train', settings, elapsedMs: store.runs.elapsedBefore });
  }

  function train() {
    rescue.trust();
    trainWith(/** @type {Settings} */ (trainingSettings()));
  }

  function stop() {
    store.intent = 'stop';
    store.stopping.value = true;
    client.send({ type: 'stop' });
  }

  /** Shows what the page showed of a run when it was kept. @param {import('./runs/record.js').Run} run @param {import('./runs/points.js').Points} points */
  function showKept(run, points) {
    const { settings, wanted, train: latest, validation } = run;
    const maxSteps = settings.max_steps;
    batch(() => {
      store.settings.value = wanted;
      store.invalid.value = {};
      store.continueWeights.value = true;
      store.firstStep = run.firstStep;
      store.state.value = run.state;
      store.ended.value = run.ended;
      store.ranWith.value = settings;
      store.runs.elapsedBefore = run.elapsedMs;
      store.samples.value = run.samples;
      store.curves = curvesOf(points);
      store.curvesVersion.value++;
      store.progress.value = latest && progressOf(latest, maxSteps, store.dataset.value?.stepsPerEpoch ?? 1);
      const bytes = store.dataset.value?.heldOutBytes ?? 0;
      store.validation.value = validation && { type: 'validation', run: client.run, bytes, ...validation };
    });
  }

  /** The trained example, or where that can't be had, fresh weights. */
  const openExample = () =>
    attempt(async () => {
      const settings = store.settings.value;
      try {
        await open(settings, { origin: 'example', name: 'the example', checkpoint: await fetchExample() });
      } catch {
        store.notice.value = {
          kind: 'note',
          message: 'The trained example could not be loaded, so this model knows nothing yet: press Start to train it.',
          reason: 'no_example',
        };
        await open(settings, { origin: 'fresh', name: 'a fresh model' });
      }
      await handText();
    });

  /** Starts a run, or says why it can't be. */
  function begin() {
    const bad = Object.values(store.invalid.value);
    if (bad.length > 0) {
      store.notice.value = { kind: 'problem', message: bad[0].error, reason: 'setting' };
      return;
    }
    if (!store.text.value && !store.nextText.value) {
      store.notice.value = {
        kind: 'problem',
        message: 'There is no text to train on yet: choose a sample, or drop a file anywhere on this page.',
        reason: 'no_data',
      };
      return;
    }
    store.notice.value = null;
    if (store.continueWeights.value) attempt(goOn);
    else unlessUnsaved('Start anew', () => attempt(startAnew));
  }

  const rescue = createRescue(store, { runs, hold, forget: forgetModel, openExample, train: trainWith, stop });

  return {
    ...createWeightActions(store, client, { open, handText, attempt, unlessUnsaved, download }),
    unlessUnsaved,
    train,
    /** Starts a run of fresh weights with the settings as they are. @param {Partial<import('./runs/gate.js').Beginning>} run */
    startRun: (run) => attempt(() => startAnew(run)),
    /**
     * Opens a run that was kept, with its text, as it was.
     * @param {import('./runs/runs.js').Kept} kept
     * @returns {Promise<boolean>} whether that went well
     */
    openKept: ({ run, points, checkpoint, text }) =>
      attempt(async () => {
        store.nextText.value = text === store.text.value ? null : text;
        await open(run.settings, { origin: 'fresh', name: run.name, ...(checkpoint && { checkpoint }) });
        await handText();
        showKept(run, points);
      }),
    openExample,
    handText: () => attempt(handText),

    /** Back to the example; asks before steps are lost. */
    showExample() {
      unlessUnsaved('Show the example', openExample);
    },

    /** Starts a run: fresh weights from the seed, or the open ones. */
    async start() {
      // The text that is being read is the one that was meant. Busy until the start takes it, so that nobody else does.
      const release = hold();
      await when(() => store.loadingText.value === null);
      begin();
      release();
    },
    pause() {
      store.intent = null;
      client.send({ type: 'pause' });
    },
    resume: train,
    stop,
    /** Fresh weights from the seed; asks before steps are lost. */
    reset() {
      unlessUnsaved('Reset', () => client.send({ type: 'reset' }));
    },

    /** What the worker says of itself: the model is gone. */
    lost() {
      rescue.note();
      // Whoever waits for an answer is called, and ends first.
      if (attempts === 0) rescue.recover();
    },
    /** The weights are fresh again. */
    wasReset() {
      runs.leave();
      batch(() => {
        forgetRun(0);
        const model = store.model.value;
        if (model) store.model.value = { ...model, origin: 'fresh', name: 'your model', step: 0 };
      });
    },
  };
}

/** @typedef {ReturnType<typeof createModelActions>} ModelActions */
