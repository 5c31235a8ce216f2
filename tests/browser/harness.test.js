/** The harness itself: it sees what goes wrong in a page and in each of its workers. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve } from '../../wasm/cli/static_server.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { accessibilityProblems, inBrowsers } from '../in_browsers.js';
import { BrowserLost, descendants, within } from '../webkit/driver.js';

const FOLDER = 'build/harness-site';
const place = (/** @type {string} */ name) => path.join(ROOT, FOLDER, name);

/** A script that goes wrong in every way, then reports that. @param {string} name */
const faulty = (name) => `
  console.error('${name} complains');
  fetch('missing-from-${name}.txt').catch(() => {});
  fetch('https://elsewhere.example/from-${name}').catch(() => {});
  setTimeout(() => { throw new Error('${name} throws'); }, 50);`;

before(() => {
  mkdirSync(place(''), { recursive: true });
  const head =
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,">';
  writeFileSync(place('index.html'), `${head}</head><body><main><h1>Nothing is wrong</h1></main></body></html>`);
  const script = `<script type="module">${faulty('page')}
    for (const name of ['worker', 'other']) new Worker(name + '.js', { type: 'module' });</script>`;
  writeFileSync(place('faulty.html'), `${head}${script}</head><body><img src="data:,"></body></html>`);
  for (const name of ['worker', 'other']) writeFileSync(place(`${name}.js`), faulty(name));
  writeFileSync(place('core.wasm'), Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
});
after(() => rmSync(place(''), { recursive: true }));

inBrowsers(
  ['chromium', 'firefox'],
  'harness',
  (open) => {
    it('finds nothing where nothing is wrong', () =>
      open({}, async ({ page, problems }) => {
        assert.deepEqual(await accessibilityProblems(page), []);
        assert.deepEqual(problems, []);
      }));

    it('finds problems in a page and in workers', async () => {
      const each = (/** @type {string} */ who) => [
        `console: ${who} complains`,
        `error: ${who} throws`,
        `missing-from-${who}.txt`,
        `request to elsewhere: https://elsewhere.example/from-${who}`,
      ];
      await open({ path: 'faulty.html' }, async ({ page, problems }) => {
        const wanted = ['page', 'worker', 'other'].flatMap(each);
        const unseen = () => wanted.filter((line) => !problems.some((problem) => problem.includes(line)));
        const until = Date.now() + 10_000;
        while (unseen().length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
        assert.deepEqual(unseen(), []);
        assert.ok((await accessibilityProblems(page)).some((line) => line.startsWith('image-alt')));
        problems.length = 0;
      });
    });

    it('fails a test whose page has problems', async () => {
      const opened = open({ path: 'missing.html' }, async () => {});
      await assert.rejects(opened, /answer 404/);
    });

    it('carries nothing over from one page to the next', async () => {
      const count = () => {
        const seen = Number(localStorage.getItem('seen') ?? 0) + 1;
        localStorage.setItem('seen', String(seen));
        return seen;
      };
      for (let i = 0; i < 2; i++) await open({}, async ({ page }) => assert.equal(await page.evaluate(count), 1));
    });

    it('sets the size of the page', () =>
      open({ width: 390, height: 700 }, async ({ page }) => {
        assert.deepEqual(await page.evaluate(() => [innerWidth, innerHeight]), [390, 700]);
      }));
  },
  FOLDER,
);

inBrowsers(
  ['chromium'],
  'harness, emulation',
  (open) => {
    it('sets scheme, touch and motion', () =>
      open({ scheme: 'dark', touch: true, reducedMotion: true, width: 390 }, async ({ page }) => {
        const queries = ['(prefers-color-scheme: dark)', '(pointer: coarse)', '(prefers-reduced-motion: reduce)'];
        assert.deepEqual(await page.evaluate((all) => all.map((query) => matchMedia(query).matches), queries), [
          true,
          true,
          true,
        ]);
      }));
  },
  FOLDER,
);

inBrowsers(
  ['webkit'],
  'harness',
  (open) => {
    it('starts another browser, once, where the driver lost its own', async () => {
      let [tries, readable] = [0, ''];
      await open({}, async ({ page }) => {
        tries++;
        if (tries === 1)
          for (const pid of descendants(process.pid))
            if (readFileSync(`/proc/${pid}/comm`, 'utf8') === 'MiniBrowser\n') process.kill(pid, 'SIGKILL');
        readable = await page.evaluate(() => document.title);
      });
      assert.deepEqual([tries, readable], [2, 't']);
    });
  },
  FOLDER,
);

describe('a command to a driver', () => {
  it('has a time limit', () =>
    assert.rejects(
      within(20, 'the title', () => new Promise(() => {})),
      (error) => error instanceof BrowserLost && error.message.includes('the title'),
    ));

  it('that fails for lack of a session says that the browser is gone; other failures stay as they are', async () => {
    const failing = (/** @type {string} */ why) => within(1000, 'the title', () => Promise.reject(new Error(why)));
    await assert.rejects(failing('connect ECONNREFUSED 127.0.0.1:1'), BrowserLost);
    await assert.rejects(failing('no such element'), (error) => !(error instanceof BrowserLost));
  });
});

describe('static server', () => {
  it('serves files with their types under its path, and nothing outside its folder', async () => {
    const server = await serve(place(''), { base: '/a/b/' });
    try {
      const { origin } = new URL(server.url);
      const ask = async (/** @type {string} */ where, method = 'GET') => {
        const { status, headers } = await fetch(origin + where, { method });
        return [status, headers.get('content-type')];
      };
      assert.deepEqual(await ask('/a/b/'), [200, 'text/html; charset=utf-8']);
      assert.deepEqual(await ask('/a/b/worker.js'), [200, 'text/javascript; charset=utf-8']);
      assert.deepEqual(await ask('/a/b/core.wasm'), [200, 'application/wasm']);
      assert.deepEqual(await ask('/a/b/core.wasm', 'HEAD'), [200, 'application/wasm']);
      assert.equal((await ask('/a/b/core.wasm', 'POST'))[0], 405);
      for (const where of [
        '/',
        '/a/b/missing',
        '/a/b/..%2f..%2fpackage.json',
        '/a/b/%2e%2e/harness-site/nope',
        '/a/b/%ff',
        '/a/b/%00',
      ]) {
        assert.equal((await ask(where))[0], 404, where);
      }
    } finally {
      await server.close();
    }
  });
});
