/**
 * Looks at `<border-hierarchy>` elements in other people's pages. It polls from Node, because in pages with a strict
 * policy one can't wait for code that is given as a string.
 */

/** @typedef {import('puppeteer-core').Page} Page */
/** @typedef {import('../../../web/element/element.js').BorderHierarchy} BorderHierarchy */

const [LIMIT_MS, PAUSE_MS] = [30_000, 50];

/** @template T @param {Page} tab @param {string} selector @param {(element: BorderHierarchy) => T} read */
export const of = (tab, selector, read) =>
  tab.$eval(selector, /** @type {(element: Element) => T} */ (/** @type {unknown} */ (read)));

/**
 * Waits until something in an element is as expected.
 * @template T
 * @param {Page} tab
 * @param {string} selector
 * @param {(element: BorderHierarchy) => T} find
 * @param {(found: T|undefined) => boolean} [isIt]
 * @returns {Promise<T>}
 */
async function until(tab, selector, find, isIt = Boolean) {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await of(tab, selector, find).catch(() => undefined);
    if (isIt(/** @type {any} */ (found))) return /** @type {any} */ (found);
    if (performance.now() > end) throw new Error(`${selector} did not come to it: ${find}, but ${found}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Waits until an element is drawn. @param {Page} tab @param {string} selector */
export const drawn = (tab, selector) =>
  until(tab, selector, (element) => {
    const canvas = element.shadowRoot?.querySelector('canvas');
    return element.trace && Number(canvas?.dataset.version) > 0 && Number(canvas?.height) > 0;
  });

/** Waits until an element is drawn in a theme. @param {Page} tab @param {string} selector @param {'light'|'dark'} theme */
export const themed = (tab, selector, theme) =>
  until(
    tab,
    selector,
    ({ shadowRoot }) => shadowRoot?.querySelector('.root')?.getAttribute('data-theme'),
    (found) => found === theme,
  );

/** Waits for an element's error. @param {Page} tab @param {string} selector */
export const problemOf = async (tab, selector) =>
  /** @type {{message: string, reason: string}} */ (
    await until(tab, selector, ({ shadowRoot }) => {
      const problem = shadowRoot?.querySelector('.problem');
      return (
        problem instanceof HTMLElement &&
        !problem.hidden && { message: problem.textContent, reason: problem.dataset.reason }
      );
    })
  );

/** Waits for the wanted figures of an element: its run, and its text's cost. @param {Page} tab @param {string} selector @param {(words: string) => boolean} isIt */
export const figuresOf = (tab, selector, isIt) =>
  until(
    tab,
    selector,
    ({ shadowRoot }) => String(shadowRoot?.querySelector('.figures')?.textContent),
    (words) => isIt(String(words)),
  );
