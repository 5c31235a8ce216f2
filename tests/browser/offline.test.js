/** The site as an app: after a first visit it opens and trains without a server; a new version waits for the reader. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { serve } from '../../wasm/cli/static_server.js';
import { writeServiceWorker } from '../../wasm/tools/setup/offline.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { SINGLE, SITE } from '../../wasm/tools/setup/site.js';
import { STATES, updateReady } from '../../web/components/page_sentences.js';
import { accessibilityProblems, launch } from '../in_browsers.js';
import { by, press, reaches, says, textOf, textOpens, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const BASE = '/some/where/';
const SETTINGS = '?preset=quick_start&max_steps=10&eval_every=10&val_max_batches=1&workers=1';
const CHANGED = 'build/offline-site';

/** @param {Page} page */
const drawn = (page) => page.waitForSelector(`${by('hierarchy-canvas')}:not([data-version="0"])`);

/** Waits until the browser has kept the whole site. @param {Page} page */
const kept = (page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');

/** @param {Page} page */
async function trainTenSteps(page) {
  await page.goto(page.url().split('?')[0] + SETTINGS);
  await textOpens(page);
  await press(page, 'start');
  await reaches(page, 'finished');
  await says(page, 'step', /10/);
}

after(() => rmSync(path.join(ROOT, CHANGED), { recursive: true, force: true }));

describe('site as an app', () => {
  for (const name of /** @type {const} */ (['chromium', 'firefox'])) {
    it(`opens and trains without a server after one visit (${name})`, async () => {
      const server = await serve(path.join(ROOT, SITE), { base: BASE });
      const browser = await launch(name);
      try {
        const page = await browser.newPage();
        await page.goto(server.url);
        await drawn(page);
        await kept(page);
        await server.close();
        await assert.rejects(fetch(server.url), 'the server is gone');
        await page.reload();
        await drawn(page);
        await trainTenSteps(page);
      } finally {
        await browser.close();
        await server.close();
      }
    });
  }

  it('has a manifest whose icons exist', () => {
    const read = (/** @type {string} */ file) => readFileSync(path.join(ROOT, SITE, file));
    assert.match(read('index.html').toString(), /<link rel="manifest" href="\.\/manifest\.webmanifest"/);
    const { icons, start_url, scope } = JSON.parse(read('manifest.webmanifest').toString());
    assert.deepEqual([start_url, scope], ['./', './']);
    for (const { src, sizes, type } of icons) {
      if (type !== 'image/png') continue;
      const png = read(src);
      assert.equal(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, sizes, src);
    }
    assert.ok(icons.some((/** @type {{purpose?: string}} */ { purpose }) => purpose === 'maskable'));
  });

  it('announces a new version, and never reloads during training', async () => {
    const folder = path.join(ROOT, CHANGED);
    cpSync(path.join(ROOT, SITE), folder, { recursive: true });
    const server = await serve(folder, { base: BASE });
    const browser = await launch('chromium');
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}?preset=quick_start&max_steps=100000&eval_every=0&val_max_batches=1&workers=1`);
      await drawn(page);
      await kept(page);
      await page.evaluate(() => Object.assign(globalThis, { before: true }));
      const sameVisit = () => page.evaluate(() => 'before' in globalThis);
      await textOpens(page);
      await press(page, 'start');
      await reaches(page, 'training');

      const start = path.join(folder, 'index.html');
      writeFileSync(start, readFileSync(start, 'utf8').replace('<title>', '<title>New: '));
      await writeServiceWorker(folder, [SINGLE]);
      await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
      await until(page, 'update', (text) => text.startsWith(updateReady(true)));
      for (const value of ['light', 'dark']) {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
        assert.deepEqual(await accessibilityProblems(page, by('update')), [], value);
      }
      assert.equal(await page.$eval(by('update-now'), (e) => /** @type {HTMLButtonElement} */ (e).disabled), true);
      assert.ok(await sameVisit());
      assert.equal(await textOf(page, 'state'), STATES.training);

      await press(page, 'stop');
      await reaches(page, 'finished');
      await page.waitForSelector(`${by('update-now')}:not([disabled])`);
      assert.ok((await textOf(page, 'update')).startsWith(updateReady(false)));
      assert.ok(await sameVisit());
      page.on('dialog', (dialog) => dialog.accept());
      await press(page, 'update-now');
      await page.waitForFunction(() => document.title.startsWith('New: '));
      assert.equal(await sameVisit(), false);
      await drawn(page);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
