/** Storage that is lost in the middle of training and comes back: the page says so, and nothing of the run is lost. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inBrowsers } from '../in_browsers.js';
import { offers } from './kept.js';
import { by, drop, exampleOpens, pause, press, reports, says, start, stepOf, textOpens, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** A small model that trains for longer than any test. */
const LONG =
  '?hidden_size=16&batch_size=4&sequence_length=64&max_steps=1000000&eval_every=150&workers=1&dropout=0.1&sample_bytes=0';

/** A model whose resumable checkpoint is larger than the 127 MiB that Chromium takes as one value. */
const LARGE =
  '?wiring=residual&num_levels=2&level_rules=whitespace&carry_state=true&hidden_size=36&ngram_order=6&ngram_rows=65536&batch_size=1&sequence_length=64&max_steps=1000000&eval_every=1000000&eval_early=false&workers=1&sample_bytes=0';

/** Holds on to the page's connections; while `gone` is set, no new ones can be opened. */
function holdConnections() {
  const open = IDBFactory.prototype.open;
  const connections = /** @type {IDBDatabase[]} */ ([]);
  Object.assign(globalThis, { connections, gone: false });
  IDBFactory.prototype.open = function (...args) {
    if (/** @type {any} */ (globalThis).gone) throw new DOMException('Gone.', 'UnknownError');
    const request = open.apply(this, args);
    request.addEventListener('success', () => connections.push(request.result));
    return request;
  };
}

/** Closes the page's connection. @param {Page} page @param {boolean} noticed  whether the page gets an event */
const close = (page, noticed) =>
  page.evaluate((notice) => {
    const last = /** @type {any} */ (globalThis).connections.at(-1);
    last.close();
    if (notice) last.dispatchEvent(new Event('close'));
  }, noticed);

/** @param {Page} page */
const deleteAll = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('adaptive-compressor');
        request.onsuccess = () => resolve(null);
        request.onerror = () => reject(request.error);
      }),
  );

/** Does what the browser's “clear site data” does. @param {Page} page */
async function clearData(page) {
  const session = await page.createCDPSession();
  await session.send('Storage.clearDataForOrigin', { origin: new URL(page.url()).origin, storageTypes: 'all' });
}

/** Trains on to a later step, which is kept as well. @param {Page} page */
async function keptAnew(page) {
  await pause(page, await stepOf(page));
  await press(page, 'resume');
}

/** What is kept of the run: its points, and which weights there are. @param {Page} page @returns {Promise<string>} */
const whole = (page) =>
  page.evaluate(async () => {
    const database = /** @type {IDBDatabase} */ (/** @type {any} */ (globalThis).connections.at(-1));
    /** @param {string} table @returns {Promise<any[]>} */
    const all = (table) =>
      new Promise((resolve, reject) => {
        const request = database.transaction(table).objectStore(table).getAll();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const [[run], points, weights] = [await all('runs'), await all('points'), await all('weights')];
    const { step, digest, bytes } = run?.saved ?? {};
    return JSON.stringify({ step, digest, there: weights.some(({ length }) => length === bytes), points });
  });

inBrowsers(['chromium', 'firefox', 'webkit'], 'storage', (open, name) => {
  it('that is closed, deleted or cleared in the middle of training is reopened, and everything is written again', () =>
    open({ path: LONG, script: holdConnections }, async ({ page }) => {
      await exampleOpens(page);
      await textOpens(page);
      await drop(page, 'own.txt', Buffer.from('Of all that was kept, nothing shall be lost. '.repeat(400)));
      await until(page, 'text-facts', (text) => text.includes('own.txt'));
      await press(page, 'keep-texts');
      await start(page);
      await keptAnew(page);
      for (const noticed of [true, false]) {
        await close(page, noticed);
        await keptAnew(page);
        assert.equal(await page.$(by('notice')), null, 'nothing was lost');
      }
      await deleteAll(page);
      await reports(page, 'notice', 'deleted');
      await says(page, 'notice', /adaptive_L64_B0k/);
      await keptAnew(page);
      await page.click(`${by('notice')} button`);
      const step = await pause(page);
      // Training is paused: what is lost now must come back all the same.
      const before = await whole(page);
      assert.match(before, /"there":true,"points":\[\{"train":\[\{"step":1,/);
      await (name === 'chromium' ? clearData : deleteAll)(page);
      await reports(page, 'notice', 'deleted');
      assert.equal(await whole(page), before);
      await page.reload({ waitUntil: 'load' });
      await offers(page, { text: 'own.txt', step });
      await press(page, 'offer-go-on');
      await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > step);
    }));

  it('that can’t be reopened is reported, and tried again', () =>
    open({ path: LONG, script: holdConnections }, async ({ page }) => {
      await exampleOpens(page);
      await start(page);
      await keptAnew(page);
      await page.evaluate(() => Object.assign(globalThis, { gone: true }));
      await close(page, true);
      await reports(page, 'keep-problem', 'lost');
      const step = await stepOf(page);
      await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > step);
      const warned = () => page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
      assert.equal(await warned(), true, 'the page warns of what is not kept');
      // The page also tries again by itself.
      await press(page, 'keep-again', { gone: false });
      await keptAnew(page);
      assert.equal(await page.$(by('keep-problem')), null);
      assert.equal(await warned(), false);
    }));
});

/** Sizes of the values in which weights are kept, by key. @param {Page} page @returns {Promise<[string, number][]>} */
const keptValues = (page) =>
  page.evaluate(async () => {
    const database = /** @type {IDBDatabase} */ (/** @type {any} */ (globalThis).connections.at(-1));
    /** @type {[string, number][]} */
    const values = [];
    await new Promise((resolve, reject) => {
      const request = database.transaction('weights').objectStore('weights').openCursor();
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return resolve(null);
        values.push([String(cursor.key), cursor.value.length ?? 0]);
        cursor.continue();
      };
    });
    return values;
  });

inBrowsers(['chromium', 'firefox'], 'weights too large for one value of the storage', (open) => {
  it('are kept in parts, go on after a reload, and leave nothing behind', () =>
    open({ path: LARGE, script: holdConnections }, async ({ page }) => {
      await exampleOpens(page);
      await start(page);
      const first = await pause(page);
      await press(page, 'resume');
      const second = await pause(page, first);
      const values = await keptValues(page);
      const whole = values.reduce((sum, [, size]) => sum + size, 0) / 2;
      assert.ok(whole > 127 * 2 ** 20, `${whole} bytes`);
      assert.ok(
        values.every(([, size]) => size <= 64 * 2 ** 20),
        JSON.stringify(values),
      );
      assert.equal(await page.$(by('keep-problem')), null);
      await page.reload({ waitUntil: 'load' });
      await offers(page, { step: second });
      await press(page, 'offer-go-on');
      await pause(page, second);
      // The older weights of the two were written over, part by part; the step that stands in them may be longer.
      const keys = (/** @type {[string, number][]} */ list) => list.map(([key]) => key);
      assert.deepEqual(keys(await keptValues(page)), keys(values));
    }));
});
