/** The explanation: its figures load when near, describe the open model, and respond to mouse, touch and keys. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stepTitle } from '../../web/anatomy/activity.js';
import {
  ALL_POSSIBLE,
  bordersDrawn,
  causalityWords,
  codedByte,
  codedCost,
  playLabel,
  TEACHER_FORCED,
  thresholdValue,
} from '../../web/figures/figure_sentences.js';
import { describePart } from '../../web/figures/part_texts.js';
import { inBrowsers, screenshot, soundInBothSchemes } from '../in_browsers.js';
import { anyNumbers, wholly } from '../wording.js';
import { inspects } from './explorer.js';
import { attribute, bring, until } from './figures.js';
import { by, exampleOpens, press, reaches, says, start, textOf } from './pages.js';
import { sentenceOf } from './support/status.js';

/** @typedef {import('puppeteer-core').Page} Page */

const SENTENCE = 'One. Two. Three, and a great many words more than these.';
const CODE = /Explanation-[\w-]+\.js/;

/** Starts a training with the address's settings, once the example is there. @param {Page} page */
async function train(page) {
  await exampleOpens(page);
  await start(page);
}

/** What the card of a part of the example is headed by. @param {import('../../web/anatomy/parts.js').Part['kind']} kind @param {number} level */
const titleOf = (kind, level) =>
  describePart(
    { id: '', kind, level, tensors: [] },
    /** @type {import('../../web/anatomy/parts.js').Anatomy} */ ({ levels: 3, wiring: 'residual' }),
  ).title;

/** Tokens of levels 1, 2, … as the border figure shows them. @param {Page} page */
const borders = async (page) => (await attribute(page, 'border-figure', 'data-borders')).split(' ').map(Number);

/** Which states of the loop are said to have changed. @param {Page} page */
const changed = (page) =>
  page.$$eval('[data-cell]', (cells) =>
    cells.filter((cell) => cell.getAttribute('data-changed') === 'true').map((cell) => cell.getAttribute('data-cell')),
  );

/** @param {Page} page @param {string} value */
async function type(page, value) {
  await page.$eval(by('how-sentence'), (element) => /** @type {HTMLInputElement} */ (element).select());
  await page.type(by('how-sentence'), value);
}

inBrowsers(['chromium', 'firefox'], 'explanation', (open, name) => {
  it('is not loaded before it is near, then has its four figures', () =>
    open({ width: 1440, height: 500 }, async ({ page, requests }) => {
      await page.waitForFunction(
        () => Number(document.querySelector('[data-testid="hierarchy-canvas"]')?.getAttribute('data-version')) > 0,
      );
      assert.equal(
        requests.some((url) => CODE.test(url)),
        false,
        'the code is not part of the first view',
      );
      await bring(page, '#how');
      await page.waitForSelector(by('border-figure'));
      assert.ok(requests.some((url) => CODE.test(url)));
      await page.waitForSelector(by('model-figure'));
      await bring(page, '#how-loop');
      await page.waitForSelector(by('loop-figure'));
      await bring(page, '#how-interval');
      await page.waitForSelector(by('interval-place'));
      assert.equal(await page.$$eval('#how math', (all) => all.every((m) => m.getAttribute('alttext'))), true);
    }));

  it('shows how predictions become bits, by keyboard and on a phone', () =>
    open({ path: '#how', width: 390 }, async ({ page }) => {
      await bring(page, '#how');
      await page.waitForSelector(by('border-figure'));
      await bring(page, '#how-interval');
      await page.waitForSelector(by('interval-place'));
      await page.focus(by('interval-place'));
      await page.keyboard.press('Home');
      assert.equal(await textOf(page, 'interval-said'), ALL_POSSIBLE);
      for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight');
      assert.match(
        await textOf(page, 'interval-said'),
        wholly(codedByte(12), codedCost(12, { cost: Number.NaN, total: Number.NaN })),
      );
      assert.match(await textOf(page, 'interval-digits'), /[01]{8}/);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${over} pixels too wide`);
      if (name === 'chromium') await soundInBothSchemes(page, 'interval', '#how-interval');
    }));

  it('reads what is typed, and moves borders at once with a threshold’s keys', () =>
    open({ path: '#how', width: 1440, height: 900 }, async ({ page }) => {
      await bring(page, '#how-border');
      await page.waitForSelector(by('border-figure'));
      await type(page, SENTENCE);
      await until(page, 'border-figure', 'data-borders', (value) => value.split(' ').length === 2);
      await until(page, 'border-figure', 'aria-label', wholly(bordersDrawn(SENTENCE.length, [Number.NaN, Number.NaN])));
      const before = await borders(page);
      assert.equal(await attribute(page, 'border-figure', 'aria-label'), bordersDrawn(SENTENCE.length, before));
      await page.focus(by('how-threshold-0'));
      for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowLeft');
      await until(page, 'border-figure', 'data-borders', (value) => Number(value.split(' ')[0]) > before[0]);
      await page.focus(by('how-threshold-1'));
      await page.keyboard.press('Home');
      // At 0 every token of level 1 is a border.
      await until(page, 'border-figure', 'data-borders', (value) => new Set(value.split(' ')).size === 1);
      await page.waitForFunction(() => /rule=/.test(location.search));
      assert.doesNotMatch(await page.evaluate(() => location.href), /great/);
      await page.click(by('how-thresholds-reset'));
      await until(page, 'border-figure', 'data-borders', (value) => value === before.join(' '));
      await type(page, ' ');
      await page.keyboard.press('Backspace');
      await page.waitForSelector('.how-message');
    }));

  it('drags a threshold', () =>
    open({ path: '#how', width: 1440, height: 900 }, async ({ page }) => {
      await bring(page, '#how-border');
      const grip = await page.waitForSelector(`${by('drag-0')} .tag`);
      const [before] = await borders(page);
      const box = /** @type {{x: number, y: number, width: number, height: number}} */ (await grip?.boundingBox());
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x, y + 60, { steps: 5 });
      await page.mouse.up();
      await until(page, 'border-figure', 'data-borders', (value) => Number(value.split(' ')[0]) > before);
    }));

  it('steps through bytes, forward and back, with the states that change', () =>
    open({ path: '#how-loop', width: 1440, height: 900 }, async ({ page }) => {
      await bring(page, '#how-loop');
      await page.waitForSelector(by('loop-figure'));
      assert.deepEqual(await changed(page), []);
      /** @type {unknown[]} */
      const seen = [];
      for (let step = 1; step <= 4; step++) {
        await page.click(by('loop-next'));
        await until(page, 'loop-figure', 'data-read', (value) => Number(value) === step);
        seen.push([await changed(page), await textOf(page, 'loop-phases')]);
        assert.ok((await changed(page)).includes('encoder-0'));
      }
      // The first byte is a border at every level; others move the lowest level alone.
      assert.ok(/** @type {string[][]} */ (seen[0])[0].includes('encoder-2'));
      assert.deepEqual(/** @type {string[][]} */ (seen[2])[0], ['encoder-0', 'budget-0', 'decoder-0']);
      for (let step = 3; step >= 1; step--) {
        await page.click(by('loop-back'));
        await until(page, 'loop-figure', 'data-read', (value) => Number(value) === step);
        assert.deepEqual([await changed(page), await textOf(page, 'loop-phases')], seen[step - 1]);
      }
      await page.focus(by('loop-place'));
      await page.keyboard.press('End');
      const steps = await attribute(page, 'loop-place', 'max');
      await until(page, 'loop-figure', 'data-read', (value) => value === steps);
      const largest = await page.$eval(`${by('loop-difference')} [data-largest]`, (e) =>
        e.getAttribute('data-largest'),
      );
      assert.ok(Number(largest) <= 1e-4, `cached and recomputed logits differ by ${largest}`);
    }));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('describes each part of the open model: shapes, parameters, where it can be seen', () =>
    open({ path: '#how', width: 1440, height: 900 }, async ({ page }) => {
      await bring(page, '#how-model');
      await page.waitForSelector('[data-part="layers-1"]');
      await page.hover('[data-part="score-1"] rect');
      await says(page, 'part-card', anyNumbers(titleOf('score', 1), '[1, 80]'));
      await page.click('[data-part="encoder-0"] rect');
      await says(page, 'part-card', /55,872.*\[288, 96\]|\[288, 96\].*55,872/s);
      await page.keyboard.press('ArrowUp');
      await says(page, 'part-card', anyNumbers(titleOf('scoreLoss', 0)));
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-part')), 'score-loss-0');
      await page.click('[data-part="layers-1"] rect');
      const see = await page.waitForSelector(`${by('part-card')} .buttons button`);
      await see?.click();
      await inspects(page, 1);
    }));

  it('highlights in the hierarchy what a term means, until the reader points elsewhere', () =>
    open({ path: '#how', width: 1440, height: 900 }, async ({ page }) => {
      await page.waitForSelector('#how-reads .term');
      await page.waitForSelector(by('strip-canvas'));
      // The colour of the highlight, which nothing else in the strip has.
      const framed = () =>
        page.$eval(by('strip-canvas'), (element) => {
          const canvas = /** @type {HTMLCanvasElement} */ (element);
          const focus = getComputedStyle(canvas).getPropertyValue('--focus').trim();
          const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(focus.slice(at, at + 2), 16));
          const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          let found = 0;
          for (let i = 0; i < data.length; i += 4)
            found += Number(data[i] === r && data[i + 1] === g && data[i + 2] === b);
          return found;
        });
      assert.equal(await framed(), 0);
      await page.$eval('#how-reads [data-term="entropy"]', (term) => /** @type {HTMLElement} */ (term).click());
      const end = Date.now() + 10_000;
      while ((await framed()) < 500) {
        assert.ok(Date.now() < end, 'the entropy lane is highlighted');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await page.$eval('#how-breaks [data-term="token"]', (term) => /** @type {HTMLElement} */ (term).click());
      while ((await framed()) > 0) {
        assert.ok(Date.now() < end, 'the highlight is gone');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }));

  it('plays and pauses', () =>
    open({ path: '#how-loop', width: 1440, height: 900 }, async ({ page }) => {
      await bring(page, '#how-loop');
      await page.waitForSelector(`${by('loop-play')}:not([disabled])`);
      await page.click(by('loop-play'));
      await says(page, 'loop-play', playLabel(true));
      await until(page, 'loop-figure', 'data-read', (value) => Number(value) >= 2);
      await page.click(by('loop-play'));
      await says(page, 'loop-play', playLabel(false));
      const at = await attribute(page, 'loop-figure', 'data-read');
      await new Promise((resolve) => setTimeout(resolve, 1200));
      assert.equal(await attribute(page, 'loop-figure', 'data-read'), at);
    }));

  it('checks that nothing looks ahead', () =>
    open({ path: '#how-loop', width: 1440, height: 900 }, async ({ page }) => {
      await bring(page, '#how-loop');
      // In one turn of the page: parts above that load late move the button.
      await press(page, 'causality');
      const found = { leaks: false, positions: 60, worst: 0, difference: Number.NaN };
      await says(page, 'causality-result', wholly(causalityWords(found)));
    }));

  it('saves each figure as a well-formed file', () =>
    open({ path: '#how', width: 1440, height: 900 }, async ({ page }) => {
      // Catches files before they would be downloaded.
      await page.evaluate(() => {
        const files = /** @type {{name: string, type: string, text: Promise<string>}[]} */ ([]);
        Object.assign(globalThis, { files });
        const blobs = new Map();
        const make = URL.createObjectURL.bind(URL);
        URL.createObjectURL = (/** @type {Blob} */ blob) => {
          const url = make(blob);
          blobs.set(url, blob);
          return url;
        };
        HTMLAnchorElement.prototype.click = function () {
          const blob = blobs.get(this.href);
          files.push({ name: this.download, type: blob.type, text: blob.text() });
        };
      });
      for (const name of ['border-rule', 'model', 'streaming-loop']) {
        await bring(page, by(`${name}-svg`));
        await page.waitForSelector(`figure:has(${by(`${name}-svg`)}) svg.drawing-svg`);
        for (const kind of ['svg', 'png']) {
          const count = await page.evaluate(() => /** @type {any} */ (globalThis).files.length);
          await page.click(by(`${name}-${kind}`));
          await page.waitForFunction((n) => /** @type {any} */ (globalThis).files.length > n, {}, count);
        }
        const { file, problems, texts } = await page.evaluate(async () => {
          const files = /** @type {any} */ (globalThis).files.slice(-2);
          const parsed = new DOMParser().parseFromString(await files[0].text, 'image/svg+xml');
          return {
            file: files.map((/** @type {any} */ f) => [f.name, f.type]),
            problems: parsed.querySelectorAll('parsererror').length + (/var\(--/.test(await files[0].text) ? 1 : 0),
            texts: parsed.querySelectorAll('text').length,
          };
        });
        assert.deepEqual(file, [
          [`adaptive-compressor-${name}.svg`, 'image/svg+xml'],
          [`adaptive-compressor-${name}.png`, 'image/png'],
        ]);
        assert.equal(problems, 0);
        assert.ok(texts > 10);
      }
    }));

  it('restores place, thresholds and part from an address', () =>
    open({ path: '?part=projection-1&step=12&rule=4_0.2#how-loop', width: 1440, height: 900 }, async ({ page }) => {
      await bring(page, '#how-loop');
      await until(page, 'loop-figure', 'data-read', (value) => value === '12');
      assert.match(await textOf(page, 'part-card'), anyNumbers(titleOf('projection', 1)));
      assert.equal(await attribute(page, 'how-threshold-0', 'aria-valuetext'), thresholdValue(4, 'nats'));
    }));
});

inBrowsers(['chromium'], 'explanation by touch', (open) => {
  it('drags a threshold with a finger, while the page does not scroll', () =>
    open({ path: '#how-border', width: 390, height: 844, touch: true }, async ({ page }) => {
      const grip = await page.waitForSelector(`${by('drag-0')} .tag`);
      await page.waitForFunction(() => !document.querySelector('#how > .skeleton, #how .how-skeleton'));
      await grip?.evaluate((e) => e.scrollIntoView({ behavior: 'instant', block: 'center' }));
      const [before] = await borders(page);
      const box = /** @type {{x: number, y: number, width: number, height: number}} */ (await grip?.boundingBox());
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const place = () => page.$eval(by('border-figure'), (e) => e.getBoundingClientRect().top);
      const where = await place();
      const finger = await page.touchscreen.touchStart(x, y);
      for (let i = 1; i <= 6; i++) await finger.move(x, y + 8 * i);
      const moved = Math.abs((await place()) - where);
      await finger.end();
      assert.ok(moved < 3, `the figure moved by ${moved} pixels under the finger`);
      await until(page, 'border-figure', 'data-borders', (value) => Number(value.split(' ')[0]) > before);
    }));
});

inBrowsers(['chromium'], 'explanation in every look', (open) => {
  for (const width of [390, 1440]) {
    it(`is accessible in light and dark, not wider than the window, and still: ${width} pixels`, () =>
      open({ path: '?step=14#how', width, height: 900, touch: width < 600, reducedMotion: true }, async ({ page }) => {
        await bring(page, '#how-loop');
        await page.waitForSelector(by('loop-figure'));
        for (const summary of await page.$$('#how details > summary')) await summary.click();
        await soundInBothSchemes(page, 'how', '#how');
        for (const summary of await page.$$('#how details > summary')) await summary.click();
        assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
        await page.click(by('loop-next'));
        await until(page, 'loop-figure', 'data-read', (value) => value === '15');
        if (width > 600) return;
        // The selected part stays in view below the figure until it is closed.
        await bring(page, '#how-model');
        await page.waitForSelector('[data-part="encoder-1"]');
        await page.$eval('[data-part="encoder-1"]', (e) => e.dispatchEvent(new MouseEvent('click', { bubbles: true })));
        await page.waitForSelector('.part-card.held');
        await press(page, 'part-close');
        await page.waitForSelector('.part-card:not(.held)');
      }));
  }

  it('draws a model of five levels, and the baseline, once opened', () =>
    open(
      {
        path: '?hidden_size=16&num_levels=5&max_steps=3&byte_entropy_threshold=3&meta_uncertainty_threshold=0.01#how',
        width: 1440,
        height: 900,
      },
      async ({ page }) => {
        await bring(page, '#how-model');
        await page.waitForSelector('[data-part="encoder-2"]');
        await train(page);
        await page.waitForSelector('[data-part="encoder-4"]');
        await reaches(page, 'finished');
        await page.waitForFunction(
          (title) => document.querySelector('#how-model figcaption')?.textContent?.includes(title),
          {},
          `${stepTitle(3)}: `,
        );
        await bring(page, '#how-loop');
        await page.waitForSelector('[data-cell="encoder-4"]');
        await screenshot(page, 'how-five-levels');
      },
    ));

  it('says of teacher-forced borders that they look ahead, with the number', () =>
    open(
      {
        path: '?hidden_size=16&max_steps=30&eval_every=3&learning_rate=0.01&border_mode=teacher_forced#how',
        width: 1440,
        height: 900,
      },
      async ({ page }) => {
        await train(page);
        await reaches(page, 'finished');
        await bring(page, '#how-loop');
        await page.waitForFunction(
          (words) => document.querySelector('#how-loop .problem')?.textContent === words,
          {},
          TEACHER_FORCED,
        );
        await page.click(by('causality'));
        const found = { leaks: true, positions: Number.NaN, worst: Number.NaN, difference: Number.NaN };
        await says(page, 'causality-result', wholly(causalityWords(found)));
        assert.equal(await page.$(by('notice')), null, 'only the figure itself says what can’t be read');
        assert.equal(await textOf(page, 'hierarchy'), sentenceOf('leaks'));
      },
    ));
});
