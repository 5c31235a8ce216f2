/** Links and addresses lead to parts of the page, whatever loads above them meanwhile. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inBrowsers } from '../in_browsers.js';
import { by, PENDING, UNLOADED } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** Adds a part that never loads, so that the page keeps following the link's target. */
function neverDone() {
  new MutationObserver((_, looks) => {
    const main = document.querySelector('main');
    if (!main) return;
    looks.disconnect();
    const part = document.createElement('div');
    part.dataset.waiting = '';
    part.style.height = '1px';
    main.prepend(part);
  }).observe(document, { childList: true, subtree: true });
}

/** Hides the browser's event of a new address from the page; the test sends it later. */
function lateNews() {
  addEventListener('hashchange', (news) => {
    if (news.isTrusted) news.stopImmediatePropagation();
  });
}

/** Pixels that links leave free above a part. */
const FREE = 24;

/**
 * Waits until everything above a part has loaded and the part is where links lead.
 * @param {Page} page
 * @param {string} id
 * @param {string} [pending]  selector of parts that have not loaded
 */
async function arrives(page, id, pending = PENDING) {
  await page.waitForFunction(
    (/** @type {string} */ selector, /** @type {number} */ free, /** @type {string} */ places) => {
      const part = document.querySelector(selector);
      const pending = [...document.querySelectorAll(places)].some(
        (place) =>
          part && (place.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING || part.contains(place)),
      );
      return part && !pending && Math.abs(part.getBoundingClientRect().top - free) <= 2;
    },
    { timeout: 60_000 },
    `#${id}`,
    FREE,
    pending,
  );
}

/**
 * Scrolls away from a part: parts that load later must not bring the reader back.
 * @param {Page} page
 * @param {string} id
 */
async function leaves(page, id) {
  await page.evaluate(async () => {
    const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    scrollBy({ top: -2000, behavior: 'instant' });
    await frames();
    document.body.style.paddingBottom = '100px';
    await frames();
  });
  // Parts between may still become shorter; whoever is brought back has the part at the top.
  const top = await page.$eval(`#${id}`, (part) => part.getBoundingClientRect().top);
  assert.ok(top > FREE + 500, `the part stands at ${top}`);
}

inBrowsers(['chromium', 'firefox'], 'places', (open, name) => {
  it('an address leads to its part, and a link to another', () =>
    open({ path: '#runs', height: 500 }, async ({ page }) => {
      await page.waitForSelector(by('session-input'), { timeout: 60_000 });
      await arrives(page, 'runs');
      assert.ok(await page.$('#how .how-figure, #how figure'), 'the parts above are loaded');
      await page.click('header a[href="#measure"]');
      await arrives(page, 'measure');
    }));

  it('scrolling by the browser as parts load is not taken for the reader’s', () =>
    open({ path: '#runs', height: 500, script: neverDone }, async ({ page }) => {
      await page.waitForSelector(by('session-input'), { timeout: 60_000 });
      await arrives(page, 'runs', UNLOADED);
      await page.evaluate(() => {
        const late = document.createElement('div');
        late.style.height = '21px';
        document.querySelector('main')?.prepend(late);
        scrollBy({ top: 15, behavior: 'instant' });
      });
      await arrives(page, 'runs', UNLOADED);
      await leaves(page, 'runs');
    }));

  it('a reader who moves on by keys before the browser reports a followed link is not brought back', () =>
    open({ script: lateNews, height: 500 }, async ({ page }) => {
      await page.waitForSelector(by('strip'), { timeout: 60_000 });
      await page.focus('a.skip');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.id === 'hierarchy');
      await arrives(page, 'hierarchy');
      await new Promise((resolve) => setTimeout(resolve, 500));
      await page.keyboard.down('Shift');
      await page.keyboard.press('Tab');
      await page.keyboard.up('Shift');
      const top = () => page.$eval('.intro a[href="#write"]', (link) => link.getBoundingClientRect().top);
      await page.waitForFunction(() => document.activeElement?.matches('.intro a[href="#write"]'));
      await new Promise((resolve) => setTimeout(resolve, 700));
      await page.evaluate(() => dispatchEvent(new HashChangeEvent('hashchange')));
      await new Promise((resolve) => setTimeout(resolve, 700));
      assert.ok((await top()) >= 0, `the link that has the focus stands at ${await top()}`);
    }));

  it('one click arrives, though most of the page has yet to load', () =>
    open({ width: 390, touch: name === 'chromium' }, async ({ page }) => {
      await page.waitForSelector('#write');
      await page.click('.intro a[href="#write"]');
      await page.waitForSelector(by('prompt'), { timeout: 60_000 });
      await arrives(page, 'write');
      // The browser reports the end of scrolling some frames later; until then the page counts as moving.
      await new Promise((resolve) => setTimeout(resolve, 500));
      await leaves(page, 'write');
    }));
});
