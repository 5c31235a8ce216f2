/** A text of 100 MB: the page stays responsive, and nothing holds all of it in memory. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toTrainOn } from '../../web/components/page_sentences.js';
import { inBrowsers } from '../in_browsers.js';
import { by, exampleOpens, press, reaches, textOpens, until } from './pages.js';

inBrowsers(['chromium'], 'a text of 100 MB', (open) => {
  it('neither freezes the page nor fills its memory', () =>
    open(
      { width: 1440, height: 900, path: '?preset=quick_start&max_steps=20&eval_every=10#train' },
      async ({ page }) => {
        await exampleOpens(page);
        await textOpens(page);
        const used = await page.createCDPSession();
        const memory = async () => {
          /** @type {any} */
          const { usedSize, backingStorageSize = 0 } = await used.send('Runtime.getHeapUsage');
          return usedSize + backingStorageSize;
        };
        const before = await memory();
        // First the file, which lies outside the page's memory, as on a disk; then the page reads it.
        await page.evaluate(() => {
          const parts = Array.from({ length: 100 }, (_, i) => {
            const line = `Part ${i} of a long text, with some words in it.\n`;
            return new Blob([line.repeat(25_000).slice(0, 1_000_000)]);
          });
          Object.assign(globalThis, { large: new File(parts, 'large.txt') });
        });
        await page.$eval(by('file-input'), (element) => {
          const input = /** @type {HTMLInputElement} */ (element);
          const list = new DataTransfer();
          list.items.add(/** @type {any} */ (globalThis).large);
          input.files = list.files;
          // Gaps between frames, from now on.
          const gaps = /** @type {number[]} */ ([]);
          Object.assign(globalThis, { gaps });
          let last = performance.now();
          const frame = (/** @type {number} */ now) => {
            gaps.push(now - last);
            last = now;
            requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
          input.dispatchEvent(new Event('change', { bubbles: true }));
        });
        await until(page, 'text-facts', (text) => text.includes('large.txt') && text.includes(toTrainOn(90e6)));
        await press(page, 'start');
        await reaches(page, 'finished');
        await press(page, 'corpus-open');
        await until(page, 'corpus-head', (text) => text.startsWith('Part 0 of a long text'));
        const gaps = await page.evaluate(() => /** @type {any} */ (globalThis).gaps);
        gaps.sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
        assert.ok(gaps.at(-1) < 3000, `the page stood still for ${gaps.at(-1)} ms`);
        assert.ok(gaps[Math.floor(gaps.length * 0.9)] < 150, 'one frame in ten came late');
        await used.send('HeapProfiler.collectGarbage');
        const grown = (await memory()) - before;
        assert.ok(grown < 50e6, `the page holds ${Math.round(grown / 1e6)} MB more`);
        const inWorkers = await Promise.all(
          page.workers().map(async (worker) => {
            await worker.client.send('HeapProfiler.collectGarbage');
            /** @type {any} */
            const { backingStorageSize = 0 } = await worker.client.send('Runtime.getHeapUsage');
            return backingStorageSize;
          }),
        );
        const most = inWorkers.reduce((sum, bytes) => sum + bytes, 0);
        assert.ok(most < 300e6, `workers hold ${inWorkers.map((bytes) => Math.round(bytes / 1e6))} MB`);
      },
    ));
});
