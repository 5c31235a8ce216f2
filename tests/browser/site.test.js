/** The built site as a whole: it opens under any path of any host, and sends no request elsewhere. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { NO_SUCH_PAGE, writePages } from '../../wasm/tools/setup/github_pages.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { SITE } from '../../wasm/tools/setup/site.js';
import { accessibilityProblems, inBrowsers, screenshot, soundInBothSchemes } from '../in_browsers.js';

const PUBLISHED = 'build/pages-test';
before(() => writePages(SITE, PUBLISHED));
after(() => rmSync(path.join(ROOT, PUBLISHED), { recursive: true, force: true }));

inBrowsers(['chromium', 'firefox'], 'site', (open, name) => {
  it('opens, is accessible, and sends no request elsewhere', () =>
    open({}, async ({ page, site, requests }) => {
      await page.waitForSelector('h1');
      assert.deepEqual(await accessibilityProblems(page), []);
      assert.ok(requests.includes(site));
      await screenshot(page, `site-${name}`);
    }));
});

inBrowsers(['chromium'], 'site at rest', (open) => {
  it('does not move', () =>
    open({ width: 1280 }, async ({ page }) => {
      await page.waitForSelector('.section > .skeleton');
      await page.waitForSelector('[data-testid="hierarchy-canvas"]:not([data-version="0"])');
      // Anything that moves, even out of view, makes the page recompute styles for every frame.
      await page.waitForFunction(() => document.getAnimations().length === 0);
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    }));
});

inBrowsers(['chromium'], 'site in every look', (open) => {
  for (const width of [390, 1280]) {
    it(`is accessible in light and dark, and not wider than the window: ${width} pixels`, () =>
      open({ width, touch: width < 600 }, async ({ page }) => {
        await page.waitForSelector('h1');
        await soundInBothSchemes(page, 'site');
      }));
  }
});

inBrowsers(['chromium'], 'page for wrong addresses', (open) => {
  it('is accessible in light and dark', () =>
    open({ address: pathToFileURL(path.join(ROOT, PUBLISHED, '404.html')).href, width: 390 }, async ({ page }) => {
      assert.equal(await page.$eval('h1', (h1) => h1.textContent), NO_SUCH_PAGE);
      await soundInBothSchemes(page, 'missing');
    }));
});

describe('code of workers', () => {
  it('never imports the script that started the worker, which WebKit would run a second time', () => {
    const folder = path.join(ROOT, SITE, 'assets');
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const entry = scripts.find((name) => name.startsWith('worker_entry-'));
    assert.ok(entry);
    const importing = new RegExp(`(?:from|import\\(?)\\s*["'\`]\\./${entry}`);
    assert.deepEqual(
      scripts.filter((name) => importing.test(readFileSync(path.join(folder, name), 'utf8'))),
      [],
    );
  });
});

describe('folder for GitHub Pages', () => {
  it('has the whole site, a page for wrong addresses, and Jekyll turned off', () => {
    const files = (/** @type {string} */ of) => readdirSync(path.join(ROOT, of), { recursive: true }).map(String);
    assert.deepEqual(files(PUBLISHED).sort(), [...files(SITE), '.nojekyll', '404.html'].sort());
    const page = readFileSync(path.join(ROOT, PUBLISHED, '404.html'), 'utf8');
    assert.ok(page.includes(`<h1>${NO_SUCH_PAGE}</h1>`));
    assert.doesNotMatch(page, /(?:src|href)=/, 'it is shown for addresses of any depth');
  });
});

describe('files of the site', () => {
  const names = readdirSync(path.join(ROOT, SITE), { recursive: true }).map(String);

  it('have the core, the sample texts and the start page', () => {
    for (const wanted of [
      /^index\.html$/,
      /\.wasm$/,
      /^samples\/moby-dick\.txt$/,
      /^samples\/state-of-the-union\.txt$/,
    ]) {
      assert.ok(
        names.some((name) => wanted.test(name)),
        String(wanted),
      );
    }
  });

  it('refer to one another by relative addresses', () => {
    const pages = names.filter((name) => name.endsWith('.html'));
    assert.ok(pages.length > 0);
    for (const page of pages) {
      const text = readFileSync(path.join(ROOT, SITE, page), 'utf8');
      const absolute = /<(?:script|link|img|source|iframe)\b[^>]*?\b(?:src|href)="(?:\/|https?:)[^>]*>/g;
      assert.deepEqual(text.match(absolute) ?? [], [], page);
    }
  });
});
