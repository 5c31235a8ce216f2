/**
 * What the explanation's figures know: the reader's sentence as the open model reads it, with thresholds of its own, the
 * loop's place in it, and the causality check. Made when the explanation is first shown.
 */
import { batch, computed, effect, signal, untracked } from '@preact/signals';
import { activityOfPassage, activityOfStep } from '../anatomy/activity.js';
import { anatomyOf } from '../anatomy/parts.js';
import { backToCharacter, clusters } from '../format/bytes.js';
import { reroute } from '../traces/reroute.js';
import { emptyTrace, mannerOf, withPiece } from '../traces/trace.js';
import { createReader, ReadingError } from './reader.js';
import { trainedThresholds } from './tracing.js';

export const NOTHING_TYPED = 'There is nothing to read: type a few words.';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {import('../../wasm/engine/protocol.js').CausalityEvent} CausalityEvent */
/** @typedef {import('../figures/moments.js').Walk} Walk */

/** What is read until the reader types something. */
const FIRST_SENTENCE = 'The captain shouted, and the whale went down under the ship.';
/** Bytes of the sentence that are read: every byte recomputes all before it. */
export const MOST_BYTES = 120;
/** Milliseconds that typing and dragging have to rest before the loop's states are asked for. */
const REST = 250;
/** Milliseconds between two readings that only new weights ask for. */
const PAUSE = 2000;

/** @param {string} sentence @returns {Uint8Array} its first bytes, no character cut */
export function bytesOf(sentence) {
  const bytes = new TextEncoder().encode(sentence);
  return bytes.length <= MOST_BYTES ? bytes : bytes.slice(0, backToCharacter(bytes, MOST_BYTES));
}

/** @param {number[]} trained @param {number[]|null} chosen  for bytes, and for all levels above @returns {number[]} one a level */
export function thresholdsFor(trained, chosen) {
  return trained.map((value, level) => chosen?.[Math.min(level, 1)] ?? value);
}

/** @param {ArrayLike<unknown>} a @param {ArrayLike<unknown>} b */
const same = (a, b) => a.length === b.length && Array.prototype.every.call(a, (x, i) => x === b[i]);

/**
 * @param {Store} store
 * @param {Client} client
 */
export function createFigures(store, client) {
  const sentence = signal(FIRST_SENTENCE);
  const text = computed(() => bytesOf(sentence.value));
  const trained = computed(() => trainedThresholds(store));
  const thresholds = computed(() => thresholdsFor(trained.value, store.figureView.value.rule));
  const trace = signal(/** @type {Trace|null} */ (null));
  const problem = signal(/** @type {string|null} */ (null));
  const walk = signal(/** @type {Walk|null} */ (null));
  const walkProblem = signal(/** @type {string|null} */ (null));
  const causality = signal(
    /** @type {{running: boolean, result: CausalityEvent|null, problem: string|null}} */ ({
      running: false,
      result: null,
      problem: null,
    }),
  );
  /** Whether a figure that shows the sentence's states is in view, so that they are worth computing. */
  const watching = signal(false);
  /** Names of those that are. @type {Set<string>} */
  const seen = new Set();
  /** Whether any of the figures is in view, so that what goes along the model's parts is worth drawing. */
  const shown = signal(true);
  /** What was drawn of it last, and of which model. @type {import('../anatomy/activity.js').Activity|null} */
  let latest = null;
  /** @type {unknown} */
  let latestOf = null;
  const playing = signal(false);
  const reader = createReader(client, 'sentence');
  /** @type {(() => void)|null} */
  let endWalk = null;
  /** @type {(() => void)|null} */
  let endCheck = null;
  let lastWalk = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  async function read() {
    const bytes = text.peek();
    const model = store.model.peek();
    if (!model) return;
    if (bytes.length === 0) {
      reader.stop();
      batch(() => {
        trace.value = null;
        problem.value = NOTHING_TYPED;
      });
      return;
    }
    try {
      const found = await reader.read({
        text: bytes,
        thresholds: [...thresholds.peek()],
        top: 0,
        manner: mannerOf(model),
      });
      if (found)
        batch(() => {
          trace.value = found;
          problem.value = null;
        });
    } catch (error) {
      if (!(error instanceof ReadingError)) throw error;
      batch(() => {
        trace.value = null;
        problem.value = error.message;
      });
    }
  }

  function readWalk() {
    const model = store.model.peek();
    const bytes = text.peek();
    if (!model || bytes.length === 0 || !watching.peek()) return;
    endWalk?.();
    lastWalk = performance.now();
    const { settings } = model;
    const limits = [...thresholds.peek()];
    const copy = bytes.slice();
    const job = client.job({ type: 'time-steps', text: copy, thresholds: limits }, [copy.buffer], (event) => {
      if (event.type === 'failed') {
        batch(() => {
          walk.value = null;
          walkProblem.value = event.message;
        });
      } else if (event.type === 'time-steps') {
        batch(() => {
          walk.value = {
            event,
            trace: withPiece(emptyTrace(bytes, limits, 0, mannerOf(model)), event.piece, true),
            settings,
          };
          walkProblem.value = null;
        });
      }
      job.end();
    });
    endWalk = job.end;
  }

  /** @param {number} delay */
  function readWalkSoon(delay) {
    clearTimeout(timer);
    timer = setTimeout(readWalk, delay);
  }

  /** The model is another one: what was said about the former is dropped. */
  function forget() {
    endCheck?.();
    batch(() => {
      trace.value = null;
      walk.value = null;
      playing.value = false;
      causality.value = { running: false, result: null, problem: null };
    });
  }

  /** What goes along the model's parts now. */
  function activityNow() {
    const settings = store.model.value?.settings;
    const progress = store.progress.value;
    const passage = store.trace.value;
    if (!settings) return null;
    if (progress && store.state.value !== 'idle') return activityOfStep(progress, settings);
    return passage?.done && passage.count > 0 ? activityOfPassage(passage, settings) : null;
  }

  const stops = [
    effect(() => {
      store.model.value;
      untracked(forget);
    }),
    effect(() => {
      store.model.value;
      text.value;
      thresholds.value;
      untracked(read);
    }),
    effect(() => {
      store.model.value;
      text.value;
      thresholds.value;
      if (watching.value) untracked(() => readWalkSoon(walk.peek() ? REST : 0));
    }),
    // New weights read the same text differently.
    effect(() => {
      store.validation.value;
      store.state.value;
      untracked(() => {
        read();
        readWalkSoon(Math.max(REST, lastWalk + PAUSE - performance.now()));
      });
    }),
    // What was checked was another text.
    effect(() => {
      text.value;
      untracked(() => {
        endCheck?.();
        causality.value = { running: false, result: null, problem: null };
      });
    }),
  ];

  const bytes = computed(() => text.value.length);
  /** @param {Partial<import('./store.js').FigureView>} changes */
  const look = (changes) => {
    store.figureView.value = { ...store.figureView.value, ...changes };
  };

  return {
    sentence,
    text,
    clusters: computed(() => clusters(text.value)),
    trained,
    thresholds,
    trace,
    problem,
    walk,
    walkProblem,
    causality,
    /** Notes whether a figure of the sentence's states is in view. @param {string} name @param {boolean} inView */
    see(name, inView) {
      if (inView) seen.add(name);
      else seen.delete(name);
      watching.value = seen.size > 0;
    },
    shown,
    playing,
    /** Bytes of the sentence. */
    bytes,
    /** The levels of the sentence under the thresholds as they are, as far as the trace that is there says. */
    routed: computed(() => {
      const known = trace.value;
      const model = store.model.value;
      if (!known || !same(known.text, text.value)) return null;
      return same(known.thresholds, thresholds.value)
        ? known
        : model && reroute(known, thresholds.value, 0, model.route);
    }),
    /** Whether the loop's states are those of the sentence and thresholds as they are. */
    walkIsFresh: computed(() => {
      const known = walk.value;
      return known !== null && same(known.trace.text, text.value) && same(known.trace.thresholds, thresholds.value);
    }),
    /** Bytes that the loop has read. */
    read: computed(() => Math.min(store.figureView.value.read ?? 0, bytes.value)),
    /** Both models, taken apart. */
    anatomies: computed(() => {
      const model = store.model.value;
      if (!model) return null;
      const [open, other] = [anatomyOf(model.tensors), anatomyOf(model.counterpart)];
      return open.type === 'adaptive' ? { adaptive: open, baseline: other } : { adaptive: other, baseline: open };
    }),
    activity: computed(() => {
      const model = store.model.value;
      if (shown.value || latestOf !== model) latest = activityNow();
      latestOf = model;
      return latest;
    }),

    /** @param {string} value */
    type(value) {
      batch(() => {
        sentence.value = value;
        playing.value = false;
      });
    },
    /** @param {number} level  0, or 1 for all above @param {number} value */
    setThreshold(level, value) {
      const [bytes = 0, above = 0] = thresholds.peek();
      look({ rule: level === 0 ? [value, above] : [bytes, value] });
    },
    resetThresholds() {
      look({ rule: null });
    },
    /** @param {number} read  bytes */
    goTo(read) {
      look({ read: Math.max(0, Math.min(bytes.peek(), read)) || null });
    },
    /** @param {string|null} part */
    choosePart(part) {
      look({ part });
    },
    check() {
      endCheck?.();
      const copy = text.peek().slice();
      causality.value = { running: true, result: null, problem: null };
      const job = client.job({ type: 'causality', text: copy }, [copy.buffer], (event) => {
        if (event.type === 'causality') causality.value = { running: false, result: event, problem: null };
        else if (event.type === 'failed') causality.value = { running: false, result: null, problem: event.message };
        job.end();
      });
      endCheck = job.end;
    },
    dispose() {
      for (const stop of stops) stop();
      clearTimeout(timer);
      reader.stop();
      endWalk?.();
      endCheck?.();
    },
  };
}

/** @typedef {ReturnType<typeof createFigures>} Figures */
