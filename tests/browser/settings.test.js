/** Settings: their cost before the start, conflicts, the reader's own presets; stop rules and samples on the page. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { defaults, SETTINGS } from '../../wasm/engine/settings.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { CANNOT_TRAIN, endedWords, rangeOf, speedHere, stepName } from '../../web/components/page_sentences.js';
import { batchTooLarge, patienceTooLong } from '../../web/state/combinations.js';
import { SAYS } from '../../web/state/presets.js';
import { accessibilityProblems, inBrowsers, screenshot, soundInBothSchemes } from '../in_browsers.js';
import { anyNumbers } from '../wording.js';
import { by, catchDownloads, downloaded, press, reaches, textOf, textOpens, until, upload } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FOLDER = path.join(ROOT, 'build/texts');
const PROMPT = defaults().sample_prompt;
const SPEED = anyNumbers(speedHere(Number.NaN));
const PATIENCE = anyNumbers(patienceTooLong(1000, Number.NaN, Number.NaN));
const TOO_LARGE = anyNumbers(CANNOT_TRAIN + batchTooLarge(Number.NaN, 256, 8192));
const START = { path: '?preset=quick_start#train', width: 1440, height: 900 };

before(() => mkdirSync(FOLDER, { recursive: true }));

/** Opens every group of settings. @param {Page} page */
const unfold = (page) =>
  page.$$eval('.settings-group', (groups) => {
    for (const group of groups) /** @type {HTMLDetailsElement} */ (group).open = true;
  });

/** Replaces a setting's value. @param {Page} page @param {string} name @param {string} value */
async function set(page, name, value) {
  const field = await page.waitForSelector(`#setting-${name}`);
  await field?.evaluate((element, text) => {
    const input = /** @type {HTMLInputElement} */ (element);
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, value);
}

inBrowsers(['chromium', 'firefox'], 'settings', (open, name) => {
  it('are kept as the reader’s own presets, by name, and can be saved to a file and read back', () =>
    open(START, async ({ page }) => {
      await press(page, 'own-presets-open');
      await page.waitForSelector(by('preset-name'));
      await unfold(page);
      await set(page, 'seed', '77');
      await press(page, 'preset-save');
      await until(page, 'own-presets-panel', (text) => text.includes(SAYS.noName));
      await page.type(by('preset-name'), 'Seven <b>');
      await press(page, 'preset-save');
      await until(page, 'own-presets', (text) => text.includes(`Seven <b>${SAYS.chosen}`));
      await catchDownloads(page);
      const { name: file, bytes } = await downloaded(page, () => press(page, 'preset-export'));
      assert.equal(file, 'presets.json');
      assert.deepEqual(Object.keys(JSON.parse(bytes.toString()).presets), ['Seven <b>']);

      await page.reload();
      await press(page, 'own-presets-open');
      await until(page, 'own-presets', (text) => /Seven <b>/.test(text));
      await page.$eval('input[name="preset"][value="prototype"]', (e) => /** @type {HTMLElement} */ (e).click());
      await page.$eval(`${by('own-presets')} .link`, (e) => /** @type {HTMLElement} */ (e).click());
      await unfold(page);
      assert.equal(await page.$eval('#setting-seed', (e) => /** @type {HTMLInputElement} */ (e).value), '77');
      await page.$eval(`[aria-label="${SAYS.remove('Seven <b>')}"]`, (e) => /** @type {HTMLElement} */ (e).click());
      await until(page, 'own-presets-panel', (text) =>
        [SAYS.none, SAYS.removed('Seven <b>')].every((part) => text.includes(part)),
      );

      writeFileSync(path.join(FOLDER, 'presets.json'), bytes);
      await upload(page, 'preset-import', path.join(FOLDER, 'presets.json'));
      await until(page, 'own-presets', (text) => /Seven <b>/.test(text));
      writeFileSync(path.join(FOLDER, 'no-presets.json'), '{"a": 1}');
      await upload(page, 'preset-import', path.join(FOLDER, 'no-presets.json'));
      await until(page, 'own-presets-panel', (text) => text.includes(SAYS.noPresets));
      assert.deepEqual(await accessibilityProblems(page, '#train'), []);
    }));

  it('end training as they say, with the reason, and show samples on the way', () =>
    open(
      {
        ...START,
        path: '?hidden_size=16&num_levels=2&learning_rate=0&eval_every=3&patience=2&max_steps=500&sample_bytes=24&workers=1#train',
      },
      async ({ page }) => {
        await textOpens(page);
        await press(page, 'start');
        await reaches(page, 'finished');
        assert.equal(await textOf(page, 'step'), '6');
        assert.equal(await textOf(page, 'ended'), endedWords('no_progress', defaults({ patience: 2 })));
        await page.waitForSelector(by('samples'));
        const samples = await page.$$eval(`${by('samples')} li`, (list) => list.map((item) => item.textContent ?? ''));
        assert.equal(samples.length, 3);
        assert.ok(samples[0].startsWith(stepName(6) + PROMPT), samples[0]);
        assert.ok(samples[2].startsWith(stepName(0) + PROMPT), samples[2]);
        assert.deepEqual(await accessibilityProblems(page, '#train'), []);
      },
    ));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('show their cost before the start, and any conflicts', () =>
    open(START, async ({ page }) => {
      await until(page, 'cost-speed', (text) => SPEED.test(text));
      await unfold(page);
      const [parameters, memory] = [await textOf(page, 'cost-parameters'), await textOf(page, 'cost-memory')];
      assert.match(memory, /MiB/);
      await set(page, 'hidden_size', '128');
      await until(page, 'cost-parameters', (text) => text === '1,156,484');
      assert.notEqual(parameters, '1,156,484');
      await until(page, 'cost-memory', (text) => text !== memory && /MiB/.test(text));
      await page.select('#setting-model_type', 'baseline');
      await set(page, 'patience', '1000');
      await until(page, 'findings', (text) => PATIENCE.test(text));
      await until(page, 'cost-parameters', (text) => text === '1,156,484');
      await set(page, 'batch_size', '256');
      await set(page, 'sequence_length', '8192');
      await until(page, 'findings', (text) => TOO_LARGE.test(text));
      assert.deepEqual(await accessibilityProblems(page, '#train'), []);
      await screenshot(page, `settings-${name}`);
    }));

  it('all have a name, a range and help', () =>
    open(START, async ({ page }) => {
      await page.waitForSelector(by('own-presets-open'));
      await unfold(page);
      await page.waitForSelector('#setting-sample_prompt');
      const fields = await page.$$eval('.settings-group .field', (list) =>
        list.map((field) => ({
          label: field.querySelector('label')?.textContent ?? '',
          help: field.querySelector('[id$="-help"]')?.textContent ?? '',
          number: field.querySelector('input[inputmode="numeric"], input[inputmode="decimal"]') !== null,
        })),
      );
      assert.ok(fields.length >= 30, `only ${fields.length}`);
      for (const { label, help, number } of fields) {
        assert.ok(label.length > 2 && help.length > 10, label);
        const setting = SETTINGS.find((each) => each.label === label);
        if (number) assert.ok(setting && help.endsWith(rangeOf(setting)) && /\d.*\d.*\d/.test(rangeOf(setting)), help);
      }
    }));
});

inBrowsers(['chromium'], 'texts and settings in every look', (open) => {
  for (const width of [390, 1440]) {
    it(`are accessible and fit, in light and dark: ${width} pixels`, () =>
      open({ path: '#train', width, height: 900, touch: width < 600 }, async ({ page }) => {
        await textOpens(page);
        await until(page, 'cost-speed', (text) => SPEED.test(text));
        for (const id of ['wikitext', 'corpus-open', 'own-presets-open']) await press(page, id);
        await page.waitForSelector(by('corpus'));
        await page.waitForSelector(by('preset-name'));
        await unfold(page);
        await soundInBothSchemes(page, 'workbench', '#train');
      }));
  }
});
