/** Comparing settings in the page: collecting, training with several seeds, a reload, verdicts; by keyboard and on a phone. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { seedCount } from '../../web/statistics/verdicts.js';
import { inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { by, press, says, textOf, toRuns, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const SMALL =
  '?wiring=residual&level_rules=whitespace&hidden_size=8&num_levels=2&batch_size=2&sequence_length=32&max_steps=60&eval_every=20&workers=1&sample_bytes=0';
/** Long enough to be interrupted. */
const LONG = SMALL.replace('max_steps=60', 'max_steps=4000').replace('eval_every=20', 'eval_every=1000');

/** Collects the form's settings, and the same as a flat model, by keyboard. @param {Page} page @returns {Promise<string[]>} their names */
async function collect(page) {
  await until(page, 'model', (text) => text.includes('example'));
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
  assert.equal(new Set(names).size, 2, String(names));
  return names;
}

/** @param {Page} page */
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

inBrowsers(['chromium', 'firefox'], 'comparing settings', (open, name) => {
  it('trains two settings with two seeds, and judges the difference', () =>
    open({ path: SMALL, width: 390 }, async ({ page }) => {
      const [tall, flat] = await collect(page);
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
      const said = await page.$$eval(by('compare-model'), (all) => all.map((each) => each.textContent).join(' '));
      assert.ok(said.includes(`“${tall}”`) && said.includes(seedCount(2)), said);
      assert.match(
        said,
        /(?:Ahead of|Behind|Level with) “.*Hierarchy of 2 levels, 8 wide.*” .* two seeds: (?:that may be chance|it looks|more than)/,
      );
      const lines = () =>
        page.$eval(by('compare'), (svg) => [
          svg.querySelectorAll('.overlay-line').length,
          svg.querySelectorAll('.overlay-line.faint').length,
        ]);
      assert.deepEqual(await lines(), [6, 4]);
      await page.focus(by('compare-place'));
      await page.keyboard.press('End');
      await says(page, 'compare-readout', /a: \d\.\d{3} at [\d.e-]+ TF {3}b: /);
      await page.focus('input[name="compare-axis"]');
      for (const pattern of [/at [\d.]+ kB/, /at \d+ s/]) {
        await page.keyboard.press('ArrowRight');
        await page.focus(by('compare-place'));
        await page.keyboard.press('End');
        await says(page, 'compare-readout', pattern);
        await page.focus('input[name="compare-axis"]:checked');
      }
      await page.focus(`${by('compare-model')} input`);
      await page.keyboard.press(' ');
      assert.deepEqual(await lines(), [3, 2]);
      await press(page, 'compare-fold');
      assert.ok((await textOf(page, 'compare-table')).includes(flat));
      assert.match(flat, /Flat model, 8 wide/);
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
      const [tall, flat] = await collect(page);
      await press(page, 'compare-start');
      await press(page, 'compare-pause');
      await until(page, 'state', (text) => text === 'Paused');
      await press(page, 'compare-resume');
      await until(page, 'state', (text) => text === 'Training');
      await until(page, 'kept', (text) => /step [1-9]/.test(text));
      await page.reload({ waitUntil: 'load' });
      await says(page, 'comparison-offer', /comparison of 2 settings waits: 0 of 2 trainings/);
      assert.equal(await page.$(by('offer')), null, 'one offer for both');
      await press(page, 'comparison-go-on');
      await until(page, 'state', (text) => text === 'Training');
      await toRuns(page);
      await until(page, 'compare-progress', (text) => text.startsWith(`0 of 2 done, training ${tall}, seed 1.`));
      await press(page, 'compare-stop');
      await page.waitForSelector(by('compare-anew'));
      const failed = await page.$$eval(by('compare-failed'), (all) => all.map((each) => each.textContent ?? ''));
      assert.ok(failed[0].includes(tall));
      assert.match(failed[0], /Hierarchy.*seed 1: Stopped by hand at step [\d,]+\./);
      assert.ok(failed[1].includes(flat));
      assert.match(failed[1], /Flat model.*seed 1: Not trained: the comparison was stopped\./);
    }));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('names settings that can’t be trained before it begins', () =>
    open(
      { path: SMALL.replace('batch_size=2', 'batch_size=256').replace('=32', '=8192'), width: 1280 },
      async ({ page }) => {
        const names = await collect(page);
        await press(page, 'compare-start');
        await says(page, 'compare-problem', /Hierarchy of 2 levels, 8 wide.*: The text leaves .* bytes to train on/);
        const problems = await page.$$eval(by('compare-problem'), (all) => all.map((each) => each.textContent ?? ''));
        assert.equal(problems.length, 2);
        for (const [i, problem] of problems.entries()) {
          assert.ok(problem.includes(names[i]) && problem.includes('2,097,152'), problem);
        }
        assert.equal(await page.$$eval(by('compare-entry'), (all) => all.length), 2, 'the list is still there');
      },
    ));
});
