/**
 * A reader who presses whatever there is, in any order: `npm run random-use -- --engine firefox --minutes 5 --seed 7`. Fields
 * get numbers and texts that fit and that do not. Whatever goes wrong in the page or its workers, and what the storage
 * refuses, is said with the last things that were done. Nothing may: the process ends with 1 otherwise.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from '../../wasm/cli/static_server.js';
import { ROOT, runAsProgram, SetupError } from '../../wasm/tools/setup/run.js';
import { buildSite, SITE } from '../../wasm/tools/setup/site.js';
import { exampleOpens } from '../browser/pages.js';
import { launch, watch } from '../in_browsers.js';

/** Places where a visit begins, and windows that take turns. */
const PLACES = ['', '#measure', '#train', '#how', '#compress'];
const WINDOWS = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];
/** Milliseconds of one visit, between two deeds at most, and for the page to do one. */
const VISIT = 60_000;
const PAUSE = 150;
const PATIENCE = 8000;
/** Deeds that are told when something goes wrong. */
const TOLD = 12;

/** A sequence of numbers from 0 to 1 (Numerical Recipes). @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Says on the console what the storage refuses, which the page may only tell its reader. Runs in the page. */
function watchStorage() {
  /** @param {string} deed @param {DOMException|null} error */
  const say = (deed, error) => console.error(`storage, ${deed}: ${error?.message}`);
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...args) {
    const request = put.apply(this, args);
    request.addEventListener('error', () => say(`put in ${this.name}`, request.error));
    return request;
  };
}

/**
 * Does one thing to one of the things that can be seen and used. Runs in the page.
 * @param {number[]} chances  from 0 to 1: which thing, which value, and which kind of deed
 * @returns {string} what was done
 */
function act([which, value, kind]) {
  const things = [
    ...document.querySelectorAll(
      'button, input:not([type=file]), select, textarea, summary, a[href^="#"], [role=slider]',
    ),
  ].filter((thing) => {
    const { width, height } = thing.getBoundingClientRect();
    return width > 0 && height > 0 && !(/** @type {HTMLButtonElement} */ (thing).disabled);
  });
  const thing = /** @type {HTMLElement|undefined} */ (things[Math.floor(which * things.length)]);
  if (!thing) return 'nothing';
  const name = thing.dataset.testid ?? `${thing.tagName} ${thing.textContent?.trim().slice(0, 16)}`;
  /** @template T @param {T[]} list @param {number} chance */
  const one = (list, chance) => list[Math.floor(chance * list.length)];
  const changed = () => {
    for (const type of ['input', 'change']) thing.dispatchEvent(new Event(type, { bubbles: true }));
  };
  if (thing instanceof HTMLSelectElement) {
    thing.selectedIndex = Math.floor(value * thing.options.length);
    changed();
    return `${name} = ${thing.value}`;
  }
  if (kind < 0.2) {
    const key = one(['ArrowLeft', 'ArrowRight', 'Enter', 'Escape', 'Home', 'End'], value);
    thing.focus();
    thing.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    return `${key} on ${name}`;
  }
  const isField = thing instanceof HTMLInputElement && ['range', 'number', 'text', 'search'].includes(thing.type);
  if (isField || thing instanceof HTMLTextAreaElement) {
    const isNumber = isField && (thing.type === 'number' || /^\d/.test(thing.value));
    if (isField && thing.type === 'range')
      thing.value = String(Number(thing.min) + value * (Number(thing.max || 100) - Number(thing.min)));
    else if (isNumber) thing.value = one([String(Math.floor(value * 300)), '', '-1', '1e9', '0.5'], kind);
    else thing.value = one(['the whale ', '', 'x\u0000é', 'a'.repeat(3000), '🐋 <b>'], kind);
    changed();
    return `${name} = ${thing.value.slice(0, 12)}`;
  }
  thing.click();
  return name;
}

/**
 * One visit.
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} site
 * @param {number} seed
 * @param {number} ms
 * @returns {Promise<{deeds: number, problems: string[]}>}
 */
async function visit(browser, site, seed, ms) {
  const chance = numbers(seed);
  const context = await browser.createBrowserContext();
  /** @type {string[]} */
  const done = [];
  /** @type {string[]} */
  const told = [];
  try {
    const page = await context.newPage();
    const { problems } = watch(page, site);
    await page.setViewport(WINDOWS[seed % WINDOWS.length]);
    await page.evaluateOnNewDocument(watchStorage);
    await page.goto(site + PLACES[seed % PLACES.length], { waitUntil: 'load' });
    await exampleOpens(page);
    for (const end = performance.now() + ms; performance.now() < end; ) {
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
      const chances = [chance(), chance(), chance()];
      const deed = await Promise.race([page.evaluate(act, chances), late]).catch((error) => error);
      done.push(typeof deed === 'string' ? deed : `no answer: ${deed?.message ?? 'too slow'}`);
      if (typeof deed !== 'string') problems.push(String(done.at(-1)));
      const crashed = problems.some((problem) => problem.startsWith('crash'));
      for (const problem of problems.splice(0)) told.push(`${problem}\n  after: ${done.slice(-TOLD).join(' › ')}`);
      if (crashed) break;
      await new Promise((resolve) => setTimeout(resolve, chance() * PAUSE));
    }
  } finally {
    await context.close();
  }
  return { deeds: done.length, problems: told };
}

/** @returns {{engine: 'chromium'|'firefox', minutes: number, seed: number}} @throws {SetupError} */
function readOptions() {
  const text = /** @type {const} */ ({ type: 'string' });
  const wrong = 'Options are --engine chromium or firefox, --minutes above 0, and --seed with a whole number from 0.';
  try {
    const { values } = parseArgs({ options: { engine: text, minutes: text, seed: text } });
    const { engine = 'chromium', minutes = '5', seed = '1' } = values;
    const known = engine === 'chromium' || engine === 'firefox';
    if (known && Number(minutes) > 0 && Number.isInteger(Number(seed)) && Number(seed) >= 0)
      return { engine, minutes: Number(minutes), seed: Number(seed) };
  } catch {
    // Said below.
  }
  throw new SetupError(wrong);
}

await runAsProgram(import.meta.url, async () => {
  const { engine, minutes, seed } = readOptions();
  await buildSite();
  const server = await serve(path.join(ROOT, SITE), { base: '/' });
  const browser = await launch(engine);
  let found = 0;
  for (let left = minutes * 60_000, turn = seed; left > 0; left -= VISIT, turn++) {
    const { deeds, problems } = await visit(browser, server.url, turn, Math.min(VISIT, left));
    found += problems.length;
    process.stderr.write(`seed ${turn}: ${deeds} deeds, ${problems.length} problems\n`);
    for (const problem of problems) process.stderr.write(`${problem}\n`);
  }
  await browser.close();
  server.close();
  process.exit(found > 0 ? 1 : 0);
});
