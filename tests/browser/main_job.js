/**
 * The main job, as a newcomer does it: look at the example, open a text of one megabyte, train a hundred steps, watch the
 * hierarchy change, let the model write. And what happens when the text is unusable.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { written } from '../../web/components/page_sentences.js';
import { EXAMPLE } from '../../web/format/model_line.js';
import { inBrowsers, screenshot } from '../in_browsers.js';
import { wholly } from '../wording.js';
import { alike, picture } from './explorer.js';
import {
  by,
  catchDownloads,
  downloaded,
  exampleOpens,
  press,
  reaches,
  reports,
  says,
  textFacts,
  textOf,
  textOpens,
  until,
  upload,
} from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FILES = path.join(ROOT, 'build/texts');
/** Bytes that the model is asked for, and what is said once they are written. */
const BYTES = 200;
const LENGTH_REACHED = wholly(written({ count: BYTES, bytesPerSecond: Number.NaN, reason: 'length' }));
const TEXT = path.join(FILES, 'one-megabyte.txt');

/** @param {Page} page @param {string} id */
const numberOf = async (page, id) => Number((await textOf(page, id)).replaceAll(',', ''));

/** The number of times that the hierarchy was drawn with a new trace. @param {Page} page */
const version = (page) =>
  page.$eval(by('hierarchy-canvas'), (e) => Number(/** @type {HTMLElement} */ (e).dataset.version));

function writeTexts() {
  mkdirSync(FILES, { recursive: true });
  writeFileSync(TEXT, readFileSync(path.join(ROOT, 'public/samples/state-of-the-union.txt')).subarray(0, 1_000_000));
  writeFileSync(path.join(FILES, 'empty.txt'), '');
  writeFileSync(path.join(FILES, 'short.txt'), 'Too short to train on.');
  writeFileSync(
    path.join(FILES, '<img src=x onerror=alert(1)>.bin'),
    Uint8Array.from({ length: 20_000 }, (_, i) => (i * i * 7) >> 3),
  );
}

/** @param {readonly import('../in_browsers.js').BrowserName[]} browsers */
export function describeJob(browsers) {
  before(writeTexts);
  inBrowsers(browsers, 'main job', defineJob);
}

/** @param {import('../in_browsers.js').Open} open */
function defineJob(open) {
  it('shows the example, trains on an uploaded text, redraws, and writes', () =>
    open(
      { path: '?preset=quick_start&max_steps=100000&eval_every=50', width: 1440, height: 900, keeps: true },
      async ({ page }) => {
        await exampleOpens(page);
        await page.waitForFunction(
          () => Number(document.querySelector('[data-testid="hierarchy-canvas"]')?.getAttribute('data-version')) > 0,
        );
        await screenshot(page, 'first-visit');

        await upload(page, 'file-input', TEXT);
        await textOpens(page, 'one-megabyte');
        await press(page, 'start');
        await until(page, 'step', (text) => Number(text) >= 10);
        const first = { version: await version(page), picture: await picture(page, by('hierarchy-canvas')) };

        await press(page, 'pause');
        await reaches(page, 'paused');
        const paused = await numberOf(page, 'step');
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.equal(await numberOf(page, 'step'), paused, 'a paused training stands still');
        await press(page, 'resume');
        const least = Math.max(100, paused + 20);
        await until(page, 'step', (text) => Number(text.replaceAll(',', '')) >= least, 180_000);
        await press(page, 'stop');
        await reaches(page, 'finished');

        for (const id of ['val-encoder-bpb', 'val-decoder-bpb']) {
          const bpb = await numberOf(page, id);
          assert.ok(bpb > 1 && bpb < 5, `${id} is ${bpb}`);
        }
        await page.waitForFunction(
          (v) => Number(document.querySelector('[data-testid="hierarchy-canvas"]')?.getAttribute('data-version')) > v,
          {},
          first.version,
        );
        const now = await picture(page, by('hierarchy-canvas'));
        assert.ok(!alike(now, first.picture), 'the drawing changed');

        await page.$eval(by('generate-max_new_bytes'), (e) => /** @type {HTMLInputElement} */ (e).select());
        await page.type(by('generate-max_new_bytes'), String(BYTES));
        await page.keyboard.press('Tab');
        await press(page, 'generate-button');
        await says(page, 'generated-figures', LENGTH_REACHED);
        // It is drawn in the next frame.
        await until(page, 'generated-output', (text) => text.length >= 100);
        await screenshot(page, 'after-training');

        await press(page, 'reset');
        const yes = await page.waitForSelector(by('question-yes'), { timeout: 2000 }).catch(() => null);
        await yes?.click();
        await reaches(page, 'idle');
      },
    ));

  it('says what is wrong with a text, and loses nothing', () =>
    open({}, async ({ page }) => {
      const facts = await textFacts(page);
      await upload(page, 'file-input', path.join(FILES, 'empty.txt'));
      await reports(page, 'notice', 'empty');
      assert.equal(await textOf(page, 'text-facts'), facts, 'the earlier text is still there');
      await upload(page, 'file-input', path.join(FILES, 'short.txt'));
      await reports(page, 'notice', 'short_text');
      assert.ok((await textOf(page, 'model')).startsWith(EXAMPLE), 'the model is still there');
    }));

  it('saves weights, and opens them again with the same bits', () =>
    open(
      { path: '?hidden_size=16&batch_size=4&sequence_length=64&max_steps=5&eval_every=5&workers=1' },
      async ({ page }) => {
        await exampleOpens(page);
        await textOpens(page);
        await press(page, 'start');
        await reaches(page, 'finished');
        await catchDownloads(page);
        const saved = await downloaded(page, () => press(page, 'download'));
        const file = path.join(FILES, 'saved.safetensors');
        writeFileSync(file, saved.bytes);
        await upload(page, 'weights-input', file);
        await until(page, 'model', (text) => text.includes('saved'));
        const again = await downloaded(page, () => press(page, 'download'));
        assert.ok(again.bytes.equals(saved.bytes));
      },
    ));

  it('takes any bytes, and shows a hostile name as text', () =>
    open({}, async ({ page }) => {
      await exampleOpens(page);
      await upload(page, 'file-input', path.join(FILES, '<img src=x onerror=alert(1)>.bin'));
      await until(page, 'text-facts', (text) => text.includes('<img src=x onerror=alert(1)>'));
      assert.equal(await page.$('img[src="x"]'), null);
    }));

  it('reports settings in the address that are out of range', () =>
    open({ path: '?hidden_size=99999' }, async ({ page }) => {
      await reports(page, 'notice', 'address');
      await until(page, 'notice', (text) => text.includes('hidden_size'));
    }));
}
