/** The list of runs: names, notes, copies, counterparts, deleting and undoing, saving and opening files; own texts. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { reasonText } from '../../wasm/engine/stopping.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { accessibilityProblems, inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { eventsIn } from '../wasm/support/events.js';
import {
  by,
  catchDownloads,
  downloaded,
  drop,
  pause,
  press,
  reports,
  start,
  textOf,
  toRuns,
  until,
  upload,
} from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const TINY =
  '?hidden_size=8&num_levels=2&batch_size=2&sequence_length=32&max_steps=60&eval_every=20&log_every=5&workers=1&sample_bytes=0';
const FILES = path.join(ROOT, 'build/texts');
const OWN = path.join(FILES, 'own.txt');

before(() => {
  mkdirSync(FILES, { recursive: true });
  writeFileSync(OWN, readFileSync(path.join(ROOT, 'public/samples/state-of-the-union.txt')).subarray(0, 50_000));
});

/** Trains a run to its end, and shows the list. @param {Page} page */
async function oneRun(page) {
  await start(page);
  await until(page, 'state', (text) => text === 'Finished');
  await toRuns(page);
  await page.waitForSelector(by('run-detail'));
}

/** Names in the table, from the top. @param {Page} page */
const names = (page) => page.$$eval(by('run-name'), (all) => all.map((each) => each.textContent));

/** @param {Page} page @param {(names: (string|null)[]) => boolean} fits */
async function untilNames(page, fits) {
  for (let i = 0; i < 200; i++) {
    if (fits(await names(page))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`The runs are ${JSON.stringify(await names(page))}`);
}

/** Waits until the browser has kept the end of a run, which the page shows a moment earlier. @param {Page} page */
const endKept = (page) =>
  page.waitForFunction(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('adaptive-compressor');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction('runs').objectStore('runs').getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () => {
            opening.result.close();
            resolve(all.result.some(({ state, ended }) => state === 'finished' && ended !== null));
          };
        };
      }),
    { polling: 50 },
  );

/** Types into a field, then leaves the field. @param {Page} page @param {string} id @param {string} text */
async function fill(page, id, text) {
  await page.$eval(
    by(id),
    (element, value) => {
      const field = /** @type {HTMLInputElement} */ (element);
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    },
    text,
  );
}

inBrowsers(['chromium', 'firefox'], 'list of runs', (open, name) => {
  it('keeps names and notes; deletes and restores', () =>
    open({ path: TINY }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await toRuns(page);
      assert.match(await textOf(page, 'no-runs'), /no runs yet/);
      await oneRun(page);
      assert.deepEqual(await names(page), ['adaptive_L32_B0k']);
      await fill(page, 'run-rename', 'Whales <b>first</b>');
      await untilNames(page, ([name]) => name === 'Whales <b>first</b>');
      await fill(page, 'run-notes', 'learns slowly');
      await press(page, 'run-delete');
      await untilNames(page, (all) => all.length === 0);
      await until(page, 'run-undo', (text) => text.includes('Whales <b>first</b>'));
      await press(page, 'run-undo-button');
      await untilNames(page, (all) => all.length === 1);
      await page.reload({ waitUntil: 'load' });
      await toRuns(page);
      await untilNames(page, ([name]) => name === 'Whales <b>first</b>');
      assert.equal(
        await page.$eval(by('run-notes'), (e) => /** @type {HTMLTextAreaElement} */ (e).value),
        'learns slowly',
      );
      await press(page, 'run-delete');
      await untilNames(page, (all) => all.length === 0);
      await page.reload({ waitUntil: 'load' });
      await toRuns(page);
      await page.waitForSelector(by('no-runs'));
    }));

  it('is saved to well-formed files, which can be opened again', () =>
    open({ path: TINY }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await oneRun(page);
      await catchDownloads(page);
      const lines = (await downloaded(page, () => press(page, 'run-jsonl'))).bytes.toString().trimEnd().split('\n');
      const steps = lines.map((line) => JSON.parse(line)).filter((row) => 'val/loss' in row);
      assert.deepEqual(
        steps.map(({ step }) => step),
        [0, 20, 40, 60],
      );
      const table = (await downloaded(page, () => press(page, 'run-csv'))).bytes.toString();
      assert.match(table, /^step,wall_time,.*val\/byte_decoder_bpb/);
      const events = await downloaded(page, () => press(page, 'run-tensorboard'));
      assert.match(events.name, /^events\.out\.tfevents\./);
      assert.ok(eventsIn(events.bytes).length > 10);
      const svg = (await downloaded(page, () => press(page, 'overlay-svg'))).bytes.toString();
      assert.match(svg, /^<svg .*<path /s);
      assert.doesNotMatch(svg, /var\(--/);
      const png = (await downloaded(page, () => press(page, 'overlay-png'))).bytes;
      assert.equal(png.subarray(1, 4).toString(), 'PNG');
      const weights = (await downloaded(page, () => press(page, 'run-weights'))).bytes;

      const zip = await downloaded(page, () => press(page, 'session-export'));
      const file = path.join(FILES, zip.name);
      writeFileSync(file, zip.bytes);
      await press(page, 'run-delete');
      await untilNames(page, (all) => all.length === 0);
      // The button for texts and weights works, too: the file itself tells what it is.
      await upload(page, 'file-input', file);
      await untilNames(page, (all) => all.length === 1);
      await reports(page, 'notice', 'session_taken');
      const again = (await downloaded(page, () => press(page, 'run-weights'))).bytes;
      assert.ok(again.equals(weights));
      await press(page, 'run-open');
      await until(page, 'model', (text) => text.includes('60 steps'));
      writeFileSync(file, 'no zip at all');
      await upload(page, 'session-input', file);
      await reports(page, 'notice', 'damaged_zip');
      assert.equal((await names(page)).length, 1);
    }));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('says why a run ended, even after a reload, and trains a counterpart of a run that began from other weights', () =>
    open({ path: '?max_steps=4&eval_every=2&val_max_batches=1&sample_bytes=0&target_bpb=7.5' }, async ({ page }) => {
      const why = reasonText('target', defaults({ target_bpb: 7.5 }));
      await until(page, 'model', (text) => text.includes('example'));
      await page.waitForSelector('input[name="weights"][value="open"]');
      await page.$eval('input[name="weights"][value="open"]', (e) => /** @type {HTMLElement} */ (e).click());
      await oneRun(page);
      assert.ok((await textOf(page, 'ended')).toLowerCase().includes(why));
      await until(page, 'run-ended', (text) => text.includes(why));
      assert.match(await textOf(page, 'run-from'), /began from “.+”, the model beside it begins from fresh weights/);
      await endKept(page);
      await page.reload({ waitUntil: 'load' });
      await toRuns(page);
      await until(page, 'run-ended', (text) => text.includes(why));
      await press(page, 'run-open');
      await until(page, 'ended', (text) => text.toLowerCase().includes(why));
      await press(page, 'run-counterpart');
      await untilNames(page, (all) => all.some((name) => name?.endsWith('as flat')));
      await until(page, 'counterpart', (text) =>
        /of another size, the same text.*step 4 against.*did not begin from fresh weights, but from/.test(text),
      );
      await until(page, 'run-ended', (text) => text.includes(reasonText('steps', defaults())));
    }));

  it('trains the counterpart with one click, and compares', () =>
    open({ path: TINY, width: 1440 }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await oneRun(page);
      await press(page, 'run-counterpart');
      await untilNames(page, (all) => all.includes('adaptive_L32_B0k as baseline'));
      await until(page, 'state', (text) => text === 'Finished');
      await until(page, 'counterpart', (text) => /the same [\d,]+ parameters.*step 60 against.*step 60/.test(text));
      assert.match(await textOf(page, 'counterpart'), /better by|worse by|Neither/);
      await press(page, 'sort-decoderBpb');
      const column = () =>
        page.$$eval('[data-testid="run-row"] td:nth-child(4)', (cells) =>
          cells.map((cell) => Number(cell.textContent)),
        );
      const up = await column();
      assert.ok(up.length === 2 && up[0] <= up[1], String(up));
      await press(page, 'sort-decoderBpb');
      await page.waitForFunction(
        () => document.querySelector('[aria-sort="descending"]')?.textContent?.includes('decoder') ?? false,
      );
      assert.deepEqual(await column(), up.reverse());
      assert.equal(await page.$$eval(`${by('overlay')} .overlay-line`, (lines) => lines.length), 2);
      assert.equal(await page.$$eval(`${by('overlay')} .overlay-line[stroke-dasharray]`, (lines) => lines.length), 1);
      await page.focus(by('overlay-place'));
      await page.keyboard.press('Home');
      await until(page, 'overlay-readout', (text) => /: \d\.\d+ at 0 .* at 0$/.test(text));
      await page.keyboard.press('End');
      const last = await until(page, 'overlay-readout', (text) => /: \d\.\d+ at 60 .* at 60$/.test(text));
      const said = (/** @type {string} */ name) =>
        page.$eval(by('overlay-place'), (e, at) => e.getAttribute(at) ?? '', `aria-${name}`);
      assert.equal(await said('valuenow'), '60');
      assert.deepEqual([await said('valuetext'), await said('valuemax')], [last, '60']);
      await page.keyboard.press('Escape');
      await until(page, 'overlay-readout', (text) => /press the arrow keys/.test(text));
      assert.deepEqual(await accessibilityProblems(page, '#runs'), []);
    }));

  it('duplicates a run with changes', () =>
    open({ path: TINY }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await oneRun(page);
      await press(page, 'run-duplicate');
      await reports(page, 'notice', 'settings_taken');
      await page.waitForFunction(() => location.search.includes('hidden_size=8'));
      await start(page);
      await untilNames(page, (all) => all.includes('adaptive_L32_B0k 2'));
      await until(page, 'state', (text) => text === 'Finished');
    }));

  it('opens weights and sessions that are dropped on the page', () =>
    open({ path: TINY }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await oneRun(page);
      await catchDownloads(page);
      const weights = await downloaded(page, () => press(page, 'download'));
      const resumable = await downloaded(page, () => press(page, 'download-resumable'));
      assert.ok(resumable.bytes.length > 2.5 * weights.bytes.length);
      const session = await downloaded(page, () => press(page, 'session-export'));
      const prototype = readFileSync(path.join(ROOT, 'tests/golden/checkpoints/prototype-adaptive-h32.pt'));
      await drop(page, 'prototype.pt', prototype);
      await until(page, 'model', (text) => text.startsWith('prototype.pt'));
      await drop(page, 'with moments.safetensors', resumable.bytes);
      await until(page, 'model', (text) => text.startsWith('with moments') && text.includes('60 steps'));
      await drop(page, 'weights.safetensors', weights.bytes);
      await until(page, 'model', (text) => text.startsWith('weights.safetensors') && !text.includes('60 steps'));
      await drop(page, 'broken.safetensors', weights.bytes.subarray(0, 500));
      await reports(page, 'notice', 'not_safetensors');
      assert.match(await textOf(page, 'model'), /^weights\.safetensors/);
      await drop(page, 'session.zip', session.bytes);
      await untilNames(page, (all) => all.length === 2);
    }));

  it('keeps the reader’s own texts only on request, and asks for them otherwise', () =>
    open({ path: TINY.replace('max_steps=60', 'max_steps=100000') }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await upload(page, 'file-input', OWN);
      await until(page, 'text-facts', (text) => /own\.txt.*held out/.test(text));
      await page.waitForSelector(by('keep-texts'));
      assert.equal(await page.$eval(by('keep-texts'), (e) => /** @type {HTMLInputElement} */ (e).checked), false);
      await start(page);
      await until(page, 'kept', (text) => /step [1-9]/.test(text));
      await page.reload({ waitUntil: 'load' });
      await until(page, 'offer', (text) => text.includes('own.txt'));
      await press(page, 'offer-go-on');
      await reports(page, 'notice', 'no_text');
      await until(page, 'notice', (text) => text.includes('own.txt'));
      await upload(page, 'file-input', OWN);
      await until(page, 'state', (text) => text === 'Training');
      await page.waitForFunction(() => !document.querySelector('[data-testid="offer"]'));
      await press(page, 'keep-texts');
      const step = (await pause(page)).toLocaleString('en');
      await page.reload({ waitUntil: 'load' });
      await until(page, 'offer', (text) => text.includes(`step ${step} of`));
      await press(page, 'offer-open');
      await until(page, 'state', (text) => text === 'Paused');
      assert.equal(await textOf(page, 'step'), step);
      await until(page, 'text-facts', (text) => text.includes('own.txt'));
    }));
});

inBrowsers(['chromium'], 'list of runs, to look at', (open) => {
  it('is accessible on a narrow page, in light and dark', () =>
    open({ path: TINY, width: 390, height: 844, touch: true }, async ({ page }) => {
      await until(page, 'model', (text) => text.includes('example'));
      await oneRun(page);
      await soundInBothSchemes(page, 'runs', '#runs');
    }));
});
