/** Links and addresses lead to parts of the page, whatever arrives above them on the way. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inBrowsers } from '../browser.js';
import { by } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** Pixels from the window's top to where a part stands, which links keep free. */
const FREE = 24;

/**
 * Waits until all that stands above a part is there and the part is where links go.
 * @param {Page} page
 * @param {string} id
 * @param {() => void} [then]  runs in the page at that moment
 */
async function arrives(page, id, then) {
  await page.evaluate(`globalThis.onArrival = ${then ?? (() => {})}`);
  await page.waitForFunction(
    (/** @type {string} */ selector, /** @type {number} */ free) => {
      const part = document.querySelector(selector);
      const pending = [...document.querySelectorAll('main > .section > .skeleton, main [data-waiting]')].some(
        (place) =>
          part && (place.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING || part.contains(place)),
      );
      const there = part && !pending && Math.abs(part.getBoundingClientRect().top - free) <= 2;
      if (there) /** @type {any} */ (globalThis).onArrival();
      return there;
    },
    { timeout: 60_000 },
    `#${id}`,
    FREE,
  );
}

inBrowsers(['chromium', 'firefox'], 'places', (open, name) => {
  it('an address leads to its part, and a link to another', () =>
    open({ path: '#runs', height: 500 }, async ({ page }) => {
      await page.waitForSelector(by('session-input'), { timeout: 60_000 });
      await arrives(page, 'runs');
      assert.ok(await page.$('#how .how-figure, #how figure'), 'what stands above is loaded');
      await page.click('header a[href="#measure"]');
      await arrives(page, 'measure');
    }));

  it('scrolling by the browser itself, which keeps in place what is in view, is not taken for the reader’s', () =>
    open({ path: '#runs', height: 500 }, async ({ page }) => {
      await page.waitForSelector(by('session-input'), { timeout: 60_000 });
      await arrives(page, 'runs', () => {
        // Something of 100 pixels comes above, and the browser scrolls by a part of it.
        const more = document.createElement('div');
        more.style.height = '100px';
        document.getElementById('how')?.before(more);
        requestAnimationFrame(() => requestAnimationFrame(() => scrollBy({ top: 60, behavior: 'instant' })));
      });
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
      await arrives(page, 'runs');
    }));

  it('one click arrives, though most of the page is still to come', () =>
    open({ width: 390, touch: name === 'chromium' }, async ({ page }) => {
      await page.waitForSelector('#write');
      await page.click('.intro a[href="#write"]');
      await page.waitForSelector(by('prompt'), { timeout: 60_000 });
      await arrives(page, 'write');
      // The browser says some frames later that it is at rest; until then it is on the way.
      await new Promise((resolve) => setTimeout(resolve, 500));
      // Who went elsewhere is not brought back by what comes later.
      await page.evaluate(async () => {
        const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        scrollBy({ top: -400, behavior: 'instant' });
        await frames();
        document.body.style.paddingBottom = '100px';
        await frames();
      });
      const top = await page.$eval('#write', (part) => part.getBoundingClientRect().top);
      assert.ok(top > 200, `the part stands at ${top}`);
    }));
});
