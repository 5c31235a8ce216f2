/** Statistics of the shown text, the leak as a number, and two models side by side. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { modelName } from '../../web/format/model_names.js';
import { percent } from '../../web/format/numbers.js';
import { byteHeading } from '../../web/hierarchy/hierarchy_sentences.js';
import { OTHERS } from '../../web/state/comparison.js';
import { paidByBoth } from '../../web/statistics/duet.js';
import {
  bitsMore,
  comparisonVerdict,
  MAY_BE_CHANCE,
  MODELS,
  paysLess,
  VERDICTS,
  withoutLevel,
} from '../../web/statistics/verdicts.js';
import { inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { ANY, anyNumbers, wholly } from '../wording.js';
import { by, catchDownloads, downloaded, openMirror, press, says, stepOf, textOf, until } from './pages.js';

/** An amount that a test does not know. */
const AMOUNT = '– ± –';
/** A pattern of any of these sentences. @param {...string} sentences */
const anyOf = (...sentences) => new RegExp(sentences.map((sentence) => wholly(sentence).source).join('|'));
/** All that may be said of what the levels are worth or used, with any amount. @param {keyof typeof VERDICTS} of */
const verdictsOf = (of) => [
  VERDICTS[of].gain(bitsMore(AMOUNT)),
  VERDICTS[of].harm(bitsMore(AMOUNT, true)),
  ...[false, true].map((less) => VERDICTS[of].chance(bitsMore(AMOUNT, less))),
];
/** What is said of two models that differ by more than chance. @param {string} better @param {string} worse */
const paysLessThan = (better, worse) => `${paysLess(better, AMOUNT, worse)}.`;

/** @typedef {import('puppeteer-core').Page} Page */

/** @param {Page} page @param {string} id */
async function numberOf(page, id) {
  const text = await textOf(page, id);
  const number = Number.parseFloat(text);
  assert.ok(Number.isFinite(number), `${id} says “${text}”`);
  return number;
}

/** Goes to the section, whose code loads when it is near. @param {Page} page */
async function toMeasures(page) {
  await page.waitForSelector('#measure');
  await page.evaluate(() => {
    location.hash = 'measure';
  });
  await page.waitForSelector(by('buys-verdict'), { timeout: 60_000 });
  await says(page, 'buys-without', /\d/);
}

inBrowsers(['chromium', 'firefox'], 'measures', (open, name) => {
  it('draws no share of a level that has no borders', () =>
    open({}, async ({ page }) => {
      await toMeasures(page);
      const marks = () => page.$$eval('.share .found', (found) => found.length);
      const before = await marks();
      await page.focus(by('threshold-0'));
      await page.keyboard.press('End');
      for (const kind of ['word', 'space', 'inside']) await says(page, `share-${kind}-1`, percent(Number.NaN));
      // Neither has the level above it.
      assert.deepEqual([before, await marks()], [6, 0]);
    }));

  it('puts two models side by side on one text', () =>
    open({}, async ({ page }) => {
      await toMeasures(page);
      await press(page, 'compare-untrained');
      await says(page, 'compare-verdict', wholly(paysLessThan(MODELS.example, OTHERS.untrained)));
      const [trained, untrained] = [await numberOf(page, 'compare-bpb-0'), await numberOf(page, 'compare-bpb-1')];
      assert.ok(trained < 4 && untrained > 7, `${trained} and ${untrained}`);
      await press(page, 'compare-keep');
      // The same weights: no difference is named.
      const kept = OTHERS.kept(modelName({ model_type: 'adaptive' }), await stepOf(page));
      await says(page, 'compare-verdict', comparisonVerdict({ mean: 0, error: 0 }, MODELS.example, kept));
      assert.equal(await numberOf(page, 'compare-bpb-0'), await numberOf(page, 'compare-bpb-1'));
      await press(page, 'compare-flat');
      const [one, other] = [MODELS.example, OTHERS.flat];
      /** @param {string} better @param {string} worse */
      const less = (better, worse) => {
        const words = paysLess(better, AMOUNT, worse);
        return anyOf(`${words}.`, words + MAY_BE_CHANCE);
      };
      const verdict = await until(page, 'compare-verdict', (text) =>
        [less(one, other), less(other, one)].some((each) => each.test(text)),
      );
      const [tall, flat] = [await numberOf(page, 'compare-bpb-0'), await numberOf(page, 'compare-bpb-1')];
      assert.notEqual(tall, flat);
      assert.match(verdict, tall < flat ? less(one, other) : less(other, one));
      const sheet = await page.$('.duet-sheet');
      await sheet?.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      const byte = await page.$eval('.duet-sheet', (e) => Number(e.getAttribute('aria-valuenow')) + 1);
      assert.ok(byte === 2 || byte === 3, `byte ${byte}`);
      await says(
        page,
        'duet-readout',
        anyNumbers(paidByBoth({ sign: ANY, byte, first: Number.NaN, second: Number.NaN })),
      );
      await says(page, 'inspector', anyNumbers(byteHeading(byte - 1)));
    }));

  it('keep their space while another text is read, so that the page does not jump, and open parts stay open', () =>
    open({}, async ({ page }) => {
      await toMeasures(page);
      await says(page, 'buys-verdict', anyOf(...verdictsOf('model')));
      const folds = '#hierarchy .fold, #measure .fold';
      const opened = () =>
        page.$$eval(folds, (all) =>
          all.map((each) => [/** @type {HTMLDetailsElement} */ (each).open, each.childElementCount > 1]),
        );
      await page.$$eval(folds, (all) => {
        for (const each of all) each.querySelector('summary')?.click();
      });
      await page.waitForFunction(
        (at) => [...document.querySelectorAll(at)].every((each) => each.childElementCount > 1),
        {},
        folds,
      );
      const wereOpen = await opened();
      assert.equal(wereOpen.length, 4, 'the hierarchy, the lengths of two levels, the calibration');
      const heights = () =>
        page.evaluate(() =>
          ['#hierarchy', '#measure'].map(
            (part) => /** @type {HTMLElement} */ (document.querySelector(part)).offsetHeight,
          ),
        );
      const before = await heights();
      await page.evaluate(() => {
        const least = /** @type {number[]} */ ([]);
        Object.assign(globalThis, { least });
        for (const [i, part] of [...document.querySelectorAll('#hierarchy, #measure')].entries())
          new ResizeObserver(() => {
            least[i] = Math.min(least[i] ?? Number.POSITIVE_INFINITY, /** @type {HTMLElement} */ (part).offsetHeight);
          }).observe(part);
      });
      const decoder = await textOf(page, 'buys-decoder');
      await page.$$eval('input[name="sample"]', (all) => /** @type {HTMLElement} */ (all[1]).click());
      await page.waitForFunction(
        (at, was) => ![null, undefined, was].includes(document.querySelector(at)?.textContent),
        {},
        by('buys-decoder'),
        decoder,
      );
      await says(page, 'buys-verdict', anyOf(...verdictsOf('model')));
      const after = await heights();
      const least = await page.evaluate(() => /** @type {number[]} */ (/** @type {any} */ (globalThis).least));
      for (const [i, height] of least.entries())
        assert.ok(height > 0.985 * Math.min(before[i], after[i]), `${before[i]}, ${height}, then ${after[i]} pixels`);
      assert.deepEqual(await opened(), wereOpen);
    }));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('counts over the shown text, and says what the hierarchy gains', () =>
    open({ path: '?bytes=1024' }, async ({ page }) => {
      await toMeasures(page);
      assert.ok((await numberOf(page, 'length-1')) > 1);
      assert.ok((await numberOf(page, 'length-2')) > (await numberOf(page, 'length-1')));
      for (const kind of ['word', 'space']) assert.ok((await numberOf(page, `share-${kind}-1`)) <= 100);
      assert.ok((await numberOf(page, 'share-inside-1')) < 2, 'the passage is English');
      const decoder = await numberOf(page, 'buys-decoder');
      assert.equal(decoder, await numberOf(page, 'paid-decoder'));
      assert.equal(await textOf(page, 'passage-decoder-bpb'), `${decoder.toFixed(3)} bits per byte`);
      assert.ok(Math.abs((await numberOf(page, 'buys-without')) - decoder) < 1);
      assert.match(await textOf(page, 'buys-verdict'), wholly(VERDICTS.model.gain(bitsMore(AMOUNT))));
      const without = [false, true].map((less) => withoutLevel(2, bitsMore(AMOUNT, less)));
      await says(page, 'buys-verdict-2', anyOf(...without.flatMap((words) => [`${words}.`, words + MAY_BE_CHANCE])));
      await press(page, 'buys-worth');
      await says(page, 'worth-verdict', anyOf(...verdictsOf('worth')));
      assert.ok(Math.abs((await numberOf(page, 'buys-flat')) - decoder) < 0.3);
      await catchDownloads(page);
      for (const name of ['lengths-1', 'calibration']) {
        const svg = await downloaded(page, () => press(page, `${name}-svg`));
        assert.match(svg.bytes.toString(), /^<svg [^>]*>.*<\/svg>$/s);
        const png = await downloaded(page, () => press(page, `${name}-png`));
        assert.equal(png.bytes.subarray(1, 4).toString(), 'PNG');
      }
    }));

  it('shows the leak of teacher-forced borders as a number, with the prototype’s wiring', () =>
    open({}, async ({ page }) => {
      await openMirror(page);
      await toMeasures(page);
      assert.match(await textOf(page, 'buys-verdict'), anyOf(...verdictsOf('decoder')));
      await press(page, 'compare-rules');
      await says(page, 'leak-teacher-forced', /\d/);
      assert.equal(await numberOf(page, 'leak-uncertainty'), 0);
      assert.ok((await numberOf(page, 'leak-teacher-forced')) > 0.001);
    }));
});

inBrowsers(['chromium'], 'measures in every look', (open) => {
  for (const width of [390, 1440]) {
    it(`are accessible in light and dark, and not wider than the window: ${width} pixels`, () =>
      open({ width, touch: width < 600 }, async ({ page }) => {
        await openMirror(page);
        await toMeasures(page);
        await press(page, 'compare-rules');
        await says(page, 'leak-uncertainty', /\d/);
        await press(page, 'compare-untrained');
        await says(page, 'compare-verdict', wholly(paysLessThan(MODELS.file, OTHERS.untrained)));
        await soundInBothSchemes(page, 'measure', '#measure');
      }));
  }
});
