/**
 * What is measured over the shown text: the same trace without parents, the border rules side by side, and another
 * model’s reading of the same bytes, by a worker of its own.
 */
import { computed, signal } from '@preact/signals';
import { createComparison } from './comparison.js';
import { createReader, followTrace, ReadingError } from './reader.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {NonNullable<Store['model']['value']>} Model */
/** @typedef {import('../../wasm/engine/protocol.js').RulesEvent} RulesEvent */

/** Longest text that is read once more without being asked for. */
const AT_ONCE = 16_384;

/**
 * @param {Store} store
 * @param {Client} client
 * @param {{fetchBytes: (path: string) => Promise<Uint8Array>, hasFile: (path: string) => boolean}} tools
 */
export function createMeasuring(store, client, tools) {
  const reader = createReader(client, 'without parents');
  /** The shown trace and the same without what comes from level 1, 2, … and above, as far as that was read. */
  const without = signal(/** @type {{of: Trace, traces: Trace[]}|null} */ (null));
  const problem = signal(/** @type {string|null} */ (null));
  /** Which trace is being read again. */
  const reading = signal(/** @type {Trace|null} */ (null));
  const checked = signal(/** @type {{text: Uint8Array, model: Model, result: RulesEvent}|null} */ (null));
  /**
   * The results of the border rules on the shown text with the open model. The text may have been read again since: when
   * more of it arrived, when a threshold moved, as training goes on.
   */
  const rules = computed(() => {
    const { text, model, result = null } = checked.value ?? {};
    return text === store.trace.value?.text && model === store.model.value ? result : null;
  });
  const checking = signal(false);

  /** @param {Trace} of */
  async function readWithout(of) {
    reading.value = of;
    problem.value = null;
    try {
      const traces = [];
      for (let level = 0; level < of.levels.length - 1; level++) {
        const trace = await reader.read({
          text: of.text,
          thresholds: of.thresholds,
          withoutParents: level === 0 ? true : level,
          manner: of.manner,
        });
        if (!trace || reading.value !== of) break;
        traces.push(trace);
        without.value = { of, traces: [...traces] };
      }
    } catch (error) {
      if (!(error instanceof ReadingError)) throw error;
      if (reading.value === of) problem.value = error.message;
    }
    if (reading.value === of) reading.value = null;
  }

  const comparison = createComparison(store, client, tools);

  return {
    without,
    reading,
    problem,
    rules,
    checking,
    comparison,

    /** Starts to follow the shown text. @returns {() => void} ends it */
    begin() {
      const endFollowing = followTrace(store, (trace) => {
        if (trace.levels.length > 1 && trace.count <= AT_ONCE) readWithout(trace);
      });
      const endComparison = comparison.begin();
      return () => {
        endFollowing();
        endComparison();
        reader.stop();
      };
    },

    /** Reads a long text again, on demand. */
    measure() {
      const trace = store.trace.value;
      if (trace?.done) readWithout(trace);
    },

    /** Compares the border rules on the shown text. */
    compareRules() {
      const text = store.trace.value?.text;
      const model = store.model.value;
      if (!text || !model || checking.value) return;
      checking.value = true;
      checked.value = null;
      problem.value = null;
      const copy = text.slice();
      const job = client.job({ type: 'rules', text: copy }, [copy.buffer], (event) => {
        job.end();
        checking.value = false;
        if (event.type === 'rules') checked.value = { text, model, result: event };
        else if (event.type === 'failed') problem.value = event.message;
      });
    },
  };
}

/** @typedef {ReturnType<typeof createMeasuring>} Measuring */
