/** The list of runs: names, notes, copies, counterparts, deleting and undoing, saving and opening files; own texts. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { reasonText } from '../../wasm/engine/stopping.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { IDLE, readout } from '../../web/charts/overlay.js';
import { BETTER, beganFrom, besideOther, NO_RUNS, notFresh } from '../../web/components/runs/run_sentences.js';
import { modelLine } from '../../web/format/model_line.js';
import { readAddress } from '../../web/state/address.js';
import { counterpartName } from '../../web/state/runs/record.js';
import { accessibilityProblems, inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { eventsIn } from '../wasm/support/events.js';
import { ANY, anyNumbers, wholly } from '../wording.js';
import { keptSome, offers } from './kept.js';
import {
  by,
  catchDownloads,
  downloaded,
  drop,
  exampleOpens,
  pause,
  press,
  reaches,
  reports,
  says,
  start,
  textOf,
  textOpens,
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

/** What is known of a model of TINY's. */
const MODEL = { settings: readAddress(TINY).settings, parameterCount: Number.NaN };
/** The line that says that a file with such a model is open. @param {string} name @param {number} step */
const fileLine = (name, step) => wholly(modelLine({ ...MODEL, origin: 'file', name }, step));
/** What is set in bold. @param {string} text */
const strong = (text) => text;
/** What the curves of two runs have at a step, that of the later run first. @param {number} x */
const valuesAt = (x) =>
  wholly(
    readout(
      ['b', 'a'].map((mark) => ({ mark, x, y: Number.NaN })),
      'step',
    ),
  );

/** Trains a run to its end, and shows the list. @param {Page} page */
async function oneRun(page) {
  await start(page);
  await reaches(page, 'finished');
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
      await exampleOpens(page);
      await toRuns(page);
      assert.equal(await textOf(page, 'no-runs'), NO_RUNS);
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
      await exampleOpens(page);
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
      await says(page, 'model', wholly(modelLine({ ...MODEL, origin: 'fresh', name: '' }, 60)));
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
      await exampleOpens(page);
      await page.waitForSelector('input[name="weights"][value="open"]');
      await page.$eval('input[name="weights"][value="open"]', (e) => /** @type {HTMLElement} */ (e).click());
      await oneRun(page);
      assert.ok((await textOf(page, 'ended')).toLowerCase().includes(why));
      await until(page, 'run-ended', (text) => text.includes(why));
      // The weights that it began from may have been trained, or not.
      const began = [0, Number.POSITIVE_INFINITY].map((firstStep) => beganFrom({ name: ANY, firstStep }).join(''));
      await until(page, 'run-from', (text) => began.some((sentence) => wholly(sentence).test(text)));
      await endKept(page);
      await page.reload({ waitUntil: 'load' });
      await toRuns(page);
      await until(page, 'run-ended', (text) => text.includes(why));
      await press(page, 'run-open');
      await until(page, 'ended', (text) => text.toLowerCase().includes(why));
      await press(page, 'run-counterpart');
      await untilNames(page, (all) => all.some((name) => name?.endsWith(counterpartName('', { model_type: 'flat' }))));
      const mine = { decoderBpb: Number.NaN, step: 4 };
      const beside = besideOther({ name: ANY, parameters: null, mine, its: { ...mine, step: Number.NaN }, strong });
      await says(page, 'counterpart', anyNumbers(beside.join(''), notFresh(ANY, ANY)));
      await until(page, 'run-ended', (text) => text.includes(reasonText('steps', defaults())));
    }));

  it('trains the counterpart with one click, and compares', () =>
    open({ path: TINY, width: 1440 }, async ({ page }) => {
      await exampleOpens(page);
      await oneRun(page);
      await press(page, 'run-counterpart');
      await untilNames(page, (all) => all.includes(counterpartName('adaptive_L32_B0k', { model_type: 'baseline' })));
      await reaches(page, 'finished');
      const last60 = { decoderBpb: Number.NaN, step: 60 };
      const name = counterpartName('adaptive_L32_B0k', { model_type: 'baseline' });
      const pair = { parameters: Number.NaN, mine: last60, its: last60, strong };
      const patterns = ['adaptive_L32_B0k', name].map((other) =>
        anyNumbers(besideOther({ ...pair, name: other }).join('')),
      );
      const fits = (/** @type {string} */ text) => patterns.find((pattern) => pattern.test(text));
      const compared = await until(page, 'counterpart', (text) => fits(text) !== undefined);
      const [, , mine, its] = (fits(compared)?.exec(compared) ?? []).map(Number);
      assert.notEqual(mine, its);
      assert.match(compared, anyNumbers(BETTER[mine < its ? 'this' : 'other'](Number.NaN)));
      await press(page, 'sort-decoderBpb');
      const column = () =>
        page.$$eval('[data-testid="run-row"] td:nth-child(4)', (cells) =>
          cells.map((cell) => Number(cell.textContent)),
        );
      const up = await column();
      assert.ok(up.length === 2 && up[0] <= up[1], String(up));
      await press(page, 'sort-decoderBpb');
      await page.waitForSelector(`[aria-sort="descending"] ${by('sort-decoderBpb')}`);
      assert.deepEqual(await column(), up.reverse());
      assert.equal(await page.$$eval(`${by('overlay')} .overlay-line`, (lines) => lines.length), 2);
      assert.equal(await page.$$eval(`${by('overlay')} .overlay-line[stroke-dasharray]`, (lines) => lines.length), 1);
      await page.focus(by('overlay-place'));
      await page.keyboard.press('Home');
      await says(page, 'overlay-readout', valuesAt(0));
      await page.keyboard.press('End');
      const last = await until(page, 'overlay-readout', (text) => valuesAt(60).test(text));
      const said = (/** @type {string} */ name) =>
        page.$eval(by('overlay-place'), (e, at) => e.getAttribute(at) ?? '', `aria-${name}`);
      assert.equal(await said('valuenow'), '60');
      assert.deepEqual([await said('valuetext'), await said('valuemax')], [last, '60']);
      await page.keyboard.press('Escape');
      await says(page, 'overlay-readout', IDLE.runs);
      await page.keyboard.press('End');
      await page.waitForSelector('.overlay-cursor');
      // A step is no number of bytes: on another axis nothing is pointed at.
      await page.$eval('[name="overlay-axis"][value="bytesSeen"]', (e) => /** @type {HTMLElement} */ (e).click());
      await says(page, 'overlay-readout', IDLE.runs);
      assert.equal(await page.$('.overlay-cursor'), null);
      assert.deepEqual(await accessibilityProblems(page, '#runs'), []);
    }));

  it('duplicates a run with changes', () =>
    open({ path: TINY }, async ({ page }) => {
      await exampleOpens(page);
      await oneRun(page);
      await press(page, 'run-duplicate');
      await reports(page, 'notice', 'settings_taken');
      await page.waitForFunction(() => location.search.includes('hidden_size=8'));
      await start(page);
      await untilNames(page, (all) => all.includes('adaptive_L32_B0k 2'));
      await reaches(page, 'finished');
    }));

  it('opens weights and sessions that are dropped on the page', () =>
    open({ path: TINY }, async ({ page }) => {
      await exampleOpens(page);
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
      await says(page, 'model', fileLine('with moments.safetensors', 60));
      await drop(page, 'weights.safetensors', weights.bytes);
      await says(page, 'model', fileLine('weights.safetensors', 0));
      await drop(page, 'broken.safetensors', weights.bytes.subarray(0, 500));
      await reports(page, 'notice', 'not_safetensors');
      assert.match(await textOf(page, 'model'), /^weights\.safetensors/);
      await drop(page, 'session.zip', session.bytes);
      await untilNames(page, (all) => all.length === 2);
    }));

  it('keeps the reader’s own texts only on request, and asks for them otherwise', () =>
    open({ path: TINY.replace('max_steps=60', 'max_steps=100000') }, async ({ page }) => {
      await exampleOpens(page);
      await upload(page, 'file-input', OWN);
      await textOpens(page, 'own.txt');
      await page.waitForSelector(by('keep-texts'));
      assert.equal(await page.$eval(by('keep-texts'), (e) => /** @type {HTMLInputElement} */ (e).checked), false);
      await start(page);
      await keptSome(page);
      await page.reload({ waitUntil: 'load' });
      await offers(page, { text: 'own.txt' });
      await press(page, 'offer-go-on');
      await reports(page, 'notice', 'no_text');
      await until(page, 'notice', (text) => text.includes('own.txt'));
      await upload(page, 'file-input', OWN);
      await reaches(page, 'training');
      await page.waitForFunction(() => !document.querySelector('[data-testid="offer"]'));
      await press(page, 'keep-texts');
      const step = await pause(page);
      await page.reload({ waitUntil: 'load' });
      await offers(page, { step });
      await press(page, 'offer-open');
      await reaches(page, 'paused');
      assert.equal(await textOf(page, 'step'), step.toLocaleString('en'));
      await until(page, 'text-facts', (text) => text.includes('own.txt'));
    }));
});

inBrowsers(['chromium'], 'list of runs, to look at', (open) => {
  it('is accessible on a narrow page, in light and dark', () =>
    open({ path: TINY, width: 390, height: 844, touch: true }, async ({ page }) => {
      await exampleOpens(page);
      await oneRun(page);
      await soundInBothSchemes(page, 'runs', '#runs');
    }));
});
