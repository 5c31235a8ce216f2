/** The element in frames: a plain one, and a notebook's, which has its page in `srcdoc` and no origin. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { ELEMENT, SITE } from '../../wasm/tools/setup/site.js';
import { inBrowsers } from '../in_browsers.js';
import { drawn, of } from './support/elements.js';

const FOLDER = 'build/element-frames';
const FILES = [ELEMENT, 'example.safetensors'];

/** A host that other sites may read, as a frame without an origin requires. */
const open = http.createServer(({ url = '' }, answer) => {
  const name = FILES.find((file) => url === `/${file}`);
  const type = name === ELEMENT ? 'text/javascript' : 'application/octet-stream';
  answer.writeHead(name ? 200 : 404, { 'access-control-allow-origin': '*', 'content-type': type });
  answer.end(name && readFileSync(path.join(ROOT, SITE, name)));
});

/** @param {string} script @param {string} text */
const page = (script, text) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Docs</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script><border-hierarchy>${text}</border-hierarchy>`;

before(async () => {
  open.listen(0, '127.0.0.1');
  await once(open, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (open.address());
  mkdirSync(path.join(ROOT, FOLDER), { recursive: true });
  for (const file of FILES) cpSync(path.join(ROOT, SITE, file), path.join(ROOT, FOLDER, file));
  const cell = page(`http://127.0.0.1:${port}/${ELEMENT}`, 'In a notebook.').replaceAll('"', '&quot;');
  const write = (/** @type {string} */ name, /** @type {string} */ html) =>
    writeFileSync(path.join(ROOT, FOLDER, name), html);
  write('plain.html', page(ELEMENT, 'In a plain frame.'));
  write(
    'index.html',
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Notebook</title><link rel="icon" href="data:,">
     <iframe name="plain" src="plain.html" width="600" height="300"></iframe>
     <iframe name="notebook" sandbox="allow-scripts" srcdoc="${cell}" width="600" height="300"></iframe>`,
  );
});
after(() => {
  open.close();
  rmSync(path.join(ROOT, FOLDER), { recursive: true, force: true });
});

inBrowsers(
  ['chromium', 'firefox'],
  'element in frames',
  (visit) => {
    it('draws in a plain one, and in one without an origin', () =>
      visit({}, async ({ page: tab, problems }) => {
        for (const [name, text, origin] of [
          ['plain', 'In a plain frame.', await tab.evaluate(() => globalThis.origin)],
          ['notebook', 'In a notebook.', 'null'],
        ]) {
          const frame = await tab.waitForFrame(
            async (each) => (await (await each.frameElement())?.evaluate((e) => e.getAttribute('name'))) === name,
          );
          const within = /** @type {import('puppeteer-core').Page} */ (/** @type {unknown} */ (frame));
          await drawn(within, 'border-hierarchy');
          assert.equal(
            await of(within, 'border-hierarchy', ({ trace }) => new TextDecoder().decode(trace?.text)),
            text,
          );
          assert.equal(await frame.evaluate(() => globalThis.origin), origin);
        }
        // The notebook's frame reads from another host, as its page says.
        const others = problems.filter((problem) => !problem.startsWith('request to elsewhere: http://127.0.0.1'));
        problems.splice(0, problems.length, ...others);
      }));
  },
  FOLDER,
);
