/** The page as one file, opened from disk as by a double click: it makes no requests, and trains. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { SINGLE, SITE } from '../../wasm/tools/setup/site.js';
import { accessibilityProblems, inBrowsers, screenshot } from '../in_browsers.js';
import { by, press, reaches, says, textOpens } from './pages.js';

const FILE = path.join(ROOT, SITE, SINGLE);
const MOST_BYTES = 3e6;

describe('page in one file', () => {
  it('has at most 3 MB', () => {
    const { length } = readFileSync(FILE);
    assert.ok(length <= MOST_BYTES, `${length} bytes`);
  });

  it('runs only scripts whose hash it names', () => {
    const html = readFileSync(FILE, 'utf8');
    const rules = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const scripts = /script-src ([^;]*)/.exec(rules)?.[1] ?? '';
    assert.match(scripts, /^(?:'sha256-[\w+/=]{44}' ){2}'wasm-unsafe-eval'$/);
    assert.doesNotMatch(rules, /unsafe-inline|'unsafe-eval'|\*(?!\.)/);
  });
});

inBrowsers(['chromium', 'firefox', 'webkit'], 'page in one file', (open, name) => {
  it('draws and trains from disk, with two workers', () =>
    open(
      { address: `${pathToFileURL(FILE)}?preset=quick_start&max_steps=10&eval_every=10&val_max_batches=1&workers=2` },
      async ({ page, requests }) => {
        await page.waitForSelector(`${by('hierarchy-canvas')}:not([data-version="0"])`);
        await textOpens(page);
        await press(page, 'start');
        await reaches(page, 'finished');
        await says(page, 'step', /10/);
        assert.deepEqual(await accessibilityProblems(page), []);
        await screenshot(page, `single-${name}`);
        assert.deepEqual(
          requests.filter((url) => !/^(?:file|data|blob):/.test(url)),
          [],
        );
        // Firefox does not report reading from disk.
        assert.ok(requests.filter((url) => url.startsWith('file:')).length <= 1, 'only the file itself is read');
      },
    ));

  it('unpacks its contents itself where the browser can’t', () =>
    open(
      {
        address: pathToFileURL(FILE).href,
        script: () => void Reflect.deleteProperty(globalThis, 'DecompressionStream'),
      },
      async ({ page }) => {
        await page.waitForSelector(`${by('hierarchy-canvas')}:not([data-version="0"])`);
        await textOpens(page);
      },
    ));
});
