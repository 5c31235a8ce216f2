/** The main job in forced colours, at 200 % zoom, and with texts that run from right to left or have several bytes a character. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { accessibilityProblems, frames, inBrowsers, screenshot } from '../in_browsers.js';
import { numbersIn } from '../wording.js';
import { drawn, inspects } from './explorer.js';
import { by, exampleOpens, press, reaches, start, textOpens, toRuns, until, upload } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const SMALL =
  '?hidden_size=8&num_levels=2&batch_size=2&sequence_length=32&eval_every=20&workers=1&sample_bytes=16&max_steps=60&bytes=512';
const FILES = path.join(ROOT, 'build/texts');
const TEXTS = {
  'right-to-left':
    'في البدء كانت الكلمة، ثم جاء النموذج وقرأ 128 بايت (واحدًا بعد الآخر).\nבראשית היה הטקסט, ואחר כך בא המודל וקרא 128 בתים (GRU).\n',
  cjk: '模型逐字节地读这段文字，不确定性越过阈值时就画出一条边界。日本語の文章と한국어 문장도。\n',
};

before(() => {
  mkdirSync(FILES, { recursive: true });
  for (const [name, text] of Object.entries(TEXTS)) writeFileSync(path.join(FILES, `${name}.txt`), text.repeat(400));
});

/** Whatever moves by itself, though the reader asked for reduced motion. @param {Page} page @returns {Promise<string[]>} */
const moving = (page) =>
  page.evaluate(() => {
    const waiting = document.createElement('p');
    waiting.className = 'skeleton';
    document.body.append(waiting);
    const found = document.getAnimations().map((animation) => `${/** @type {any} */ (animation).animationName}`);
    waiting.remove();
    return getComputedStyle(document.documentElement).scrollBehavior === 'auto' ? found : [...found, 'scrolling'];
  });

/** Trains on a text to the end, looks at a byte and a token, writes, and goes to the runs. @param {Page} page @param {string} [file] */
async function job(page, file) {
  await exampleOpens(page);
  await textOpens(page);
  if (file) {
    await upload(page, 'file-input', path.join(FILES, file));
    await textOpens(page, file);
  }
  await start(page);
  await reaches(page, 'finished');
  await press(page, 'generate-button');
  assert.deepEqual(await moving(page), []);
  await page.waitForSelector(by('generate-button'));
  await until(page, 'generated-figures', (text) => numbersIn(text)[0] >= 1);
  await drawn(page, 100);
  await page.waitForFunction(
    (/** @type {string} */ selector) => {
      const strip = /** @type {HTMLElement} */ (document.querySelector(selector));
      return (strip.querySelector('canvas')?.clientWidth ?? 0) > 0.95 * strip.clientWidth;
    },
    { timeout: 60_000 },
    by('strip'),
  );
  await page.focus(by('strip'));
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await inspects(page, 0);
  await frames(page);
}

/** Elements whose text reaches beyond the window's width, or is cut off. @param {Page} page */
const cutOff = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, label, h2, h3, p, summary, legend, dt, dd')]
      .filter((element) => {
        if (!element.checkVisibility() || element.closest('.table-scroll, .visually-hidden, svg')) return false;
        const { left, right, width } = element.getBoundingClientRect();
        return (
          width > 1 &&
          (right > innerWidth + 1 ||
            left < -1 ||
            (element.scrollWidth > element.clientWidth + 2 && getComputedStyle(element).overflowX !== 'visible') ||
            (element.scrollHeight > element.clientHeight + 4 && getComputedStyle(element).overflowY !== 'visible'))
        );
      })
      .map((element) => `${element.tagName} ${element.className}: ${element.textContent?.slice(0, 40)}`),
  );

/** Pairs of texts or controls that overlap. @param {Page} page */
const overlaps = (page) =>
  page.evaluate(() => {
    /** @typedef {{at: Element, says: string, left: number, right: number, top: number, bottom: number}} Box */
    /** The visible part of a box, if any. @param {Element} at @param {DOMRect} rect @param {number} shrink @param {string} says @returns {Box[]} */
    function seen(at, rect, shrink, says) {
      const box = {
        at,
        says,
        left: rect.left,
        right: rect.right,
        top: rect.top + shrink,
        bottom: rect.bottom - shrink,
      };
      for (let up = shrink > 0 ? at : at.parentElement; up; up = up.parentElement) {
        const style = getComputedStyle(up);
        // Parts that stay in place while the rest scrolls overlap it on purpose.
        if (style.position === 'sticky' || style.position === 'fixed') return [];
        if (style.overflowY === 'visible' && style.overflowX === 'visible') continue;
        const clip = up.getBoundingClientRect();
        box.left = Math.max(box.left, clip.left);
        box.right = Math.min(box.right, clip.right);
        box.top = Math.max(box.top, clip.top);
        box.bottom = Math.min(box.bottom, clip.bottom);
      }
      return box.right - box.left > 2 && box.bottom - box.top > 2 ? [box] : [];
    }
    const visible = { opacityProperty: true, visibilityProperty: true };
    const boxes = [...document.querySelectorAll('button, a[href], input, select, textarea, summary')].flatMap((at) =>
      at.checkVisibility(visible) && !at.closest('svg, .visually-hidden')
        ? seen(at, at.getBoundingClientRect(), 0, `${at.tagName} ${at.id} ${at.textContent?.slice(0, 30)}`)
        : [],
    );
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.parentElement;
      if (!at || !node.textContent?.trim() || !at.checkVisibility(visible)) continue;
      if (at.closest('svg, math, option, .visually-hidden, .uplot, .scroller, [aria-hidden]')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      // Lines are taller than their letters.
      for (const rect of range.getClientRects())
        boxes.push(...seen(at, rect, rect.height / 4, `“${node.textContent.trim().slice(0, 40)}”`));
    }
    boxes.sort((a, b) => a.top - b.top);
    const found = [];
    for (const [i, a] of boxes.entries()) {
      for (let j = i + 1; j < boxes.length && boxes[j].top < a.bottom - 1; j++) {
        const b = boxes[j];
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) <= 1) continue;
        if (a.at === b.at || a.at.contains(b.at) || b.at.contains(a.at)) continue;
        found.push(`${a.says} / ${b.says}`);
      }
    }
    return [boxes.length, ...new Set(found)];
  });

/** Elements that reach beyond the window. @param {Page} page */
const wide = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => `${element.tagName}.${element.getAttribute('class')}`)
      .slice(0, 30)
      .join(' '),
  );

/** Fails where the page does not fit into its window. @param {Page} page @param {number} width */
async function fits(page, width) {
  // Drawings follow their window within a few frames.
  await page
    .waitForFunction((most) => document.documentElement.scrollWidth <= most, { timeout: 5000 }, width)
    .catch(async () => assert.fail(`wider than ${width} pixels: ${await wide(page)}`));
  await frames(page);
  assert.deepEqual(await cutOff(page), []);
  const [boxes, ...found] = await overlaps(page);
  assert.ok(Number(boxes) > 300, `${boxes} boxes`);
  assert.deepEqual(found, [], `${width} pixels`);
}

/** The lightest and the darkest drawn pixel of a canvas. @param {Page} page @param {string} selector */
const light = (page, selector) =>
  page.$eval(selector, (element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const seen = { dark: 0, light: 0 };
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 200) continue;
      const value = (data[i] + data[i + 1] + data[i + 2]) / 3;
      if (value < 80) seen.dark++;
      if (value > 175) seen.light++;
    }
    return seen;
  });

inBrowsers(['chromium'], 'main job for every reader', (open) => {
  for (const scheme of /** @type {const} */ (['light', 'dark'])) {
    it(`draws in forced colours (${scheme})`, () =>
      open(
        { path: SMALL, scheme, forcedColours: true, reducedMotion: true, width: 1280, height: 900 },
        async ({ page }) => {
          await job(page);
          assert.ok(await page.evaluate(() => matchMedia('(forced-colors: active)').matches));
          const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
          // Ink differs from its background, which has the system's colour.
          const paper = await page.evaluate(() => {
            const [red] =
              getComputedStyle(document.body.parentElement ?? document.body).backgroundColor.match(/\d+/g) ?? [];
            return Number(red);
          });
          assert.equal(paper < 128, dark);
          for (const id of ['strip', 'hierarchy', 'minimap']) {
            const seen = await light(page, `${by(id)} canvas`);
            assert.ok((dark ? seen.light : seen.dark) > 50, `${id}: ${JSON.stringify(seen)}`);
          }
          // A selected control differs from the others in more than its border.
          const choices = await page.$$eval('input[name="passage"]', (inputs) =>
            inputs.map((input) => [
              /** @type {HTMLInputElement} */ (input).checked,
              getComputedStyle(/** @type {Element} */ (input.nextElementSibling)).backgroundColor,
            ]),
          );
          const [[, chosen], [, other]] = choices.toSorted(([a], [b]) => Number(b) - Number(a));
          assert.notEqual(chosen, other);
          await toRuns(page);
          assert.deepEqual(await accessibilityProblems(page), []);
          await screenshot(page, `forced-${scheme}`);
        },
      ));
  }

  it('fits at 200 % zoom, and with text of twice the size', () =>
    open({ path: SMALL, width: 640, height: 400, reducedMotion: true }, async ({ page }) => {
      await page.setViewport({ width: 640, height: 400, deviceScaleFactor: 2 });
      await job(page);
      await toRuns(page);
      await page.waitForSelector(by('run-detail'));
      await page.$$eval('details', (all) => {
        for (const each of all) each.open = true;
      });
      await page.waitForSelector('#setting-seed');
      await fits(page, 640);
      await screenshot(page, 'zoom-200');
      await page.setViewport({ width: 390, height: 844 });
      await fits(page, 390);
      await page.setViewport({ width: 1280, height: 800 });
      await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
      });
      await screenshot(page, 'letters-200');
      await fits(page, 1280);
    }));

  for (const name of Object.keys(TEXTS)) {
    it(`reads, draws and writes ${name}`, () =>
      open({ path: SMALL, width: 1280, height: 900, reducedMotion: true }, async ({ page }) => {
        await job(page, `${name}.txt`);
        // Bytes of one character show the whole character, and the strip still runs from left to right.
        const at = () => page.$eval(by('strip'), (strip) => Number(strip.getAttribute('aria-valuenow')));
        const before = await at();
        await page.keyboard.press('ArrowRight');
        assert.equal(await at(), before + 1);
        const sign = await page.$eval('.inspector .sign', (element) => element.textContent ?? '');
        assert.equal([...sign].length, 1);
        assert.notEqual(sign, '\ufffd');
        await press(page, 'corpus-open');
        await until(page, 'corpus-head', (text) =>
          text.startsWith(TEXTS[/** @type {keyof typeof TEXTS} */ (name)].slice(0, 20)),
        );
        // Right-to-left text begins at the right; what surrounds it stays in its place.
        const direction = await page.$eval(by('corpus-head'), (element) => {
          const range = document.createRange();
          range.setStart(/** @type {Node} */ (element.firstChild), 0);
          range.setEnd(/** @type {Node} */ (element.firstChild), 1);
          const [first, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
          return first.left - box.left > box.width / 2 ? 'rtl' : 'ltr';
        });
        assert.equal(direction, name === 'cjk' ? 'ltr' : 'rtl');
        for (const selector of [by('generated-output'), '#own-words, #prompt'])
          assert.ok(await page.$eval(selector, (e) => getComputedStyle(e).unicodeBidi === 'plaintext'), selector);
        assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), 'ltr');
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1280);
        assert.deepEqual(await accessibilityProblems(page), []);
        await screenshot(page, `text-${name}`);
      }));
  }
});
