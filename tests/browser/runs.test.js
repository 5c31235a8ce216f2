/** Nothing is lost: reloads, killed workers, full and damaged storage, two tabs. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inBrowsers } from '../browser.js';
import { by, catchDownloads, downloaded, press, textOf, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const SMALL =
  '?hidden_size=16&batch_size=4&sequence_length=64&learning_rate=0.005&max_steps=3000&eval_every=300&workers=2&dropout=0.1';

/** @param {Page} page */
const ready = (page) => until(page, 'model', (text) => text.includes('example'));
/** @param {Page} page */
const stepOf = async (page) => Number((await textOf(page, 'step')).replaceAll(',', ''));

/** Trains to the end without a break. @param {Page} page @returns {Promise<Buffer>} its weights, resumable */
async function finish(page) {
  await until(page, 'state', (text) => text === 'Finished');
  await catchDownloads(page);
  return (await downloaded(page, () => press(page, 'download-resumable'))).bytes;
}

inBrowsers(['chromium', 'firefox'], 'kept runs', (open) => {
  it('go on after a reload in the middle of training, and end with the same bits', async () => {
    /** @type {Buffer|undefined} */
    let straight;
    await open({ path: SMALL }, async ({ page }) => {
      await ready(page);
      await press(page, 'start');
      straight = await finish(page);
    });
    await open({ path: SMALL }, async ({ page }) => {
      await ready(page);
      await press(page, 'start');
      await until(page, 'kept', (text) => /step [1-9]/.test(text));
      await page.reload({ waitUntil: 'load' });
      await until(page, 'offer', (text) => /adaptive_L64_B0k was trained on Moby-Dick up to step/.test(text));
      await press(page, 'offer-go-on');
      await until(page, 'state', (text) => text === 'Training' || text === 'Finished');
      const resumed = await finish(page);
      assert.equal(await stepOf(page), 3000);
      assert.ok(straight && resumed.equals(straight), 'the bits are the same');
      assert.equal(await page.$(by('offer')), null);
    });
  });
});
