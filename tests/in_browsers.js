/**
 * Drives the built site in real browsers, served as by a plain static host: from a path of its own, without special
 * headers. Whatever goes wrong in a page or its workers is collected, and fails the test that opened it.
 *
 *   inBrowsers(['chromium', 'firefox', 'webkit'], 'start', (open) => {
 *     it('says what it is', () => open({ width: 390, scheme: 'dark' }, async ({ page }) => { … }));
 *   });
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import puppeteer from 'puppeteer-core';
import { serve } from '../wasm/cli/static_server.js';
import { ROOT } from '../wasm/tools/setup/run.js';
import { SITE } from '../wasm/tools/setup/site.js';
import { tool } from '../wasm/tools/setup/tools.js';
import { launchWebKit } from './webkit/browser.js';
import { BrowserLost } from './webkit/driver.js';
import { WebKitPage } from './webkit/page.js';

/** @typedef {'chromium'|'firefox'|'webkit'} BrowserName */
/** @typedef {import('puppeteer-core').Page} Page */

/**
 * @typedef {object} PageOptions
 * @property {string} [path]     inside the site, with query and fragment; default its start page
 * @property {string} [address]  of a page elsewhere, such as on disk; instead of `path`
 * @property {number} [width]    of the viewport, CSS pixels; default 1280
 * @property {number} [height]   default 800
 * @property {'light'|'dark'} [scheme]   Chromium and WebKit only
 * @property {boolean} [touch]   a touch screen, as on a phone; Chromium only
 * @property {boolean} [reducedMotion]   Chromium only
 * @property {boolean} [forcedColours]   Chromium only
 * @property {boolean} [keeps]   the browser keeps the site for offline use, as for readers; by default it does
 *   not, since that fetches the whole site again for each page of a test
 * @property {() => void} [script]   runs in every page before its own scripts; must not use anything outside itself
 */

/**
 * @typedef {object} Opened
 * @property {Page} page
 * @property {string} site      address of the start page
 * @property {string[]} problems   what went wrong so far, a line each; a test that provokes problems empties it
 * @property {string[]} requests   every address that the page and its workers asked for
 */

/** @typedef {(options: PageOptions, use: (opened: Opened) => Promise<void>) => Promise<void>} Open */

const BASE = '/docs/adaptive/';
const SCREENSHOTS = path.join(ROOT, 'build/screenshots');
const LIMIT_MS = 30_000;
/** Errors of requests that a page or a navigation cancelled itself. */
const ABORTED = /ERR_ABORTED|NS_BINDING_ABORTED|NS_ERROR_ABORT/;

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--lang=en-US',
  // The suggestions below the address bar, two pages of Chromium's own for each window, take as long as the page itself.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
  // Requests to other hosts are seen, but go nowhere.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

const FIREFOX_PREFERENCES = {
  'intl.accept_languages': 'en-US',
  // Processes and pages prepared for tabs that never come.
  'dom.ipc.processPrelaunch.enabled': false,
  'browser.newtab.preload': false,
  'browser.newtabpage.enabled': false,
};

/**
 * A browser with its own profile. WebKit’s offers as much of puppeteer’s as tests use.
 * @param {BrowserName} name
 * @returns {Promise<import('puppeteer-core').Browser>}
 */
export function launch(name) {
  if (name === 'webkit') return /** @type {Promise<any>} */ (launchWebKit());
  const common = { executablePath: tool(name), headless: true, timeout: 60_000, protocolTimeout: 180_000 };
  if (name === 'chromium') return puppeteer.launch({ ...common, args: CHROMIUM_FLAGS });
  return puppeteer.launch({ ...common, browser: 'firefox', extraPrefsFirefox: FIREFOX_PREFERENCES });
}

/**
 * Watches for everything that can go wrong in a page and its workers.
 * @param {Page} page
 * @param {string} site
 * @returns {{problems: string[], requests: string[]}} which grow
 */
export function watch(page, site) {
  /** @type {string[]} */
  const problems = [];
  /** @type {string[]} */
  const requests = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'assert') problems.push(`console: ${message.text()}`);
  });
  // An error that a worker's parent did not handle comes a second time, as null. Firefox puts its kind in front.
  page.on('pageerror', (error) => {
    if (error) problems.push(`error: ${error instanceof Error ? error.message.replace(/^Error: /, '') : error}`);
  });
  page.on('error', (error) => problems.push(`crash: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    requests.push(url);
    if (/^(?:https?|wss?):/.test(url) && !url.startsWith(site)) problems.push(`request to elsewhere: ${url}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!ABORTED.test(reason)) problems.push(`request failed: ${request.url()} ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`answer ${response.status()}: ${response.url()}`);
  });
  return { problems, requests };
}

/** Runs in every page: a violation of its security policy counts as a problem. */
function reportViolations() {
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
    console.error(`policy: ${violatedDirective} forbids ${blockedURI} (${sourceFile})`),
  );
}

/** Runs in pages that the browser must not keep. */
function keepNothing() {
  delete (/** @type {any} */ (Navigator.prototype).serviceWorker);
}

/**
 * @param {Page} page
 * @param {BrowserName} name
 * @param {PageOptions} options
 */
async function emulate(
  page,
  name,
  { width = 1280, height = 800, scheme, touch = false, reducedMotion = false, forcedColours = false },
) {
  if (name !== 'chromium') {
    if ((scheme && name === 'firefox') || touch || reducedMotion || forcedColours)
      throw new Error('Firefox and WebKit can be given a size, but no touch or motion, and only WebKit a scheme.');
    return page.setViewport({ width, height });
  }
  const features = [
    { name: 'prefers-color-scheme', value: scheme ?? 'light' },
    { name: 'prefers-reduced-motion', value: reducedMotion ? 'reduce' : 'no-preference' },
  ];
  // Puppeteer can emulate only some of them.
  if (!forcedColours) await page.emulateMediaFeatures(features);
  else {
    const wire = await page.createCDPSession();
    const forced = { name: 'forced-colors', value: 'active' };
    await wire.send('Emulation.setEmulatedMedia', { features: [...features, forced] });
  }
  return page.setViewport({ width, height, hasTouch: touch, isMobile: touch, deviceScaleFactor: touch ? 2 : 1 });
}

/**
 * A summary of the pages of a failed test.
 * @param {import('puppeteer-core').BrowserContext} context
 * @param {readonly string[]} problems
 * @returns {Promise<string>}
 */
async function described(context, problems) {
  const texts = (await context.pages().catch(() => [])).map((page) =>
    page
      .$$eval('[data-testid], [role="alert"]', (elements) =>
        elements.flatMap((element) => {
          const text = (element.textContent ?? '').trim().slice(0, 200);
          const name = element.getAttribute('data-testid') ?? 'alert';
          return text ? [`  ${name}${element.hasAttribute('disabled') ? ' (disabled)' : ''}: ${text}`] : [];
        }),
      )
      .then((lines) => lines.slice(0, 80).join('\n'))
      .catch((error) => `  no answer: ${error}`),
  );
  // A crashed page gives nothing.
  const silent = new Promise((resolve) => setTimeout(resolve, 5000, '  no answer'));
  const said = await Promise.all(texts.map((text) => Promise.race([text, silent])));
  return ['the page says:', ...said, ...problems.map((problem) => `  problem: ${problem}`)].join('\n');
}

/** Browsers that this process has started: each starts once, and ends with the process. @type {Map<BrowserName, ReturnType<typeof launch>>} */
const started = new Map();

/** Once in a process, a test is repeated after a driver lost its browser, which says nothing about the page. */
let restartsLeft = 1;

/**
 * @param {() => Promise<void>} test  starts a browser if there is none
 * @returns {Promise<void>}
 */
async function despiteLoss(test) {
  try {
    await test();
  } catch (error) {
    if (!(error instanceof BrowserLost) || restartsLeft === 0) throw error;
    restartsLeft--;
    console.error(`${error.message} Once more, in another browser.`);
    await test();
  }
}

/** The browser of that name; a new one if a test brought it down. @param {BrowserName} name */
async function browserOf(name) {
  const running = await started.get(name)?.catch(() => undefined);
  if (running?.connected) return running;
  const browser = launch(name);
  started.set(name, browser);
  return browser;
}

after(async () => {
  for (const browser of await Promise.allSettled(started.values()))
    if (browser.status === 'fulfilled') await browser.value.close();
});

/** Browsers to test in, if not all: names separated by commas. */
const ONLY = process.env.BROWSERS?.split(',');

/** @param {BrowserName} name */
const isWanted = (name) => ONLY?.includes(name) ?? true;

/**
 * Describes the same tests in several browsers; every `open` has its own storage.
 * @param {readonly BrowserName[]} names
 * @param {string} title
 * @param {(open: Open, name: BrowserName) => void} define  calls `it`
 * @param {string} [folder]  what is served, as a path in the project
 */
export function inBrowsers(names, title, define, folder = SITE) {
  for (const name of names.filter(isWanted)) {
    describe(`${title} (${name})`, () => {
      /** @type {Awaited<ReturnType<typeof serve>>} */
      let server;
      before(async () => {
        server = await serve(path.join(ROOT, folder), { base: BASE });
        await browserOf(name);
      });
      after(() => server?.close());
      /** @type {Open} */
      const open = async (options, use) => {
        const browser = await browserOf(name);
        const dark = name === 'webkit' && options.scheme === 'dark';
        const context = await browser.createBrowserContext(/** @type {object} */ (dark ? { dark } : {}));
        /** @type {string[]} */
        let problems = [];
        try {
          const page = await context.newPage();
          page.setDefaultTimeout(LIMIT_MS);
          const watched = page instanceof WebKitPage ? page.watched : watch(page, server.url);
          ({ problems } = watched);
          await page.evaluateOnNewDocument(reportViolations);
          if (!options.keeps) await page.evaluateOnNewDocument(keepNothing);
          await emulate(page, name, options);
          if (options.script) await page.evaluateOnNewDocument(options.script);
          const { address = new URL(options.path ?? '', server.url).href } = options;
          await page.goto(address, { waitUntil: 'load' });
          await use({ page, site: server.url, ...watched });
          if (page instanceof WebKitPage) await page.collect();
          assert.deepEqual(problems, []);
        } catch (error) {
          console.error(await described(context, problems));
          throw error;
        } finally {
          await context.close();
        }
      };
      define((options, use) => despiteLoss(() => open(options, use)), name);
    });
  }
}

/** Waits until pending changes are drawn. @param {Page} page */
export const frames = (page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

/**
 * Saves a picture of the page as build/screenshots/NAME.png, but only with SCREENSHOTS=1: pictures of whole pages
 * take seconds, and are for people to look at.
 * @param {Page} page
 * @param {string} name
 * @param {boolean} [whole]  the whole page rather than what is in view
 */
export async function screenshot(page, name, whole = true) {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({
    path: /** @type {`${string}.png`} */ (path.join(SCREENSHOTS, `${name}.png`)),
    fullPage: whole,
  });
}

/** Loads axe-core into a page, unless it is there. @param {Page} page */
export async function bringAxe(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis)))
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
}

/**
 * Looks for violations of accessibility rules (axe-core).
 * @param {Page} page
 * @param {string} [part]  selector of what to look at, default everything
 * @returns {Promise<string[]>} a line for each element that violates one
 */
export async function accessibilityProblems(page, part) {
  await bringAxe(page);
  return page.evaluate(async (/** @type {string|undefined} */ selector) => {
    const { axe } = /** @type {any} */ (globalThis);
    const { violations } = await axe.run(selector ?? document, { resultTypes: ['violations'] });
    return violations.flatMap((/** @type {any} */ violation) =>
      violation.nodes.map((/** @type {any} */ node) => `${violation.id}: ${violation.help}: ${node.target.join(' ')}`),
    );
  }, part);
}

/**
 * Checks a page as it is, in light and in dark: no rule of accessibility is violated, nothing is wider than the window.
 * Chromium only.
 * @param {Page} page
 * @param {string} name  of the pictures
 * @param {string} [part]  selector of what axe looks at, default everything
 * @throws where something is wrong
 */
export async function soundInBothSchemes(page, name, part) {
  for (const scheme of ['dark', 'light']) {
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ]);
    await frames(page);
    assert.deepEqual(await accessibilityProblems(page, part), [], scheme);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} pixels too wide in ${scheme}`);
    await screenshot(page, `${name}-${await page.evaluate(() => innerWidth)}-${scheme}`);
  }
}
