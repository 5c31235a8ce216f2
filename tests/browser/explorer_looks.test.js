/** The explorer in light and dark, wide and narrow, and by touch. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { shownBytes } from '../../web/components/page_sentences.js';
import { frames, inBrowsers, soundInBothSchemes } from '../in_browsers.js';
import { alike, atHit, CANVASES, drawn, inspects, moved, near, pointIn, settled, windowOf } from './explorer.js';
import { by, textOf } from './pages.js';

inBrowsers(['chromium'], 'explorer in every look', (open) => {
  for (const width of [390, 1440]) {
    it(`is accessible in light and dark: ${width} pixels`, () =>
      open({ width, height: 900, touch: width < 600, reducedMotion: true }, async ({ page }) => {
        await drawn(page);
        await page.focus(by('strip'));
        for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
        await inspects(page, 0, (index) => index >= 19 && index < 29);
        await page.type(by('explorer-search'), 'the');
        await atHit(page, 0);
        await soundInBothSchemes(page, 'explorer', '#hierarchy');
      }));
  }

  it('shrinks with its window', () =>
    open({ width: 1440, height: 900 }, async ({ page }) => {
      await drawn(page);
      await page.setViewport({ width: 390, height: 900 });
      await page.waitForFunction(() => document.documentElement.scrollWidth <= 390);
    }));

  it('marks the strip’s bytes on the map, in the lines and in words, whatever width it had before', () =>
    open({ width: 1440, height: 900, path: '?bytes=2048' }, async ({ page }) => {
      /** What a page draws and says, whether it had this width from the beginning or was resized to it. */
      const state = async () => {
        await drawn(page, 2048);
        return {
          drawings: await settled(page),
          words: await textOf(page, 'zoom-readout'),
          window: await windowOf(page),
        };
      };
      const wide = await state();
      await page.setViewport({ width: 800, height: 900 });
      const resized = await state();
      assert.ok(resized.window.span < wide.window.span - 5, 'there is room for fewer bytes');
      assert.equal(resized.window.from, 0);
      assert.equal(resized.words, shownBytes(resized.window, 2048));
      await page.reload();
      const fresh = await state();
      assert.deepEqual([resized.words, resized.window], [fresh.words, fresh.window]);
      assert.deepEqual(
        CANVASES.filter((_, i) => !alike(resized.drawings[i], fresh.drawings[i])),
        [],
      );
    }));

  it('keeps its drawing where there is no room, and fits its window again later', () =>
    open({ width: 1440, height: 900 }, async ({ page }) => {
      await drawn(page);
      const parts = ['strip', 'minimap', 'hierarchy'].map(by);
      /** The width of each part, and of its canvas. */
      const sizes = () =>
        page.evaluate(
          (selectors) =>
            selectors.map((selector) => {
              const part = document.querySelector(selector);
              const canvas = part?.querySelector('canvas');
              return [part?.clientWidth, canvas?.clientWidth, canvas?.width];
            }),
          parts,
        );
      const before = await sizes();
      // As browsers do for a moment to take a picture of a whole page.
      await page.setViewport({ width: 1, height: 1 });
      await frames(page);
      assert.deepEqual(
        await sizes(),
        before.map(([, , drawn]) => [0, drawn, drawn]),
      );
      for (const width of [390, 1440, 640, 1280, 390, 1000]) await page.setViewport({ width, height: 900 });
      await frames(page);
      for (const [room, shown, drawn] of await sizes())
        assert.ok(room && room === shown && shown === drawn, `${room} ${shown} ${drawn}`);
    }));

  it('works by touch: a tap selects, one finger pans, two zoom', () =>
    open({ width: 390, height: 844, touch: true }, async ({ page }) => {
      await drawn(page);
      const { x, y } = await pointIn(page, 'text', 0.5);
      await page.touchscreen.tap(x, y);
      await inspects(page, 0);
      const first = await windowOf(page);
      const panned = await moved(page, async () => {
        const finger = await page.touchscreen.touchStart(x, y);
        for (let i = 1; i <= 8; i++) await finger.move(x - 15 * i, y);
        await finger.end();
      });
      assert.ok(panned.from > 3, `from ${panned.from}`);
      near(panned.span, first.span);
      const pinched = await moved(page, async () => {
        const one = await page.touchscreen.touchStart(x - 20, y);
        const two = await page.touchscreen.touchStart(x + 20, y);
        for (let i = 1; i <= 8; i++) {
          await one.move(x - 20 - 8 * i, y);
          await two.move(x + 20 + 8 * i, y);
        }
        await one.end();
        await two.end();
      });
      assert.ok(pinched.span < 0.6 * panned.span, `${pinched.span} of ${panned.span}`);
    }));
});
