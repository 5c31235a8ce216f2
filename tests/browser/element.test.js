/** The element `<border-hierarchy>` in other people's pages, as web/docs/embedding.md shows; and the page in a frame. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { ROOT, run } from '../../wasm/tools/setup/run.js';
import { ELEMENT, SITE } from '../../wasm/tools/setup/site.js';
import { costs } from '../../web/element/captions.js';
import { accessibilityProblems, inBrowsers, screenshot } from '../in_browsers.js';
import { numbersIn, wholly } from '../wording.js';
import { drawn, figuresOf, of } from './support/elements.js';
import { pasted } from './support/guide.js';

const FOLDER = 'build/element-site';
const GENERATED = 'build/eleventy-site';
const SOURCES = 'build/eleventy';
const FILES = [ELEMENT, 'example.safetensors'];
/** @param {string} folder @param {string} name @param {string} text */
function write(folder, name, text) {
  mkdirSync(path.join(ROOT, folder), { recursive: true });
  writeFileSync(path.join(ROOT, folder, name), text);
}

/** @param {string} body */
const page = (body) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
   <title>Other people’s page</title><link rel="icon" href="data:,"><style>p { color: rgb(1, 2, 3); }</style></head>
   <body><main><h1>Docs</h1><p id="own">A paragraph.</p>${body}</main></body></html>`;

const SCRIPT = `<script type="module" src="${ELEMENT}"></script>`;
const TEXT = 'Call me Ishmael. Some years ago, never mind how long precisely, I thought I would sail about a little.';

before(async () => {
  write(FOLDER, 'index.html', page(pasted('Plain HTML')[0]));
  write(
    FOLDER,
    'many.html',
    page(`${SCRIPT}
      <border-hierarchy id="a">${TEXT}</border-hierarchy>
      <border-hierarchy id="b" theme="dark" levels="2" height="200" thresholds="0.25, 2" text="${TEXT}"></border-hierarchy>
      <border-hierarchy id="c" interactive="false">A still one.</border-hierarchy>
      <border-hierarchy id="one" shows="1">${TEXT}</border-hierarchy>
      <border-hierarchy id="cost" shows="cost">${TEXT}</border-hierarchy>
      <border-hierarchy id="wrong" height="tall">This text stays.</border-hierarchy>
      <border-hierarchy id="lost" checkpoint="data:,none">And this one.</border-hierarchy>
      <border-hierarchy id="hostile" text="&lt;img src=x onerror=&quot;document.title='pwned'&quot;&gt;"></border-hierarchy>
      <div style="height: 6000px"></div>
      <border-hierarchy id="far">Far below.</border-hierarchy>`),
  );
  const [config, markdown] = pasted('Eleventy');
  write(SOURCES, 'eleventy.config.js', config);
  write(SOURCES, 'index.md', `<link rel="icon" href="data:,">\n\n# Notes\n\nA paragraph.\n\n${markdown}`);
  write(SOURCES, 'package.json', '{ "type": "module" }');
  for (const file of FILES) {
    for (const folder of [FOLDER, SOURCES]) cpSync(path.join(ROOT, SITE, file), path.join(ROOT, folder, file));
  }
  const { code, output } = await run(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/@11ty/eleventy/cmd.cjs'),
      `--output=../${path.basename(GENERATED)}`,
      '--pathprefix=/docs/adaptive/',
    ],
    { cwd: path.join(ROOT, SOURCES), seconds: 60 },
  );
  assert.equal(code, 0, output);
});
after(() => {
  for (const folder of [FOLDER, GENERATED, SOURCES]) rmSync(path.join(ROOT, folder), { recursive: true, force: true });
});

inBrowsers(
  ['chromium', 'firefox', 'webkit'],
  'element in a plain page',
  (open, name) => {
    it('draws as the guide’s example', () =>
      open({}, async ({ page: tab }) => {
        await drawn(tab, 'border-hierarchy');
        assert.equal(await tab.$eval('#own', (p) => getComputedStyle(p).color), 'rgb(1, 2, 3)');
        assert.equal(await tab.$eval('html', (html) => getComputedStyle(html).getPropertyValue('--ink')), '');
        const sizes = () =>
          of(tab, 'border-hierarchy', (element) => {
            const { width, height } = element.getBoundingClientRect();
            const [scroller, canvas] = ['.scroller', 'canvas'].map((at) => element.shadowRoot?.querySelector(at));
            return { width, height, scroller: Number(scroller?.clientHeight), canvas: Number(canvas?.clientWidth) };
          });
        const wide = await sizes();
        assert.ok(wide.scroller <= 320);
        await tab.setViewport({ width: 390, height: 800 });
        await tab.waitForFunction(
          (before) =>
            Number(document.querySelector('border-hierarchy')?.shadowRoot?.querySelector('canvas')?.clientWidth) <
            before,
          {},
          wide.canvas,
        );
        const narrow = await sizes();
        assert.ok(narrow.canvas <= narrow.width && narrow.width <= 390, 'it is as wide as its container');
        await screenshot(tab, `element-${name}`);
      }));

    it('has its styles even where scripts can’t make style sheets', () =>
      open(
        { script: () => void Reflect.deleteProperty(ShadowRoot.prototype, 'adoptedStyleSheets') },
        async ({ page: tab }) => {
          await drawn(tab, 'border-hierarchy');
          const ink = await of(tab, 'border-hierarchy', ({ shadowRoot }) =>
            getComputedStyle(/** @type {Element} */ (shadowRoot?.querySelector('.root'))).getPropertyValue('--ink'),
          );
          assert.notEqual(ink, '');
        },
      ));
  },
  FOLDER,
);

inBrowsers(
  ['chromium'],
  'elements',
  (open) => {
    it('share one worker, and read once they are near', () =>
      open({ path: 'many.html' }, async ({ page: tab }) => {
        for (const id of ['a', 'b', 'c', 'hostile']) await drawn(tab, `#${id}`);
        assert.equal(tab.workers().length, 1);
        assert.equal(await of(tab, '#far', (element) => element.trace), null);
        await tab.$eval('#far', (element) => element.scrollIntoView());
        await drawn(tab, '#far');
        assert.equal(tab.workers().length, 1);
        assert.deepEqual(await accessibilityProblems(tab), []);
        await screenshot(tab, 'elements');
      }));

    it('end their worker when the last has left, and start another when one comes', () =>
      open({ path: 'many.html' }, async ({ page: tab }) => {
        await drawn(tab, '#a');
        // Moved, they are away for a moment.
        await of(tab, '#a', (element) => void document.querySelector('h1')?.after(element));
        await drawn(tab, '#a');
        assert.equal(tab.workers().length, 1);
        await tab.evaluate(() => {
          const all = [...document.querySelectorAll('border-hierarchy')];
          Object.assign(globalThis, { left: all });
          for (const element of all) element.remove();
        });
        for (const end = Date.now() + 10_000; tab.workers().length > 0; ) {
          assert.ok(Date.now() < end, 'its worker is left');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await tab.evaluate(() => {
          const [element] = /** @type {any} */ (globalThis).left;
          element.text = 'Back again, with other words.';
          document.querySelector('h1')?.after(element);
        });
        await drawn(tab, '#a');
        const read = () => of(tab, '#a', ({ trace }) => new TextDecoder().decode(trace?.text));
        for (const end = Date.now() + 10_000; (await read()) !== 'Back again, with other words.'; ) {
          assert.ok(Date.now() < end, await read());
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.equal(tab.workers().length, 1);
      }));

    it('follow their attributes and properties, and report what happens', () =>
      open({ path: 'many.html' }, async ({ page: tab }) => {
        await drawn(tab, '#a');
        await drawn(tab, '#b');
        const look = await of(tab, '#b', ({ shadowRoot, trace }) => ({
          theme: shadowRoot?.querySelector('.root')?.getAttribute('data-theme'),
          height: shadowRoot?.querySelector('.scroller')?.clientHeight,
          thresholds: trace?.thresholds,
          levels: trace?.levels.length,
        }));
        assert.equal(look.theme, 'dark');
        assert.ok(Number(look.height) <= 200);
        assert.deepEqual(look.thresholds, [0.25, 2]);
        assert.equal(look.levels, 3, 'the trace has all levels');
        const more = await of(tab, '#a', (element) => element.trace?.levels[1].count);
        assert.ok(Number(await of(tab, '#b', (element) => element.trace?.levels[1].count)) > Number(more));

        const events = await of(
          tab,
          '#a',
          (element) =>
            new Promise((resolve) => {
              /** @type {any[]} */
              const events = [];
              for (const type of ['trace', 'select', 'error']) {
                element.addEventListener(type, (event) => {
                  events.push([type, /** @type {CustomEvent} */ (event).detail]);
                  if (type === 'select') resolve(events);
                  else element.selected = { level: 1, index: 2 };
                });
              }
              element.setAttribute('text', 'Other words than before, and quite a few of them.');
            }),
        );
        const [[first, read], [second, chosen]] = /** @type {any} */ (events);
        assert.deepEqual([first, read.bytes, second], ['trace', 49, 'select']);
        assert.ok(read.decoderBpb > 0.5 && read.decoderBpb < 8);
        assert.equal(chosen.level, 1);
        assert.equal('Other words than before, and quite a few of them.'.slice(chosen.from, chosen.to), chosen.text);

        await tab.focus('#a');
        await of(tab, '#a', (element) => {
          element.selected = null;
          /** @type {HTMLElement|null|undefined} */ (element.shadowRoot?.querySelector('.scroller'))?.focus();
        });
        await tab.keyboard.press('ArrowRight');
        await tab.waitForFunction(() => /** @type {any} */ (document.querySelector('#a'))?.selected?.level === 0);
        const said = await of(tab, '#a', ({ shadowRoot, selected }) => ({
          words: shadowRoot?.querySelector('.says')?.textContent ?? '',
          byte: Number(selected?.index),
        }));
        assert.ok(said.words.startsWith('Other words than before'[said.byte]), said.words);
        assert.equal(numbersIn(said.words)[0], said.byte + 1);
        assert.equal(await of(tab, '#c', ({ shadowRoot }) => shadowRoot?.querySelector('[tabindex]') ?? null), null);
      }));

    it('show all levels, one level, or the cost of the text', () =>
      open({ path: 'many.html' }, async ({ page: tab }) => {
        const height = async (/** @type {string} */ id) => {
          await tab.$eval(id, (element) => element.scrollIntoView());
          await drawn(tab, id);
          return of(tab, id, ({ shadowRoot }) => shadowRoot?.querySelector('canvas')?.clientHeight ?? 0);
        };
        const [all, one, cost] = [await height('#a'), await height('#one'), await height('#cost')];
        assert.ok(all > one && one > cost && cost > 0, `${all}, ${one}, ${cost} pixels`);
        const words = await figuresOf(tab, '#cost', Boolean);
        assert.match(words, wholly(costs(Number.NaN, { bytes: Number.NaN, of: TEXT.length })));
        assert.equal(await figuresOf(tab, '#a', (said) => said === ''), '');
        await of(tab, '#cost', (element) => element.setAttribute('shows', '0, 1'));
        await figuresOf(tab, '#cost', (said) => said === '');
        assert.ok((await height('#cost')) > cost);
        await screenshot(tab, 'elements-shown');
      }));

    it('show the plain text with one sentence where something is wrong', () =>
      open({ path: 'many.html' }, async ({ page: tab }) => {
        for (const [id, reason] of [
          ['wrong', 'attributes'],
          ['lost', 'too_short'],
        ]) {
          await tab.waitForFunction(
            (at, why) => !!document.querySelector(at)?.shadowRoot?.querySelector(`.problem[data-reason="${why}"]`),
            {},
            `#${id}`,
            reason,
          );
          assert.equal(
            await of(tab, `#${id}`, ({ shadowRoot }) => shadowRoot?.querySelector('.plain')?.checkVisibility()),
            true,
          );
        }
        await drawn(tab, '#hostile');
        assert.equal(await tab.title(), 'Other people’s page');
        assert.equal(await of(tab, '#hostile', ({ shadowRoot }) => shadowRoot?.querySelector('img') ?? null), null);
      }));

    it('show their plain text where scripts don’t run', () =>
      open({ path: 'many.html' }, async ({ page: tab }) => {
        await tab.setJavaScriptEnabled(false);
        await tab.reload();
        const shown = await tab.$eval('#a', (element) => ({
          text: element.textContent,
          seen: element.checkVisibility(),
        }));
        assert.deepEqual(shown, { text: TEXT, seen: true });
      }));
  },
  FOLDER,
);

inBrowsers(
  ['chromium'],
  'element in a page that Eleventy made',
  (open) => {
    it('draws', () =>
      open({}, async ({ page: tab }) => {
        await drawn(tab, 'border-hierarchy');
        assert.equal(await tab.$eval('h1', (h1) => h1.textContent), 'Notes');
        await screenshot(tab, 'element-eleventy');
      }));
  },
  GENERATED,
);

inBrowsers(['chromium'], 'page in a frame', (open) => {
  it('hides the parts that the address names', () =>
    open({ path: '?embed&hide=train,write,knobs&theme=dark' }, async ({ page: tab }) => {
      await tab.waitForSelector('[data-testid="hierarchy-canvas"]:not([data-version="0"])');
      const visible = (/** @type {string} */ at) => tab.$eval(at, (element) => element.checkVisibility());
      for (const at of ['.header', '.intro .lead', '.footer', '#train', '#write', '.knobs']) {
        assert.equal(await visible(at), false, at);
      }
      for (const at of ['#hierarchy', '.passage', '.inspector']) assert.equal(await visible(at), true, at);
      assert.equal(await tab.$eval('html', (html) => html.dataset.theme), 'dark');
      assert.deepEqual(await accessibilityProblems(tab), []);
      await tab.waitForFunction(() => location.search.endsWith('embed&hide=train,write,knobs&theme=dark'));
      await screenshot(tab, 'embedded');
    }));
});

/** The page in a sandboxed frame, with what its policy forbids. */
const FRAMED = 'build/framed-site';

before(() => {
  cpSync(path.join(ROOT, SITE), path.join(ROOT, FRAMED, 'site'), { recursive: true });
  write(
    FRAMED,
    'index.html',
    page('<iframe src="site/?embed" sandbox="allow-scripts" width="1000" height="700"></iframe>'),
  );
});
after(() => rmSync(path.join(ROOT, FRAMED), { recursive: true, force: true }));

inBrowsers(
  ['chromium', 'firefox', 'webkit'],
  'page in a frame without an origin',
  (open) => {
    it('reads, draws and trains, and says that nothing is kept', () =>
      open({}, async ({ page: tab }) => {
        const frame = await tab.waitForFrame((each) => each.url().includes('adaptive-compressor.html?embed'));
        await frame.waitForSelector('[data-testid="hierarchy-canvas"]:not([data-version="0"])');
        await frame.waitForSelector('[data-testid="keep-problem"][data-reason="no_storage"]');
        await frame.waitForSelector('[data-testid="start"]:not([disabled])');
        await frame.$eval('[data-testid="start"]', (button) => /** @type {HTMLElement} */ (button).click());
        await frame.waitForFunction(() => Number(document.querySelector('[data-testid="step"]')?.textContent) > 0);
        assert.equal(await frame.evaluate(() => globalThis.origin), 'null');
      }));
  },
  FRAMED,
);

inBrowsers(['chromium', 'firefox', 'webkit'], 'page where workers are forbidden', (open) => {
  it('says so in one sentence', () =>
    open(
      {
        script: () => {
          globalThis.Worker = /** @type {any} */ (
            class {
              constructor() {
                throw new DOMException('The policy forbids it.', 'SecurityError');
              }
            }
          );
        },
      },
      async ({ page: tab }) => {
        await tab.waitForSelector('[data-testid="notice"][data-reason="worker"]');
      },
    ));
});
