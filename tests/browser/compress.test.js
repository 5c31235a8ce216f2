/** Compressing on the page: every browser makes the same file as Node, and decompresses it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, it } from 'node:test';
import { compress, decompress } from '../../wasm/library/index.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import {
  howFar,
  modelSaved,
  parentsSaved,
  SIZES,
  stretchCost,
} from '../../web/components/compress/packing_sentences.js';
import { outcomeText } from '../../web/state/packing.js';
import { inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { anyNumbers } from '../wording.js';
import { by, catchDownloads, downloaded, exampleOpens, press, textOf, until, upload } from './pages.js';

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

/** Which stretch of the file the page shows: bytes, and where it begins. @param {import('puppeteer-core').Page} page */
async function stretch(page) {
  const pattern = anyNumbers(stretchCost({ bits: Number.NaN, bytes: Number.NaN, first: Number.NaN }));
  const [, , bytes, first] = (pattern.exec(await textOf(page, 'byte-costs')) ?? []).map((number) =>
    Number(number.replaceAll(',', '')),
  );
  return { bytes, first };
}

/** Waits until the shown stretch begins where it is wanted. @param {import('puppeteer-core').Page} page @param {(first: number) => boolean} fits */
async function stretchAt(page, fits) {
  for (let i = 0; i < 600; i++) {
    const found = await stretch(page);
    if (fits(found.first)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`the page shows “${await textOf(page, 'byte-costs')}”`);
}

/** What stands beside the first and last bars: some browsers also have other ways to compress. @param {import('puppeteer-core').Page} page @param {string} id @param {number} most */
const namesOf = (page, id, most) =>
  page.$$eval(
    `${by(id)} th`,
    (all, n) => [...all.slice(0, n - 1), ...all.slice(-1)].map((each) => each.textContent),
    most,
  );

inBrowsers(['chromium', 'firefox', 'webkit'], 'compressing', (open, browser) => {
  it('makes the same file as Node, and gives back the original', () =>
    open({ path: '#compress', width: 390 }, async ({ page }) => {
      const expected = await compress(text, { name: 'whale.txt', mode: 'counts' });
      await choose(page, 'counts');
      await upload(page, 'compress-file', at('whale.txt'));
      await page.waitForSelector(by('compress-outcome'));
      if (browser === 'chromium') await soundInBothSchemes(page, 'compress', '#compress');
      const { bytes: shown, first } = await stretch(page);
      assert.ok(first === 0 && shown >= 300 && shown < 400, `${shown} bytes from ${first} on`);
      assert.deepEqual(await namesOf(page, 'compress-sizes', 3), [SIZES.original, 'gzip', SIZES.own]);
      assert.equal(await page.$(by('who-paid-words')), null, 'the counts paid for everything');
      await page.focus(by('byte-costs-place'));
      await page.keyboard.press('End');
      await stretchAt(page, (from) => from >= 59_000);
      await catchDownloads(page);
      const { name, bytes } = await downloaded(page, () => press(page, 'compress-save'));
      assert.equal(name, 'whale.txt.acz');
      assert.equal(sha256(bytes), sha256(expected));
      assert.deepEqual(await decompress(bytes), text);
      await press(page, 'compress-check');
      await page.waitForSelector(by('compress-verified'));
      const original = { kind: /** @type {const} */ ('unpacked'), name: 'whale.txt', small: bytes.length, ms: 0 };
      const whole = outcomeText({ ...original, file: new Blob([text]), same: true });
      assert.equal(await textOf(page, 'compress-verified'), whole);
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
      const unknown = { share: Number.NaN, bits: Number.NaN, speed: Number.NaN, left: Number.NaN };
      const paused = [true, false].map((begun) => anyNumbers(howFar({ ...unknown, paused: true, begun })));
      await until(page, 'compress-progress', (said) => paused.some((pattern) => pattern.test(said)));
      await press(page, 'compress-pause');
      await page.waitForSelector(by('compress-outcome'));
      await catchDownloads(page);
      const { bytes } = await downloaded(page, () => press(page, 'compress-save'));
      assert.equal(sha256(bytes), sha256(expected));
    }));

  it('says who paid for what, and opens the most expensive stretch in the explorer', () =>
    open({ path: '#compress', width: 390 }, async ({ page }) => {
      await exampleOpens(page);
      await choose(page, 'mix');
      writeFileSync(at('short.txt'), text.subarray(0, 4000));
      await upload(page, 'compress-file', at('short.txt'));
      await page.waitForSelector(by('who-paid-words'));
      if (browser === 'chromium') await soundInBothSchemes(page, 'compress', '#compress');
      const names = [SIZES.counts, SIZES.alone, SIZES.mixed, SIZES.mixedWithoutParents];
      assert.deepEqual(await namesOf(page, 'who-paid-sizes', 4), names);
      const [gain, loss] = [Number.NaN, Number.NEGATIVE_INFINITY];
      const words = [gain, loss].map((parents) => anyNumbers(modelSaved(gain), parentsSaved(parents)));
      const said = await textOf(page, 'who-paid-words');
      assert.ok(
        words.some((pattern) => pattern.test(said)),
        said,
      );
      await page.$eval(by('cost-strip'), (strip) => {
        const { left, width, top } = strip.getBoundingClientRect();
        const place = { clientX: left + width / 2, clientY: top + 5, bubbles: true };
        strip.dispatchEvent(new PointerEvent('pointerdown', place));
      });
      await stretchAt(page, (from) => from >= 1800 && from < 1900);
      await press(page, 'compress-dearest');
      const { first, bytes } = await stretchAt(page, (from) => from < 1800 || from >= 1900);
      await press(page, 'compress-explore');
      const dearest = new TextDecoder().decode(text.subarray(first, first + bytes));
      await page.waitForFunction(
        (place, passage) =>
          /** @type {HTMLTextAreaElement|null} */ (document.querySelector(place))?.value.includes(passage),
        {},
        by('own-words'),
        dearest,
      );
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
