/** The element as a live training figure: the page from web/docs/embedding.md, under the policy from there. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { ROOT } from '../../wasm/tools/setup/run.js';
import { ELEMENT, ELEMENT_RUN, SITE } from '../../wasm/tools/setup/site.js';
import { costs, PROGRESS } from '../../web/element/captions.js';
import { presetSettings } from '../../web/state/address.js';
import { accessibilityProblems, inBrowsers, screenshot } from '../in_browsers.js';
import { anyNumbers, numbersIn } from '../wording.js';
import { drawn, figuresOf, of, problemOf } from './support/elements.js';
import { pasted, policy } from './support/guide.js';

const FOLDER = 'build/element-run';
const STEP = new RegExp(`^${anyNumbers(PROGRESS.training(Number.NaN, 600)).source}`);
const COST = anyNumbers(costs(Number.NaN));
const ENDED = new RegExp(`^${anyNumbers(PROGRESS.ended(Number.NaN, 600)).source}`);
/** Pixels of empty page that keep the figure out of view. */
const FAR = 4000;

before(() => {
  mkdirSync(path.join(ROOT, FOLDER), { recursive: true });
  for (const file of [ELEMENT, ELEMENT_RUN]) cpSync(path.join(ROOT, SITE, file), path.join(ROOT, FOLDER, file));
  const write = (/** @type {string} */ name, /** @type {string|Uint8Array} */ text) =>
    writeFileSync(path.join(ROOT, FOLDER, name), text);
  const [html, script] = pasted('A live training figure');
  write('live.js', script);
  write('sea.txt', readFileSync(path.join(ROOT, 'public/samples/moby-dick.txt')).subarray(0, 200_000));
  const page = (/** @type {string} */ body) =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Docs</title><link rel="icon" href="data:,">
     <meta http-equiv="content-security-policy" content="${policy()}; img-src data:">
     </head><body><main><h1>Docs</h1>${body}<canvas width="1" height="${FAR}"></canvas></main></body></html>`;
  write('index.html', page(html));
  write(
    'wrong.html',
    page(`<button type="button" id="start">Train</button>
      <border-hierarchy id="short" run>Words.</border-hierarchy><border-hierarchy id="gone" run>Words.</border-hierarchy>
      <border-hierarchy id="bad" run>Words.</border-hierarchy><script type="module" src="wrong.js"></script>`),
  );
  write(
    'wrong.js',
    `import { startRun } from './${ELEMENT_RUN}';
     const of = (id) => document.getElementById(id);
     of('start').addEventListener('click', () => {
       of('short').run = startRun({ text: 'Too short.' });
       of('gone').run = startRun({ text: new URL('gone.txt', import.meta.url) });
       of('bad').run = startRun({ text: 'x'.repeat(10000), settings: { hidden_size: 0 } });
     });`,
  );
});
after(() => rmSync(path.join(ROOT, FOLDER), { recursive: true, force: true }));

/** What is drawn. @param {import('./support/elements.js').BorderHierarchy} element */
const picture = ({ shadowRoot }) => shadowRoot?.querySelector('canvas')?.toDataURL();

/** @param {string} words */
const stepIn = (words) => Number(STEP.exec(words)?.[1].replaceAll(',', '') ?? -1);

/** @param {string} words */
const costIn = (words) => Number(COST.exec(words)?.[1]);

describe('scripts of the element', () => {
  it('have the training code in a small separate one', () => {
    const text = readFileSync(path.join(ROOT, SITE, ELEMENT_RUN), 'utf8');
    assert.ok(statSync(path.join(ROOT, SITE, ELEMENT_RUN)).size < 12_000);
    assert.match(text, new RegExp(`from\\s*["']\\./${ELEMENT}["']`));
    assert.doesNotMatch(readFileSync(path.join(ROOT, SITE, ELEMENT), 'utf8'), /border-hierarchy-run/);
  });
});

inBrowsers(
  ['chromium', 'firefox'],
  'live training figure, under a strict policy',
  (open) => {
    it('draws during the run, only while in view, and ends with the button or the page', () =>
      open({}, async ({ page: tab }) => {
        await tab.waitForSelector('border-hierarchy');
        assert.equal(tab.workers().length, 0, 'nothing runs before the button is pressed');
        assert.equal(await of(tab, '#figure', (element) => element.trace), null);
        const before = await tab.$eval('#train', (button) => button.textContent ?? '');
        await tab.click('#train');
        await drawn(tab, '#figure');
        const first = { words: await figuresOf(tab, '#figure', (words) => costIn(words) > 0), picture: '' };
        first.picture = String(await of(tab, '#figure', picture));
        assert.ok(costIn(first.words) > 5, first.words);
        const later = await figuresOf(tab, '#figure', (words) => stepIn(words) >= 60);
        assert.ok(costIn(later) < costIn(first.words) - 1, `${first.words} ${later}`);
        assert.notEqual(await of(tab, '#figure', picture), first.picture);
        await screenshot(tab, 'element-live');
        assert.deepEqual(await accessibilityProblems(tab), []);

        // Out of view it trains, but draws nothing.
        await tab.evaluate((far) => scrollTo(0, far), FAR);
        await new Promise((resolve) => setTimeout(resolve, 700));
        const unseen = await of(
          tab,
          '#figure',
          (element) =>
            new Promise((resolve) => {
              const from = element.run?.progress.step ?? 0;
              let traces = 0;
              element.addEventListener('trace', () => traces++);
              element.run?.addEventListener('step', () => {
                const steps = Number(element.run?.progress.step) - from;
                if (steps > 30) resolve({ traces, steps });
              });
            }),
        );
        assert.equal(/** @type {any} */ (unseen).traces, 0);
        await tab.evaluate(() => scrollTo(0, 0));
        await figuresOf(tab, '#figure', (words) => stepIn(words) > stepIn(later) + 30);

        await tab.click('#train');
        const ended = await figuresOf(tab, '#figure', (words) => ENDED.test(words));
        assert.ok(costIn(ended) < costIn(first.words) - 1, ended);
        const label = await tab.$eval('#train', (button) => button.textContent ?? '');
        assert.notEqual(label, before);
        assert.ok(pasted('A live training figure')[1].includes(`'${label}'`), label);
        assert.equal(tab.workers().length, 1, 'the weights are still used to read');

        await tab.click('#train');
        await figuresOf(tab, '#figure', (words) => stepIn(words) >= 0);
        assert.equal(tab.workers().length, 1, 'the earlier run released its worker');
        await of(tab, '#figure', (element) => element.remove());
        for (let i = 0; i < 100 && tab.workers().length > 0; i++)
          await new Promise((resolve) => setTimeout(resolve, 50));
        assert.equal(tab.workers().length, 0, 'no worker is left');
      }));

    it('reports errors in its own place', () =>
      open({ path: 'wrong.html' }, async ({ page: tab, problems }) => {
        await tab.waitForSelector('#bad');
        await tab.click('#start');
        const says = async (/** @type {string} */ at) => (await problemOf(tab, at)).message;
        const { sequence_length: length, batch_size: batch } = presetSettings('quick_start');
        assert.deepEqual(numbersIn(await says('#short')), [9, length * batch, batch, length]);
        assert.match(await says('#gone'), /\Whttp\S+gone\.txt\W.*\b404\b/);
        assert.ok((await says('#bad')).includes('hidden_size'));
        problems.length = 0;
      }));
  },
  FOLDER,
);
