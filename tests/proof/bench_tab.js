/**
 * Training in a tab against training under Node, in one run: `npm run bench -- --tab`, a few minutes on a quiet machine.
 * Every row of an engine is compared with a measurement of Node right before. `--json` prints one line for each row;
 * `--quick` measures for a shorter time and leaves out the minute of quick start; `--engine NAME` and `--part NAME`, once
 * or more, leave out all others; `--text-file F`, once or more, trains by the clock on these texts. The estimate before the start is taken three times, under Node, too (`--engine node`).
 */
import { writeSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from '../../wasm/cli/static_server.js';
import { loadModule } from '../../wasm/engine/node/surroundings.js';
import { ROOT, runAsProgram } from '../../wasm/tools/setup/run.js';
import { buildSite, SITE } from '../../wasm/tools/setup/site.js';
import { findTool } from '../../wasm/tools/setup/tools.js';
import { writeAddress } from '../../web/state/address.js';
import { by, press, until } from '../browser/pages.js';
import { launch } from '../in_browsers.js';
import { estimates, estimatesOfNode, reportEstimate } from './bench_estimates.js';
import { BY_THE_CLOCK, patienceOf, trainOn } from './bench_minute.js';
import {
  GENERATED,
  generationInNode,
  inNode,
  LEAST,
  mainThread,
  rounded,
  SETTLE,
  STEPS_ONLY,
  settingsOf,
  threads,
  wait,
} from './bench_node.js';
import { tabReport } from './bench_tab_report.js';

/** @typedef {import('puppeteer-core').Page} Page */
/** @typedef {import('../in_browsers.js').BrowserName} BrowserName */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {'train'|'hierarchy'|'hidden'} View */
/** @typedef {import('./bench_tab_report.js').Row} Row */

/** Where results go: standard output belongs to the test runner, with which browsers are driven. */
const OUT = 3;
/** Milliseconds by which a measurement may overrun where steps are slow. */
const LONGEST = 20_000;
/** Texts to train on by the clock, unless others are named. */
const SAMPLE_FILES = ['moby-dick', 'state-of-the-union'].map((name) =>
  path.join(ROOT, 'public/samples', `${name}.txt`),
);
/** Milliseconds that a page may take in all, and to close. */
const [PATIENCE, CLOSING] = [240_000, 20_000];
/** What is measured, in this order; the last only where it is named. */
const PARTS = Object.freeze(['quick', 'default', 'estimate', 'generation', 'knob', 'minute', 'ten_minutes']);
/** @type {readonly View[]} */
const VIEWS = ['train', 'hierarchy', 'hidden'];

/** @param {Row} row @param {boolean} json */
function say(row, json) {
  if (json) writeSync(OUT, `${JSON.stringify(row)}\n`);
  else process.stderr.write(`${Object.values(row).join('  ')}\n`);
}

/**
 * @template T
 * @param {number} ms
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} rejects where it takes longer
 */
async function within(ms, work) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([work(), late]));
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a page at an address of the site, and waits for its text. @param {any} context @param {string} url @returns {Promise<Page>} */
async function openPage(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.evaluateOnNewDocument(() => {
    delete (/** @type {any} */ (Navigator.prototype).serviceWorker);
    // The page shows neither the worker's reports of its exchange with replicas nor whether an estimate is the last one.
    const Own = globalThis.Worker;
    globalThis.Worker = class extends Own {
      /** @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', ({ data }) => {
          if (data?.type === 'opened') Object.assign(globalThis, { trading: data.trading });
          if (data?.type === 'estimate') Object.assign(globalThis, { settled: data.settled });
        });
      }
    };
  });
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(url, { waitUntil: 'load' });
  await until(page, 'text-facts', (/** @type {string} */ text) => /held out/.test(text));
  return page;
}

/** @param {string} site @param {string} preset @param {Partial<Settings>} changes */
const address = (site, preset, changes) => `${site}${writeAddress(settingsOf(preset, changes), {})}`;

/**
 * Steps a second between the first and the last figure that came meanwhile, and the main thread's share.
 * @param {Page} page
 * @param {number} ms  how long to measure, longer where too few steps are made
 */
async function look(page, ms) {
  const before = threads();
  const from = performance.now();
  const steps = await page.evaluate(
    (selector, took, least, most) =>
      new Promise((resolve) => {
        const element = /** @type {HTMLElement} */ (document.querySelector(selector));
        /** @type {[number, number][]} */
        const seen = [];
        const changes = new MutationObserver(() => {
          seen.push([performance.now(), Number((element.textContent ?? '').replaceAll(',', ''))]);
          const [first, last] = [seen[0], seen[seen.length - 1]];
          if (last[0] - first[0] >= took && last[1] - first[1] >= least) end();
        });
        const late = setTimeout(() => end(), most);
        function end() {
          clearTimeout(late);
          changes.disconnect();
          const [first, last] = [seen[0], seen[seen.length - 1]];
          resolve(seen.length < 2 ? 0 : (1000 * (last[1] - first[1])) / (last[0] - first[0]));
        }
        changes.observe(element, { characterData: true, childList: true, subtree: true });
      }),
    by('step'),
    ms,
    LEAST,
    ms + LONGEST,
  );
  const seconds = (performance.now() - from) / 1000;
  return { steps: Number(steps), main: mainThread(before, threads(), seconds) };
}

/** Switches to a view; false where the browser can't. @param {Page} page @param {View} view @param {any} context @param {BrowserName} name */
async function show(page, view, context, name) {
  if (view !== 'hidden') {
    await page.evaluate((id) => document.getElementById(id)?.scrollIntoView({ behavior: 'instant' }), view);
    return true;
  }
  if (name === 'chromium') {
    const wire = await page.createCDPSession();
    const { windowId } = await wire.send('Browser.getWindowForTarget');
    await wire.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } });
  } else {
    const other = await context.newPage();
    await other.bringToFront();
  }
  return page.evaluate(() => document.hidden);
}

/** The page's last estimate of steps a second before the start; null where it gives none. @param {Page} page @returns {Promise<number|null>} */
async function estimateOf(page) {
  const from = performance.now();
  const settled = () => page.evaluate(() => /** @type {any} */ (globalThis).settled === true);
  while (!(await settled()) && performance.now() - from < LONGEST) await wait(200);
  const said = await until(page, 'cost-speed', (text) => text.includes('about'), 10_000).catch(() => '');
  const found = /about ([\d,.]+) steps/.exec(said);
  return found ? Number(found[1].replaceAll(',', '')) : null;
}

/**
 * Rows of one engine.
 * @param {BrowserName} name
 * @param {string} site
 * @param {WebAssembly.Module} module
 * @param {{ms: number, wanted: readonly string[], texts: string[], report: (row: Row) => void}} how  `wanted`: some of PARTS;
 *   `texts`: files to train on by the clock
 */
async function measureEngine(name, site, module, { ms, wanted, texts, report }) {
  let browser = await launch(name);
  /** @param {string} url @param {(page: Page, context: any) => Promise<void>} use @param {number} [patience] */
  const inPage = async (url, use, patience = PATIENCE) => {
    const context = await browser.createBrowserContext();
    try {
      await within(patience, async () => use(await openPage(context, url), context));
      await within(CLOSING, () => context.close());
    } catch (error) {
      report({ engine: name, what: 'failed', why: /** @type {Error} */ (error).message.split('\n')[0] });
      // The driver may have lost its browser.
      await within(CLOSING, () => browser.close()).catch(() => {});
      browser = await launch(name);
    }
  };
  /** @param {string} preset @param {Partial<Settings>} changes @param {readonly View[]} views @param {Row} extra */
  const training = async (preset, changes, views, extra = {}) => {
    /** @type {number[]} */
    const all = [];
    await inPage(address(site, preset, changes), async (page, context) => {
      const node = await inNode(module, settingsOf(preset, changes), ms);
      await press(page, 'start');
      await until(page, 'step', (text) => Number(text.replaceAll(',', '')) >= 3);
      const trading = await page.evaluate(() => /** @type {any} */ (globalThis).trading);
      if (trading && views.length === 1)
        report({ engine: name, what: 'exchange, default size', ms: rounded(trading.ms, 2), way: trading.way });
      for (const view of views) {
        const there = await show(page, view, context, name);
        await wait(SETTLE);
        const { steps, main } = await look(page, ms);
        all.push(steps);
        report({
          engine: name,
          workers: Number(changes.workers),
          view: there ? view : `${view}: not available`,
          steps_per_s: rounded(steps, 2),
          ratio: rounded(steps / node),
          main_thread: rounded(main),
          node_steps_per_s: rounded(node, 2),
          preset,
          ...extra,
        });
      }
    });
    return all[0] ?? Number.NaN;
  };
  /** @param {{preset: string, minutes: number, what: string}} part */
  const byTheClock = async (part) => {
    const url = address(site, part.preset, { workers: 2, max_minutes: part.minutes });
    for (const file of texts)
      await inPage(
        url,
        async (page) => report({ engine: name, ...(await trainOn(page, module, file, part)) }),
        patienceOf(part.minutes),
      );
  };
  /** @type {Record<string, () => Promise<void>>} */
  const parts = {
    quick: async () => {
      const one = await training('quick_start', { ...STEPS_ONLY, workers: 1 }, VIEWS);
      const two = await training('quick_start', { ...STEPS_ONLY, workers: 2 }, VIEWS);
      report({ engine: name, what: 'two workers against one, quick start', ratio: rounded(two / one) });
    },
    default: async () => {
      const usual = { ...STEPS_ONLY, log_every: 10 };
      const alone = await training('prototype', { ...usual, workers: 1 }, ['train']);
      const both = await training('prototype', { ...usual, workers: 2 }, ['train']);
      report({ engine: name, what: 'two workers against one, batch 8 defaults', ratio: rounded(both / alone) });
    },
    estimate: () =>
      estimates(({ preset, workers }) =>
        inPage(address(site, preset, { ...STEPS_ONLY, workers }), async (page) => {
          const said = await estimateOf(page);
          await press(page, 'start');
          await until(page, 'step', (text) => Number(text.replaceAll(',', '')) >= 3);
          await wait(SETTLE / 2);
          reportEstimate(name, { preset, workers }, said, (await look(page, ms)).steps, report);
        }),
      ),
    generation: () => inPage(site, (page) => generation(page, name, module, report)),
    knob: () => inPage(`${site}?bytes=2048`, (page) => knobs(page, name, report)),
    minute: () => byTheClock(BY_THE_CLOCK.minute),
    ten_minutes: () => byTheClock(BY_THE_CLOCK.ten_minutes),
  };
  try {
    for (const part of wanted) await parts[part]();
  } finally {
    await within(CLOSING, () => browser.close()).catch(() => {});
  }
}

/** @param {Page} page @param {string} name @param {WebAssembly.Module} module @param {(row: Row) => void} report */
async function generation(page, name, module, report) {
  const node = await generationInNode(module);
  await until(page, 'model', (text) => text.includes('example'));
  await page.waitForSelector(by('generate-max_new_bytes'));
  await page.evaluate(
    (selector, value) => {
      const input = /** @type {HTMLInputElement} */ (document.querySelector(selector));
      input.value = value;
      for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind, { bubbles: true }));
    },
    by('generate-max_new_bytes'),
    String(GENERATED),
  );
  await page.evaluate((selector) => {
    const box = /** @type {HTMLInputElement|null} */ (document.querySelector(selector));
    if (box?.checked) box.click();
  }, by('generate-stop_at_eos'));
  await press(page, 'generate-button');
  const figures = await until(page, 'generated-figures', (text) => text.startsWith(GENERATED.toLocaleString('en')));
  const speed = Number((/([\d,]+) a second/.exec(figures)?.[1] ?? '').replaceAll(',', ''));
  report({ engine: name, what: 'generation, bytes a second', bytes_per_s: speed, ratio: rounded(speed / node) });
}

const KNOB = '#hierarchy input[type="range"]';

/** How long after a turn of a threshold's knob the drawing changes, and becomes exact. @param {Page} page @param {string} name @param {(row: Row) => void} report */
async function knobs(page, name, report) {
  await page.waitForSelector(KNOB);
  await until(page, 'model', (text) => text.includes('example'));
  for (const training of [false, true]) {
    if (training) {
      await press(page, 'start');
      await until(page, 'step', (text) => Number(text.replaceAll(',', '')) >= 3);
    }
    // The knob must be in view, as for a reader who turns it.
    await page.evaluate(
      (at) => document.querySelector(at)?.scrollIntoView({ behavior: 'instant', block: 'center' }),
      KNOB,
    );
    await wait(SETTLE);
    const times = await page.evaluate(
      async (knobAt, canvasAt) => {
        const knob = /** @type {HTMLInputElement} */ (document.querySelector(knobAt));
        const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector(canvasAt));
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
        /** @type {{first: number, exact: number}[]} */
        const all = [];
        for (let i = 0; i < 5; i++) {
          await new Promise((resolve) => setTimeout(resolve, 600));
          const { version } = canvas.dataset;
          let [first, exact] = [0, 0];
          const from = performance.now();
          const clear = context.clearRect;
          context.clearRect = function (...box) {
            first ||= performance.now() - from;
            return clear.apply(this, box);
          };
          const value = Number(knob.value);
          const step = (Number(knob.max) - Number(knob.min)) / 20 || 1;
          knob.value = String(i % 2 === 0 ? value + step : value - step);
          knob.dispatchEvent(new Event('input', { bubbles: true }));
          while (exact === 0 && performance.now() - from < 5000) {
            await new Promise((resolve) => setTimeout(resolve));
            if (canvas.dataset.version !== version) exact = performance.now() - from;
          }
          context.clearRect = clear;
          all.push({ first, exact });
        }
        // A missing answer counts as the slowest.
        const middle = (/** @type {number[]} */ values) =>
          values.sort((a, b) => (a || Infinity) - (b || Infinity))[Math.floor(values.length / 2)] || null;
        return { first: middle(all.map((each) => each.first)), exact: middle(all.map((each) => each.exact)) };
      },
      KNOB,
      by('hierarchy-canvas'),
    );
    const what = training ? 'knob on 2 KB, while training' : 'knob on 2 KB';
    report({ engine: name, what, borders_ms: rounded(times.first, 1), exact_ms: rounded(times.exact, 1) });
  }
}

await runAsProgram(import.meta.url, async () => {
  // Without a GPU, WebKit would compose its pages by OpenGL in software, which takes whole cores away from training.
  process.env.WEBKIT_DISABLE_COMPOSITING_MODE = '1';
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      engine: { type: 'string', multiple: true },
      part: { type: 'string', multiple: true },
      'text-file': { type: 'string', multiple: true },
    },
  });
  const { json = false, quick = false, engine, part: only, 'text-file': texts = SAMPLE_FILES } = values;
  await buildSite();
  const module = await loadModule();
  const server = await serve(path.join(ROOT, SITE), { base: '/bench/' });
  /** @type {Row[]} */
  const rows = [];
  const report = (/** @type {Row} */ row) => {
    rows.push(row);
    say(row, json);
  };
  const engines = /** @type {BrowserName[]} */ (['chromium', 'firefox', 'webkit']).filter(
    (name) => findTool(name) && (!engine || engine.includes(name)),
  );
  const ms = quick ? 2000 : 5000;
  try {
    if (!engine || engine.includes('node'))
      if (only?.includes('estimate') ?? true) await estimatesOfNode(module, ms, report);
    for (const name of engines)
      await measureEngine(name, server.url, module, {
        ms,
        texts,
        wanted: PARTS.filter(
          (part) =>
            only?.includes(part) ?? (part !== 'ten_minutes' && (part !== 'minute' || (!quick && name === 'chromium'))),
        ),
        report,
      });
  } finally {
    server.close();
  }
  if (!json) writeSync(OUT, `${tabReport(rows)}\n`);
  process.exit(0);
});
