/** A newcomer's first minutes: what the first screen says, where its links lead, and the guided first run. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { STATES } from '../../web/components/page_sentences.js';
import { bordersAtWords, costFell, stopOf } from '../../web/components/tour/tour_sentences.js';
import { STOPS, THINGS, takesThePlaceOf } from '../../web/state/tour.js';
import { accessibilityProblems, frames, inBrowsers, screenshot } from '../in_browsers.js';
import { anyNumbers } from '../wording.js';
import { by, press, reaches, says, textFacts, textOf, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const INVITATION = '.intro [data-tour]';
const AGAIN = '.footer [data-tour]';

/** Waits until the tour points at something in view. @param {Page} page @param {number} number @param {string} place */
async function stop(page, number, place) {
  await until(page, 'tour', (text) => text.startsWith(stopOf(number, STOPS.length)));
  await page.waitForFunction(
    (selector, callout) => {
      const [target, words] = [document.querySelector(selector), document.querySelector(callout)];
      if (!words || !target?.matches('.pointed-at') || words !== document.activeElement) return false;
      const [thing, box] = [target.getBoundingClientRect(), words.getBoundingClientRect()];
      return box.top >= 0 && box.bottom <= thing.top && thing.top < innerHeight - 100;
    },
    {},
    place,
    by('tour'),
  );
}

inBrowsers(['chromium'], 'first screen', (open) => {
  it('says in one line what one can do here, and links to the page’s parts in order', () =>
    open({ width: 1440, height: 900 }, async ({ page }) => {
      await textFacts(page);
      const line = await page.$eval('.lead b', (words) => {
        const range = document.createRange();
        range.selectNodeContents(words);
        return {
          text: words.textContent,
          lines: range.getClientRects().length,
          top: words.getBoundingClientRect().top,
        };
      });
      const jobs = await page.$$eval('.header nav a', (all) =>
        ['#train', '#write', '#compress'].map(
          (part) => all.find((link) => link.getAttribute('href') === part)?.textContent,
        ),
      );
      let at = 0;
      for (const job of jobs) {
        at = String(line.text).indexOf(String(job).toLowerCase(), at);
        assert.ok(at > 0, `${line.text} does not say ${job}`);
      }
      assert.equal(line.lines, 1);
      assert.ok(line.top < 400);
      const links = await page.$$eval('.header nav a', (all) => all.map((link) => link.getAttribute('href')));
      const parts = await page.$$eval('main > .section', (all) => all.map(({ id }) => `#${id}`));
      assert.deepEqual(links, parts);
      const intro = await page.$$eval('.intro a', (all) => all.map((link) => link.getAttribute('href')));
      for (const link of intro) assert.ok(parts.includes(String(link)));
    }));
});

inBrowsers(['chromium'], 'guided first run', (open) => {
  it('trains, and points at three things, by keyboard, on a phone, in the dark', () =>
    open({ width: 390, height: 844, scheme: 'dark', reducedMotion: true, keeps: true }, async ({ page, site }) => {
      await textFacts(page);
      await page.focus(INVITATION);
      await page.keyboard.press('Enter');
      await stop(page, 1, '#train-curve');
      const fell = [null, Number.NaN].map((gzip) => anyNumbers(costFell({ first: Number.NaN, now: Number.NaN, gzip })));
      await until(page, 'tour', (text) => fell.some((pattern) => pattern.test(text)));
      await screenshot(page, 'tour-1', false);
      assert.deepEqual(await accessibilityProblems(page, '#tour'), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);

      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await stop(page, 2, '#hierarchy .drawing');
      await says(page, 'tour', anyNumbers(bordersAtWords({ borders: Number.NaN, bytes: Number.NaN })));
      await screenshot(page, 'tour-2', false);

      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await stop(page, 3, '#train-samples');
      await page.waitForSelector(by('samples'));
      await screenshot(page, 'tour-3', false);
      assert.deepEqual(await accessibilityProblems(page, '#tour'), []);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.id === 'train');
      assert.equal(await page.$('#tour, .pointed-at'), null, 'nothing is left of the tour');
      assert.equal(await textOf(page, 'state'), STATES.training, 'its run goes on');

      // It is no longer offered, but can still be taken.
      await page.goto(site);
      await textFacts(page);
      assert.equal(await page.$(INVITATION), null);
      assert.equal(await page.$eval('.intro .button', (link) => link.classList.contains('primary')), true);
      await page.$eval(AGAIN, (button) => /** @type {HTMLElement} */ (button).click());
      await stop(page, 1, '#train-curve');
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !document.querySelector('#tour, .pointed-at'));
    }));

  it('ends at the place where the reader’s own text is chosen', () =>
    open({}, async ({ page }) => {
      await textFacts(page);
      await page.$eval(INVITATION, (button) => /** @type {HTMLElement} */ (button).click());
      await stop(page, 1, '#train-curve');
      for (const [number, place] of /** @type {const} */ ([
        [2, '#hierarchy .drawing'],
        [3, '#train-samples'],
      ])) {
        await press(page, 'tour-next');
        await stop(page, number, place);
      }
      await press(page, 'tour-train');
      await page.waitForFunction(() => {
        const top = document.querySelector('#train h2')?.getBoundingClientRect().top ?? -1;
        return !document.querySelector('#tour, .pointed-at') && top >= 0 && top < innerHeight / 2;
      });
    }));

  it('can be skipped at its first stop, and is not offered again', () =>
    open({ keeps: true }, async ({ page, site }) => {
      await textFacts(page);
      assert.equal(await page.$(by('tour')), null, 'it never begins by itself');
      await page.$eval(INVITATION, (button) => /** @type {HTMLElement} */ (button).click());
      await stop(page, 1, '#train-curve');
      await reaches(page, 'training');
      await page.$eval(by('tour-skip'), (button) => /** @type {HTMLElement} */ (button).click());
      await page.waitForFunction(() => !document.querySelector('#tour, .pointed-at'));
      assert.equal(await textOf(page, 'state'), STATES.training, 'its run goes on');
      await page.goto(site);
      await textFacts(page);
      await frames(page);
      assert.equal(await page.$(by('tour')), null);
      assert.equal(await page.$(INVITATION), null);
      assert.ok(await page.$(AGAIN));
    }));

  it('asks before it replaces the reader’s own text', () =>
    open({}, async ({ page }) => {
      await textFacts(page);
      await page.evaluate(async () => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['My own words. '.repeat(5000)], 'mine.txt'));
        const input = /** @type {HTMLInputElement} */ (document.querySelector('[data-testid="file-input"]'));
        input.files = transfer.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      });
      await until(page, 'text-facts', (text) => text.includes('mine.txt'));
      await page.$eval(INVITATION, (button) => /** @type {HTMLElement} */ (button).click());
      await until(page, 'question', (text) => text.startsWith(takesThePlaceOf([THINGS.text])));
      await page.keyboard.press('Escape');
      await page.waitForFunction((at) => !document.querySelector(at), {}, by('question'));
      await frames(page);
      await until(page, 'text-facts', (text) => text.includes('mine.txt'));
      assert.equal(await textOf(page, 'state'), STATES.idle);
      assert.equal(await page.$(by('tour')), null);
    }));
});
