/** What the page knows about the runs that it keeps. */
import { computed, signal } from '@preact/signals';

/** @typedef {import('./record.js').Run} Run */
/**
 * What can't be kept, and why: one sentence, and `reason`, a code for programs. `cure`: what the reader can do besides a download.
 * @typedef {{message: string, reason: string, cure?: 'empty'|'again'}} KeepProblem
 */
/** A run to go on with: after a reload. @typedef {{id: string, name: string, text: string, step: number, steps: number, at: number}} Offer */

/**
 * A small preference of the reader.
 * @param {string} key
 * @param {boolean} usual  where there is none
 * @returns {boolean}
 */
export function remembered(key, usual) {
  try {
    const value = globalThis.localStorage?.getItem(key);
    return value === undefined || value === null ? usual : value === 'yes';
  } catch {
    // Storage may be forbidden.
    return usual;
  }
}

/** @param {string} key @param {boolean} value */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value ? 'yes' : 'no');
  } catch {
    // It holds for this visit then.
  }
}

export const KEEP_TEXTS = 'keep-texts';
export const STAY_AWAKE = 'stay-awake';
export const TOUR_TAKEN = 'tour';

/** Signals of the runs that are kept; one set to a page. */
export function createRunSignals() {
  const lasting = signal(false);
  const current = signal(/** @type {string|null} */ (null));
  const problem = signal(/** @type {KeepProblem|null} */ (null));
  const list = signal(/** @type {Run[]} */ ([]));
  return {
    /** Latest first, without those that were deleted. */
    list,
    /** Counts changes of points, so that charts follow. */
    version: signal(0),
    /** Whether what is kept outlives the page. */
    lasting,
    /** Whether the browser promised not to delete it by itself. */
    promised: signal(false),
    /** The run whose weights are open. */
    current,
    run: computed(() => list.value.find(({ id }) => id === current.value) ?? null),
    /** The step whose weights are kept, and when that was. */
    keptStep: signal(0),
    keptAt: signal(0),
    problem,
    /** Whether a reload loses nothing but seconds. */
    safe: computed(() => lasting.value && current.value !== null && problem.value === null),
    offer: signal(/** @type {Offer|null} */ (null)),
    /** Runs that other tabs have open. @type {import('@preact/signals').Signal<ReadonlySet<string>>} */
    elsewhere: signal(new Set()),
    /** Keys of runs that can't be made sense of. */
    damaged: signal(/** @type {string[]} */ ([])),
    /** A run that can't go on before its text is opened again. */
    wants: signal(/** @type {{id: string, train: boolean}|null} */ (null)),
    /** Deleted, but not for good. */
    deleted: signal(/** @type {Run|null} */ (null)),
    /** Whether own texts are kept as well. */
    keepTexts: signal(remembered(KEEP_TEXTS, false)),
    stayAwake: signal(remembered(STAY_AWAKE, false)),
    /** Milliseconds in training before the model was opened. */
    elapsedBefore: 0,
  };
}
