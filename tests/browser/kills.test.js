/** The page's workers are killed one after another: it says so, starts others, and ends with the bits of an undisturbed run. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { inBrowsers } from '../in_browsers.js';
import {
  catchDownloads,
  downloaded,
  exampleOpens,
  press,
  reaches,
  reports,
  start,
  textOf,
  textOpens,
  upload,
} from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** Shuffled windows and dropout, shared between two workers, with an evaluation and a sample every hundred steps. */
const SMALL =
  '?hidden_size=32&batch_size=4&sequence_length=32&learning_rate=0.005&max_steps=700&eval_every=100&workers=2&dropout=0.1&sample_bytes=20';
const FILE = path.join(ROOT, 'build/texts/killed.txt');

before(() => {
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(FILE, readFileSync(path.join(ROOT, 'public/samples/moby-dick.txt')).subarray(0, 40_000));
});

/**
 * Which worker to kill, and when: at the first message of this type between the page and its workers, once training has reached
 * `step`, or at a step that `every` divides.
 * @typedef {{worker: 'lead'|'replica'|'texts', type: string, step?: number, every?: number}} Kill
 */

/**
 * Holds on to the page's workers, and kills them as `next` says; then, as soon as the page says that training goes on,
 * as the next of `queue` says, and pauses after the last. All this runs in the page, since a training is over before a
 * test has looked twice.
 */
function holdWorkers() {
  /** @type {{next: Kill|null, queue: Kill[], killed: number, notices: string[], pause: boolean}} */
  const kills = { next: null, queue: [], killed: 0, notices: [], pause: false };
  /** @type {Map<string, Worker>} */
  const latest = new Map();
  const Usual = Worker;
  /** @param {any} message */
  const note = ({ type, step = 0 }) => {
    const { next } = kills;
    if (next === null || type !== next.type || step < (next.step ?? 0) || step % (next.every ?? 1) !== 0) return;
    kills.next = null;
    kills.killed++;
    latest.get(next.worker)?.terminate();
  };
  const look = () => {
    const notice = /** @type {HTMLElement|null} */ (document.querySelector('[data-testid="notice"]'));
    const reason = notice?.dataset.reason;
    if (kills.killed > kills.notices.length && reason === 'rescued_train') {
      kills.notices.push(reason);
      notice?.querySelector('button')?.click();
      kills.next = kills.queue.shift() ?? null;
      kills.pause = kills.next === null;
    }
    const button = /** @type {HTMLButtonElement|null} */ (document.querySelector('[data-testid="pause"]'));
    if (!kills.pause || !button || button.disabled || button.ariaDisabled === 'true') return;
    kills.pause = false;
    button.click();
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ['disabled', 'aria-disabled'],
  });
  Object.assign(globalThis, {
    kills,
    Worker: class extends Usual {
      /** @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        latest.set(options?.name || 'lead', this);
        this.addEventListener('message', ({ data }) => note(data));
      }

      /** @param {any} message @param {any} [transfer] */
      postMessage(message, transfer) {
        super.postMessage(message, transfer);
        note(message);
      }
    },
  });
}

/** Resets the count, and plans kills one after another. @param {Page} page @param {readonly Kill[]} kills */
const plan = (page, kills) =>
  page.evaluate(
    ([next, ...queue]) =>
      void Object.assign(/** @type {any} */ (globalThis).kills, { next, queue, killed: 0, notices: [] }),
    kills,
  );

/** The number of kills since they were planned, and the page's notices. @param {Page} page @returns {Promise<{killed: number, notices: string[]}>} */
const killed = (page) => page.evaluate(() => /** @type {any} */ (globalThis).kills);

/** @param {Page} page */
async function useText(page) {
  await exampleOpens(page);
  await textOpens(page);
  await upload(page, 'file-input', FILE);
  await textOpens(page, 'killed.txt');
}

/** Trains to the end. @param {Page} page @returns {Promise<Buffer>} its weights, resumable */
async function finish(page) {
  await reaches(page, 'finished');
  assert.equal(await textOf(page, 'step'), '700');
  await catchDownloads(page);
  return (await downloaded(page, () => press(page, 'download-resumable'))).bytes;
}

/** The bits of the same training without kills, in any browser. @type {Buffer|undefined} */
let straight;

inBrowsers(['chromium', 'firefox'], 'killed workers', (open, name) => {
  if (name === 'chromium') {
    it('an undisturbed run', () =>
      open({ path: SMALL }, async ({ page }) => {
        await useText(page);
        await start(page);
        straight = await finish(page);
      }));
  }

  it('the page says so, starts others, and goes on by itself to the same bits', () =>
    open({ path: SMALL, script: holdWorkers }, async ({ page }) => {
      await exampleOpens(page);
      await plan(page, [{ worker: 'texts', type: 'take' }]);
      await useText(page);
      await reports(page, 'notice', 'worker');
      assert.equal((await killed(page)).killed, 1);
      /** @type {Kill[]} */
      const kills = [
        { worker: 'lead', type: 'export', step: 0 },
        { worker: 'lead', type: 'progress', step: 120 },
        { worker: 'replica', type: 'progress', step: 200, every: 100 },
        { worker: 'replica', type: 'progress', step: 350 },
        { worker: 'lead', type: 'exported', step: 1 },
        { worker: 'lead', type: 'progress', step: 500 },
      ];
      await plan(page, kills);
      await start(page);
      // A worker that replaces a dead one reports once that it is paused.
      await page.waitForFunction(
        (n) => {
          const { notices, pause } = /** @type {any} */ (globalThis).kills;
          return notices.length === n && !pause;
        },
        { timeout: 60_000 },
        kills.length,
      );
      await reaches(page, 'paused');
      const { notices } = await killed(page);
      assert.equal(notices.length, kills.length);
      await plan(page, [{ worker: 'lead', type: 'generated' }]);
      await press(page, 'generate-button');
      await reports(page, 'notice', 'rescued_wait');
      assert.equal((await killed(page)).killed, 1);
      assert.equal(await textOf(page, 'state'), 'Paused');
      await press(page, 'resume');
      assert.ok(straight && (await finish(page)).equals(straight));
    }));
});
