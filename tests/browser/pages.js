/** Helpers for tests of the page: waiting for its texts, choosing files, catching downloads. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { gzipNeeds, heldOut, STATES } from '../../web/components/page_sentences.js';
import { EXAMPLE } from '../../web/format/model_line.js';
import { anyNumbers, exactly } from '../wording.js';

/** @typedef {import('puppeteer-core').Page} Page */

const LIMIT = 60_000;

const HELD_OUT = anyNumbers(heldOut(Number.NaN));
const ALL_FACTS = anyNumbers(heldOut(Number.NaN), gzipNeeds(Number.NaN));

/** Placeholders of parts whose code has not loaded yet. */
export const UNLOADED = 'main > .section > .skeleton';
/** Placeholders of parts that are not there yet. */
export const PENDING = `${UNLOADED}, main [data-waiting]`;

/** @param {string} id */
export const by = (id) => `[data-testid="${id}"]`;

/** An element's text; empty if there is no such element. @param {Page} page @param {string} id */
export const textOf = (page, id) => page.$eval(by(id), (element) => element.textContent ?? '').catch(() => '');

/**
 * Waits until an element's text fits, and returns it.
 * @param {Page} page
 * @param {string} id
 * @param {(text: string) => boolean} fits
 * @param {number} [limit]  milliseconds
 */
export async function until(page, id, fits, limit = LIMIT) {
  const end = Date.now() + limit;
  for (;;) {
    const text = await textOf(page, id);
    if (fits(text)) return text;
    assert.ok(Date.now() < end, `${id} still says “${text}”`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the page reports something, by its reason. @param {Page} page @param {'notice'|'keep-problem'} id @param {string} reason  as the state has it */
export const reports = (page, id, reason) =>
  page.waitForSelector(`${by(id)}[data-reason="${reason}"]`, { timeout: LIMIT });

/** Waits until an element's text fits a pattern, or is exactly a text. @param {Page} page @param {string} id @param {RegExp|string} wanted */
export function says(page, id, wanted) {
  const { source, flags } = typeof wanted === 'string' ? exactly(wanted) : wanted;
  return page.waitForFunction(
    (selector, pattern, how) => new RegExp(pattern, how).test(document.querySelector(selector)?.textContent ?? ''),
    { timeout: LIMIT },
    by(id),
    source,
    flags,
  );
}

/**
 * Presses a button, in view or not, as soon as it can be pressed: it is found and pressed in one turn of the page, so
 * that nothing comes between.
 * @param {Page} page
 * @param {string} id
 * @param {object} [globals]  what the page's scripts find from then on
 */
export async function press(page, id, globals = {}) {
  for (const end = Date.now() + LIMIT; ; ) {
    const pressed = await page.evaluate(
      (selector, values) => {
        const button = /** @type {HTMLButtonElement|null} */ (document.querySelector(selector));
        if (!button || button.disabled || button.getAttribute('aria-disabled') === 'true') return false;
        Object.assign(globalThis, values);
        button.click();
        return true;
      },
      by(id),
      globals,
    );
    if (pressed) return;
    assert.ok(Date.now() < end, `${id} can’t be pressed`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until the trained example is open. @param {Page} page */
export const exampleOpens = (page) => until(page, 'model', (text) => text.startsWith(EXAMPLE));

/** Waits until a text has been read, divided into a part to train on and one that is held out. @param {Page} page @param {string} [name]  of the text */
export async function textOpens(page, name = '') {
  const facts = await until(page, 'text-facts', (text) => text.includes(name) && HELD_OUT.test(text));
  await page.waitForFunction((reading) => !document.querySelector(reading), { timeout: LIMIT }, by('reading'));
  return facts;
}

/** Waits until training is in a state. @param {Page} page @param {keyof typeof STATES} state @param {number} [limit]  milliseconds */
export const reaches = (page, state, limit = LIMIT) => until(page, 'state', (text) => text === STATES[state], limit);

/** Waits for the example and all facts about its text, of which the size under gzip comes last, and returns them. @param {Page} page */
export async function textFacts(page) {
  await exampleOpens(page);
  return until(page, 'text-facts', (text) => ALL_FACTS.test(text));
}

/** Chooses the reader's own files with an input. @param {Page} page @param {string} id @param {...string} files */
export async function upload(page, id, ...files) {
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (
    await page.waitForSelector(by(id))
  );
  await input.uploadFile(...files);
}

/** A trained model of the prototype’s wiring, with three levels. */
const MIRROR = path.join(ROOT, 'tests/browser/support/mirror.safetensors');

/** Opens the model of the prototype’s wiring in place of the example. @param {Page} page */
export async function openMirror(page) {
  await exampleOpens(page);
  await upload(page, 'weights-input', MIRROR);
  await until(page, 'model', (text) => text.includes('mirror'));
}

/**
 * Catches what the page downloads instead of saving it. Lasts until the page is reloaded.
 * @param {Page} page
 */
export function catchDownloads(page) {
  return page.evaluate(() => {
    const caught = /** @type {{name: string, blob: Blob}[]} */ ([]);
    const blobs = new Map();
    Object.assign(globalThis, { caught });
    const create = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (/** @type {any} */ blob) => {
      const url = create(blob);
      blobs.set(url, blob);
      return url;
    };
    HTMLAnchorElement.prototype.click = function () {
      if (this.download) caught.push({ name: this.download, blob: blobs.get(this.href) });
      else this.dispatchEvent(new MouseEvent('click'));
    };
  });
}

/**
 * The next file that the page downloads after `cause` is called.
 * @param {Page} page  with caught downloads
 * @param {() => Promise<void>} cause
 * @returns {Promise<{name: string, bytes: Buffer}>}
 */
export async function downloaded(page, cause) {
  const before = await page.evaluate(() => /** @type {any} */ (globalThis).caught.length);
  await cause();
  await page.waitForFunction((n) => /** @type {any} */ (globalThis).caught.length > n, {}, before);
  const { name, text } = await page.evaluate(async (n) => {
    const { name, blob } = /** @type {any} */ (globalThis).caught[n];
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return { name, text: btoa(text) };
  }, before);
  return { name, bytes: Buffer.from(text, 'base64') };
}

/** Goes to the section of runs, whose code loads when it is near. @param {Page} page */
export async function toRuns(page) {
  await page.evaluate(() => {
    location.hash = 'runs';
  });
  await page.waitForSelector(by('session-input'));
}

/**
 * Drops a file on the page.
 * @param {Page} page
 * @param {string} name
 * @param {Uint8Array} bytes
 */
export async function drop(page, name, bytes) {
  await page.evaluate(
    (called, text) => {
      const data = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([data], called));
      for (const type of ['dragover', 'drop'])
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    },
    name,
    Buffer.from(bytes).toString('base64'),
  );
}

/** Starts training once a text is there. @param {Page} page */
export async function start(page) {
  await textOpens(page);
  await press(page, 'start');
}

/** The training step that the page shows. @param {Page} page */
export const stepOf = async (page) => Number((await textOf(page, 'step')).replaceAll(',', ''));

/**
 * Pauses training as soon as it is past a step, and waits until the run is kept. The page itself checks at every frame, so that a
 * short training is not over too soon.
 * @param {Page} page
 * @param {number} [after]
 * @returns {Promise<number>} the step
 */
export async function pause(page, after = 0) {
  await page.waitForFunction(
    (least, stepAt, buttonAt) => {
      const button = /** @type {HTMLButtonElement|null} */ (document.querySelector(buttonAt));
      const step = Number((document.querySelector(stepAt)?.textContent ?? '').replaceAll(',', ''));
      if (step <= least || !button || button.disabled || button.ariaDisabled === 'true') return false;
      button.click();
      return true;
    },
    { timeout: LIMIT },
    after,
    by('step'),
    by('pause'),
  );
  await reaches(page, 'paused');
  const step = await stepOf(page);
  const kept = await page.waitForSelector(`${by('kept')}[data-step="${step}"]`, { timeout: LIMIT });
  assert.ok((await kept?.evaluate((element) => element.textContent ?? ''))?.includes(step.toLocaleString('en')));
  return step;
}
