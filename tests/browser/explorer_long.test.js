/** A megabyte in the explorer: it grows as it is read, can be zoomed into anywhere, and draws each frame in time. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { readSoFar, shownBytes } from '../../web/components/page_sentences.js';
import { frames, inBrowsers, screenshot } from '../in_browsers.js';
import { untrained } from '../wasm/support/models.js';
import { drawn, inspects, moved, WIDE, windowOf } from './explorer.js';
import { by, exampleOpens, textOf, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FILES = path.join(ROOT, 'build/texts');
const WEIGHTS = path.join(FILES, 'tiny.safetensors');
const BYTES = 1 << 20;
/** Milliseconds that the median frame may take to draw; a screen has 16 for everything. */
const MOST_MS = 16;
const MINUTES = 60_000;

before(() => {
  mkdirSync(FILES, { recursive: true });
  const settings = defaults({ hidden_size: 8, byte_entropy_threshold: 20, meta_uncertainty_threshold: 2 });
  writeFileSync(WEIGHTS, untrained(settings));
});

/** Waits until the predictions of what the inspector shows are there. @param {Page} page */
const foreseen = (page) =>
  page.waitForFunction(
    (item) => /\d %/.test(document.querySelector(item)?.textContent ?? ''),
    {},
    `${by('inspector')} .forecast li`,
  );

/** Starts measuring the page's own work in each frame. @param {Page} page */
const watchFrames = (page) =>
  page.evaluate(() => {
    const times = /** @type {number[]} */ ([]);
    const ask = requestAnimationFrame.bind(globalThis);
    globalThis.requestAnimationFrame = (work) =>
      ask((time) => {
        const begun = performance.now();
        work(time);
        times.push(performance.now() - begun);
      });
    Object.assign(globalThis, { frameTimes: times, plainFrame: ask });
  });

/** The frames measured since the last call, in milliseconds, shortest first. @param {Page} page @returns {Promise<number[]>} */
const takeFrames = (page) =>
  page.evaluate(() =>
    /** @type {any} */ (globalThis).frameTimes
      .splice(0)
      .sort((/** @type {number} */ a, /** @type {number} */ b) => a - b),
  );

/** Waits for a frame, which is not counted as one of the page's. @param {Page} page */
const drawnFrame = (page) =>
  page.evaluate(() => new Promise((resolve) => /** @type {any} */ (globalThis).plainFrame(resolve)));

inBrowsers(['chromium'], 'explorer on a megabyte', (open) => {
  it('grows, responds everywhere, and draws each frame in time at every zoom', (t) =>
    open({ ...WIDE, path: '?of=text&bytes=1048576' }, async ({ page }) => {
      const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (
        await page.waitForSelector(by('weights-input'))
      );
      await exampleOpens(page);
      await input.uploadFile(WEIGHTS);
      await until(page, 'model', (text) => text.includes('tiny'));
      await page.waitForSelector(`${by('zoom-readout')}[data-read]:not([data-read="100"])`);
      // What has been read can be viewed while reading goes on.
      await page.waitForFunction(
        () =>
          Number(/** @type {HTMLElement|null} */ (document.querySelector('[data-testid="strip"]'))?.dataset.traced) >
          20_000,
      );
      await page.focus(by('strip'));
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await inspects(page, 0, (index) => index < 2);
      await foreseen(page);
      await drawn(page, BYTES, 3 * MINUTES);
      assert.equal(await textOf(page, 'zoom-readout'), shownBytes(await windowOf(page), BYTES));

      await watchFrames(page);
      const strip = await page.$(by('strip'));
      await strip?.evaluate((e) => e.scrollIntoView({ block: 'center', behavior: 'instant' }));
      const box = await strip?.boundingBox();
      assert.ok(box);
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await moved(page, () => page.click(by('zoom-whole')));
      await takeFrames(page);
      const medians = [];
      for (let level = 0; ; level++) {
        const { span } = await windowOf(page);
        await page.mouse.move(x, y);
        await page.mouse.down();
        for (let i = 1; i <= 6; i++) {
          await page.mouse.move(x + 25 * (i % 3) - 20, y);
          await drawnFrame(page);
        }
        await page.mouse.up();
        const times = await takeFrames(page);
        assert.ok(times.length >= 6, `${times.length} frames`);
        medians.push(times[Math.floor(times.length / 2)]);
        t.diagnostic(
          `${Math.round(span)} bytes: median ${medians[level].toFixed(1)} ms, longest ${times.at(-1)?.toFixed(1)} ms`,
        );
        if (span < 20) break;
        await moved(page, async () => {
          for (let i = 0; i < 4; i++) await page.click(by('zoom-in'));
        });
      }
      assert.ok(medians.length >= 4, 'many zooms');
      const median = medians.sort((a, b) => a - b)[Math.floor(medians.length / 2)];
      assert.ok(median < MOST_MS, `a frame takes ${median.toFixed(1)} ms`);

      await page.focus(by('strip'));
      await page.keyboard.press('End');
      await page.keyboard.press('End');
      await inspects(page, 0, (index) => index === BYTES - 1);
      await foreseen(page);
      await page.keyboard.press('0');
      await page.mouse.move(0, 0);
      await frames(page);
      await screenshot(page, 'explorer-megabyte', false);
    }));

  it('re-routes a megabyte at once in the page, and the exact trace follows', () =>
    open({ ...WIDE, path: '?of=text&bytes=262144' }, async ({ page }) => {
      const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (
        await page.waitForSelector(by('weights-input'))
      );
      await exampleOpens(page);
      await input.uploadFile(WEIGHTS);
      await until(page, 'model', (text) => text.includes('tiny'));
      await page.waitForSelector(`${by('zoom-readout')}[data-read]:not([data-read="100"])`);
      await drawn(page, 262_144, 3 * MINUTES);
      const tokens = () =>
        page.$eval(`${by('level-figures')} tr:nth-child(2) td:nth-child(2)`, (e) =>
          Number((e.textContent ?? '').replaceAll(',', '')),
        );
      const trained = await tokens();
      await page.focus(by('threshold-0'));
      await page.keyboard.press('PageUp');
      const readout = await page.waitForFunction(
        (/** @type {string} */ was) => {
          const cell = document.querySelector('[data-testid="level-figures"] tr:nth-child(2) td:nth-child(2)');
          const n = Number((cell?.textContent ?? '').replaceAll(',', ''));
          const shown = /** @type {HTMLElement|null} */ (document.querySelector('[data-testid="zoom-readout"]'));
          return (
            n > 0 && n < Number(was) && shown && { text: shown.textContent ?? '', read: Number(shown.dataset.read) }
          );
        },
        {},
        String(trained),
      );
      // Level 1's spans are all there while the worker is still tracing.
      const { text, read } = /** @type {{text: string, read: number}} */ (await readout.jsonValue());
      assert.ok(read < 100 && text.endsWith(readSoFar(read)), text);
      const rerouted = await tokens();
      await drawn(page, 262_144, 3 * MINUTES);
      assert.equal(await tokens(), rerouted, 'the worker finds the same');
    }));
});
