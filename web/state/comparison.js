/** A second model beside the open one: read by a worker of its own, on the same bytes. */
import { signal } from '@preact/signals';
import { isolated } from '../../wasm/files/formats/names.js';
import { modelName } from '../format/model_names.js';
import { mannerOf } from '../traces/trace.js';
import { createClient, Refusal } from './client.js';
import { createReader, followTrace, ReadingError } from './reader.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

/** What the other model is called. */
export const OTHERS = Object.freeze({
  flat: 'The flat model',
  untrained: 'The same, untrained',
  kept: (/** @type {string} */ kind, /** @type {number} */ step) => `The ${kind} as it was at step ${step}`,
});

/** Models to compare with. @typedef {'flat'|'untrained'|'kept'|'file'} Kind */
/** @typedef {{kind: Kind, name: string, settings: Settings, parameterCount: number, step: number,
 *   levels: import('../../wasm/engine/config.js').BorderLevel[]}} Other */

/** Where the flat model is that was trained as the example was. */
const FLAT = 'example-flat.safetensors';

/**
 * @param {Store} store
 * @param {Client} client  the open model’s
 * @param {{fetchBytes: (path: string) => Promise<Uint8Array>, hasFile: (path: string) => boolean}} tools
 * @param {() => import('./client.js').WorkerLike} [spawn]
 */
export function createComparison(store, client, { fetchBytes, hasFile }, spawn) {
  const other = signal(/** @type {Other|null} */ (null));
  /** The shown trace and the other model’s of the same text. */
  const pair = signal(/** @type {{of: Trace, trace: Trace}|null} */ (null));
  const busy = signal(false);
  const problem = signal(/** @type {string|null} */ (null));
  /** @type {Client|null} */
  let second = null;
  /** @type {import('./reader.js').Reader|null} */
  let reader = null;

  /** @param {string} message */
  function fail(message) {
    problem.value = message;
    busy.value = false;
  }

  /** The other model’s worker, which is only started when it is used. */
  function connect() {
    second ??= createClient((event) => {
      if (event.type !== 'failed') return;
      if (event.fatal) {
        other.value = null;
        pair.value = null;
      }
      fail(event.message);
    }, spawn);
    reader ??= createReader(second, 'comparison');
    return { second, reader };
  }

  /** @param {Trace} of */
  async function read(of) {
    const chosen = other.value;
    if (!chosen || !reader) return;
    const thresholds = chosen.levels.map(({ threshold }) => threshold);
    try {
      const trace = await reader.read({ text: of.text, thresholds, manner: mannerOf(chosen) });
      if (trace && store.trace.value === of) pair.value = { of, trace };
    } catch (error) {
      if (!(error instanceof ReadingError)) throw error;
      problem.value = error.message;
    }
  }

  /**
   * @param {Kind} kind
   * @param {string} name
   * @param {() => Promise<{settings: Settings, checkpoint?: Uint8Array}>} source
   */
  async function choose(kind, name, source) {
    busy.value = true;
    problem.value = null;
    try {
      const { settings, checkpoint } = await source();
      const opened = await connect().second.open({ ...settings, workers: 1 }, checkpoint);
      const { settings: actual, parameterCount, step, levels } = opened;
      other.value = { kind, name, settings: actual, parameterCount, step, levels };
      pair.value = null;
      const trace = store.trace.value;
      if (trace?.done) await read(trace);
    } catch (error) {
      // The refusal has been shown already.
      if (!(error instanceof Refusal)) problem.value = 'These weights could not be loaded: try again.';
    }
    busy.value = false;
  }

  return {
    other,
    pair,
    busy,
    problem,
    /** Whether the page has the flat model. */
    hasFlat: hasFile(FLAT),

    /** @returns {() => void} ends it */
    begin: () => followTrace(store, read),

    /** Back to one model. */
    forget() {
      reader?.stop();
      other.value = null;
      pair.value = null;
      problem.value = null;
    },

    /** The example’s control: the same layers at the same width without levels above, trained on the same data. */
    useFlat: () =>
      choose('flat', OTHERS.flat, async () => ({
        settings: store.settings.value,
        checkpoint: await fetchBytes(FLAT),
      })),

    /** The open model before its first step: the same settings, fresh weights from its seed. */
    useUntrained: () =>
      choose('untrained', OTHERS.untrained, async () => ({
        settings: store.model.value?.settings ?? store.settings.value,
      })),

    /** The open model as it is now, to be compared with what it, or another, becomes. */
    keep() {
      const step = store.step.value;
      const model = store.model.value;
      const kind = modelName(model?.settings ?? store.settings.value);
      return choose('kept', OTHERS.kept(kind, step), async () => ({
        settings: store.settings.value,
        checkpoint: (await client.export(false)).bytes,
      }));
    },

    /** @param {{name: string, arrayBuffer: () => Promise<ArrayBuffer>}} file  .safetensors or .pt */
    useFile: (file) =>
      choose('file', isolated(file.name), async () => ({
        settings: store.settings.value,
        checkpoint: new Uint8Array(await file.arrayBuffer()),
      })),
  };
}

/** @typedef {ReturnType<typeof createComparison>} Comparison */
