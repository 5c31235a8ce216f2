/** No view and no state of the page breaks a rule of accessibility: one page is walked through them, axe looks at each. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { ROOT } from '../../wasm/setup/run.js';
import { accessibilityProblems, inBrowsers } from '../browser.js';
import { drawn, says } from './explorer.js';
import { by, press, start, toRuns, until, upload } from './pages.js';

const SMALL =
  '?hidden_size=8&num_levels=3&batch_size=2&sequence_length=32&eval_every=500&workers=1&sample_bytes=16&max_steps=90000';
const EMPTY = path.join(ROOT, 'build/texts/nothing-in-it.txt');

inBrowsers(['chromium'], 'every state', (open) => {
  for (const [width, scheme] of /** @type {const} */ ([
    [1440, 'light'],
    [390, 'dark'],
  ])) {
    it(`is accessible: ${width} pixels, ${scheme}`, () =>
      open({ path: SMALL, width, height: 900, scheme, reducedMotion: true }, async ({ page }) => {
        /** Looks at a part of the page in a state. @param {string} state @param {string} [part] */
        const sound = async (state, part) => assert.deepEqual(await accessibilityProblems(page, part), [], state);
        await until(page, 'model', (text) => text.includes('example'));
        await until(page, 'text-facts', (text) => /held out/.test(text));
        await drawn(page);
        await press(page, 'zoom-whole');
        await sound('zoomed out', '#hierarchy');
        for (let i = 0; i < 4; i++) await press(page, 'zoom-in');
        await press(page, 'fold-1');
        await sound('zoomed in, a level folded', '#hierarchy');
        await page.focus(by('strip'));
        for (const key of /** @type {const} */ (['ArrowRight', 'ArrowRight'])) await page.keyboard.press(key);
        await says(page, 'inspector', /Byte \d/);
        await page.keyboard.press('ArrowUp');
        // Level 1 is folded away.
        await says(page, 'inspector', /Token of level 2/);
        await page.focus(by('threshold-0'));
        await page.keyboard.press('PageUp');
        await page.waitForSelector(`${by('thresholds-reset')}:not([disabled])`);
        await sound('a token chosen, a knob moved', '#hierarchy');

        mkdirSync(path.dirname(EMPTY), { recursive: true });
        writeFileSync(EMPTY, '');
        await upload(page, 'file-input', EMPTY);
        await until(page, 'notice', (text) => /empty/.test(text));
        await press(page, 'paste');
        await page.waitForSelector(by('paste-text'));
        await sound('a notice, a field for text');
        await start(page);
        await until(page, 'step', (text) => Number(text.replaceAll(',', '')) > 0);
        await sound('training');
        await press(page, 'pause');
        await until(page, 'state', (text) => text === 'Paused');
        await toRuns(page);
        await page.waitForSelector(by('run-detail'));
        await sound('paused, runs with their chart');
        await page.reload({ waitUntil: 'load' });
        await page.waitForSelector(by('offer'));
        await sound('an offer after a reload');
        await press(page, 'offer-not-now');
        await toRuns(page);
        await page.waitForSelector(by('run-delete'));
        await press(page, 'run-delete');
        await page.waitForSelector(by('run-undo'));
        await page.$eval(by('generate-max_new_bytes'), (field) => {
          /** @type {HTMLInputElement} */ (field).value = '100000';
          field.dispatchEvent(new Event('change', { bubbles: true }));
        });
        await press(page, 'generate-button');
        await page.waitForSelector(by('generate-stop'));
        await sound('a run deleted, writing');
        await press(page, 'generate-stop');
        await until(page, 'generated-figures', (text) => /bytes/.test(text));
        await page.waitForSelector(by('generate-button'));
        await sound('written', '#write');
      }));
  }
});
