/** Models that no preset makes, from files: one that scores with its encoder's head, and one whose borders came from a list. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { describePart } from '../../web/figures/part_texts.js';
import { findings } from '../../web/state/combinations.js';
import { inBrowsers } from '../in_browsers.js';
import { untrained } from '../wasm/support/models.js';
import { drawn } from './explorer.js';
import { attribute, bring } from './figures.js';
import { by, exampleOpens, textOpens, until, upload } from './pages.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const FILES = path.join(ROOT, 'build/texts');
/** @type {Partial<Settings>} */
const COMMON = { wiring: 'residual', num_levels: 2, hidden_size: 16, carry_state: true, level_blocks: '1,0' };
/** @type {Record<string, Partial<Settings>>} */
const MODELS = {
  scores: { ...COMMON, encoder_scores: true, level_rules: 'level', level_thresholds: '5' },
  list: { ...COMMON, level_rules: 'given' },
};

/** What the page says of settings with the rule that needs a list. */
const UNTRAINED = findings(defaults(MODELS.list))[0].message;
/** The card of the head that scores. */
const HEAD = describePart(
  { id: '', kind: 'encoderHead', level: 0, tensors: [] },
  /** @type {import('../../web/anatomy/parts.js').Anatomy} */ ({ levels: 2, wiring: 'residual' }),
);

/** @param {string} name */
const fileOf = (name) => path.join(FILES, `${name}.safetensors`);

before(() => {
  mkdirSync(FILES, { recursive: true });
  for (const [name, changes] of Object.entries(MODELS)) {
    writeFileSync(fileOf(name), untrained(defaults(changes)));
  }
});

/** Opens one of the models. @param {import('puppeteer-core').Page} page @param {string} name */
async function opens(page, name) {
  await exampleOpens(page);
  await textOpens(page);
  await upload(page, 'weights-input', fileOf(name));
  await until(page, 'model', (text) => text.includes(name));
}

/** Tokens of level 1 that the border figure draws. @param {import('puppeteer-core').Page} page */
async function tokens(page) {
  await bring(page, '#how');
  await page.waitForSelector(by('border-figure'));
  return Number(await attribute(page, 'border-figure', 'data-borders'));
}

inBrowsers(['chromium', 'firefox'], 'models of one’s own', (open) => {
  it('draw, predict and are explained where the encoder’s head scores', () =>
    open({ width: 1440, height: 900 }, async ({ page }) => {
      await opens(page, 'scores');
      await drawn(page);
      assert.ok((await tokens(page)) > 1, 'its rule puts borders');
      await page.waitForSelector('[data-part="encoder-head"]');
      await page.hover('[data-part="encoder-head"] rect');
      await until(page, 'part-card', (text) => text.includes(HEAD.title));
    }));

  it('are read as one token where their borders came with a list, and say that the page trains none', () =>
    open({ path: '?level_rules=given&num_levels=2&wiring=residual&carry_state=true', width: 390 }, async ({ page }) => {
      await opens(page, 'list');
      assert.equal(await tokens(page), 1);
      await until(page, 'findings', (text) => text.includes(UNTRAINED));
    }));
});
