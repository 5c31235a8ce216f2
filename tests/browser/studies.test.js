/** The figure of the studies: it loads when near, and responds to mouse and keys. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { DRAWN } from '../../wasm/tools/study/studies.js';
import { IDLE, readout } from '../../web/charts/overlay.js';
import { studyRows } from '../../web/statistics/studies.js';
import { rowVerdict } from '../../web/statistics/verdicts.js';
import { inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { anyNumbers } from '../wording.js';
import { by, press, says, textOf } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const DATA = /studies-[\w-]+\.js/;

/** @type {import('../../wasm/tools/study/studies.js').DrawnStudy[]} */
const studies = JSON.parse(readFileSync(path.join(ROOT, DRAWN), 'utf8'));
const most = studies.findIndex(({ parts }) => parts[0].models[0].runs.length > 1);
const [{ models, reference }] = studies[most].parts;
const seeds = models.map(({ runs }) => runs.length);

/** @param {Page} page */
async function near(page) {
  await page.waitForSelector('#how-study');
  await page.$eval('#how-study', (e) => e.scrollIntoView({ behavior: 'instant', block: 'start' }));
  await page.waitForSelector(by('study-chosen'));
}

/** What two curves have somewhere. @param {'tf'|'bytesSeen'} axis */
const values = (axis) =>
  anyNumbers(
    readout(
      ['a', 'b'].map((mark) => ({ mark, x: Number.NaN, y: Number.NaN })),
      axis,
    ),
  );

/** The number of lines drawn, and how many of them are faint. @param {Page} page */
const lines = (page) =>
  page.$eval(by('study'), (svg) => [
    svg.querySelectorAll('.overlay-line').length,
    svg.querySelectorAll('.overlay-line.faint').length,
  ]);

inBrowsers(['chromium', 'firefox'], 'studies', (open, name) => {
  for (const width of [1440, 390]) {
    it(`are drawn, switched and read by keyboard at ${width} pixels`, () =>
      open({ path: '#how-study', width, height: 900 }, async ({ page, requests }) => {
        await near(page);
        assert.ok(requests.some((url) => DATA.test(url)));
        await page.select(by('study-chosen'), `${most}`);
        await page.waitForFunction(
          (selector, count) => document.querySelectorAll(selector).length === count,
          {},
          by('study-model'),
          models.length,
        );
        const faint = seeds.filter((n) => n > 1).reduce((sum, n) => sum + n, 0);
        assert.deepEqual(await lines(page), [faint + models.length, faint]);
        // Pressing space hides the first model, and shows it again.
        await page.focus(`${by('study-model')} input`);
        await page.keyboard.press(' ');
        assert.deepEqual(await lines(page), [faint - seeds[0] + models.length - 1, faint - seeds[0]]);
        await page.keyboard.press(' ');
        assert.deepEqual(await lines(page), [faint + models.length, faint]);
        await page.focus(by('study-place'));
        await page.keyboard.press('End');
        await says(page, 'study-readout', values('tf'));
        await page.focus('input[name="study-axis"]');
        await page.keyboard.press('ArrowRight');
        await says(page, 'study-readout', IDLE.study(reference));
        await page.focus(by('study-place'));
        await page.keyboard.press('End');
        await says(page, 'study-readout', values('bytesSeen'));
        const said = await page.$$eval(`${by('study-model')} .study-said`, (all) =>
          all.map((each) => each.textContent),
        );
        const rows = studyRows(studies[most].parts[0]);
        assert.ok(rows.some(({ difference }) => difference && difference.n > 1 && difference.error > 0));
        assert.deepEqual(
          said,
          rows.map((row) => rowVerdict(row, reference)),
        );
        await press(page, 'study-fold');
        await page.waitForSelector(by('study-table'));
        assert.equal(await page.$$eval(`${by('study-table')} tr`, (rows) => rows.length), models.length);
        assert.match(await textOf(page, 'study-table'), / ± /);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${over} pixels too wide`);
        if (name === 'chromium') await soundInBothSchemes(page, 'studies', '#how-study');
      }));
  }
});
