/** No run is lost: reloads, killed tabs, full and damaged storage, two tabs. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { openElsewhere } from '../../web/components/runs/run_sentences.js';
import { FIRST_SAMPLE, SAMPLES } from '../../web/state/texts.js';
import { inBrowsers } from '../in_browsers.js';
import { keptAs, keptSome, offerOf, offers } from './kept.js';
import {
  by,
  catchDownloads,
  downloaded,
  exampleOpens,
  pause,
  press,
  reaches,
  reports,
  says,
  start,
  stepOf,
  textOf,
  toRuns,
  until,
  upload,
} from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** A small model, but with everything random that training has: shuffled windows and dropout, shared between two workers. */
const SMALL =
  '?hidden_size=16&batch_size=4&sequence_length=64&learning_rate=0.005&max_steps=400&eval_every=100&workers=2&dropout=0.1';

/** @param {Page} page */
const ready = (page) => exampleOpens(page);
/** A run that outlasts any test, and leaves the machine to others. */
const ENDLESS = SMALL.replace('max_steps=400', 'max_steps=1000000').replace('workers=2', 'workers=1');

/** Trains to the end. @param {Page} page @returns {Promise<Buffer>} its weights, resumable */
async function finish(page) {
  await reaches(page, 'finished');
  assert.equal(await stepOf(page), 400);
  await catchDownloads(page);
  return (await downloaded(page, () => press(page, 'download-resumable'))).bytes;
}

/** Makes the storage full for weights, until `full` is removed. */
function fillStorage() {
  const put = IDBObjectStore.prototype.put;
  Object.assign(globalThis, { full: true });
  IDBObjectStore.prototype.put = function (...args) {
    if (/** @type {any} */ (globalThis).full && this.name === 'weights')
      throw new DOMException('No room.', 'QuotaExceededError');
    return put.apply(this, args);
  };
}

/** Whether the page asks before its window is closed. @param {Page} page */
const warned = (page) => page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));

/** Trains until the weights of two steps are kept. @param {Page} page @returns {Promise<{first: number, paused: number}>} */
async function keepTwice(page) {
  await start(page);
  const first = await pause(page);
  await press(page, 'resume');
  return { first, paused: await pause(page, first) };
}

/** Damages the kept weights. @param {Page} page @param {'newest'|'all'} which */
function damage(page, which) {
  return page.evaluate(async (all) => {
    /** @param {IDBRequest} request @returns {Promise<any>} */
    const answer = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await answer(indexedDB.open('adaptive-compressor'));
    const runs = await answer(database.transaction('runs').objectStore('runs').getAll());
    for (const run of runs) {
      for (const saved of all ? [run.saved, run.before] : [run.saved]) {
        const key = `${run.id}/${saved.slot}`;
        const bytes = await answer(database.transaction('weights').objectStore('weights').get(key));
        bytes[bytes.length - 5] ^= 1;
        await answer(database.transaction('weights', 'readwrite').objectStore('weights').put(bytes, key));
      }
    }
    database.close();
  }, which === 'all');
}

/** The weights after the same training without a break; every browser must get the same bits. @type {Buffer|undefined} */
let straight;

inBrowsers(['chromium', 'firefox', 'webkit'], 'kept runs', (open, name) => {
  it('ends with the same bits in every browser', () =>
    open({ path: SMALL }, async ({ page }) => {
      await ready(page);
      await start(page);
      const bytes = await finish(page);
      straight ??= bytes;
      assert.ok(bytes.equals(straight));
    }));

  it('resume after a reload in the middle of training, and end with the same bits', () =>
    open({ path: SMALL }, async ({ page }) => {
      await ready(page);
      await start(page);
      const step = await pause(page);
      assert.equal(await warned(page), false, 'there is nothing to warn about');
      const loaded = page.waitForNavigation();
      await page.evaluate((at) => {
        /** @type {HTMLButtonElement} */ (document.querySelector(at)).click();
        setTimeout(() => location.reload());
      }, by('resume'));
      await loaded;
      // A save may have been due.
      const offer = offerOf({ name: 'adaptive_L64_B0k', text: SAMPLES[FIRST_SAMPLE].name, steps: 400 });
      const said = await until(page, 'offer', (text) => offer.test(text));
      const offered = Number(offer.exec(said)?.[1]);
      assert.ok(offered >= step && offered < 400, said);
      await press(page, 'offer-go-on');
      await until(page, 'state', (text) => text === 'Training' || text === 'Finished');
      assert.equal(await page.$(by('offer')), null);
      assert.ok(straight && (await finish(page)).equals(straight));
    }));

  it('resume after the tab was killed', () =>
    open({ path: SMALL }, async ({ page, site, problems }) => {
      await ready(page);
      const next = await page.browserContext().newPage();
      const session = name === 'chromium' ? await page.createCDPSession() : null;
      await page.bringToFront();
      await start(page);
      await pause(page);
      await press(page, 'resume');
      if (session) {
        const gone = new Promise((resolve) => page.once('error', resolve));
        session.send('Page.crash').catch(() => {});
        await gone;
        problems.length = 0;
      } else await page.close();
      await next.goto(`${site}${SMALL}`, { waitUntil: 'load' });
      await offers(next, { name: 'adaptive_L64_B0k' });
      await press(next, 'offer-go-on');
      assert.ok(straight && (await finish(next)).equals(straight));
    }));

  it('belong to the tab that has them open', () =>
    open({ path: ENDLESS }, async ({ page, site }) => {
      await ready(page);
      await start(page);
      await keptSome(page);
      const second = await page.browserContext().newPage();
      await second.goto(`${site}${SMALL.replace('max_steps=400', 'max_steps=300')}`, { waitUntil: 'load' });
      await ready(second);
      await says(second, 'elsewhere', openElsewhere(['adaptive_L64_B0k']));
      assert.equal(await second.$(by('offer')), null);
      await start(second);
      await keptAs(second, { name: 'adaptive_L64_B0k 2' });
      // The first tab is now in the background, and goes on all the same.
      const before = await textOf(page, 'kept');
      await until(page, 'kept', (text) => text !== before);
      await reaches(second, 'finished');
      await keptAs(second, { step: 300 });
      await page.close();
      await second.reload({ waitUntil: 'load' });
      await offers(second, { name: 'adaptive_L64_B0k' });
    }));

  // The rest does not depend on the browser.
  if (name !== 'chromium') return;

  it('report a full storage while training goes on, and are kept once there is room', () =>
    open({ path: ENDLESS, script: fillStorage }, async ({ page }) => {
      await ready(page);
      await start(page);
      await reports(page, 'keep-problem', 'full');
      const seen = await stepOf(page);
      await until(page, 'step', (text) => Number(text.replace(',', '')) > seen);
      assert.equal(await warned(page), true, 'the page warns of what is not kept');
      await catchDownloads(page);
      assert.match((await downloaded(page, () => press(page, 'keep-download'))).name, /\.safetensors$/);
      // The page also tries again by itself.
      await press(page, 'keep-again', { full: false });
      await keptSome(page);
      assert.equal(await page.$(by('keep-problem')), null);
    }));

  it('resume in another browser from a session file', async () => {
    const file = path.join(ROOT, 'build/texts/session.zip');
    await open({ path: SMALL }, async ({ page }) => {
      await ready(page);
      await start(page);
      await pause(page);
      await toRuns(page);
      await catchDownloads(page);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, (await downloaded(page, () => press(page, 'session-export'))).bytes);
    });
    await open({}, async ({ page }) => {
      await ready(page);
      await toRuns(page);
      await upload(page, 'session-input', file);
      await press(page, 'run-go-on');
      assert.ok(straight && (await finish(page)).equals(straight));
    });
  });

  it('resume from the earlier weights where the newest are damaged', () =>
    open({ path: SMALL }, async ({ page }) => {
      await ready(page);
      const { first, paused } = await keepTwice(page);
      await damage(page, 'newest');
      await page.reload({ waitUntil: 'load' });
      await offers(page, { step: paused });
      await press(page, 'offer-open');
      await reports(page, 'notice', 'damaged_weights');
      await reaches(page, 'paused');
      const step = await stepOf(page);
      assert.ok(step >= first && step < paused, `${step} is between ${first} and ${paused}`);
      await press(page, 'resume');
      assert.ok(straight && (await finish(page)).equals(straight));
    }));

  it('are reported where all their weights are damaged', () =>
    open({ path: SMALL }, async ({ page }) => {
      await ready(page);
      await keepTwice(page);
      await damage(page, 'all');
      await page.reload({ waitUntil: 'load' });
      await page.waitForSelector(by('offer'));
      await press(page, 'offer-go-on');
      await reports(page, 'notice', 'no_weights');
      await exampleOpens(page);
    }));

  it('train where the browser keeps nothing, with a warning', () =>
    open(
      { path: SMALL, script: () => void Object.defineProperty(globalThis, 'indexedDB', { value: undefined }) },
      async ({ page }) => {
        await ready(page);
        await reports(page, 'keep-problem', 'no_storage');
        await start(page);
        assert.ok(straight && (await finish(page)).equals(straight));
      },
    ));

  it('are reported where the storage can’t be opened, with an offer to empty it', () => {
    const spoil = () => {
      if (sessionStorage.getItem('emptied')) return;
      IDBFactory.prototype.open = () => {
        throw new DOMException('Damaged.', 'UnknownError');
      };
      const empty = IDBFactory.prototype.deleteDatabase;
      IDBFactory.prototype.deleteDatabase = function (name) {
        sessionStorage.setItem('emptied', 'yes');
        return empty.call(this, name);
      };
    };
    return open({ path: ENDLESS, script: spoil }, async ({ page }) => {
      await ready(page);
      await reports(page, 'keep-problem', 'damaged');
      await Promise.all([page.waitForNavigation(), press(page, 'keep-empty')]);
      await ready(page);
      await start(page);
      await pause(page);
    });
  });

  it('keep the screen awake during training, on request', () => {
    const count = () => {
      /** @type {{asked: number, held: Set<EventTarget>}} */
      const wakes = { asked: 0, held: new Set() };
      const request = async () => {
        wakes.asked++;
        const lock = Object.assign(new EventTarget(), { release: async () => void wakes.held.delete(lock) });
        wakes.held.add(lock);
        return lock;
      };
      Object.assign(globalThis, { wakes });
      Object.defineProperty(navigator, 'wakeLock', { value: { request } });
    };
    return open({ path: ENDLESS, script: count }, async ({ page }) => {
      await ready(page);
      await start(page);
      await page.waitForSelector(by('stay-awake'));
      assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).wakes.asked), 0);
      await press(page, 'stay-awake');
      await page.waitForFunction(() => /** @type {any} */ (globalThis).wakes.held.size === 1);
      // A device that slept after all has released the wake lock.
      await page.evaluate(() => {
        const { wakes } = /** @type {any} */ (globalThis);
        const [lock] = wakes.held;
        wakes.held.delete(lock);
        lock.dispatchEvent(new Event('release'));
      });
      await page.waitForFunction(() => {
        const { held, asked } = /** @type {any} */ (globalThis).wakes;
        return held.size === 1 && asked === 2;
      });
      await press(page, 'pause');
      await page.waitForFunction(() => /** @type {any} */ (globalThis).wakes.held.size === 0);
    });
  });
});
