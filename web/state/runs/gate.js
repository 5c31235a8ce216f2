/** The way to the code that keeps runs, which is loaded after the first drawing, or when training starts before that. */

import { signal } from '@preact/signals';

/** @typedef {import('./runs.js').Runs} Runs */
/** @typedef {import('../../../wasm/protocol.js').Event} Event */
/** What a run begins with. @typedef {{wanted: import('../../../wasm/settings.js').Settings, going: boolean, name?: string, counterpart?: string}} Beginning */

/**
 * @param {import('../store.js').Store} store
 * @param {() => Promise<Runs>} create
 */
export function createRunsGate(store, create) {
  /** @type {Promise<Runs>|null} */
  let loading = null;
  /** @type {Runs|null} */
  let ready = null;
  const actions = signal(/** @type {Runs|null} */ (null));

  /** @returns {Promise<Runs>} rejects where the code can't be had; then it is tried again */
  function load() {
    loading ??= create().then(
      (runs) => {
        ready = runs;
        actions.value = runs;
        return runs;
      },
      (error) => {
        loading = null;
        throw error;
      },
    );
    return loading;
  }

  return {
    load,
    /** What can be done with runs, once its code is there. */
    actions,
    /** @param {Event} event */
    receive(event) {
      ready?.receive(event);
    },
    /** Training begins; nothing of keeping it may stand in its way. @param {Beginning} beginning */
    async begin(beginning) {
      try {
        await (await load()).begin(beginning);
      } catch {
        store.runs.problem.value = {
          message:
            'This run is not kept, as the page could not load all of its parts: download its weights at the end.',
        };
      }
    },
    /** Saves what is not kept yet. @returns {Promise<boolean>} whether all is */
    async keep() {
      return ready ? ready.keep() : false;
    },
    /** The model is not that of the run any more. */
    async leave() {
      await ready?.leave();
    },
    /** The worker died: opens what was kept of its run. @returns {Promise<boolean>} whether there was something */
    async rescue() {
      return ready ? ready.rescue() : false;
    },
  };
}

/** @typedef {ReturnType<typeof createRunsGate>} RunsGate */
