/**
 * Predictions of single bytes. Traces of short texts carry them; of a long one, the part around a byte that is pointed at
 * is asked for, and the latest few parts are kept.
 */
import { effect, untracked } from '@preact/signals';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {import('../../wasm/engine/protocol.js').TracePiece} TracePiece */

/** Bytes of a window, and windows that are kept. */
const [LENGTH, KEPT] = [256, 16];

/**
 * What the heads said after a byte, about the next one.
 * @typedef {{symbols: Uint16Array, probabilities: Float32Array}} HeadPredictions  likeliest first
 * @typedef {{encoder: HeadPredictions, decoder: HeadPredictions}} Predictions
 */

/** @param {Pick<TracePiece, 'top'|'encoderTop'|'decoderTop'|'encoderProbability'|'decoderProbability'>} piece @param {number} at @returns {Predictions} those that it carries */
export function predictionsOf(piece, at) {
  const [from, to] = [at * piece.top, (at + 1) * piece.top];
  return {
    encoder: {
      symbols: piece.encoderTop.subarray(from, to),
      probabilities: piece.encoderProbability.subarray(from, to),
    },
    decoder: {
      symbols: piece.decoderTop.subarray(from, to),
      probabilities: piece.decoderProbability.subarray(from, to),
    },
  };
}

/**
 * @param {Store} store
 * @param {Client} client
 * @param {() => void} retrace  for when the weights of a trace are gone
 */
export function createWindows(store, client, retrace) {
  /** By trace and place, the oldest first. @type {Map<string, TracePiece>} */
  const kept = new Map();
  /** @type {{key: string, end: () => void}|null} */
  let asked = null;

  /** @param {Trace} trace @param {number} t */
  const keyOf = (trace, t) => `${trace.id}:${Math.floor(t / LENGTH)}`;

  /** @param {Trace} trace @param {number} t  byte after which the predictions were made */
  function ask(trace, t) {
    const key = keyOf(trace, t);
    if (trace.top > 0 || trace.id === 0 || kept.has(key) || asked?.key === key) return;
    const from = Math.floor(t / LENGTH) * LENGTH;
    const to = Math.min(from + LENGTH, trace.traced);
    // A window is only kept whole, so that it is never asked for twice.
    if (to <= t || (to < from + LENGTH && !trace.done)) return;
    asked?.end();
    const job = client.job({ type: 'window', trace: trace.id, from, to }, [], (event) => {
      if (event.type === 'failed') {
        if (asked?.key === key) asked = null;
        if (event.code === 'stale_trace' && store.trace.value?.id === trace.id) retrace();
        return;
      }
      if (event.type !== 'window') return;
      kept.set(key, event.piece);
      for (const old of kept.keys()) {
        if (kept.size <= KEPT) break;
        kept.delete(old);
      }
      if (!event.done) return;
      job.end();
      if (asked?.key === key) asked = null;
      store.windowsVersion.value++;
    });
    asked = { key, end: job.end };
  }

  effect(() => {
    const [trace, place] = [store.trace.value, store.pointed.value];
    if (trace && place?.level === 0 && place.index > 0) untracked(() => ask(trace, place.index - 1));
  });

  return {
    /**
     * Predictions that were made after a byte, as far as they are here. Read `store.windowsVersion` to be called again when there are more.
     * @param {Trace} trace
     * @param {number} t
     * @returns {Predictions|null}
     */
    predictionsAt(trace, t) {
      if (t >= trace.traced) return null;
      if (trace.top > 0) return predictionsOf(trace, t);
      const piece = kept.get(keyOf(trace, t));
      return piece ? predictionsOf(piece, t - piece.from) : null;
    },
  };
}

/** @typedef {ReturnType<typeof createWindows>} Windows */
