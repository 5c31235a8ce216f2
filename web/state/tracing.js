/** Keeps the drawn trace up to date: new passages and thresholds at once, new weights as training goes. */
import { cutPassage, niceStart } from './passage.js';
import { emptyTrace, figures, withPiece } from './trace.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../../wasm/protocol.js').TraceEvent} TraceEvent */

/** Milliseconds between two traces that only new weights ask for. */
const PAUSE = 2000;
/** A trace that takes no longer than this is let finish before the next begins, so that dragging a slider shows something. */
const QUICK = 250;

/** Where the held-out part of the text begins. @param {Store} store */
export function heldOutStart(store) {
  const dataset = store.dataset.value;
  return dataset && dataset.heldOutBytes > 0 ? dataset.trainBytes : 0;
}

/**
 * The passage as bytes, and where in the text it starts.
 * @param {Store} store
 * @returns {{start: number, bytes: Uint8Array}|null} a view; null where there is no text
 */
export function passageOf(store) {
  const { start, length, own } = store.passage.value;
  if (own !== null) return { start: 0, bytes: new TextEncoder().encode(own) };
  const text = store.text.value;
  if (!text) return null;
  return cutPassage(text.bytes, niceStart(text.bytes, heldOutStart(store) + start), length);
}

/** The thresholds that the open model was trained with. @param {Store} store @returns {number[]} one a level with borders */
export function trainedThresholds(store) {
  const settings = store.model.value?.settings;
  return Array.from({ length: store.borderLevels.value }, (_, level) =>
    Number(level === 0 ? settings?.byte_entropy_threshold : settings?.meta_uncertainty_threshold),
  );
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function same(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** @param {() => void} work  on the next frame, in a hidden tab soon */
function soon(work) {
  if (document.hidden) setTimeout(work, QUICK);
  else requestAnimationFrame(work);
}

/**
 * @param {Store} store
 * @param {Client} client
 */
export function createTracing(store, client) {
  /** @type {{id: number, building: import('./trace.js').Trace, begun: number, live: boolean}|null} */
  let job = null;
  let [scheduled, wanted, duration, finished] = [false, false, 0, 0];
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  function begin() {
    scheduled = false;
    const passage = passageOf(store);
    if (client.run === 0 || !store.model.value || !passage) return;
    if (passage.bytes.length === 0) {
      drop();
      store.trace.value = null;
      store.traceProblem.value = 'There is nothing to read in this passage: type or choose some text.';
      return;
    }
    const thresholds = store.thresholds.value ?? trainedThresholds(store);
    const text = passage.bytes.slice();
    if (job) {
      const sameText = same(job.building.text, text);
      if (sameText && duration < QUICK && performance.now() - job.begun < QUICK) {
        wanted = true;
        return;
      }
      drop();
    }
    const shown = store.trace.value;
    const sameShown = shown !== null && same(shown.text, text);
    const building = emptyTrace(text, thresholds);
    job = {
      id: client.nextId(),
      building,
      begun: performance.now(),
      live: !sameShown || !same(shown.thresholds, thresholds),
    };
    if (!sameShown) {
      store.trained.value = null;
      store.selected.value = null;
      store.hovered.value = null;
      store.trace.value = building;
    }
    const copy = text.slice();
    client.send({ type: 'trace', id: job.id, text: copy, thresholds }, [copy.buffer]);
  }

  function drop() {
    if (job) client.send({ type: 'cancel', id: job.id });
    job = null;
    wanted = false;
  }

  /** Traces anew, on the next frame. */
  function refresh() {
    if (scheduled) return;
    scheduled = true;
    soon(begin);
  }

  return {
    refresh,

    /** Traces anew because the weights changed: not more often than every two seconds. */
    refreshLater() {
      if (store.thresholds.value !== null) store.trained.value = null;
      clearTimeout(timer);
      timer = setTimeout(refresh, Math.max(0, finished + PAUSE - performance.now()));
    },

    /** The model is gone, and with it what it was asked. */
    forget() {
      clearTimeout(timer);
      job = null;
      wanted = false;
    },

    /** @param {TraceEvent} event */
    receive(event) {
      if (!job || event.id !== job.id) return;
      job.building = withPiece(job.building, event.piece, event.done);
      const now = performance.now();
      if (event.done || (job.live && now - job.begun > QUICK)) {
        store.traceProblem.value = null;
        store.trace.value = job.building;
      }
      if (!event.done) return;
      if (store.thresholds.value === null) {
        store.trained.value = { text: job.building.text, decoderBpb: figures(job.building).decoderBpb };
      }
      duration = now - job.begun;
      finished = now;
      job = null;
      if (wanted) {
        wanted = false;
        refresh();
      }
    },

    /**
     * @param {import('../../wasm/protocol.js').Failed} event
     * @returns {boolean} whether it was about a trace
     */
    fail(event) {
      if (!job || event.id !== job.id) return false;
      job = null;
      store.trace.value = null;
      store.traceProblem.value = event.message;
      return true;
    },
  };
}

/** @typedef {ReturnType<typeof createTracing>} Tracing */
