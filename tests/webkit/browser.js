/**
 * WebKit as the third browser of the tests: WebKitGTK's MiniBrowser on a virtual screen, driven by W3C WebDriver.
 * It offers as much of puppeteer's browser, context and page as tests use, so that the same tests run in all three.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Builder, Capabilities } from 'selenium-webdriver';
import { tool } from '../../wasm/tools/setup/tools.js';
import { BrowserLost, startDriver, within } from './driver.js';
import { SIZE, WebKitPage } from './page.js';
import { startProxy } from './proxy.js';

/** @typedef {import('selenium-webdriver').WebDriver} WebDriver */
/** @typedef {Awaited<ReturnType<typeof launchWebKit>>} WebKitBrowser */

/** The screen is larger than any window of the tests. */
const SCREEN = `${SIZE.width}x${SIZE.height}x24`;
const PATIENCE_MS = 20_000;
/** Milliseconds that a command may take, and that one may take that runs code in the page, which may wait for something. */
const [COMMAND_MS, SCRIPT_MS] = [60_000, 180_000];
/** The driver's own limits for scripts and pages: lower, so that it still answers. */
const TIMEOUTS = Object.freeze({ script: 150_000, pageLoad: 50_000 });

/** Commands that run code in the page. @type {ReadonlySet<string>} */
const SCRIPTS = new Set(['executeScript', 'executeAsyncScript']);

/** Lets windows be as narrow as a phone's, for which the browser's own buttons are too wide. */
const NARROW = 'window *, window button, window entry { min-width: 0; padding: 0; margin: 0; border: 0; }\n';

/**
 * Starts a screen in memory.
 * @returns {Promise<{display: string, end: () => void}>}
 */
function startScreen() {
  const child = spawn(tool('xvfb'), ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('Xvfb does not start.')), PATIENCE_MS);
    const channel = /** @type {import('node:stream').Readable} */ (child.stdio[3]);
    channel.setEncoding('utf8').on('data', (/** @type {string} */ number) => {
      clearTimeout(late);
      if (number.trim()) resolve({ display: `:${number.trim()}`, end: () => void child.kill() });
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code}.`)));
  });
}

/**
 * Starts the driver; each of its contexts is a separate MiniBrowser, one at a time.
 * @returns as much of a browser as tests need
 */
export async function launchWebKit() {
  const home = mkdtempSync(path.join(tmpdir(), 'webkit-'));
  mkdirSync(path.join(home, 'gtk-3.0'));
  writeFileSync(path.join(home, 'gtk-3.0/gtk.css'), NARROW);
  const screen = await startScreen();
  const env = {
    .../** @type {Record<string, string>} */ (process.env),
    DISPLAY: screen.display,
    WAYLAND_DISPLAY: '',
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    GSETTINGS_BACKEND: 'memory',
    NO_AT_BRIDGE: '1',
    // Its language is then “C”, which a page has to cope with.
    LC_ALL: 'C.UTF-8',
  };
  const service = await startDriver(tool('webkit'), env);
  let connected = true;
  const endAll = () => {
    if (!connected) return;
    connected = false;
    process.off('exit', endAll);
    service.end();
    screen.end();
    try {
      rmSync(home, { recursive: true, force: true });
    } catch {
      // A process that is ending may still write there: see close.
    }
  };
  process.once('exit', endAll);

  /**
   * Limits the time of a command to the driver; if an answer fails to come, everything is ended, so that nothing waits
   * any longer.
   * @template T
   * @param {number} ms
   * @param {string} what
   * @param {() => PromiseLike<T>} work
   * @returns {Promise<T>}
   * @throws {BrowserLost}
   */
  const ask = async (ms, what, work) => {
    if (!connected) throw new BrowserLost(`WebKit was ended before ${what}.`);
    try {
      return await within(ms, what, work);
    } catch (error) {
      if (error instanceof BrowserLost) endAll();
      throw error;
    }
  };

  return {
    get connected() {
      return connected;
    },
    /**
     * A window with its own storage.
     * @param {{dark?: boolean}} [options]
     */
    async createBrowserContext({ dark = false } = {}) {
      const proxy = await startProxy();
      /** @type {WebDriver|undefined} */
      let driver;
      /** @type {WebKitPage[]} */
      const pages = [];
      const args = ['--automation', ...(dark ? ['--dark-mode'] : [])];
      const capabilities = new Capabilities({
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { args },
        proxy: { proxyType: 'manual', httpProxy: proxy.host, sslProxy: proxy.host },
      });
      /** @returns {Promise<WebDriver>} with a limit to every command */
      const open = async () => {
        const made = await new Builder().usingServer(service.address).withCapabilities(capabilities).build();
        const execute = made.execute.bind(made);
        made.execute = (command) => {
          const name = command.getName();
          return ask(SCRIPTS.has(name) ? SCRIPT_MS : COMMAND_MS, name, () => execute(command));
        };
        return made;
      };
      const context = {
        async newPage() {
          const first = driver === undefined;
          driver ??= await ask(COMMAND_MS, 'a session', open);
          if (first) await driver.manage().setTimeouts(TIMEOUTS);
          else await driver.switchTo().newWindow('tab');
          const page = new WebKitPage(driver, await driver.getWindowHandle(), proxy, context, home);
          pages.push(page);
          return page;
        },
        pages: async () => pages,
        async close() {
          // A lost browser has ended already.
          await driver?.quit().catch((error) => {
            if (!(error instanceof BrowserLost)) throw error;
          });
          await proxy.close();
        },
      };
      return context;
    },
    async close() {
      endAll();
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
