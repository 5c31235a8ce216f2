/** What tests of the explanation's figures share. */
import assert from 'node:assert/strict';
import { by } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

/** An element's attribute, empty where it has none. @param {Page} page @param {string} id @param {string} name */
export const attribute = (page, id, name) => page.$eval(by(id), (element, n) => element.getAttribute(n) ?? '', name);

/**
 * Waits until an element's attribute meets a condition.
 * @param {Page} page
 * @param {string} id
 * @param {string} name  of the attribute
 * @param {((value: string) => boolean)|RegExp} wanted
 */
export async function until(page, id, name, wanted) {
  const condition = (/** @type {string} */ value) => (wanted instanceof RegExp ? wanted.test(value) : wanted(value));
  const end = Date.now() + 30_000;
  for (;;) {
    const value = await attribute(page, id, name).catch(() => '');
    if (condition(value)) return value;
    assert.ok(Date.now() < end, `${id} ${name} still is “${value}”`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Scrolls to an element, so that what it shows is computed. @param {Page} page @param {string} selector */
export const bring = async (page, selector) => {
  await page.waitForSelector(selector);
  await page.$eval(selector, (element) => element.scrollIntoView({ behavior: 'instant', block: 'start' }));
};
