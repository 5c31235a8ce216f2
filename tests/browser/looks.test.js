/** Drawings look right in every browser: fine ticks and stripes, curves, the focus on a part of the page. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CHART_PROBLEM } from '../../web/components/page_sentences.js';
import { frames, inBrowsers } from '../in_browsers.js';
import { press, reaches, says, textFacts, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/**
 * The lightness of each pixel in a row of an element, as the reader sees it.
 * @param {Page} page
 * @param {string} selector
 * @param {number} down  pixels below its top
 * @returns {Promise<number[]>} 0 to 255 each
 */
async function row(page, selector, down) {
  const top = () => page.$eval(selector, (element) => element.getBoundingClientRect().top);
  let picture = '';
  // Parts above may still load, even while the picture is taken, and not every browser then keeps the scroll position.
  for (let before = -1; ; ) {
    await page.$eval(selector, (element) => element.scrollIntoView({ block: 'start', behavior: 'instant' }));
    const now = await top();
    if (now === before && now > 0) {
      await frames(page);
      picture = Buffer.from(await page.screenshot()).toString('base64');
      if ((await top()) === now) break;
    }
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return page.$eval(
    selector,
    async (element, png, y) => {
      const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const { left, top, width } = element.getBoundingClientRect();
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const data = context?.getImageData(Math.ceil(left), Math.floor(top + y), Math.floor(width), 1).data;
      return Array.from({ length: Math.floor(width) }, (_, i) => data?.[4 * i + 1] ?? 0);
    },
    picture,
    down,
  );
}

/**
 * Finds marks, and asserts that they are sharp: no pixel lies between a mark's colour and the background's.
 * @param {readonly number[]} pixels  of marks on a background
 * @returns {{from: number, wide: number}[]}
 */
function marks(pixels) {
  const [ink, paper] = [Math.min(...pixels), Math.max(...pixels)];
  assert.ok(paper - ink > 30, 'there are marks');
  const blurred = pixels.filter((pixel) => pixel > ink + 8 && pixel < paper - 8);
  assert.deepEqual(blurred, []);
  /** @type {{from: number, wide: number}[]} */
  const found = [];
  pixels.forEach((pixel, i) => {
    if (pixel > ink + 8) return;
    const last = found.at(-1);
    if (last && last.from + last.wide === i) last.wide++;
    else found.push({ from: i, wide: 1 });
  });
  return found;
}

/** A browser whose language setting is not a language. */
function nameNoLanguage() {
  Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C', configurable: true });
}

inBrowsers(['chromium', 'firefox', 'webkit'], 'looks', (open) => {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ]) {
    it(`rules and stripes are sharp and even at ${width} pixels`, () =>
      open({ width, height }, async ({ page }) => {
        await textFacts(page);
        const ruler = marks(await row(page, '#hierarchy', 4));
        assert.ok(ruler.length > 20);
        for (const [i, { from, wide }] of ruler.entries()) assert.deepEqual([from, wide], [12 * i, 1]);
        const stripes = marks((await row(page, '.split span:first-child', 6)).slice(0, 200));
        assert.ok(stripes.length > 40);
        for (const { wide } of stripes.slice(1, -1)) assert.equal(wide, 2);
        for (const [i, { from }] of stripes.slice(1).entries()) assert.equal(from - stripes[i].from, 4);
      }));
  }

  it('curves are drawn during training, whatever the browser’s language setting', () =>
    open(
      { path: '?hidden_size=16&max_steps=100000&eval_every=5&workers=1', script: nameNoLanguage },
      async ({ page }) => {
        await textFacts(page);
        await page.$eval('#train', (section) => section.scrollIntoView({ behavior: 'instant' }));
        await press(page, 'start');
        await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > 10);
        await page.waitForSelector('.chart canvas');
        /** Pixels of the curve’s own colour. */
        const inked = () =>
          page.$eval('.chart canvas', (element) => {
            const canvas = /** @type {HTMLCanvasElement} */ (element);
            const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
            let count = 0;
            for (let i = 0; i < data.length; i += 4)
              if (data[i + 3] > 128 && data[i] > data[i + 1] + 60 && data[i] > data[i + 2] + 20) count++;
            return count;
          });
        const first = await inked();
        assert.ok(first > 0, 'the curve is drawn');
        const step = Number((await until(page, 'step', () => true)).replaceAll(',', ''));
        await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > step + 100);
        await reaches(page, 'training');
        assert.notEqual(await inked(), first, 'the curve goes on');
      },
    ));

  it('following a link to a part of the page puts no focus ring around it', () =>
    open({ width: 1440, height: 900 }, async ({ page }) => {
      await textFacts(page);
      await page.click('.header nav a[href="#train"]');
      await page.waitForFunction(() => location.hash === '#train' && scrollY > 500);
      const outline = await page.$eval('#train', (section) => getComputedStyle(section).outlineStyle);
      assert.equal(outline, 'none');
      await page.keyboard.press('Tab');
      await page.waitForFunction(() => document.activeElement?.matches('#train :focus-visible'));
    }));
});

inBrowsers(['chromium'], 'a chart whose code does not come', (open) => {
  it('says that the code could not be loaded', () =>
    open({}, async ({ page, problems }) => {
      await textFacts(page);
      await page.setRequestInterception(true);
      page.on('request', (request) => (/\/plot-/.test(request.url()) ? request.abort() : request.continue()));
      await page.$eval('#train', (section) => section.scrollIntoView({ behavior: 'instant' }));
      await says(page, 'chart-problem', CHART_PROBLEM);
      problems.length = 0;
    }));
});
