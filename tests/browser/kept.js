/** Helpers for tests of runs that the browser keeps: waiting for what the page says of them. */
import { canGoOn, keptUpTo } from '../../web/components/runs/run_sentences.js';
import { ANY, anyNumbers } from '../wording.js';
import { by, says } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** Waits until the weights of some step after the first are kept. @param {Page} page */
export const keptSome = (page) => page.waitForSelector(`${by('kept')}:not([data-step="0"])`, { timeout: 60_000 });

/** Waits until a run is kept. @param {Page} page @param {{name?: string, step?: number}} run  its name, and a step, where they matter */
export const keptAs = (page, { name = ANY, step = Number.NaN }) =>
  says(page, 'kept', anyNumbers(keptUpTo({ name, step, at: ANY }).join('')));

/**
 * What the page says where it offers a run to go on with.
 * @param {{name?: string, text?: string, step?: number, steps?: number}} run  what matters of it
 * @returns {RegExp} a group for each number that is not given
 */
export const offerOf = ({ name = ANY, text = ANY, step = Number.NaN, steps = Number.NaN }) =>
  anyNumbers(canGoOn({ name, text, step, steps, at: ANY }).join(''));

/** Waits until the page offers a run to go on with. @param {Page} page @param {Parameters<typeof offerOf>[0]} run */
export const offers = (page, run) => says(page, 'offer', offerOf(run));
