/**
 * Browsers that lack something: each feature that not all of them have is removed, from the page and its workers, before
 * either starts. The main job works without it, or one sentence says what is missing.
 */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { ENOUGH } from '../../wasm/engine/browsers.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { SITE } from '../../wasm/tools/setup/site.js';
import { NO_RUNS, PROMISES } from '../../web/components/runs/run_sentences.js';
import { inBrowsers } from '../in_browsers.js';
import { keptAs } from './kept.js';
import { exampleOpens, press, reaches, reports, says, start, toRuns, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FOLDER = 'build/features-site';
const TINY =
  '?hidden_size=8&num_levels=2&batch_size=2&sequence_length=32&max_steps=12&eval_every=6&log_every=2&workers=2&sample_bytes=4';

/** Helpers for scripts in every scope, page and workers alike. */
const TOOLS = `
  const without = (...names) => { for (const name of names) delete globalThis[name]; };
  const bare = (type, ...names) => { for (const name of names) if (globalThis[type]) delete globalThis[type].prototype[name]; };
`;

/**
 * Features without which the main job still works.
 * @type {Record<string, string>}
 */
const OPTIONAL = {
  'web-locks': `bare('Navigator', 'locks'); bare('WorkerNavigator', 'locks');`,
  channels: `without('BroadcastChannel');`,
  'database-and-copies': `Object.defineProperty(globalThis, 'indexedDB', { value: undefined }); without('structuredClone');`,
  'storage-manager': `bare('Navigator', 'storage');`,
  'local-storage': `if (globalThis.Storage) Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('Forbidden.', 'SecurityError'); } });`,
  compression: `without('CompressionStream', 'DecompressionStream');`,
  digests: `Object.defineProperty(crypto, 'subtle', { value: undefined });`,
  'service-workers': `bare('Navigator', 'serviceWorker');`,
  'wake-lock': `bare('Navigator', 'wakeLock');`,
  'paint-times': `without('PerformanceObserver');`,
  'round-corners': `bare('CanvasRenderingContext2D', 'roundRect');`,
  visibility: `bare('Element', 'checkVisibility');`,
  arrays: `for (const name of ['findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with']) { delete Array.prototype[name]; delete Object.getPrototypeOf(Uint8Array.prototype)[name]; }`,
  'idle-time': `without('requestIdleCallback', 'scheduler');`,
  sheets: `bare('Document', 'adoptedStyleSheets'); bare('ShadowRoot', 'adoptedStyleSheets');`,
  // A browser without module workers does not read the kind of a worker.
  'module-workers': `if (globalThis.document) { const Usual = Worker; globalThis.workers = []; globalThis.Worker = class extends Usual {
    constructor(address, options) { super(address, { name: options?.name }); globalThis.workers.push(String(address)); } }; }`,
};

/** Features that have another stand-in when they alone are missing: then tabs ask each other. */
const ALONE = ['web-locks'];

/** Features that are needed, and what is reported or named as lacking without them. @type {Record<string, {script: string, reason?: string, lacks?: string[]}>} */
const NEEDED = {
  simd: {
    script: `WebAssembly.validate = () => false;`,
    reason: 'no_simd',
  },
  webassembly: { script: `without('WebAssembly');`, reason: 'no_simd' },
  workers: { script: `without('Worker');`, lacks: ['Worker'] },
  observers: {
    script: `without('ResizeObserver', 'IntersectionObserver');`,
    lacks: ['IntersectionObserver', 'ResizeObserver'],
  },
};

/** A copy of the site whose page and workers begin with a script. @param {string} name @param {string} script */
function writeSite(name, script) {
  const files = readdirSync(path.join(ROOT, SITE), { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const file of files) {
    const from = path.join(file.parentPath, file.name);
    const to = path.join(ROOT, FOLDER, name, path.relative(path.join(ROOT, SITE), from));
    mkdirSync(path.dirname(to), { recursive: true });
    if (/^(?:theme|worker|worker-main-.*)\.js$/.test(file.name))
      writeFileSync(to, `{${TOOLS}${script}}\n${readFileSync(from, 'utf8')}`);
    else linkSync(from, to);
  }
}

before(() => {
  rmSync(path.join(ROOT, FOLDER), { recursive: true, force: true });
  for (const name of ALONE) writeSite(name, OPTIONAL[name]);
  for (const [name, { script }] of Object.entries(NEEDED)) writeSite(name, script);
  writeSite('plain', '');
  writeSite('all', Object.values(OPTIONAL).join('\n'));
});
after(() => rmSync(path.join(ROOT, FOLDER), { recursive: true, force: true }));

/** The main job: a text, some steps of training, the drawing. @param {Page} page */
async function mainJob(page) {
  await exampleOpens(page);
  await start(page);
  await reaches(page, 'finished');
  await until(page, 'step', (text) => text === '12');
  await page.waitForFunction(
    (selector) => {
      const canvas = /** @type {HTMLCanvasElement|null} */ (document.querySelector(selector));
      if (!canvas || canvas.width === 0) return false;
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size > 20;
    },
    {},
    '.drawing canvas',
  );
}

/** Whether all workers run the script that is not a module. @param {Page} page */
async function classic(page) {
  const workers = await page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).workers));
  assert.ok(workers.length >= 2 && workers.every((address) => address.endsWith('/worker.js')), workers.join(' '));
}

/** Answers in place of the browser, and counts requests. */
function answer() {
  const asked = { persist: 0 };
  Object.assign(globalThis, { asked, yes: location.search.includes('seed=1') });
  StorageManager.prototype.persisted = async () => false;
  StorageManager.prototype.persist = async () => {
    asked.persist++;
    return /** @type {any} */ (globalThis).yes;
  };
}

/** How often the browser was asked for persistent storage. @param {Page} page @returns {Promise<number>} */
const asked = (page) => page.evaluate(() => /** @type {any} */ (globalThis).asked.persist);

inBrowsers(
  ['chromium', 'firefox'],
  'a feature that not every browser has',
  (open, name) => {
    it('is not needed, even if all such features are missing', () =>
      open({ path: `all/${TINY}&embed` }, async ({ page }) => {
        await mainJob(page);
        await classic(page);
        // Nothing else went wrong.
        await reports(page, 'keep-problem', 'no_storage');
        // An element that disappears while it has the keyboard focus passes it on.
        await page.keyboard.press('Tab');
        await page.evaluate(() => {
          const button = document.createElement('button');
          document.querySelector('#train')?.append(button);
          button.focus();
          button.remove();
        });
        await page.waitForFunction(() => document.activeElement !== document.body);
      }));

    it('persistent storage: requested once the first run is kept, and the answer is shown', () =>
      open({ path: `plain/${TINY}&seed=${name === 'firefox' ? 1 : 2}`, script: answer }, async ({ page }) => {
        await exampleOpens(page);
        await toRuns(page);
        await says(page, 'no-runs', NO_RUNS);
        assert.equal(await asked(page), 0, 'there is nothing to keep yet');
        await start(page);
        await reaches(page, 'finished');
        await keptAs(page, { step: 12 });
        await says(page, 'promised', name === 'firefox' ? PROMISES.given : PROMISES.lacking);
        await press(page, 'start');
        await keptAs(page, { name: 'adaptive_L32_B0k 2', step: 12 });
        assert.equal(await asked(page), 1);
      }));

    if (name === 'firefox') return;
    for (const one of ALONE) {
      it(`is not needed: ${one} alone`, () => open({ path: `${one}/${TINY}` }, ({ page }) => mainJob(page)));
    }
    for (const [one, { reason, lacks = [] }] of Object.entries(NEEDED)) {
      it(`is reported as missing in a sentence: ${one}`, () =>
        open({ path: `${one}/${TINY}` }, async ({ page }) => {
          if (reason) await reports(page, 'notice', reason);
          else await until(page, 'lack', (text) => [...lacks, ENOUGH].every((word) => text.includes(word)));
        }));
    }
  },
  FOLDER,
);
