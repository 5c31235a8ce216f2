/** What can't be kept, said in one sentence. */
import { LostError } from '../../storage/database.js';
import { TakenError } from './shelf.js';

/** @typedef {import('./signals.js').KeepProblem} KeepProblem */

/** @type {KeepProblem} */
export const NO_STORAGE = {
  message:
    'This browser keeps nothing for this page, as in a private window, so what you train is gone when the page is closed: download what you want to keep.',
  reason: 'no_storage',
};

/** @type {KeepProblem} */
const DAMAGED = {
  message:
    'What this browser had kept for this page can’t be opened; it may be damaged. Training works, but nothing is kept until the storage is emptied.',
  reason: 'damaged',
  cure: 'empty',
};

/** @type {KeepProblem} */
const NEWER = {
  message:
    'What this browser has kept was written by a newer version of this page, so nothing is kept by this one: close other tabs of it, and reload.',
  reason: 'newer',
};

/** @param {unknown} error */
export const isFull = (error) => error instanceof Error && error.name === 'QuotaExceededError';

/**
 * @param {unknown} error  that saving a run ended with
 * @param {string} part    that was not kept, with "is" or "are" to follow: "The weights after step 1,200 are"
 * @returns {KeepProblem}
 */
export function savingProblem(error, part) {
  if (error instanceof TakenError)
    return {
      message: `${error.message} What is trained here is not kept any more: download it, or close this tab.`,
      reason: 'taken',
    };
  if (isFull(error)) {
    return {
      message: `The browser’s storage is full: ${part} not kept. Training goes on; download the weights, or delete runs to make room.`,
      reason: 'full',
      cure: 'again',
    };
  }
  if (error instanceof LostError) {
    return {
      message: `The browser took this page’s storage away: ${part} not kept. Training goes on, and so do attempts to open it again; download the weights to be safe.`,
      reason: 'lost',
      cure: 'again',
    };
  }
  return {
    message: `The browser’s storage failed: ${part} not kept. Training goes on; download the weights to be safe.`,
    reason: 'failed',
    cure: 'again',
  };
}

/** @param {unknown} error  that opening the storage ended with @returns {KeepProblem} */
export function openingProblem(error) {
  const name = error instanceof Error ? error.name : '';
  if (name === 'VersionError') return NEWER;
  return ['UnknownError', 'NotFoundError'].includes(name) ? DAMAGED : NO_STORAGE;
}
