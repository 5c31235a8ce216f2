/** Hostile names, texts, checkpoints and addresses are shown as text or refused, and none of them runs. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { inBrowsers } from '../in_browsers.js';
import { by, exampleOpens, reports, textOpens, upload } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FILES = path.join(ROOT, 'build/hostile');
/** Each of these would change the title if it ran. */
const MARKUP = `"><img src=x onerror="document.title='pwned'"><svg onload="document.title='pwned'"><script>document.title='pwned'</script>`;
const NAME = '<img src=x onerror=document.title=1>';

/** @param {string} name @param {string|Uint8Array} content */
function file(name, content) {
  writeFileSync(path.join(FILES, name), content);
  return path.join(FILES, name);
}

/** @param {Page} page */
const ready = (page) =>
  page.waitForSelector(`${by('hierarchy-canvas')}:not([data-version="0"])`).then(() => textOpens(page));

/** Whether anything from outside got into the page as more than text. @param {Page} page */
const intruders = (page) =>
  page.evaluate(() => ({
    title: document.title,
    elements: document.querySelectorAll('img[src="x"], svg[onload], body script:not([src]), [onerror], [onload]')
      .length,
  }));

before(() => mkdirSync(FILES, { recursive: true }));
after(() => rmSync(FILES, { recursive: true, force: true }));

inBrowsers(['chromium', 'firefox'], 'hostile input', (open, name) => {
  it('texts and their names appear as text', () =>
    open({}, async ({ page }) => {
      await ready(page);
      const title = await page.title();
      // The table shows every token's text; once open, that of the new text, too.
      const table = await page.waitForSelector('#hierarchy .fold summary');
      await table?.evaluate((summary) => /** @type {HTMLElement} */ (summary).click());
      await page.waitForSelector('#hierarchy .table-scroll td');
      await upload(page, 'file-input', file(`${NAME}.txt`, `${MARKUP}\n`.repeat(2000)));
      await textOpens(page, NAME);
      await page.waitForFunction(() =>
        document.querySelector('#hierarchy .table-scroll')?.textContent?.includes('img'),
      );
      assert.deepEqual(await intruders(page), { title, elements: 0 });
    }));

  it('checkpoints are refused in one sentence, and the open model stays', () =>
    open({}, async ({ page }) => {
      await ready(page);
      const title = await page.title();
      const example = readFileSync(path.join(ROOT, 'public/example.safetensors'));
      const tensors = new Map([[MARKUP, { dtype: 'F32', shape: [1], data: new Uint8Array(4) }]]);
      const huge = new Uint8Array(16).fill(0xff);
      for (const [content, reason] of /** @type {[Uint8Array, string][]} */ ([
        [serialize({ metadata: { [MARKUP]: MARKUP }, tensors }), 'no_embedding'],
        [huge, 'not_safetensors'],
        [example.subarray(0, example.length - 1000), 'outside'],
        [new TextEncoder().encode(MARKUP), 'not_safetensors'],
      ])) {
        await upload(page, 'file-input', file(`${NAME}.safetensors`, content));
        await reports(page, 'notice', reason);
        await page.$eval(`${by('notice')} button`, (button) => button.click());
        await page.waitForFunction((at) => !document.querySelector(at), {}, by('notice'));
        await exampleOpens(page);
      }
      assert.deepEqual(await intruders(page), { title, elements: 0 });
    }));

  it('addresses appear as text', () =>
    open({ path: `?preset=${encodeURIComponent(MARKUP)}&hide=${encodeURIComponent(NAME)}` }, async ({ page }) => {
      await reports(page, 'notice', 'address');
      const { elements, title } = await intruders(page);
      assert.equal(elements, 0);
      assert.match(title, /Adaptive Compressor/);
    }));

  if (name === 'chromium') {
    it('the policy forbids what the page does not need', () =>
      open({}, async ({ page, problems, site }) => {
        await ready(page);
        const refused = await page.evaluate(async () => {
          const script = document.createElement('script');
          script.textContent = 'document.title = "pwned"';
          document.head.append(script);
          /** @type {string[]} */
          const list = [];
          if (document.title !== 'pwned') list.push('script');
          await fetch('https://elsewhere.example/').catch(() => list.push('fetch'));
          const image = new Image();
          image.src = 'https://elsewhere.example/x.png';
          await new Promise((resolve) => {
            image.onerror = () => resolve(list.push('image'));
            image.onload = resolve;
          });
          return list;
        });
        assert.deepEqual(refused, ['script', 'fetch', 'image']);
        assert.ok(problems.filter((problem) => problem.includes('policy:')).length >= 3, problems.join('\n'));
        assert.deepEqual(
          problems.filter((problem) => problem.startsWith('answer') && !problem.includes(site)),
          [],
        );
        problems.length = 0;
      }));
  }
});
