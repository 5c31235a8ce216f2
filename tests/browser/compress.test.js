/** Compressing on the page: every browser makes the same file as Node, and decompresses it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, it } from 'node:test';
import { compress, decompress } from '../../wasm/library/index.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { by, catchDownloads, downloaded, press, says, textOf, until, upload } from './pages.js';

const FOLDER = path.join(ROOT, 'build/compress');
const text = new Uint8Array(readFileSync(path.join(ROOT, 'public/samples/moby-dick.txt')).subarray(0, 60_000));
mkdirSync(FOLDER, { recursive: true });
const at = (/** @type {string} */ name) => path.join(FOLDER, name);
writeFileSync(at('whale.txt'), text);
after(() => rmSync(FOLDER, { recursive: true, force: true }));

const sha256 = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');

/** Chooses who predicts. @param {import('puppeteer-core').Page} page @param {string} mode */
async function choose(page, mode) {
  const choice = `input[name="compress-mode"][value="${mode}"]`;
  await page.waitForSelector(choice);
  await page.$eval(choice, (e) => /** @type {HTMLElement} */ (e).click());
}

inBrowsers(['chromium', 'firefox', 'webkit'], 'compressing', (open, browser) => {
  it('makes the same file as Node, and gives back the original', () =>
    open({ path: '#compress', width: 390 }, async ({ page }) => {
      const expected = await compress(text, { name: 'whale.txt', mode: 'counts' });
      await choose(page, 'counts');
      await upload(page, 'compress-file', at('whale.txt'));
      await page.waitForSelector(by('compress-outcome'));
      if (browser === 'chromium') await soundInBothSchemes(page, 'compress', '#compress');
      assert.match(await textOf(page, 'byte-costs'), /^\d+ bits for the 3\d\d bytes from byte 0 on/);
      assert.match(await textOf(page, 'compress-sizes'), /The file.*gzip.*Here/);
      assert.equal(await page.$(by('who-paid-words')), null, 'the counts paid for everything');
      await page.focus(by('byte-costs-place'));
      await page.keyboard.press('End');
      await page.waitForFunction(
        (/** @type {string} */ place) => / from byte 59,\d+ on/.test(document.querySelector(place)?.textContent ?? ''),
        {},
        by('byte-costs'),
      );
      await catchDownloads(page);
      const { name, bytes } = await downloaded(page, () => press(page, 'compress-save'));
      assert.equal(name, 'whale.txt.acz');
      assert.equal(sha256(bytes), sha256(expected));
      assert.deepEqual(await decompress(bytes), text);
      await press(page, 'compress-check');
      await page.waitForSelector(by('compress-verified'));
      const said = await page.$eval(by('compress-verified'), (e) => e.textContent);
      assert.match(said ?? '', /whale\.txt.* is back, .* byte for byte\.$/);
    }));

  it('pauses, resumes, and uses a model that learns unless something else is chosen', () =>
    open({ path: '#compress' }, async ({ page }) => {
      // A model is slow: a third of the text will do.
      const part = text.slice(0, 20_000);
      const expected = await compress(part, { name: 'part.txt', learn: 'flat' });
      writeFileSync(at('part.txt'), part);
      await upload(page, 'compress-file', at('part.txt'));
      await page.waitForSelector(by('compress-pause'));
      await press(page, 'compress-pause');
      await page.waitForFunction(
        (/** @type {string} */ place) => /paused/.test(document.querySelector(place)?.textContent ?? ''),
        {},
        by('compress-progress'),
      );
      await press(page, 'compress-pause');
      await page.waitForSelector(by('compress-outcome'));
      await catchDownloads(page);
      const { bytes } = await downloaded(page, () => press(page, 'compress-save'));
      assert.equal(sha256(bytes), sha256(expected));
    }));

  it('says who paid for what, and opens the most expensive stretch in the explorer', () =>
    open({ path: '#compress', width: 390 }, async ({ page }) => {
      await until(page, 'model', (said) => said.includes('example'));
      await choose(page, 'mix');
      writeFileSync(at('short.txt'), text.subarray(0, 4000));
      await upload(page, 'compress-file', at('short.txt'));
      await page.waitForSelector(by('who-paid-words'));
      if (browser === 'chromium') await soundInBothSchemes(page, 'compress', '#compress');
      assert.match(
        await textOf(page, 'who-paid-sizes'),
        /Counts alone.*The model alone.*Both, mixed.*Both, parents off/,
      );
      const words = /predictions save \d.* the parents (save|cost) /;
      assert.match(await textOf(page, 'who-paid-words'), words);
      await page.$eval(by('cost-strip'), (strip) => {
        const { left, width, top } = strip.getBoundingClientRect();
        const place = { clientX: left + width / 2, clientY: top + 5, bubbles: true };
        strip.dispatchEvent(new PointerEvent('pointerdown', place));
      });
      await says(page, 'byte-costs', / from byte 1,8\d\d on/);
      await press(page, 'compress-dearest');
      await says(page, 'byte-costs', / from byte (?!1,8)[\d,]+ on/);
      await press(page, 'compress-explore');
      await page.waitForFunction(() => /These bytes/.test(document.querySelector('#hierarchy')?.textContent ?? ''));
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'hierarchy');
    }));

  it('reports a damaged file in a sentence, and goes on with the next', () =>
    open({ path: '#compress' }, async ({ page }) => {
      const damaged = await compress(text, { mode: 'counts' });
      damaged[damaged.length >> 1] ^= 1;
      writeFileSync(at('damaged.acz'), damaged);
      await upload(page, 'compress-file', at('damaged.acz'));
      await page.waitForSelector(by('compress-problem'));
      const said = await page.$eval(by('compress-problem'), (e) => e.textContent);
      const reason = await decompress(damaged).catch((error) => error);
      assert.equal(reason.reason, 'damaged_piece');
      assert.equal(said, reason.message);
      writeFileSync(at('short.txt'), text.subarray(0, 4000));
      await upload(page, 'compress-file', at('short.txt'));
      await page.waitForSelector(by('compress-outcome'));
      assert.equal(await page.$(by('compress-problem')), null);
      const mode = 'input[name="compress-mode"]:checked';
      assert.equal(
        await page.$eval(mode, (e) => /** @type {HTMLInputElement} */ (e).value),
        'counts',
        'the file is short',
      );
    }));
});
