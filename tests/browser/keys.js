/** The page by keyboard alone: moving on by Tab, and what has the focus at each stop. */
import assert from 'node:assert/strict';
import { bringAxe } from '../in_browsers.js';

/** @typedef {import('puppeteer-core').Page} Page */

/**
 * @typedef {object} Stop
 * @property {string} at       tag, id and test id, to say which one
 * @property {string} over     what is visible at its place
 * @property {boolean} body    nothing has the focus
 * @property {boolean} seen    in the window and not covered
 * @property {boolean} ringed  looks different with the focus than without
 */

/** Milliseconds until the focused element must be visible. */
const PATIENCE = 20_000;
/** The most stops between two places on the page. */
const MOST_STOPS = 400;

/** Runs in the page: what has the focus, and how it looks. */
function look() {
  const element = /** @type {HTMLElement} */ (document.activeElement ?? document.body);
  // Hidden inputs are represented by the element after them.
  const own = getComputedStyle(element);
  const small = element.getBoundingClientRect().width <= 1;
  const shown = /** @type {Element} */ (own.opacity === '0' || small ? element.nextElementSibling : element);
  const style = (/** @type {Element} */ of) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(of);
    if (of instanceof SVGElement && of.firstElementChild) {
      const { stroke, strokeWidth } = getComputedStyle(of.firstElementChild);
      return `${stroke} ${strokeWidth}`;
    }
    return outlineStyle === 'none' ? boxShadow : `${outlineStyle} ${outlineWidth} ${boxShadow}`;
  };
  const box = shown.getBoundingClientRect();
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  const at = right > left && bottom > top ? document.elementFromPoint((left + right) / 2, (top + bottom) / 2) : null;
  const focused = style(shown);
  // A copy that never had the focus shows how it looks without.
  const twin = /** @type {HTMLElement} */ (element.cloneNode(element instanceof SVGElement));
  for (const name of ['id', 'name']) twin.removeAttribute(name);
  element.after(twin);
  const pair = shown === element ? twin : /** @type {HTMLElement} */ (shown.cloneNode(false));
  if (pair !== twin) twin.after(pair);
  const without = style(pair);
  twin.remove();
  pair.remove();
  return {
    at: `${element.tagName.toLowerCase()}#${element.id} ${element.dataset.testid ?? ''} ${element.className} ${(element.textContent ?? '').slice(0, 30)}`,
    over: at ? `${at.tagName.toLowerCase()} ${at.className}` : `nothing, at ${box.x}, ${box.y}`,
    body: element === document.body,
    seen: at !== null && (at === element || shown.contains(at) || at.contains(shown)),
    ringed: focused !== without && /px/.test(focused),
  };
}

/**
 * The accessible name of the focused element, from the tree that screen readers use; where a browser does not expose
 * that, as computed by axe.
 * @param {Page} page
 * @param {import('puppeteer-core').CDPSession|null} wire
 * @returns {Promise<string>}
 */
async function nameOf(page, wire) {
  if (wire) {
    const { result } = await wire.send('Runtime.evaluate', { expression: 'document.activeElement' });
    const { nodes } = await wire.send('Accessibility.getPartialAXTree', {
      objectId: result.objectId,
      fetchRelatives: false,
    });
    await wire.send('Runtime.releaseObject', { objectId: String(result.objectId) });
    return String(nodes[0]?.name?.value ?? '');
  }
  return page.evaluate(() => {
    const { axe } = /** @type {any} */ (globalThis);
    axe.setup(document.documentElement);
    const name = axe.commons.text.accessibleText(document.activeElement);
    axe.teardown();
    return name;
  });
}

/**
 * A reader who has only a keyboard.
 * @param {Page} page
 * @param {boolean} chromium
 */
export async function byKeyboard(page, chromium) {
  const wire = chromium ? await page.createCDPSession() : null;
  if (!wire) await bringAxe(page);
  /** @type {Set<string>} */
  const stops = new Set();

  /** Checks that the focused element is visible, has a ring and has a name. @returns {Promise<string>} its name */
  async function check() {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const stop = await page.evaluate(look);
      assert.ok(!stop.body, `the focus is lost; it was last at ${[...stops].at(-1)}`);
      const name = (await nameOf(page, wire)).trim();
      if (stop.seen && stop.ringed && name !== '') {
        stops.delete(stop.at);
        stops.add(stop.at);
        return name;
      }
      // Smooth scrolling takes time, and the pressed element may be about to go away.
      assert.ok(Date.now() < end, `“${name}” has the focus: ${JSON.stringify(stop)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** @param {string} selector */
  const isAt = (selector) =>
    page.evaluate((/** @type {string} */ wanted) => document.activeElement?.matches(wanted) ?? false, selector);

  /** @param {import('puppeteer-core').KeyInput[]} keys  one after another, with a check after each */
  async function press(...keys) {
    for (const key of keys) {
      await page.keyboard.press(key);
      await check();
    }
  }

  return {
    stops,
    check,
    isAt,
    press,
    /** Moves on by Tab, or back by Shift and Tab, to an element. @param {string} selector @param {boolean} [back] */
    async to(selector, back = false) {
      if (back) await page.keyboard.down('Shift');
      try {
        for (let i = 0; !(await isAt(selector)); i++) {
          assert.ok(i < MOST_STOPS, `${selector} is not among ${[...stops].join('\n')}`);
          await page.keyboard.press('Tab');
          // After the page's last stop comes its first: parts that load when near may have come meanwhile.
          if (!(await page.evaluate(() => document.activeElement === document.body))) await check();
        }
      } finally {
        if (back) await page.keyboard.up('Shift');
      }
    },
    /** Waits until the focus has moved to an element by itself. @param {string} selector */
    async came(selector) {
      await page
        .waitForFunction((wanted) => document.activeElement?.matches(wanted), { timeout: 20_000 }, selector)
        .catch(async () => assert.fail(`the focus is at ${(await page.evaluate(look)).at}, not at ${selector}`));
      await check();
    },
    /** Replaces the text of the focused field. @param {string} text */
    async type(text) {
      await page.keyboard.down('Control');
      await page.keyboard.press('a');
      await page.keyboard.up('Control');
      await page.keyboard.type(text);
      await check();
    },
  };
}
