/** Comparing settings in the page: collecting, training with several seeds, a reload, verdicts; by keyboard and on a phone. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { counterpartOf } from '../../wasm/engine/kinds.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { readout } from '../../web/charts/overlay.js';
import {
  comparisonCanGoOn,
  comparisonProgress,
  ofTraining,
  settingsName,
} from '../../web/components/runs/run_sentences.js';
import { readAddress } from '../../web/state/address.js';
import { findings } from '../../web/state/combinations.js';
import { NOT_TRAINED, ofEntry, partOf, readSeries, stoppedAt } from '../../web/state/runs/series.js';
import { FIRST_SAMPLE, sampleFile } from '../../web/state/texts.js';
import { studyRows } from '../../web/statistics/studies.js';
import { rowVerdict } from '../../web/statistics/verdicts.js';
import { inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { anyNumbers, wholly } from '../wording.js';
import { by, exampleOpens, press, reaches, says, textOf, toRuns, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const SMALL =
  '?wiring=residual&level_rules=whitespace&hidden_size=8&num_levels=2&batch_size=2&sequence_length=32&max_steps=60&eval_every=20&workers=1&sample_bytes=0';
/** Far longer than a test, however fast the machine: it is interrupted. */
const LONG = SMALL.replace('max_steps=60', 'max_steps=1000000').replace('eval_every=20', 'eval_every=50000');

/** What two curves have somewhere. @param {'tf'|'bytesSeen'|'elapsedMs'} axis */
const values = (axis) =>
  axis === 'elapsedMs'
    ? anyNumbers(readout([{ mark: 'a', x: Number.NaN, y: Number.NaN }], axis).replace(/–$/, '– s'))
    : anyNumbers(
        readout(
          ['a', 'b'].map((mark) => ({ mark, x: Number.NaN, y: Number.NaN })),
          axis,
        ),
      );

/**
 * Collects the form's settings, and the same as a flat model, by keyboard.
 * @param {Page} page
 * @param {string} address  that it was opened with
 * @returns {Promise<string[]>} their names
 */
async function collect(page, address) {
  await exampleOpens(page);
  await toRuns(page);
  await page.focus(by('compare-add'));
  await page.keyboard.press('Enter');
  await page.select(by('compare-source'), 'counterpart');
  await page.focus(by('compare-add'));
  await page.keyboard.press('Enter');
  await page.waitForFunction((at) => document.querySelectorAll(at).length === 2, {}, by('compare-entry'));
  const names = await page.$$eval(`${by('compare-entry')} label bdi`, (all) =>
    all.map((name) => name.textContent ?? ''),
  );
  const { settings } = readAddress(address);
  assert.deepEqual(names, [settings, { ...settings, ...counterpartOf(settings) }].map(settingsName));
  assert.equal(new Set(names).size, 2, String(names));
  return names;
}

/** @param {Page} page */
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

inBrowsers(['chromium', 'firefox'], 'comparing settings', (open, name) => {
  it('trains two settings with two seeds, and judges the difference', () =>
    open({ path: SMALL, width: 390 }, async ({ page }) => {
      const [tall, flat] = await collect(page, SMALL);
      await page.select(by('compare-seeds'), '2');
      if (name === 'chromium') await soundInBothSchemes(page, 'compare-draft', '#runs-compare');
      await press(page, 'compare-start');
      await page.waitForSelector(by('compare-anew'), { timeout: 120_000 });
      const cells = await page.$$eval(`${by('compare-jobs')} td`, (all) => all.map((cell) => cell.textContent));
      assert.equal(cells.length, 4);
      assert.ok(
        cells.every((text) => /^\d\.\d{3}$/.test(String(text))),
        cells.join(' '),
      );
      const kept = await page.evaluate(() => localStorage.getItem('comparison'));
      const part = partOf(readSeries(JSON.parse(kept ?? '')));
      const rows = studyRows(part);
      assert.deepEqual([part.reference, rows.length, rows[1].difference?.n], [tall, 2, 2]);
      assert.deepEqual(
        await page.$$eval(`${by('compare-model')} .study-said`, (all) => all.map((each) => each.textContent)),
        rows.map((row) => rowVerdict(row, tall)),
      );
      assert.deepEqual(
        cells,
        part.models.flatMap(({ runs }) => runs.map(({ bits }) => bits.toFixed(3))),
      );
      const lines = () =>
        page.$eval(by('compare'), (svg) => [
          svg.querySelectorAll('.overlay-line').length,
          svg.querySelectorAll('.overlay-line.faint').length,
        ]);
      assert.deepEqual(await lines(), [6, 4]);
      await page.focus(by('compare-place'));
      await page.keyboard.press('End');
      await says(page, 'compare-readout', values('tf'));
      await page.focus('input[name="compare-axis"]');
      for (const axis of /** @type {const} */ (['bytesSeen', 'elapsedMs'])) {
        await page.keyboard.press('ArrowRight');
        await page.focus(by('compare-place'));
        await page.keyboard.press('End');
        await says(page, 'compare-readout', values(axis));
        await page.focus('input[name="compare-axis"]:checked');
      }
      await page.focus(`${by('compare-model')} input`);
      await page.keyboard.press(' ');
      assert.deepEqual(await lines(), [3, 2]);
      await press(page, 'compare-fold');
      assert.ok((await textOf(page, 'compare-table')).includes(flat));
      assert.equal(await page.$$eval(by('run-row'), (rows) => rows.length), 4, 'each is a run');
      assert.ok((await wide(page)) <= 0);
      if (name === 'chromium') await soundInBothSchemes(page, 'compare', '#runs-compare');
      // The results are still there after a reload.
      await page.reload({ waitUntil: 'load' });
      await toRuns(page);
      await page.waitForSelector(by('compare-model'));
      await press(page, 'compare-anew');
      await page.waitForSelector(by('compare-start'));
    }));

  it('can be paused, interrupted by a reload, resumed and stopped', () =>
    open({ path: LONG, width: 1280 }, async ({ page }) => {
      const [tall, flat] = await collect(page, LONG);
      await press(page, 'compare-start');
      await press(page, 'compare-pause');
      await reaches(page, 'paused');
      await press(page, 'compare-resume');
      await reaches(page, 'training');
      await page.waitForSelector(`${by('kept')}:not([data-step="0"])`, { timeout: 60_000 });
      await page.reload({ waitUntil: 'load' });
      const linked = (/** @type {string} */ text) => text;
      const waits = comparisonCanGoOn({ settings: 2, done: 0, trainings: 2, linked }).join('');
      await until(page, 'comparison-offer', (text) => text.startsWith(waits));
      assert.equal(await page.$(by('offer')), null, 'one offer for both');
      await press(page, 'comparison-go-on');
      await reaches(page, 'training');
      await toRuns(page);
      const now = { phase: /** @type {const} */ ('training'), elsewhere: false, over: 0, trainings: 2 };
      const progress = comparisonProgress({ ...now, job: { name: tall, seed: 1 }, left: Number.NaN }).join('');
      await until(page, 'compare-progress', (text) => text.startsWith(progress));
      await press(page, 'compare-stop');
      await page.waitForSelector(by('compare-anew'));
      const failed = await page.$$eval(by('compare-failed'), (all) => all.map((each) => each.textContent ?? ''));
      assert.equal(failed.length, 2);
      assert.match(failed[0], wholly(ofTraining(tall, 1, stoppedAt(Number.NaN))));
      assert.equal(failed[1], ofTraining(flat, 1, NOT_TRAINED));
    }));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  const large = SMALL.replace('batch_size=2', 'batch_size=256').replace('=32', '=8192');
  it('names settings that can’t be trained before it begins', () =>
    open({ path: large, width: 1280 }, async ({ page }) => {
      const names = await collect(page, large);
      await press(page, 'compare-start');
      await page.waitForSelector(by('compare-problem'), { timeout: 60_000 });
      const problems = await page.$$eval(by('compare-problem'), (all) => all.map((each) => each.textContent ?? ''));
      const { size } = statSync(path.join(ROOT, 'public', sampleFile(FIRST_SAMPLE)));
      const { settings } = readAddress(large);
      const heldOut = Math.floor(size * settings.val_fraction);
      const [{ message, kind }] = findings(settings, { text: { size, heldOut } });
      assert.ok(kind === 'problem' && message.includes('2,097,152'), message);
      assert.deepEqual(
        problems,
        names.map((each) => ofEntry(each, message)),
      );
      assert.equal(await page.$$eval(by('compare-entry'), (all) => all.length), 2, 'the list is still there');
    }));
});
