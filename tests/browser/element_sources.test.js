/** The sources of the element's text and weights, its errors where these fail, and its theme. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { serve } from '../../wasm/cli/static_server.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { ELEMENT, SITE } from '../../wasm/tools/setup/site.js';
import { inBrowsers } from '../in_browsers.js';
import { drawn, of, problemOf, themed } from './support/elements.js';
import { policy } from './support/guide.js';

const FOLDER = 'build/element-sources';
const ELSEWHERE = 'build/element-elsewhere';
/** The guide's policy; the page's own icon is an image. */
const POLICY = `${policy()}; img-src data:`;
const WEIGHTS = 'weights/example.safetensors';

/** @param {string} body @param {string} [head] */
const page = (body, head = '') =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Docs</title><link rel="icon" href="data:,">${head}
   <script type="module" src="${ELEMENT}"></script></head><body>${body}</body></html>`;

/** @type {Awaited<ReturnType<typeof serve>>} */
let other;

before(async () => {
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(path.join(ROOT, FOLDER, name), text);
  mkdirSync(path.join(ROOT, FOLDER, 'weights'), { recursive: true });
  mkdirSync(path.join(ROOT, ELSEWHERE), { recursive: true });
  cpSync(path.join(ROOT, SITE, ELEMENT), path.join(ROOT, FOLDER, ELEMENT));
  cpSync(path.join(ROOT, SITE, 'example.safetensors'), path.join(ROOT, FOLDER, WEIGHTS));
  cpSync(path.join(ROOT, SITE, 'example.safetensors'), path.join(ROOT, ELSEWHERE, 'example.safetensors'));
  other = await serve(path.join(ROOT, ELSEWHERE));
  write('sea.txt', '  The sea was calm – and the ship lay still.\n');
  write('not-weights.safetensors', `${JSON.stringify({ not: 'a checkpoint' })}${' '.repeat(200)}`);
  write(
    'index.html',
    page(
      `<border-hierarchy id="address" src="sea.txt" checkpoint="${WEIGHTS}"></border-hierarchy>
       <border-hierarchy id="slot"><a slot="checkpoint" href="${WEIGHTS}">Weights</a>Words that stand inside.</border-hierarchy>
       <border-hierarchy id="property"></border-hierarchy>`,
      `<meta http-equiv="content-security-policy" content="${POLICY}">`,
    ),
  );
  write(
    'wrong.html',
    page(
      `<border-hierarchy id="gone" checkpoint="gone.safetensors">Text.</border-hierarchy>
       <border-hierarchy id="text-gone" src="gone.txt" checkpoint="${WEIGHTS}"></border-hierarchy>
       <border-hierarchy id="elsewhere" checkpoint="${other.url}example.safetensors">Text.</border-hierarchy>
       <border-hierarchy id="no-weights" checkpoint="not-weights.safetensors">Text.</border-hierarchy>
       <border-hierarchy id="no-address" checkpoint="https://[">Text.</border-hierarchy>
       <border-hierarchy id="empty" checkpoint="${WEIGHTS}"> </border-hierarchy>`,
    ),
  );
});
after(async () => {
  await other?.close();
  for (const folder of [FOLDER, ELSEWHERE]) rmSync(path.join(ROOT, folder), { recursive: true, force: true });
});

/** The text that was read. @param {import('./support/elements.js').BorderHierarchy} element */
const textRead = (element) => new TextDecoder().decode(element.trace?.text);

inBrowsers(
  ['chromium', 'firefox'],
  'sources of the element, under a strict policy',
  (open) => {
    it('are addresses, its content, and properties', () =>
      open({}, async ({ page: tab }) => {
        await drawn(tab, '#address');
        assert.equal(await of(tab, '#address', textRead), 'The sea was calm – and the ship lay still.');
        await drawn(tab, '#slot');
        assert.equal(await of(tab, '#slot', textRead), 'Words that stand inside.');
        await of(tab, '#property', async (element) => {
          element.weights = await (await fetch('weights/example.safetensors')).arrayBuffer();
          element.text = 'By a property.';
        });
        await drawn(tab, '#property');
        assert.equal(await of(tab, '#property', textRead), 'By a property.');
        const costs = await Promise.all(
          ['#address', '#property'].map((id) => of(tab, id, (element) => String(element.trace?.thresholds))),
        );
        assert.equal(costs[0], costs[1], 'the same weights');
      }));
  },
  FOLDER,
);

inBrowsers(
  ['chromium', 'firefox'],
  'errors of the element',
  (open) => {
    it('name what is missing, what is not allowed, and what is not a checkpoint', () =>
      open({ path: 'wrong.html' }, async ({ page: tab, problems }) => {
        for (const [at, reason, names] of /** @type {const} */ ([
          ['#gone', 'not_there', 'gone.safetensors'],
          ['#text-gone', 'not_there', 'gone.txt'],
          ['#elsewhere', 'elsewhere', 'CORS'],
          ['#no-weights', 'not_safetensors', ''],
          ['#no-address', 'address', 'https://['],
          ['#empty', 'empty_text', ''],
        ])) {
          const problem = await problemOf(tab, at);
          assert.equal(problem.reason, reason, problem.message);
          assert.ok(problem.message.includes(names), problem.message);
        }
        // The browser itself reports what it could not load.
        problems.length = 0;
      }));
  },
  FOLDER,
);

inBrowsers(
  ['chromium'],
  'theme of the element',
  (open) => {
    it('follows the surrounding page’s colour scheme, or else its background, or else the system', () =>
      open({ scheme: 'dark' }, async ({ page: tab }) => {
        const set = (/** @type {Record<string, string>} */ style) =>
          tab.evaluate((values) => Object.assign(document.body.style, values), style);
        await themed(tab, '#slot', 'dark');
        await set({ backgroundColor: 'rgb(255, 255, 255)' });
        await themed(tab, '#slot', 'light');
        await set({ backgroundColor: 'rgb(20, 20, 30)' });
        await themed(tab, '#slot', 'dark');
        await set({ colorScheme: 'light' });
        await themed(tab, '#slot', 'light');
        await set({ colorScheme: 'light dark' });
        await themed(tab, '#slot', 'dark');
        await of(tab, '#slot', (element) => element.setAttribute('theme', 'light'));
        await themed(tab, '#slot', 'light');
      }));
  },
  FOLDER,
);
