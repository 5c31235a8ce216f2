/** No view and no state of the page breaks a rule of accessibility: a page goes through them, and axe checks each. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { written } from '../../web/components/page_sentences.js';
import { throwsAway } from '../../web/state/models.js';
import { accessibilityProblems, inBrowsers } from '../in_browsers.js';
import { wholly } from '../wording.js';
import { drawn, inspects } from './explorer.js';
import {
  by,
  exampleOpens,
  press,
  reaches,
  reports,
  says,
  start,
  stepOf,
  textOpens,
  toRuns,
  until,
  upload,
} from './pages.js';

const SMALL =
  '?hidden_size=8&num_levels=3&batch_size=2&sequence_length=32&eval_every=500&workers=1&sample_bytes=16&max_steps=90000';
/** A text that the reader stopped before it was as long as was asked for. */
const STOPPED = wholly(written({ count: Number.NaN, bytesPerSecond: Number.NaN, reason: 'stopped' }));
const FOLDER = path.join(ROOT, 'build/texts');
const [EMPTY, WIDE] = ['nothing-in-it.txt', 'utf-16.txt'].map((name) => path.join(FOLDER, name));

before(() => {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(EMPTY, '');
  writeFileSync(WIDE, Buffer.from(`\ufeff${'Grüße aus einer anderen Welt. '.repeat(40)}`, 'utf16le'));
});

/** Fails if a part of the page breaks a rule. @param {import('puppeteer-core').Page} page @param {string} state @param {string} [part] */
const sound = async (page, state, part) => assert.deepEqual(await accessibilityProblems(page, part), [], state);

inBrowsers(['chromium'], 'every state', (open) => {
  for (const [width, scheme] of /** @type {const} */ ([
    [1440, 'light'],
    [390, 'dark'],
  ])) {
    it(`is accessible: ${width} pixels, ${scheme}`, () =>
      open({ path: SMALL, width, height: 900, scheme, reducedMotion: true }, async ({ page }) => {
        await exampleOpens(page);
        await textOpens(page);
        await drawn(page);
        await press(page, 'zoom-whole');
        await sound(page, 'zoomed out', '#hierarchy');
        for (let i = 0; i < 4; i++) await press(page, 'zoom-in');
        await press(page, 'fold-1');
        await sound(page, 'zoomed in, a level folded', '#hierarchy');
        await page.focus(by('strip'));
        for (const key of /** @type {const} */ (['ArrowRight', 'ArrowRight'])) await page.keyboard.press(key);
        await inspects(page, 0);
        await page.keyboard.press('ArrowUp');
        // Level 1 is folded away.
        await inspects(page, 2);
        await page.focus(by('threshold-0'));
        await page.keyboard.press('PageUp');
        await page.waitForSelector(`${by('thresholds-reset')}:not([disabled])`);
        await sound(page, 'a token chosen, a knob moved', '#hierarchy');

        await upload(page, 'file-input', EMPTY);
        await reports(page, 'notice', 'empty');
        await press(page, 'paste');
        await page.waitForSelector(by('paste-text'));
        await sound(page, 'a notice, a field for text');
        await start(page);
        await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > 0);
        await sound(page, 'training', '#train');
        await press(page, 'pause');
        await reaches(page, 'paused');
        await toRuns(page);
        await page.waitForSelector(by('run-detail'));
        await sound(page, 'paused, runs with their chart', '#train, #runs');
        await page.reload({ waitUntil: 'load' });
        await page.waitForSelector(by('offer'));
        await sound(page, 'an offer after a reload');
        await press(page, 'offer-not-now');
        await toRuns(page);
        await page.waitForSelector(by('run-delete'));
        await press(page, 'run-delete');
        await page.waitForSelector(by('run-undo'));
        await sound(page, 'a run deleted', '#runs');
        await page.$eval(by('generate-max_new_bytes'), (field) => {
          /** @type {HTMLInputElement} */ (field).value = '400000';
          field.dispatchEvent(new Event('change', { bubbles: true }));
        });
        await press(page, 'generate-button');
        await page.waitForSelector(by('generate-stop'));
        await sound(page, 'writing', '#write');
        await press(page, 'generate-stop');
        await says(page, 'generated-figures', STOPPED);
        await page.waitForSelector(by('generate-button'));
        await sound(page, 'written', '#write');
      }));

    it(`is accessible with questions and problems: ${width} pixels, ${scheme}`, () => {
      const script = () => void Object.defineProperty(globalThis, 'indexedDB', { value: undefined });
      return open({ path: SMALL, width, height: 900, scheme, reducedMotion: true, script }, async ({ page }) => {
        await reports(page, 'keep-problem', 'no_storage');
        await start(page);
        await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > 0);
        await press(page, 'pause');
        await reaches(page, 'paused');
        await sound(page, 'nothing is kept', '#train');
        const step = await stepOf(page);
        await press(page, 'reset');
        await until(page, 'question', (text) => text.startsWith(throwsAway(step)));
        await sound(page, 'a question', by('question'));
        await page.keyboard.press('Escape');
        await page.waitForFunction((at) => !document.querySelector(at), {}, by('question'));
        await page.$$eval('.settings-group', (groups) => {
          for (const group of groups) /** @type {HTMLDetailsElement} */ (group).open = true;
        });
        await page.waitForSelector('#setting-seed');
        await page.focus('#setting-seed');
        await page.keyboard.type('x');
        await page.waitForSelector('#setting-seed[aria-invalid]');
        await upload(page, 'file-input', WIDE);
        await page.waitForSelector(by('intake-encoding'));
        await sound(page, 'a wrong setting, a choice of encoding', '#train');
        await press(page, 'intake-cancel');
        await upload(page, 'file-input', EMPTY, WIDE);
        await page.waitForSelector(by('intake-encoding'));
        await press(page, 'intake-use');
        await reports(page, 'notice', 'left_out');
        await sound(page, 'a note', by('notice'));
      });
    });
  }
});
