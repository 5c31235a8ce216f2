/** The page's workers are killed, one after the other: it says so, starts others, and ends with the bits of an undisturbed run. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT } from '../../wasm/setup/run.js';
import { inBrowsers } from '../browser.js';
import { catchDownloads, downloaded, press, says, start, textOf, until, upload } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** Shuffled windows and dropout, shared out to two workers; an evaluation every hundred steps, and a sample with it. */
const SMALL =
  '?hidden_size=32&batch_size=4&sequence_length=32&learning_rate=0.005&max_steps=700&eval_every=100&workers=2&dropout=0.1&sample_bytes=20';
const FILE = path.join(ROOT, 'build/texts/killed.txt');

before(() => {
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(FILE, readFileSync(path.join(ROOT, 'public/samples/moby-dick.txt')).subarray(0, 40_000));
});

/**
 * Which worker to kill, and when: as soon as the page and its workers say something of this kind, in training of at least
 * this step, or of one that this divides.
 * @typedef {{worker: 'lead'|'replica'|'texts', type: string, step?: number, every?: number}} Kill
 */

/** Keeps hold of the page's workers, and kills them as `next` says. */
function holdWorkers() {
  /** @type {{next: Kill|null, killed: number}} */
  const kills = { next: null, killed: 0 };
  /** @type {Map<string, Worker>} */
  const latest = new Map();
  const Usual = Worker;
  /** @param {any} message */
  const hear = ({ type, step = 0 }) => {
    const { next } = kills;
    if (next === null || type !== next.type || step < (next.step ?? 0) || step % (next.every ?? 1) !== 0) return;
    kills.next = null;
    kills.killed++;
    latest.get(next.worker)?.terminate();
  };
  Object.assign(globalThis, {
    kills,
    Worker: class extends Usual {
      /** @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        latest.set(options?.name || 'lead', this);
        this.addEventListener('message', ({ data }) => hear(data));
      }

      /** @param {any} message @param {any} [transfer] */
      postMessage(message, transfer) {
        super.postMessage(message, transfer);
        hear(message);
      }
    },
  });
}

/** @param {Page} page @param {Kill} kill */
const plan = (page, kill) =>
  page.evaluate((next) => {
    document.querySelector('[data-testid="notice"] button')?.dispatchEvent(new MouseEvent('click'));
    Object.assign(/** @type {any} */ (globalThis).kills, { next });
  }, kill);

/** @param {Page} page */
async function useText(page) {
  await until(page, 'model', (text) => text.includes('example'));
  await until(page, 'text-facts', (text) => /held out/.test(text));
  await upload(page, 'file-input', FILE);
  await says(page, 'text-facts', /killed\.txt.*held out/);
}

/** Trains to the end. @param {Page} page @returns {Promise<Buffer>} its weights, resumable */
async function finish(page) {
  await until(page, 'state', (text) => text === 'Finished');
  assert.equal(await textOf(page, 'step'), '700');
  await catchDownloads(page);
  return (await downloaded(page, () => press(page, 'download-resumable'))).bytes;
}

/** The bits of the same training without kills, in any browser. @type {Buffer|undefined} */
let straight;

inBrowsers(['chromium', 'firefox'], 'killed workers', (open) => {
  it('an undisturbed run', () =>
    open({ path: SMALL }, async ({ page }) => {
      await useText(page);
      await start(page);
      const bytes = await finish(page);
      straight ??= bytes;
      assert.ok(bytes.equals(straight));
    }));

  it('the page says so, starts others, and goes on by itself to the same bits', () =>
    open({ path: SMALL, script: holdWorkers }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await plan(page, { worker: 'texts', type: 'take' });
      await useText(page);
      await says(page, 'notice', /reads texts stopped.*it reads anew/);
      /** @type {Kill[]} */
      const kills = [
        { worker: 'lead', type: 'export', step: 0 },
        { worker: 'lead', type: 'progress', step: 120 },
        { worker: 'replica', type: 'progress', step: 200, every: 100 },
        { worker: 'replica', type: 'progress', step: 350 },
        { worker: 'lead', type: 'exported', step: 400 },
        { worker: 'lead', type: 'progress', step: 500, every: 100 },
      ];
      await plan(page, kills[0]);
      await start(page);
      for (const [i, kill] of kills.entries()) {
        if (i > 0) await plan(page, kill);
        await says(
          page,
          'notice',
          /worker stopped.*started again.*back at step \d+, .*kept.*training goes on from there/,
        );
      }
      await press(page, 'pause');
      await until(page, 'state', (text) => text === 'Paused');
      await plan(page, { worker: 'lead', type: 'generated' });
      await press(page, 'generate-button');
      await says(
        page,
        'notice',
        /worker stopped.*started again.*back at step \d+, the last that was kept: press Resume/,
      );
      assert.equal(await textOf(page, 'state'), 'Paused');
      await press(page, 'resume');
      assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).kills.killed), kills.length + 2);
      assert.ok(straight && (await finish(page)).equals(straight));
    }));
});
