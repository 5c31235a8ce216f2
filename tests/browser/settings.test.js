/** Settings: their cost before the start, conflicts, the reader's own presets; stop rules and samples on the page. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { accessibilityProblems, inBrowsers, screenshot, soundInBothSchemes } from '../in_browsers.js';
import { by, catchDownloads, downloaded, press, reaches, textOf, textOpens, until, upload } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FOLDER = path.join(ROOT, 'build/texts');
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
      await until(page, 'own-presets-panel', (text) => /needs a name/.test(text));
      await page.type(by('preset-name'), 'Seven <b>');
      await press(page, 'preset-save');
      await until(page, 'own-presets', (text) => /Seven <b>chosen/.test(text));
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
      await page.$eval('[aria-label="Delete the preset Seven <b>"]', (e) => /** @type {HTMLElement} */ (e).click());
      await until(page, 'own-presets-panel', (text) =>
        /“Seven <b>” is deleted\..*None yet|None yet.*is deleted/.test(text),
      );

      writeFileSync(path.join(FOLDER, 'presets.json'), bytes);
      await upload(page, 'preset-import', path.join(FOLDER, 'presets.json'));
      await until(page, 'own-presets', (text) => /Seven <b>/.test(text));
      writeFileSync(path.join(FOLDER, 'no-presets.json'), '{"a": 1}');
      await upload(page, 'preset-import', path.join(FOLDER, 'no-presets.json'));
      await until(page, 'own-presets-panel', (text) => /holds no presets/.test(text));
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
        assert.equal(await textOf(page, 'ended'), 'No progress for 2 evaluations.');
        await page.waitForSelector(by('samples'));
        const samples = await page.$$eval(`${by('samples')} li`, (list) => list.map((item) => item.textContent ?? ''));
        assert.equal(samples.length, 3);
        assert.match(samples[0], /^step 6The /);
        assert.match(samples[2], /^step 0The /);
        assert.deepEqual(await accessibilityProblems(page, '#train'), []);
      },
    ));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('show their cost before the start, and any conflicts', () =>
    open(START, async ({ page }) => {
      await until(page, 'cost-speed', (text) => /about [\d.]+ steps\/s/.test(text));
      await unfold(page);
      const [parameters, memory] = [await textOf(page, 'cost-parameters'), await textOf(page, 'cost-memory')];
      assert.match(memory, /MiB/);
      await set(page, 'hidden_size', '128');
      await until(page, 'cost-parameters', (text) => text === '1,156,484');
      assert.notEqual(parameters, '1,156,484');
      await until(page, 'cost-memory', (text) => text !== memory && /MiB/.test(text));
      await page.select('#setting-model_type', 'baseline');
      await set(page, 'patience', '1000');
      await until(page, 'findings', (text) => /Patience of 1,?000 evaluations/.test(text));
      await until(page, 'cost-parameters', (text) => text === '1,156,484');
      await set(page, 'batch_size', '256');
      await set(page, 'sequence_length', '8192');
      await until(page, 'findings', (text) => /This can’t be trained: .*one batch takes 2,097,152/.test(text));
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
        if (number) assert.match(help, /(?:above )?[\d.,]+ to [\d.,]+, default [\d.,]+\.\s*$/, label);
      }
    }));
});

inBrowsers(['chromium'], 'texts and settings in every look', (open) => {
  for (const width of [390, 1440]) {
    it(`are accessible and fit, in light and dark: ${width} pixels`, () =>
      open({ path: '#train', width, height: 900, touch: width < 600 }, async ({ page }) => {
        await textOpens(page);
        await until(page, 'cost-speed', (text) => /steps\/s/.test(text));
        for (const id of ['wikitext', 'corpus-open', 'own-presets-open']) await press(page, id);
        await page.waitForSelector(by('corpus'));
        await page.waitForSelector(by('preset-name'));
        await unfold(page);
        await soundInBothSchemes(page, 'workbench', '#train');
      }));
  }
});
