/** Keeps the drawn trace up to date: new passages and thresholds at once, new weights as training goes. */
import { batch } from '@preact/signals';
import { clampWindow } from '../traces/axis.js';
import { reroute } from '../traces/reroute.js';
import { emptyTrace, figures, mannerOf, withPiece } from '../traces/trace.js';
import { cutPassage, MOST_PASSAGE, niceStart } from './passage.js';

export const NOTHING_TO_READ = 'There is nothing to read in this passage: type or choose some text.';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../../wasm/engine/protocol.js').TraceEvent} TraceEvent */

/** Milliseconds between two traces that only new weights ask for. */
const PAUSE = 2000;
/** A trace that takes no longer than this is let finish before the next begins, so that dragging a slider shows something. */
const QUICK = 250;
/** Milliseconds between two drawings of a trace that grows. */
const OFTEN = 80;
/** Bytes up to which a trace keeps the predictions of every byte; those of longer ones are asked for (windows.js). */
const MOST_PREDICTED = 8192;
const TOP = 10;

/**
 * Where the held-out part begins, or as much of it as the page has: an index of the text's `bytes`.
 * @param {Store} store
 * @returns {number}
 */
export function heldOutStart(store) {
  const dataset = store.dataset.value;
  const { offset = 0 } = store.text.value ?? {};
  return dataset && dataset.heldOutBytes > 0 ? Math.max(0, dataset.trainBytes - offset) : 0;
}

/** The byte that a passage's start counts from. @param {Store} store @returns {number} */
export function passageOrigin(store) {
  return store.passage.value.of === 'text' ? 0 : heldOutStart(store);
}

/**
 * The passage as bytes, and where in the text it starts.
 * @param {Store} store
 * @returns {{start: number, bytes: Uint8Array}|null} a view; null where there is no text
 */
export function passageOf(store) {
  const { start, length, own, written, of } = store.passage.value;
  if (own !== null) return { start: 0, bytes: (written ?? new TextEncoder().encode(own)).subarray(0, MOST_PASSAGE) };
  const text = store.text.value;
  if (!text) return earlyPassage(store);
  const begin = passageOrigin(store) + start;
  // The whole of a text begins where it begins.
  return cutPassage(text.bytes, of === 'text' && start === 0 ? 0 : niceStart(text.bytes, begin), length);
}

/** What can be shown of the passage before its text is there. @param {Store} store */
function earlyPassage(store) {
  const { start, length } = store.passage.value;
  const beginning = store.beginning.value;
  return beginning && cutPassage(beginning, niceStart(beginning, start), length);
}

/** The thresholds that the open model was trained with. @param {Store} store @returns {number[]} one a level with borders */
export function trainedThresholds(store) {
  return store.steered.value ?? store.model.value?.levels.map(({ threshold }) => threshold) ?? [];
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function same(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** When work was done last. */
let worked = 0;

/** @param {() => void} work  at once where there was none for a while, then on the next frame, in a hidden tab soon */
function nextFrame(work) {
  const now = performance.now();
  if (document.hidden) setTimeout(work, QUICK);
  else if (now - worked > OFTEN) setTimeout(work);
  else requestAnimationFrame(work);
  worked = now;
}

/**
 * @param {Store} store
 * @param {Client} client
 * @param {(work: () => void) => void} [soon]
 */
export function createTracing(store, client, soon = nextFrame) {
  /**
   * The running trace. `live`: it is drawn as it grows; else only when it is done, because what is drawn is the same
   * passage by weights that are a little older. `outdated`: what is drawn already has newer borders.
   * @type {{id: number, building: import('../traces/trace.js').Trace, startedAt: number, live: boolean, outdated: boolean}|null}
   */
  let job = null;
  let [scheduled, wanted, duration, finishedAt, drawnAt] = [false, false, 0, 0, 0];
  /** Whether the trace that is drawn has to be made anew: the weights may be others by now, or the worker forgot it. */
  let changed = false;
  /** Whether what is drawn is another model's. */
  let foreign = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  function begin() {
    scheduled = false;
    const passage = passageOf(store);
    if (client.run === 0 || !store.model.value || !passage) return;
    if (passage.bytes.length === 0) {
      drop();
      store.trace.value = null;
      store.traceProblem.value = NOTHING_TO_READ;
      return;
    }
    const thresholds = store.thresholds.value ?? trainedThresholds(store);
    const shown = store.trace.value;
    const sameShown = shown !== null && same(shown.text, passage.bytes);
    // One copy for good: traces of the same bytes share it.
    const text = sameShown ? shown.text : passage.bytes.slice();
    // More of a text arrived, or it came back to what it was: all that is asked for is there.
    if (sameShown && shown.done && !job && !changed && same(shown.thresholds, thresholds)) return noteTrained(shown);
    const id = client.nextId();
    // While weights change, those of the scores are a little older, as of all that is drawn: the exact trace replaces it whole.
    const older = changed || store.state.value === 'training';
    const moved = sameShown && !same(shown.thresholds, thresholds);
    const preview = moved && !foreign ? reroute(shown, thresholds, id, store.model.value.route) : null;
    if (job) {
      // A quick trace is let finish, and so is one that only newer weights would replace: in training there always are.
      const quick = duration < QUICK && performance.now() - job.startedAt < QUICK;
      if (job.building.text === text && (quick || same(job.building.thresholds, thresholds))) {
        wanted = true;
        if (preview) {
          store.trace.value = preview;
          job.outdated = true;
        }
        return;
      }
      drop();
    }
    changed = false;
    const building = (!older && preview) || emptyTrace(text, thresholds, id, mannerOf(store.model.value));
    job = {
      id,
      building,
      startedAt: performance.now(),
      live: !sameShown || (!(older && preview) && (shown.traced < text.length || moved)),
      outdated: false,
    };
    if (!sameShown) forgetPlaces(shown !== null);
    // The first trace is drawn with its first piece, in place of the skeleton.
    if (preview || (!sameShown && shown)) store.trace.value = preview ?? building;
    const copy = text.slice();
    const long = text.length > MOST_PREDICTED;
    client.send({ type: 'trace', id, text: copy, thresholds, top: long ? 0 : TOP, record: long }, [copy.buffer]);
  }

  /** Another text is drawn: what was said and chosen in the one before means nothing. @param {boolean} replaces  whether there was one */
  function forgetPlaces(replaces) {
    store.trained.value = null;
    store.cost.value = null;
    store.hovered.value = null;
    // The first text comes with the view that the address names.
    if (!replaces) return;
    store.selected.value = null;
    store.hit.value = -1;
    store.former.value = [];
    const view = store.view.value;
    const own = store.passage.value.own !== null ? passageOf(store) : null;
    store.view.value = own && view ? clampWindow(view, own.bytes.length) : null;
  }

  /** What the text costs with the thresholds of training. @param {import('../traces/trace.js').Trace} trace  done */
  function noteTrained(trace) {
    if (store.thresholds.value !== null) return;
    store.trained.value = { text: trace.text, decoderBpb: figures(trace).decoderBpb };
  }

  function drop() {
    if (job) client.cancel(job.id);
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

    /** What is drawn can't be asked for more: traces anew, unless that is under way. */
    renew() {
      if (job) return;
      changed = true;
      refresh();
    },

    /** Traces anew because the weights changed: not more often than every two seconds. */
    refreshLater() {
      changed = true;
      if (store.thresholds.value !== null) store.trained.value = null;
      clearTimeout(timer);
      timer = setTimeout(refresh, Math.max(0, finishedAt + PAUSE - performance.now()));
    },

    /** The model is gone, and with it what it was asked. */
    forget() {
      clearTimeout(timer);
      job = null;
      wanted = false;
      changed = true;
      foreign = true;
    },

    /** @param {TraceEvent} event */
    receive(event) {
      if (!job || event.id !== job.id) return;
      job.building = withPiece(job.building, event.piece, event.done);
      const now = performance.now();
      const { building, outdated } = job;
      if (event.done || (job.live && now - job.startedAt > QUICK && now - drawnAt > OFTEN)) {
        drawnAt = now;
        const { encoderBpb, decoderBpb } = figures(building);
        batch(() => {
          store.traceProblem.value = null;
          store.cost.value = { encoderBpb, decoderBpb };
          if (outdated) return;
          store.trace.value = building;
          foreign = false;
        });
      }
      if (!event.done) return;
      if (!outdated) noteTrained(building);
      duration = now - job.startedAt;
      finishedAt = now;
      job = null;
      if (wanted) {
        wanted = false;
        refresh();
      }
    },

    /**
     * @param {import('../../wasm/engine/protocol.js').Failed} event
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
