/** The explorer on the trained example: zooming, panning, searching, folding. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hitCount, shownBytes } from '../../web/components/page_sentences.js';
import { levelName, UNCHOSEN } from '../../web/hierarchy/hierarchy_sentences.js';
import { frames, inBrowsers } from '../in_browsers.js';
import {
  alike,
  atHit,
  CANVASES,
  drawn,
  inspects,
  LONG,
  moved,
  near,
  picture,
  pointIn,
  WIDE,
  windowOf,
} from './explorer.js';
import { by, says, textOf } from './pages.js';

inBrowsers(['chromium', 'firefox', 'webkit'], 'explorer', (open, name) => {
  it('zooms and pans by buttons and keys, and stops at the ends', () =>
    open(WIDE, async ({ page }) => {
      await drawn(page);
      const first = await windowOf(page);
      assert.equal(first.from, 0);
      assert.ok(first.span > 40 && first.span < 120, `${first.span} bytes at first`);
      const closer = await moved(page, () => page.click(by('zoom-in')));
      near(closer.span, first.span / 2);
      near(closer.from + closer.span / 2, first.span / 2);
      near((await moved(page, () => page.click(by('zoom-out')))).span, first.span);
      const whole = await moved(page, () => page.click(by('zoom-whole')));
      assert.equal(whole.from, 0);
      assert.equal(await textOf(page, 'zoom-readout'), shownBytes(whole, whole.span));
      near((await moved(page, () => page.click(by('zoom-back')))).span, first.span);
      assert.ok(await page.$eval(by('zoom-back'), (e) => /** @type {HTMLButtonElement} */ (e).disabled));

      await page.focus(by('strip'));
      const key = (/** @type {import('puppeteer-core').KeyInput} */ k) => moved(page, () => page.keyboard.press(k));
      const { span } = await key('+');
      near(span, first.span / 1.5);
      const right = await key('PageDown');
      assert.ok(right.from > 0.8 * span);
      near((await key('PageUp')).span, span);
      await page.keyboard.press('PageUp');
      await page.keyboard.press('PageUp');
      await frames(page);
      assert.equal((await windowOf(page)).from, 0);
      near((await key('-')).span, first.span);
      assert.deepEqual(await key('0'), whole);
      for (let i = 0; i < 20; i++) await page.keyboard.press('+');
      await frames(page);
      near((await windowOf(page)).span, 2, 0.01);
      await page.keyboard.press('0');
      await frames(page);
      assert.deepEqual(await windowOf(page), whole);
    }));

  it('pans by dragging and on the map, zooms about the pointer, and leaves the page its wheel', () =>
    open(WIDE, async ({ page }) => {
      await drawn(page);
      const { x, y } = await pointIn(page, 'entropy', 0.5);
      await page.mouse.move(x, y);
      await page.mouse.down();
      const first = await windowOf(page);
      const dragged = await moved(page, async () => {
        await page.mouse.move(x - 100, y, { steps: 4 });
        await page.mouse.up();
      });
      near(dragged.span, first.span);
      assert.ok(dragged.from > 3 && dragged.from < first.span / 2, `from ${dragged.from}`);
      assert.equal(await page.$eval(by('strip'), (e) => e.getAttribute('aria-valuetext')), UNCHOSEN);

      await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
      const scroll = await page.evaluate(() => scrollY);
      await page.mouse.wheel({ deltaY: 120 });
      await page.waitForFunction((/** @type {number} */ was) => scrollY > was, {}, scroll);
      assert.deepEqual(await windowOf(page), dragged, 'the wheel scrolled the page');

      const map = await page.$(by('minimap'));
      const box = await map?.boundingBox();
      assert.ok(box);
      const middle = box.y + box.height / 2;
      const jumped = await moved(page, () => page.mouse.click(box.x + 0.6 * box.width, middle));
      assert.ok(jumped.from > 200, `from ${jumped.from}`);
      await page.mouse.move(box.x + 0.6 * box.width, middle);
      await page.mouse.down();
      const held = await moved(page, async () => {
        await page.mouse.move(box.x + 0.3 * box.width, middle, { steps: 5 });
        await page.mouse.up();
      });
      near(held.span, jumped.span);
      assert.ok(held.from < jumped.from - 100);
      near((await moved(page, () => page.click(by('zoom-back')))).from, dragged.from);
    }));

  it('zooms by the wheel once it has the focus, about the pointer', () =>
    open(WIDE, async ({ page }) => {
      await drawn(page);
      const { x, y } = await pointIn(page, 'entropy', 0.25);
      await page.focus(by('strip'));
      const first = await windowOf(page);
      const about = first.from + 0.25 * first.span;
      await page.mouse.move(x, y);
      const closer = await moved(page, () => page.mouse.wheel({ deltaY: -200 }));
      assert.ok(closer.span < 0.8 * first.span, `${closer.span}`);
      near(closer.from + 0.25 * closer.span, about, 1);
    }));

  // The rest does not depend on the browser.
  if (name !== 'chromium') return;

  it('finds text in either case, goes from hit to hit, and comes back', () =>
    open({ ...WIDE, path: LONG }, async ({ page }) => {
      await drawn(page, 16_000);
      const first = await windowOf(page);
      await moved(page, () => page.type(by('explorer-search'), 'WHALE'));
      const total = await atHit(page, 0);
      assert.ok(total > 3, `${total} hits`);
      const one = await windowOf(page);
      near(one.span, first.span);
      await page.keyboard.press('Enter');
      assert.equal(await atHit(page, 1), total);
      await page.click(by('hit-previous'));
      await page.click(by('hit-previous'));
      assert.equal(await atHit(page, -1), total);
      for (const end = Date.now() + 20_000; (await windowOf(page)).from <= one.from; )
        assert.ok(Date.now() < end, 'the window goes to the last hit');
      await inspects(page, 0);
      await page.$eval(by('explorer-search'), (e) => /** @type {HTMLInputElement} */ (e).select());
      await page.type(by('explorer-search'), 'no such words');
      await says(page, 'hit-count', hitCount(-1, 0));
    }));

  it('folds levels away and unfolds them', () =>
    open(WIDE, async ({ page }) => {
      await drawn(page);
      const height = () => page.$eval(`${by('strip')} canvas`, (e) => e.clientHeight);
      const lines = () => page.$eval(`${by('hierarchy')} > div`, (e) => e.clientHeight);
      const [all, allLines] = [await height(), await lines()];
      const shown = await picture(page, CANVASES[0]);
      for (const [level, less] of [
        [2, 20],
        [1, 40],
        [0, 40],
      ]) {
        const [before, linesBefore] = [await height(), await lines()];
        await page.click(by(`fold-${level}`));
        await frames(page);
        assert.ok((await lines()) < linesBefore, `level ${level} is folded in the lines too`);
        assert.ok((await height()) <= before - less, `level ${level} takes less room`);
        assert.equal(await page.$eval(by(`fold-${level}`), (e) => e.getAttribute('aria-pressed')), 'false');
      }
      assert.ok((await textOf(page, 'folded')).includes([0, 1, 2].map(levelName).join(', ')));
      for (const level of [0, 1, 2]) await page.click(by(`fold-${level}`));
      await frames(page);
      assert.deepEqual([await height(), await lines()], [all, allLines]);
      await page.mouse.move(0, 0);
      assert.ok(alike(await picture(page, CANVASES[0]), shown), 'as before');
      // By keys, in either view: up past level 1, which is folded away; then everything is unfolded again.
      await page.focus(by('hierarchy'));
      for (const key of /** @type {const} */ (['ArrowRight', 'ArrowUp', 'f'])) await page.keyboard.press(key);
      await page.waitForFunction(
        (button) => document.querySelector(button)?.getAttribute('aria-pressed') === 'false',
        {},
        by('fold-1'),
      );
      await inspects(page, 2);
      await frames(page);
      assert.ok((await lines()) < allLines);
      await page.keyboard.press('ArrowDown');
      await inspects(page, 0);
      await page.keyboard.down('Shift');
      await page.keyboard.press('F');
      await page.keyboard.up('Shift');
      await page.waitForFunction(
        (button) => document.querySelector(button)?.getAttribute('aria-pressed') === 'true',
        {},
        by('fold-1'),
      );
      await frames(page);
      assert.equal(await lines(), allLines);
    }));
});
