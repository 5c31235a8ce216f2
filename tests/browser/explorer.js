/** Helpers for tests of the explorer: waiting for it, reading it, catching what it saves. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { hitCount } from '../../web/components/page_sentences.js';
import { byteHeading, tokenHeading } from '../../web/hierarchy/hierarchy_sentences.js';
import { frames } from '../in_browsers.js';
import { numbersIn } from '../wording.js';
import { by, until } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** The bytes that the strip shows. @param {Page} page @returns {Promise<{from: number, span: number}>} */
export async function windowOf(page) {
  const text = await page.$eval(by('strip'), (e) => /** @type {HTMLElement} */ (e).dataset.window ?? '');
  const [from, span] = text.split(',').map(Number);
  return { from, span };
}

/**
 * Waits until the whole passage is traced and drawn.
 * @param {Page} page
 * @param {number} [least]  bytes
 */
export async function drawn(page, least = 100, timeout = 60_000) {
  await page.waitForFunction(
    (/** @type {number} */ bytes) => {
      const strip = /** @type {HTMLElement|null} */ (document.querySelector('[data-testid="strip"]'));
      const readout = /** @type {HTMLElement|null} */ (document.querySelector('[data-testid="zoom-readout"]'));
      return Number(strip?.dataset.traced) >= bytes && readout?.dataset.read === '100';
    },
    { timeout },
    least,
  );
}

/**
 * Does something, and waits until the strip's window has changed and come to rest: a drag moves it at every step of the
 * pointer.
 * @param {Page} page
 * @param {() => Promise<unknown>} act
 */
export async function moved(page, act) {
  const before = await page.$eval(by('strip'), (e) => /** @type {HTMLElement} */ (e).dataset.window);
  await act();
  await page.waitForFunction(
    (/** @type {string|undefined} */ was) =>
      /** @type {HTMLElement|null} */ (document.querySelector('[data-testid="strip"]'))?.dataset.window !== was,
    {},
    before,
  );
  for (let last = await windowOf(page); ; ) {
    await frames(page);
    const now = await windowOf(page);
    if (isDeepStrictEqual(now, last)) return now;
    last = now;
  }
}

/** Side, in pixels, of the squares that `picture` averages. */
const CELL = 8;

/**
 * A coarse picture of a canvas: the mean of each square, so that differences in how browsers smooth lines vanish.
 * @param {Page} page
 * @param {string} selector
 * @returns {Promise<number[]>} the size, then a value from 0 to 255 for each square
 */
export async function picture(page, selector) {
  await frames(page);
  return page.$eval(
    selector,
    (element, cell) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
      const columns = Math.ceil(width / cell);
      const sums = new Float64Array(columns * Math.ceil(height / cell));
      for (let y = 0, i = 0; y < height; y++)
        for (let x = 0; x < width; x++, i += 4)
          sums[Math.floor(y / cell) * columns + Math.floor(x / cell)] +=
            ((data[i] + 3 * data[i + 1] + 7 * data[i + 2]) / 11) * (data[i + 3] / 255);
      return [width, height, ...Array.from(sums, (sum) => Math.round(sum / cell ** 2))];
    },
    CELL,
  );
}

/** Whether two pictures show the same. @param {readonly number[]} a @param {readonly number[]} b */
export const alike = (a, b) => a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) <= 1);

/** All canvases that show the hierarchy. */
export const CANVASES = Object.freeze(['strip', 'minimap', 'hierarchy'].map((id) => `${by(id)} canvas`));

/** Pictures of all. @param {Page} page */
export async function pictures(page) {
  const list = [];
  for (const selector of CANVASES) list.push(await picture(page, selector));
  return list;
}

/**
 * Pictures of all canvases once they no longer change: the lines of a new passage appear bit by bit.
 * @param {Page} page
 * @param {readonly number[][]} [wanted]  that they must become; default any
 */
export async function settled(page, wanted) {
  let last = await pictures(page);
  for (const end = Date.now() + 20_000; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await pictures(page);
    const differs = (/** @type {readonly number[][]} */ other) => CANVASES.filter((_, i) => !alike(now[i], other[i]));
    const [moving, wrong] = [differs(last), wanted ? differs(wanted) : []];
    if (moving.length + wrong.length === 0) return now;
    assert.ok(Date.now() < end, `still changing: ${moving}; not as wanted: ${wrong}`);
    last = now;
  }
}

/**
 * The middle of a lane of the strip, from its own height: lanes from the bottom are text, entropy, sum, level 1, ….
 * @param {Page} page
 * @param {'text'|'entropy'} lane
 * @param {number} share  of the way from left to right
 */
export async function pointIn(page, lane, share) {
  const strip = await page.$(by('strip'));
  assert.ok(strip);
  await strip.evaluate((e) => e.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const box = await strip.boundingBox();
  assert.ok(box);
  const left = box.width >= 560 ? 74 : 6;
  return {
    x: box.x + left + share * (box.width - left - 8),
    y: box.y + box.height - (lane === 'text' ? 20 : 52),
  };
}

/**
 * The byte or token whose numbers the inspector shows, by its heading; null where it says how to read the drawing.
 * @param {Page} page
 * @returns {Promise<{level: number, index: number}|null>}
 */
async function inspected(page) {
  const { heading, sign } = await page.$eval(`${by('inspector')} h3`, (h3) => ({
    heading: h3.lastElementChild?.firstChild?.textContent ?? '',
    sign: h3.querySelector('.sign.token')?.textContent ?? '',
  }));
  if (heading === '') {
    assert.ok(await page.$(`${by('inspector')} .legend`), 'either numbers or a legend');
    return null;
  }
  const [number] = numbersIn(heading);
  const place = sign === '' ? { level: 0, index: number - 1 } : { level: number, index: Number(sign) - 1 };
  assert.equal(heading, place.level === 0 ? byteHeading(place.index) : tokenHeading(place.level));
  return place;
}

/**
 * Waits until the inspector shows a byte or token of a level, or with null none.
 * @param {Page} page
 * @param {number|null} level
 * @param {(index: number) => boolean} [fits]  from 0
 */
export async function inspects(page, level, fits = () => true) {
  for (const end = Date.now() + 60_000; ; ) {
    const place = await inspected(page).catch(() => undefined);
    if (place === null ? level === null : place?.level === level && fits(place.index)) return;
    assert.ok(Date.now() < end, `the inspector shows ${JSON.stringify(place)}, not one of level ${level}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Waits until the search is at one of the places it found.
 * @param {Page} page
 * @param {number} hit  from 0; below 0 counts from the last
 * @returns {Promise<number>} how many it found
 */
export async function atHit(page, hit) {
  const total = (/** @type {string} */ text) => numbersIn(text).at(-1) ?? 0;
  return total(
    await until(page, 'hit-count', (text) => text === hitCount(hit < 0 ? total(text) + hit : hit, total(text))),
  );
}

/** Catches what is saved instead of downloading it. @param {Page} page */
export async function catchSaved(page) {
  await page.evaluate(() => {
    const make = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
      Object.assign(globalThis, { savedBlob: blob });
      return make(blob);
    };
    HTMLAnchorElement.prototype.click = function () {
      Object.assign(globalThis, { savedName: this.download });
    };
  });
}

/** @param {Page} page @param {string} id  of the button @returns {Promise<string>} the file's name */
export async function save(page, id) {
  await page.evaluate(() => Object.assign(globalThis, { savedName: '' }));
  await page.click(by(id));
  await page.waitForFunction(() => /** @type {any} */ (globalThis).savedName !== '');
  return page.evaluate(() => /** @type {any} */ (globalThis).savedName);
}

/** @param {number} a @param {number} b @param {number} [off] */
export const near = (a, b, off = 0.03) => assert.ok(Math.abs(a - b) <= off, `${a} is not near ${b}`);

/** Size of the window in most tests. */
export const WIDE = Object.freeze({ width: 1440, height: 1000 });
/** A passage longer than the part that is laid out in lines, so that predictions have to be requested. */
export const LONG = '?bytes=16384';
