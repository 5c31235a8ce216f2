/** The main job by keyboard alone: every stop is visible, has a focus ring and a name, and the focus is never lost. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { readout } from '../../web/charts/overlay.js';
import { written } from '../../web/components/page_sentences.js';
import { PASTED, SAMPLES } from '../../web/state/texts.js';
import { inBrowsers } from '../in_browsers.js';
import { anyNumbers, wholly } from '../wording.js';
import { inspects } from './explorer.js';
import { byKeyboard } from './keys.js';
import { by, catchDownloads, exampleOpens, PENDING, reaches, says, textOf, textOpens, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const SMALL =
  '?hidden_size=8&num_levels=2&batch_size=2&sequence_length=32&eval_every=200&workers=1&sample_bytes=0&max_steps=90000';
/** A point of the first curve. */
const READOUT = new RegExp(`^${anyNumbers(readout([{ mark: 'a', x: Number.NaN, y: Number.NaN }], 'step')).source}`);
const FILES = path.join(ROOT, 'build/texts');
const OWN = path.join(FILES, 'by-keyboard.txt');

before(() => {
  mkdirSync(FILES, { recursive: true });
  writeFileSync(OWN, readFileSync(path.join(ROOT, 'public/samples/moby-dick.txt')).subarray(0, 60_000));
});

/**
 * Waits until everything above a part has loaded, since the page may move until then.
 * @param {Page} page
 * @param {string} selector
 */
const allAbove = (page, selector) =>
  page.waitForFunction(
    (/** @type {string} */ at, /** @type {string} */ pending) => {
      const part = /** @type {Element} */ (document.querySelector(at));
      return ![...document.querySelectorAll(pending)].some(
        (place) => place.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
    },
    {},
    selector,
    PENDING,
  );

/** Waits until the model and its text are open. @param {Page} page */
async function opened(page) {
  await exampleOpens(page);
  await textOpens(page);
  await page.waitForSelector(by('strip'));
}

/** Chooses a file in the dialog of the focused button. @param {Page} page @param {string} file */
async function choose(page, file) {
  const waiting = page.waitForFileChooser({ timeout: 60_000 });
  // On a busy machine the browser may miss the first press.
  const again = setInterval(() => page.keyboard.press('Enter'), 2000);
  await page.keyboard.press('Enter');
  const chooser = await waiting.finally(() => clearInterval(again));
  await chooser.accept([file]);
}

/**
 * Presses Enter, again if the button was busy for a moment.
 * @param {Page} page
 * @param {() => boolean} done  runs in the page
 */
async function pressUntil(page, done) {
  for (const end = Date.now() + 60_000; !(await page.evaluate(done)); ) {
    assert.ok(Date.now() < end, 'Enter had no effect');
    await page.keyboard.press('Enter');
    await page.waitForFunction(done, { timeout: 3000 }).catch(() => {});
  }
}

/** @param {Awaited<ReturnType<typeof byKeyboard>>} keys @param {Page} page */
async function trains(keys, page) {
  await keys.to(by('start'));
  await keys.press('Enter');
  await keys.came(by('pause'));
  await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > 0);
  await keys.press(' ');
  await keys.came(by('resume'));
  await reaches(page, 'paused');
  await keys.press('Enter');
  await keys.came(by('pause'));
  await until(page, 'val-decoder-bpb', (text) => Number(text) > 0);
  await keys.press('Tab');
  assert.ok(await keys.isAt(by('stop')));
  await keys.press('Enter');
  await reaches(page, 'finished');
  await keys.came(by('start'));
}

/** Walks the hierarchy, zooms, reads the inspector. @param {Awaited<ReturnType<typeof byKeyboard>>} keys @param {Page} page */
async function walks(keys, page) {
  await keys.press('ArrowRight', 'ArrowRight', 'ArrowRight');
  await inspects(page, 0);
  const whole = await textOf(page, 'zoom-readout');
  await page.keyboard.press('+');
  await page.waitForFunction(
    (/** @type {string} */ selector, /** @type {string} */ was) =>
      document.querySelector(selector)?.textContent !== was,
    {},
    by('zoom-readout'),
    whole,
  );
  await keys.press('0', 'Home', 'ArrowUp');
  const label = await page.$eval(by('strip'), (strip) => strip.getAttribute('aria-label'));
  assert.equal(await keys.check(), label);
  assert.ok(await keys.isAt(by('strip')));
}

inBrowsers(['chromium'], 'main job by keyboard alone', (open) => {
  it('goes from the first visit to a run that is renamed, deleted and restored', () =>
    open({ path: SMALL, width: 1280, height: 800, reducedMotion: true }, async ({ page }) => {
      await opened(page);
      const keys = await byKeyboard(page, true);
      await keys.press('Tab');
      const skip = await page.$eval('a.skip[href="#hierarchy"]', (link) => link.textContent ?? '');
      assert.equal(await keys.check(), skip.trim());
      assert.ok(await keys.isAt('a.skip'));
      await keys.press('Enter');
      assert.ok(await keys.isAt('#hierarchy'));
      await keys.to('.intro a[href="#train"]', true);
      await keys.press('Enter');
      assert.ok(await keys.isAt('#train'));
      await allAbove(page, '#train');

      // A sample by arrow keys, a file by the system's dialog, a text typed into the field.
      await keys.to('input[name="sample"]');
      await keys.press('ArrowRight');
      await until(page, 'text-facts', (text) => text.includes(SAMPLES['state-of-the-union'].name));
      await keys.to(by('file-input'));
      await choose(page, OWN);
      await until(page, 'text-facts', (text) => text.includes('by-keyboard.txt'));
      await keys.to(by('paste'));
      await keys.press('Enter');
      await keys.came(by('paste-text'));
      await page.keyboard.sendCharacter('It was the best of times, it was the worst of times. '.repeat(800));
      await keys.to(by('paste-use'));
      await keys.press(' ');
      await keys.came(by('paste'));
      await until(page, 'text-facts', (text) => text.includes(PASTED));

      // A setting.
      await keys.to('.settings-group:last-of-type > summary');
      await keys.press('Enter');
      await keys.to('#setting-val_fraction');
      await keys.type('7');
      await page.waitForSelector('#setting-val_fraction[aria-invalid]');
      await keys.type('0.2');
      await page.waitForFunction(() => location.search.includes('val_fraction=0.2'));

      await trains(keys, page);
      await keys.to(by('strip'), true);
      await walks(keys, page);
      await keys.to('.inspector button');
      await keys.press('Enter');
      await keys.came('.inspector button');
      await keys.to(by('threshold-0'));
      await keys.press('ArrowRight', 'ArrowRight', 'PageUp');
      await keys.to(by('thresholds-reset'));
      await keys.press('Enter');
      await keys.came('.knob .input');

      await keys.to(by('download'));
      await catchDownloads(page);
      await pressUntil(page, () => /** @type {any} */ (globalThis).caught.length > 0);
      await keys.check();

      await keys.to(by('overlay-place'));
      await keys.press('ArrowRight', 'End');
      await until(page, 'overlay-readout', (text) => Number(READOUT.exec(text)?.[2].replaceAll(',', '')) >= 1);

      await keys.to(by('run-rename'));
      await keys.type('Two cities');
      await keys.to(by('run-notes'));
      await keys.type('by keys');
      await keys.to(by('run-delete'));
      await until(page, 'run-name', (text) => text === 'Two cities');
      await keys.press('Enter');
      await keys.came(by('run-undo-button'));
      await page.waitForSelector(by('no-runs'));
      await keys.press('Enter');
      await until(page, 'run-name', (text) => text === 'Two cities');
      await page.waitForFunction(
        (/** @type {string} */ notes) =>
          /** @type {HTMLTextAreaElement|null} */ (document.querySelector(notes))?.value === 'by keys',
        {},
        by('run-notes'),
      );
      await keys.check();

      await keys.to(by('prompt'));
      await keys.type('It was');
      await keys.to(by('generate-max_new_bytes'));
      await keys.type('64');
      await keys.to(by('generate-button'));
      await keys.press('Enter');
      await says(
        page,
        'generated-figures',
        wholly(written({ count: 64, bytesPerSecond: Number.NaN, reason: 'length' })),
      );
      await keys.came(by('generate-button'));
      await keys.to('.output-foot button');
      await keys.press('Enter');
      await keys.came('#hierarchy');
      assert.ok(keys.stops.size > 100, `${keys.stops.size} stops`);
    }));
});

inBrowsers(['firefox'], 'main job by keyboard alone', (open) => {
  it('chooses a text, trains, walks the hierarchy', () =>
    open({ path: SMALL, width: 1280, height: 800 }, async ({ page }) => {
      await opened(page);
      const keys = await byKeyboard(page, false);
      await keys.to('.intro a[href="#train"]');
      await keys.press('Enter');
      assert.ok(await keys.isAt('#train'));
      await allAbove(page, '#train');
      await keys.to('input[name="sample"]');
      await keys.press('ArrowRight');
      await until(page, 'text-facts', (text) => text.includes(SAMPLES['state-of-the-union'].name));
      await trains(keys, page);
      await keys.to(by('run-rename'));
      await keys.type('By keys');
      await keys.to(by('run-delete'));
      await keys.press('Enter');
      await keys.came(by('run-undo-button'));
      await keys.press('Enter');
      await until(page, 'run-name', (text) => text === 'By keys');
      await keys.to(by('prompt'));
      await keys.to(by('generate-button'));
      await keys.press('Enter');
      await says(
        page,
        'generated-figures',
        anyNumbers(written({ count: Number.NaN, bytesPerSecond: Number.NaN, reason: 'length' })),
      );
      await keys.to('.output-foot button');
      await keys.press('Enter');
      await keys.came('#hierarchy');
      await keys.to(by('strip'));
      await walks(keys, page);
    }));
});
