/** Texts: many files, packed and structured ones, other encodings, a data set from another host; and their statistics. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { detectEncoding } from '../../wasm/files/formats/encodings.js';
import { TextStatistics } from '../../wasm/files/texts/statistics.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import {
  bitsAByte,
  downloadLabel,
  noText,
  notAllUtf8,
  otherEncoding,
} from '../../web/components/data/text_sentences.js';
import { heldOut, readOf, toTrainOn } from '../../web/components/page_sentences.js';
import { nameOf } from '../../web/state/intake.js';
import { PASTED } from '../../web/state/texts.js';
import { accessibilityProblems, inBrowsers, screenshot } from '../in_browsers.js';
import { listen, rangeOf, sendRange } from '../wasm/support/ranges.js';
import { anyNumbers, wholly } from '../wording.js';
import { by, press, reports, says, textFacts, textOf, textOpens, until, upload } from './pages.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FILES = path.join(ROOT, 'build/texts');
const at = (/** @type {string} */ name) => path.join(FILES, name);
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** Enough text to train on with small batches. @param {string} line */
const long = (line) => `${line}\n`.repeat(Math.ceil(20_000 / line.length));

/** @param {string} text */
const utf16 = (text) =>
  Uint8Array.from([...`\ufeff${text}`].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]));

/** @param {Uint8Array} archive @returns {Uint8Array} whose last entry says that it is encrypted */
function locked(archive) {
  const record = Buffer.from(archive).lastIndexOf('PK\x01\x02');
  archive[record + 8] |= 1;
  return archive;
}

const ROWS = Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? '' : ` = Line ${i} of an article about lines = \n`));

/** Opens the page without waiting for the figures above the text. */
const START = { path: '#train', width: 1440, height: 900 };

before(() => {
  mkdirSync(FILES, { recursive: true });
  const files = {
    'one.txt': utf8(long('The first of two files.')),
    'two.md': utf8(long('# The second of them')),
    'all.zip': zipSync({ 'a.txt': utf8(long('packed in an archive')), 'b.md': utf8(long('so is this')) }),
    'packed.txt.gz': gzipSync(utf8(long('packed alone'))),
    'table.csv': utf8(`title,body\n${'"One, two",A row of the table that has some words\n'.repeat(600)}`),
    'cells.csv': utf8(`id;text\n${'1;"A row, of some; words"\n'.repeat(900)}`),
    'locked.zip': locked(zipSync({ 'a.txt': utf8(long('that is open')), 'b.txt': utf8(long('that is locked')) })),
    'records.jsonl': utf8(`${JSON.stringify({ id: 'x', story: 'A record with a story in it' })}\n`.repeat(800)),
    'rows.parquet': new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'title', data: ROWS.map((_, i) => `Title ${i}`), type: 'STRING' },
          { name: 'text', data: ROWS.map((row) => row + row), type: 'STRING' },
        ],
      }),
    ),
    'wide.txt': utf16(long('Grüße aus einer anderen Kodierung')),
    'nothing.txt': new Uint8Array(),
    'cut.txt.gz': gzipSync(utf8(long('cut off'))).subarray(0, 60),
    'picture.png': Uint8Array.from([0x89, 0x50, 0x4e, 0x47, ...Array.from({ length: 20_000 }, (_, i) => (i * i) >> 3)]),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(at(name), bytes);
  mkdirSync(at('folder/deeper'), { recursive: true });
  writeFileSync(at('folder/a.txt'), long('In the folder.'));
  writeFileSync(at('folder/deeper/b.txt'), long('Deeper in it.'));
  writeFileSync(at('folder/.hidden'), 'not this');
});

/** @param {Page} page @param {...string} names */
const choose = (page, ...names) => upload(page, 'file-input', ...names.map(at));

/** Waits until the page shows the beginning of the text. @param {Page} page @param {RegExp} pattern  that it must fit */
async function begins(page, pattern) {
  if (!(await page.$(by('corpus-head')))) await press(page, 'corpus-open');
  await until(page, 'corpus-head', (text) => pattern.test(text));
}

inBrowsers(['chromium', 'firefox'], 'files', (open, name) => {
  it('several make one text, an archive and a packed file are unpacked', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      await choose(page, 'one.txt', 'two.md');
      await until(page, 'text-facts', (text) => text.includes(nameOf([{ name: 'one.txt' }, { name: 'two.md' }])));
      await begins(page, /^The first of two files/);
      await choose(page, 'all.zip');
      await until(page, 'text-facts', (text) => text.includes('all.zip'));
      await until(page, 'corpus-head', (text) => /^packed in an archive/.test(text));
      await choose(page, 'packed.txt.gz');
      await until(page, 'corpus-head', (text) => /^packed alone/.test(text));
      assert.match(await textOf(page, 'corpus'), /Latin/);
      const [, entropy] = wholly(bitsAByte(Number.NaN)).exec(await textOf(page, 'corpus-entropy')) ?? [];
      assert.ok(Number(entropy) >= 2 && Number(entropy) < 6, `${entropy} bits`);
    }));

  it('with structured data let the reader choose the field, with a preview', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      await choose(page, 'table.csv');
      await until(page, 'intake-preview', (text) => text.startsWith('A row of the table'));
      await page.select(by('intake-field'), 'whole');
      await until(page, 'intake-preview', (text) => text.startsWith('title,body'));
      await page.select(by('intake-field'), 'field title');
      await until(page, 'intake-preview', (text) => text.startsWith('One, two\n'));
      assert.deepEqual(await accessibilityProblems(page, '#train'), []);
      await screenshot(page, `data-intake-${name}`, false);
      await press(page, 'intake-use');
      await page.waitForFunction((at) => !document.querySelector(at), {}, by('intake'));
      await textOpens(page, 'table.csv');
      await begins(page, /^One, two/);
      await choose(page, 'rows.parquet');
      await until(page, 'intake-preview', (text) => text.includes('Line 1 of an article'));
      await press(page, 'intake-use');
      await until(page, 'corpus-head', (text) => text.includes('Line 1 of an article'));
      await choose(page, 'records.jsonl');
      await until(page, 'intake-preview', (text) => text.startsWith('x\n') || text.startsWith('A record'));
      await page.select(by('intake-field'), 'field story');
      await until(page, 'intake-preview', (text) => text.startsWith('A record'));
      await press(page, 'intake-use');
      await until(page, 'corpus-head', (text) => text.startsWith('A record with a story'));
    }));

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('with tables show the delimiter, which can be changed', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      await choose(page, 'cells.csv');
      await until(page, 'intake-preview', (text) => text.startsWith('A row, of some; words\n'));
      assert.equal(
        await page.$eval(by('intake-delimiter'), (element) => /** @type {any} */ (element).value),
        'semicolon',
      );
      await page.select(by('intake-delimiter'), 'comma');
      await until(page, 'intake-field', (text) => text.startsWith('id;text'));
      await page.select(by('intake-delimiter'), 'semicolon');
      await until(page, 'intake-preview', (text) => text.startsWith('A row, of some; words\n'));
      assert.deepEqual(await accessibilityProblems(page, '#train'), []);
      await press(page, 'intake-use');
      await begins(page, /^A row, of some; words\n\nA row/);
    }));

  it('that can’t be read in an archive are reported, and the others stay', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      await choose(page, 'locked.zip');
      await reports(page, 'notice', 'left_out');
      await until(page, 'notice', (text) => text.includes('b.txt'));
      await begins(page, /^that is open/);
    }));

  it('with weights whose names a wrapper changed are opened, with a note', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      await upload(page, 'weights-input', path.join(ROOT, 'tests/golden/checkpoints/compiled-adaptive.pt'));
      await reports(page, 'notice', 'taken_for_granted');
      await until(page, 'notice', (text) => text.includes('compiled-adaptive.pt') && text.includes('_orig_mod.'));
      await until(page, 'model', (text) => text.startsWith('compiled-adaptive.pt'));
    }));

  it('in another encoding can be converted or kept', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      await choose(page, 'wide.txt');
      await until(page, 'intake', (text) => text.includes(otherEncoding('wide.txt', 'utf-16le')));
      await until(page, 'intake-preview', (text) => text.startsWith('Grüße aus'));
      await press(page, 'intake-use');
      await begins(page, /^Grüße aus einer/);
      await choose(page, 'wide.txt');
      await page.waitForSelector(by('intake-encoding'));
      await page.select(by('intake-encoding'), 'bytes');
      await press(page, 'intake-use');
      await says(page, 'corpus', anyNumbers(notAllUtf8(Number.NaN, Number.NaN)));
    }));

  it('that are useless are reported in a sentence, and the present text stays', () =>
    open(START, async ({ page }) => {
      const facts = await textFacts(page);
      for (const [file, reason] of [
        ['nothing.txt', 'empty'],
        ['cut.txt.gz', 'damaged_packing'],
      ]) {
        await choose(page, file);
        await reports(page, 'notice', reason);
        await until(page, 'notice', (text) => text.startsWith(file));
        assert.equal(await textOf(page, 'text-facts'), facts);
      }
      const { what } = detectEncoding(new Uint8Array(readFileSync(at('picture.png'))), new TextStatistics().result());
      await choose(page, 'picture.png');
      await until(page, 'intake', (text) => text.includes(noText(what)));
      await press(page, 'intake-cancel');
      await until(page, 'text-facts', (text) => text === facts);
      await choose(page, 'picture.png', 'one.txt');
      await reports(page, 'notice', 'left_out');
      await until(page, 'notice', (text) => text.includes('picture.png'));
      await until(page, 'text-facts', (text) => text.includes(nameOf([{ name: 'picture.png' }, { name: 'one.txt' }])));
    }));
});

inBrowsers(['chromium'], 'folders dropped on the page', (open) => {
  it('are read whole and in order, without hidden files', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      const wire = await page.createCDPSession();
      const data = { items: [], files: [at('folder')], dragOperationsMask: 1 };
      for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop']))
        await wire.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
      await until(page, 'text-facts', (text) => text.startsWith('folder'));
      await begins(page, /^In the folder\./);
      await until(page, 'corpus-tail', (text) => text.includes('Deeper in it.') && !text.includes('not this'));
    }));
});

inBrowsers(['chromium', 'firefox'], 'other ways to a text', (open, name) => {
  it('a folder is read whole, without hidden files', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (
        await page.$(by('folder-input'))
      );
      // Files as a browser gives them for a chosen folder.
      await input.evaluate((element) => {
        const files = [
          ['folder/a.txt', 'In the folder. '.repeat(2000)],
          ['folder/deeper/b.txt', 'Deeper in it. '],
          ['folder/.hidden', 'not this'],
        ];
        const list = new DataTransfer();
        for (const [place, text] of files) {
          const file = new File([text], place.split('/').at(-1) ?? '');
          Object.defineProperty(file, 'webkitRelativePath', { value: place });
          list.items.add(file);
        }
        Object.defineProperty(element, 'files', { value: list.files, configurable: true });
        element.dispatchEvent(new Event('change', { bubbles: true }));
      });
      await until(page, 'text-facts', (text) => text.startsWith('folder'));
      await begins(page, /^In the folder\./);
      await until(page, 'corpus-tail', (text) => text.includes('Deeper in it.') && !text.includes('not this'));
    }));

  it('WikiText-103 is fetched by a button that names the size, can be cancelled, and brings its own held-out part', async () => {
    const host = await dataHost();
    try {
      await open(START, async ({ page, problems }) => {
        const facts = await textFacts(page);
        await redirectDownloads(page, host.origin);
        await press(page, 'wikitext');
        const label = wholly(downloadLabel(Number.NaN, false));
        await until(page, 'wikitext-download', (text) => /^1\.6\d MB$/.test(label.exec(text)?.[1] ?? ''));
        assert.equal(host.asked(), 0, 'nothing is asked for before the button is pressed');
        assert.deepEqual(await accessibilityProblems(page, '#train'), []);
        host.hold();
        await press(page, 'wikitext-download');
        const read = anyNumbers(`WikiText-103${readOf({ bytes: Number.NaN, total: Number.NaN })}`);
        await until(page, 'reading', (text) => /^1\.6\d MB$/.test(read.exec(text)?.[2] ?? ''));
        await host.wasAsked();
        await press(page, 'reading-cancel');
        await until(page, 'text-facts', (text) => text === facts);
        host.release();
        await press(page, 'wikitext-download');
        // Each of the three files that are requested has these rows: two of the training part, one held out.
        const lines = ROWS.map((row) => row + row).filter(Boolean);
        const [train, held] = [[...lines, ...lines], lines].map((part) => part.join('\n\n').length);
        await until(page, 'text-facts', (text) => text.includes(toTrainOn(train) + heldOut(held)));
        await begins(page, /^ = Line 1 of an article/);
        await until(page, 'corpus-held', (text) => text.startsWith(' = Line 1 of an article'));
        await says(page, 'wikitext-download', wholly(downloadLabel(Number.NaN, true)));
        assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).askedHost), 'https://huggingface.co');
        const elsewhere = problems.filter((line) => line.startsWith(`request to elsewhere: ${host.origin}/`));
        assert.ok(elsewhere.length > 0 || problems.length === 0);
        problems.splice(0, problems.length, ...problems.filter((line) => !line.includes(host.origin)));
      });
    } finally {
      host.close();
    }
  });

  // The rest does not depend on the browser.
  if (name === 'firefox') return;

  it('pasted text is taken, but not empty text', () =>
    open(START, async ({ page }) => {
      await textFacts(page);
      await press(page, 'paste');
      await page.waitForSelector(by('paste-text'));
      await press(page, 'paste-use');
      await reports(page, 'notice', 'empty_text');
      await page.$eval(by('paste-text'), (element) => {
        const field = /** @type {HTMLTextAreaElement} */ (element);
        field.value = 'Some words that were pasted. '.repeat(1500);
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await press(page, 'paste-use');
      await until(page, 'text-facts', (text) => text.includes(PASTED));
    }));
});

/** A server with the files of WikiText-103 under the paths of Hugging Face. */
async function dataHost() {
  const file = readFileSync(at('rows.parquet'));
  let [asked, held] = [0, false];
  /** @type {(() => void)[]} */
  const waiting = [];
  const server = await listen((request, response) => {
    const headers = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Headers': 'Range',
      'Access-Control-Expose-Headers': 'Content-Range',
    };
    if (request.method === 'OPTIONS') return void response.writeHead(204, headers).end();
    const range = rangeOf(request, file);
    if (!range || !/\/Salesforce\/wikitext\/.*\.parquet$/.test(request.url ?? ''))
      return void response.writeHead(404, headers).end();
    asked++;
    for (const go of waiting.splice(0)) go();
    if (held) return;
    sendRange(response, file, range, headers);
  });
  return {
    origin: server.origin,
    asked: () => asked,
    /** @returns {Promise<void>} */
    wasAsked: () => (asked > 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    hold() {
      held = true;
    },
    release() {
      held = false;
    },
    close: server.close,
  };
}

/** Redirects requests for Hugging Face to another host, and records the original one. @param {Page} page @param {string} origin */
function redirectDownloads(page, origin) {
  return page.evaluate((other) => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      if (message?.type !== 'download') return post.call(this, message, transfer);
      Object.assign(globalThis, { askedHost: message.host });
      return post.call(this, { ...message, host: other }, transfer);
    };
  }, origin);
}
