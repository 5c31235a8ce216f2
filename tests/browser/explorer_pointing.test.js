/** The explorer on the trained example: pointing, predictions on demand, knobs, the address, files. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  CLOSED_AT,
  CONDITIONS,
  DOWN_TO_BYTES,
  ENTROPY,
  KNEW,
  levelName,
  MADE_OF,
  ONE_HEAD,
  PART_OF,
} from '../../web/hierarchy/hierarchy_sentences.js';
import { MEASURES } from '../../web/traces/trace.js';
import { frames, inBrowsers, screenshot } from '../in_browsers.js';
import {
  alike,
  atHit,
  CANVASES,
  catchSaved,
  drawn,
  inspects,
  LONG,
  near,
  pictures,
  pointIn,
  save,
  settled,
  WIDE,
  windowOf,
} from './explorer.js';
import { by, textOf } from './pages.js';

/** What the rule of the example compares with its threshold. */
const RISE = MEASURES.rise;

/** The inspector's numbers, by their names. @param {import('puppeteer-core').Page} page */
const facts = async (page) =>
  new Map(
    await page.$$eval(`${by('inspector')} .facts dt`, (names) =>
      names.map((name) => /** @type {const} */ ([name.textContent ?? '', name.nextElementSibling?.textContent ?? ''])),
    ),
  );

inBrowsers(['chromium', 'firefox'], 'explorer, pointed at', (open, name) => {
  it('highlights what is pointed at in strip, map and lines alike, and walks by keys', () =>
    open(WIDE, async ({ page }) => {
      await drawn(page);
      await page.mouse.move(0, 0);
      const dark = await settled(page);
      const { x, y } = await pointIn(page, 'text', 0.4);
      await page.mouse.move(x, y);
      await inspects(page, 0);
      const lit = await pictures(page);
      for (const [i, shown] of lit.entries()) assert.ok(!alike(shown, dark[i]), `${CANVASES[i]} shows it`);
      const words = await textOf(page, 'inspector');
      assert.match(words, /0x[0-9A-F]{2} U\+/);
      const heads = await page.$$eval(`${by('inspector')} .forecast h4`, (list) =>
        list.map((h4) => [...h4.children].map((part) => part.textContent ?? '')),
      );
      assert.deepEqual(
        heads.map(([name]) => name),
        [ONE_HEAD],
      );
      assert.match(heads[0][1], /^[\d.]+ bits$/);
      assert.match(String((await facts(page)).get(ENTROPY)), /^[\d.]+ nats$/);
      assert.equal((await page.$$(`${by('inspector')} .forecast li`)).length, 10, 'ten predictions');
      const names = await page.$$eval(`${by('inspector')} .path button`, (list) =>
        list.map((button) => button.firstElementChild?.textContent ?? ''),
      );
      assert.deepEqual(
        names.slice(0, 2).map((name) => name.replace(/\D+\d+$/, '')),
        [2, 1].map(levelName),
      );
      const parts = [PART_OF, ...names.slice(0, 2), KNEW].map((part) => words.indexOf(part));
      assert.ok(
        parts.every((at, i) => at > (parts[i - 1] ?? 0)),
        `${parts}`,
      );

      await page.mouse.click(x, y);
      await page.keyboard.press('ArrowUp');
      await inspects(page, 1);
      const token = await facts(page);
      assert.match(String(token.get(`${CLOSED_AT} ${RISE}`)), /^[\d.]+ of [\d.]+$/);
      assert.ok(token.get(CONDITIONS));
      const text = await textOf(page, 'inspector');
      for (const part of [MADE_OF, PART_OF]) assert.ok(text.includes(part), part);
      await page.keyboard.press('ArrowUp');
      await inspects(page, 2);
      assert.match(String((await facts(page)).get(DOWN_TO_BYTES)), /^[\d,]+–[\d,]+$/);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      await inspects(page, 1);
      await screenshot(page, `explorer-token-${name}`, false);
      await page.keyboard.press('End');
      await frames(page);
      assert.ok((await windowOf(page)).from > 100, 'the window follows');
      await page.keyboard.press('Escape');
      await inspects(page, null);
    }));

  it('re-routes when a knob turns, shows what it costs, and goes back', () =>
    open({ ...WIDE, path: '?bytes=2048' }, async ({ page }) => {
      await drawn(page, 1900);
      const figures = () => textOf(page, 'level-figures');
      const trained = await figures();
      const shown = await settled(page);
      await page.focus(by('threshold-0'));
      await page.keyboard.press('End');
      await page.waitForFunction(() =>
        /\([+−]/.test(document.querySelector('[data-testid="passage-decoder-bpb"]')?.textContent ?? ''),
      );
      assert.notEqual(await figures(), trained);
      for (const [i, now] of (await settled(page)).entries()) assert.ok(!alike(now, shown[i]), CANVASES[i]);
      await page.$eval(by('thresholds-reset'), (e) => /** @type {HTMLButtonElement} */ (e).click());
      await page
        .waitForFunction(
          (/** @type {string} */ was) => document.querySelector('[data-testid="level-figures"]')?.textContent === was,
          {},
          trained,
        )
        .catch(async () => assert.equal(await figures(), trained));
      await settled(page, shown);
    }));

  it('is saved as SVG with its text as text, and as PNG', () =>
    open(WIDE, async ({ page }) => {
      await drawn(page);
      await page.focus(by('strip'));
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await catchSaved(page);
      assert.match(await save(page, 'export-svg'), /^moby-dick-hierarchy-1-\d+\.svg$/);
      const svg = await page.evaluate(async () => {
        const text = await /** @type {Blob} */ (/** @type {any} */ (globalThis).savedBlob).text();
        const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
        return {
          text,
          error: parsed.querySelector('parsererror')?.textContent ?? null,
          characters: [...parsed.querySelectorAll('text')].map((e) => e.textContent).join(''),
          size: parsed.documentElement.getAttribute('viewBox'),
        };
      });
      assert.equal(svg.error, null);
      assert.match(svg.characters, /But␣suddenly␣reined␣back/, 'the passage, letter by letter');
      assert.match(svg.characters, new RegExp([levelName(2), levelName(1), ENTROPY].join('.*')));
      assert.doesNotMatch(svg.text, /var\(|NaN|undefined|currentColor/);
      assert.match(svg.text, /clip-path="url\(#clip-\d+\)"/);

      assert.match(await save(page, 'export-png'), /\.png$/);
      const image = await page.evaluate(async () => {
        const { width, height } = await createImageBitmap(/** @type {any} */ (globalThis).savedBlob);
        return [0, 0, width, height].join(' ');
      });
      const [, , width, height] = (svg.size ?? '').split(' ').map(Number);
      assert.equal(image, `0 0 ${2 * width} ${2 * height}`);
    }));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('asks for the predictions of a long text, and shows them', () =>
    open({ ...WIDE, path: LONG }, async ({ page }) => {
      await drawn(page, 16_000);
      await page.focus(by('strip'));
      await page.keyboard.press('End');
      await page.keyboard.press('End');
      await page.waitForFunction(() =>
        /\d %/.test(document.querySelector('[data-testid="inspector"] .forecast li')?.textContent ?? ''),
      );
      const list = await page.$$eval(`${by('inspector')} .forecast li`, (items) =>
        items.map((e) => e.textContent ?? ''),
      );
      assert.equal(list.length, 10);
      assert.ok(
        list.every((text) => /%$/.test(text)),
        list.join(),
      );
    }));

  it('is restored from its address', () =>
    open({ ...WIDE, path: `${LONG}&of=text&at=3000` }, async ({ page }) => {
      await drawn(page, 16_000);
      await page.type(by('explorer-search'), 'ship');
      await atHit(page, 0);
      await page.click(by('zoom-out'));
      await page.click(by('zoom-out'));
      await page.click(by('fold-2'));
      await page.focus(by('strip'));
      await page.keyboard.press('ArrowUp');
      await page.focus(by('threshold-1'));
      await page.keyboard.press('Home');
      await page.waitForFunction(
        () => /thresholds=[\d.]+,[\d.]+/.test(location.search) && /select=1,/.test(location.search),
      );
      await drawn(page, 16_000);
      await page.mouse.move(0, 0);
      // The address rounds, and so does the picture.
      const address = page.url();
      for (const part of [
        'of=text',
        'at=3000',
        'bytes=16384',
        'zoom=',
        'select=1,',
        'thresholds=',
        'fold=2',
        'find=ship',
      ])
        assert.ok(address.includes(part), `${part} in ${address}`);
      const [before, words] = [await windowOf(page), await textOf(page, 'inspector')];
      await page.reload({ waitUntil: 'load' });
      await drawn(page, 16_000);
      await page
        .waitForFunction(
          (/** @type {string} */ was) => document.querySelector('[data-testid="inspector"]')?.textContent === was,
          { timeout: 20_000 },
          words,
        )
        .catch(async () => assert.equal(await textOf(page, 'inspector'), words));
      const after = await windowOf(page);
      near(after.from, before.from, 0.11);
      near(after.span, before.span, 0.11);
      assert.equal(await page.$eval(by('fold-2'), (e) => e.getAttribute('aria-pressed')), 'false');
      assert.equal(await page.$eval(by('explorer-search'), (e) => /** @type {HTMLInputElement} */ (e).value), 'ship');
      assert.equal(page.url(), address);
    }));
});
