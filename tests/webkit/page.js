/** A page in WebKit, with those methods of puppeteer's page that tests use, over W3C WebDriver. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { By, Key, Origin } from 'selenium-webdriver';
import { withScripts } from './proxy.js';

/** @typedef {import('selenium-webdriver').WebDriver} WebDriver */
/** @typedef {import('selenium-webdriver').WebElement} WebElement */
/** @typedef {((...args: any[]) => unknown) | string} Code */

/** Pixels of the screen. It has no window manager: the window in the middle, under the pointer, has the keyboard. */
export const SIZE = Object.freeze({ width: 2000, height: 2400 });
const LIMIT_MS = 30_000;
/** Milliseconds for which a page waits for something in one command. */
const TURN_MS = 2000;
/** Errors of commands while one page goes and another comes. */
const GOING =
  /navigat|unload|NoSuchWindow|no such (?:frame|execution)|TypeError: null|Script execution|JavascriptError/i;

/** Keys for which WebDriver has codes, by name. @type {Readonly<Record<string, string>>} */
const KEYS = Object.freeze({
  ArrowDown: Key.ARROW_DOWN,
  ArrowLeft: Key.ARROW_LEFT,
  ArrowRight: Key.ARROW_RIGHT,
  ArrowUp: Key.ARROW_UP,
  Backspace: Key.BACK_SPACE,
  Control: Key.CONTROL,
  Delete: Key.DELETE,
  End: Key.END,
  Enter: Key.ENTER,
  Escape: Key.ESCAPE,
  Home: Key.HOME,
  PageDown: Key.PAGE_DOWN,
  PageUp: Key.PAGE_UP,
  Shift: Key.SHIFT,
  Space: ' ',
  Tab: Key.TAB,
});

/** Runs first in every page: keeps for the test what goes wrong in it or its workers. */
const LISTEN = `(() => {
  const said = (globalThis.saidToTests = []);
  const error = console.error;
  console.error = (...args) => { said.push('console: ' + args.map(String).join(' ')); error(...args); };
  addEventListener('error', ({ message }) => { if (message && !/^ResizeObserver loop/.test(message)) said.push('error: ' + message.replace(/^Error: /, '')); });
  addEventListener('unhandledrejection', ({ reason }) => said.push('error: ' + (reason?.message ?? reason)));
  const Own = globalThis.Worker;
  globalThis.Worker = class Worker extends Own {
    constructor(...args) {
      super(...args);
      this.addEventListener('error', (event) => {
        if (event.message && !event.defaultPrevented) said.push('error: ' + event.message.replace(/^Error: /, ''));
      });
    }
  };
})();`;

/** Code as the source of a function. @param {Code} code */
const source = (code) => (typeof code === 'string' ? `() => { ${code}\n}` : String(code));

/** What WebDriver calls a key. @param {string} key */
const keyOf = (key) => KEYS[key] ?? key;

/** An element of a page. */
class Handle {
  /** @param {WebKitPage} page @param {WebElement} element */
  constructor(page, element) {
    this.page = page;
    this.element = element;
  }

  /** @param {(element: any, ...args: any[]) => unknown} code @param {...unknown} args */
  evaluate(code, ...args) {
    return this.page.evaluate(code, this.element, ...args);
  }

  click() {
    return this.element.click();
  }

  /** @param {...string} files */
  async uploadFile(...files) {
    // Otherwise they are added to those chosen before.
    await this.evaluate((input) => {
      input.value = '';
    });
    await this.element.sendKeys(files.join('\n'));
  }

  /** The visible part. @returns {Promise<{x: number, y: number, width: number, height: number}>} */
  boundingBox() {
    return /** @type {any} */ (
      this.evaluate((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      })
    );
  }
}

export class WebKitPage {
  /** Scripts that run before every page. @type {string[]} */
  #scripts = [LISTEN];
  /** Whether commands may currently go to a frame. */
  framed = false;
  #limit = LIMIT_MS;
  #closed = false;
  #mouse = { x: 0, y: 0 };

  /**
   * @param {WebDriver} driver
   * @param {string} handle  of its window
   * @param {import('./proxy.js').Proxy} proxy
   * @param {object} context
   * @param {string} folder  for pages from disk with scripts in front
   */
  constructor(driver, handle, proxy, context, folder) {
    this.driver = driver;
    this.handle = handle;
    this.proxy = proxy;
    this.context = context;
    this.folder = folder;
  }

  browserContext() {
    return this.context;
  }

  /** @param {number} limit  milliseconds */
  setDefaultTimeout(limit) {
    this.#limit = limit;
  }

  /** Adds code that runs in pages from now on, before their own scripts. @param {() => void} code */
  async evaluateOnNewDocument(code) {
    this.#scripts.push(`(${code})();`);
  }

  /** Directs commands to this window, not to one of its frames. */
  async bringToFront() {
    const { driver, handle } = this;
    if ((await driver.getWindowHandle().catch(() => '')) !== handle) await driver.switchTo().window(handle);
    if (this.framed) await driver.switchTo().defaultContent();
  }

  /**
   * Waits for a frame of the page.
   * @param {(frame: {url: () => string}) => boolean} wanted
   * @returns {Promise<WebKitFrame>}
   */
  async waitForFrame(wanted) {
    this.framed = true;
    for (const end = Date.now() + this.#limit; ; ) {
      await this.bringToFront();
      for (const element of await this.driver.findElements(By.css('iframe'))) {
        const frame = new WebKitFrame(this, element);
        const url = await frame.url().catch(() => '');
        if (wanted({ url: () => url })) return frame;
      }
      if (Date.now() > end) throw new Error(`Waiting failed: there is no such frame after ${this.#limit} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Requests of the page and its workers, and what went wrong, once that has been collected. */
  get watched() {
    const { requests, problems } = this.proxy;
    return { requests, problems };
  }

  /** Collects what went wrong in the page so far. */
  async collect() {
    if (this.#closed) return;
    await this.bringToFront();
    const said = await this.driver
      .executeScript(() => /** @type {any} */ (globalThis).saidToTests?.splice(0) ?? [])
      .catch(() => []);
    this.proxy.problems.push(.../** @type {string[]} */ (said));
  }

  /** @param {string} address */
  async goto(address) {
    await this.collect();
    this.proxy.scripts.splice(0, Number.POSITIVE_INFINITY, ...this.#scripts);
    if (!address.startsWith('file:')) return this.driver.get(address);
    // Files on disk do not go through the proxy.
    const { pathname, search, hash } = new URL(address);
    const from = fileURLToPath(`file://${pathname}`);
    const file = path.join(this.folder, path.basename(from));
    writeFileSync(file, withScripts(readFileSync(from, 'utf8'), this.#scripts));
    return this.driver.get(pathToFileURL(file).href + search + hash);
  }

  async reload() {
    await this.collect();
    await this.driver.navigate().refresh();
  }

  async close() {
    await this.collect();
    await this.driver.close();
    this.#closed = true;
  }

  url() {
    return this.evaluate(() => location.href);
  }

  title() {
    return this.driver.getTitle();
  }

  /**
   * @param {string} text  of a function
   * @param {unknown[]} args
   * @returns {Promise<any>} what it gives, or comes to
   */
  async #call(text, args) {
    await this.bringToFront();
    const answer = /** @type {{json?: string|null, error?: string}} */ (
      await this.driver.executeAsyncScript(
        `const args = [...arguments], done = args.pop();
         new Promise((resolve) => resolve((${text})(...args))).then(
           // Values that JSON can't hold, the window for one, are left out.
           (value) => { let json; try { json = JSON.stringify(value); } catch {} done({ json }); },
           (error) => done({ error: String(error) + '\\n' + (error?.stack ?? '') }));`,
        ...args,
      )
    );
    if (answer.error) throw new Error(answer.error);
    return answer.json === undefined || answer.json === null ? undefined : JSON.parse(answer.json);
  }

  /** @param {Code} code @param {...unknown} args @returns {Promise<any>} what it gives, or comes to */
  evaluate(code, ...args) {
    return this.#call(source(code), args);
  }

  /** @param {string} selector @param {Code} code @param {...unknown} args @returns {Promise<any>} */
  $eval(selector, code, ...args) {
    const text = `(at, ...rest) => {
      const element = document.querySelector(at);
      if (!element) throw new Error('There is no ' + at);
      return (${source(code)})(element, ...rest);
    }`;
    return this.#call(text, [selector, ...args]);
  }

  /** @param {string} selector @param {Code} code @param {...unknown} args @returns {Promise<any>} */
  $$eval(selector, code, ...args) {
    const text = `(at, ...rest) => (${source(code)})([...document.querySelectorAll(at)], ...rest)`;
    return this.#call(text, [selector, ...args]);
  }

  /** @param {string} selector @returns {Promise<Handle|null>} */
  async $(selector) {
    await this.bringToFront();
    const [element] = await this.driver.findElements(By.css(selector));
    return element ? new Handle(this, element) : null;
  }

  /**
   * Waits until code returns something true; the page itself checks at every frame.
   * @param {Code} code
   * @param {{timeout?: number}} [options]
   * @param {...unknown} args
   */
  async waitForFunction(code, { timeout = this.#limit } = {}, ...args) {
    const text = `async (turn, ...rest) => {
      for (const end = performance.now() + turn; performance.now() < end; ) {
        if (await (${source(code)})(...rest)) return true;
        await new Promise((resolve) => { requestAnimationFrame(resolve); setTimeout(resolve, 100); });
      }
      return false;
    }`;
    for (const end = Date.now() + timeout; ; ) {
      // The page may go away meanwhile; then the next one is asked.
      const found = await this.#call(text, [TURN_MS, ...args]).catch((error) => {
        if (!GOING.test(String(error))) throw error;
        return false;
      });
      if (found) return;
      if (Date.now() > end) throw new Error(`Waiting failed: ${timeout} ms were over.`);
    }
  }

  /** @param {string} selector @param {{timeout?: number}} [options] @returns {Promise<Handle|null>} */
  async waitForSelector(selector, options) {
    await this.waitForFunction((at) => document.querySelector(at) !== null, options, selector);
    return this.$(selector);
  }

  /** Waits until another page is there; call it before the action that leads there. */
  async waitForNavigation() {
    const before = await this.evaluate(() => performance.timeOrigin);
    await this.waitForFunction(
      (was) => performance.timeOrigin !== was && document.readyState === 'complete',
      {},
      before,
    );
  }

  /** @param {string} selector */
  async click(selector) {
    await (await this.waitForSelector(selector))?.click();
  }

  /** @param {string} selector */
  focus(selector) {
    return this.$eval(selector, (element) => element.focus());
  }

  /** @param {string} selector @param {string} text */
  async type(selector, text) {
    await this.focus(selector);
    await this.keyboard.type(text);
  }

  keyboard = {
    /** @param {string} key */
    press: (key) => this.#act((actions) => actions.keyDown(keyOf(key)).keyUp(keyOf(key))),
    /** @param {string} key */
    down: (key) => this.#act((actions) => actions.keyDown(keyOf(key))),
    /** @param {string} key */
    up: (key) => this.#act((actions) => actions.keyUp(keyOf(key))),
    /** @param {string} text */
    type: (text) => this.#act((actions) => actions.sendKeys(text)),
  };

  mouse = {
    /** @param {number} x @param {number} y @param {{steps?: number}} [options] */
    move: (x, y, { steps = 1 } = {}) =>
      this.#act((actions) => {
        const from = this.#mouse;
        for (let i = 1; i <= steps; i++) {
          const [at, down] = [from.x + ((x - from.x) * i) / steps, from.y + ((y - from.y) * i) / steps];
          actions.move({ x: Math.round(at), y: Math.round(down), origin: Origin.VIEWPORT, duration: 0 });
        }
        this.#mouse = { x, y };
        return actions;
      }),
    down: () => this.#act((actions) => actions.press()),
    up: () => this.#act((actions) => actions.release()),
    /** @param {number} x @param {number} y */
    click: async (x, y) => {
      await this.mouse.move(x, y);
      await this.#act((actions) => actions.press().release());
    },
    /** @param {{deltaX?: number, deltaY?: number}} by */
    wheel: ({ deltaX = 0, deltaY = 0 }) =>
      this.#act((actions) =>
        actions.scroll(Math.round(this.#mouse.x), Math.round(this.#mouse.y), deltaX, deltaY, Origin.VIEWPORT),
      ),
  };

  /** @param {(actions: any) => any} add  the reader's actions */
  async #act(add) {
    await this.bringToFront();
    await add(this.driver.actions({ async: false })).perform();
  }

  /** Gives the window the size that leaves this much to the page. @param {{width: number, height: number}} size */
  async setViewport({ width, height }) {
    await this.bringToFront();
    const inner = () => this.driver.executeScript(() => [innerWidth, innerHeight]);
    const window = this.driver.manage().window();
    const resize = (/** @type {number} */ tall) =>
      window.setRect({ x: (SIZE.width - width) >> 1, y: (SIZE.height - tall) >> 1, width, height: tall });
    await resize(height);
    const [, lower] = /** @type {number[]} */ (await inner());
    await resize(2 * height - lower);
    await this.waitForFunction((w, h) => innerWidth === w && innerHeight === h, {}, width, height);
  }

  /** A picture of what is in view, since WebDriver sees no more. @param {{path?: string}} [options] @returns {Promise<Buffer>} PNG */
  async screenshot({ path: file } = {}) {
    await this.bringToFront();
    const picture = Buffer.from(await this.driver.takeScreenshot(), 'base64');
    if (file) writeFileSync(file, picture);
    return picture;
  }
}

/** A frame of a page, with what tests use of it. */
class WebKitFrame extends WebKitPage {
  /** @param {WebKitPage} page @param {WebElement} element */
  constructor(page, element) {
    super(page.driver, page.handle, page.proxy, page.context, page.folder);
    this.page = page;
    this.element = element;
  }

  async bringToFront() {
    await this.page.bringToFront();
    await this.driver.switchTo().frame(this.element);
  }
}
