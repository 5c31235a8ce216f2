/**
 * A long training in one real tab: the built page in Chromium, with evaluations, samples and keeping in the browser.
 * Memory, speed and the page's lists are read every minute: `npm run soak -- --tab --minutes 60`.
 *
 * Other work on the machine matters as little as possible: memory is that of the tab's process alone, and
 * speed is steps by processor time, compared with a fixed loop that runs at the same time.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from '../../wasm/cli/static_server.js';
import { median } from '../../wasm/engine/means.js';
import { ROOT, SetupError } from '../../wasm/tools/setup/run.js';
import { SITE } from '../../wasm/tools/setup/site.js';
import { keptSome } from '../browser/kept.js';
import { press, reaches, start, textOf, until } from '../browser/pages.js';
import { launch } from '../in_browsers.js';
import { complaints, report } from './soak_figures.js';

/** @typedef {import('./soak_figures.js').Look} Look */

/** The default model, with so many points, evaluations and samples that the page's lists reach their limits. */
const TRAINING =
  '?max_steps=1000000000&workers=1&learning_rate=0.002&eval_every=20&log_every=2&val_max_batches=5&sample_bytes=160';
/** Clock ticks a second, as Linux counts them in /proc. */
const TICKS = 100;
/** Memory is read several times, some milliseconds apart, so that what a saving needs for a moment does not count. */
const READINGS = 5;
const APART = 150;
/** Rounds of the loop that measures the machine's speed, which takes tens of milliseconds; and milliseconds between its runs. */
const ROUNDS = 1e7;
const LOOP_EVERY = 5000;

/** Counts the workers' messages, checks that their losses are finite, and times steps. */
function countMessages() {
  const seen = {
    messages: 0,
    notFinite: 0,
    first: Number.NaN,
    last: Number.NaN,
    failed: /** @type {string[]} */ ([]),
    steps: /** @type {number[]} */ ([]),
  };
  let [step, elapsed] = [Number.NaN, 0];
  const Usual = Worker;
  /** @param {MessageEvent} event */
  const note = ({ data }) => {
    seen.messages++;
    // A question to a model that was just replaced fails, and is reported to nobody.
    if (data?.type === 'failed' && data.code !== 'no_model') seen.failed.push(data.message);
    if (!data?.losses) return;
    if (Number.isNaN(seen.first)) seen.first = data.step;
    seen.last = data.step;
    if (!Object.values(data.losses).every(Number.isFinite)) seen.notFinite++;
    if (data.type !== 'progress') return;
    if (data.step > step) seen.steps.push((data.elapsedMs - elapsed) / (data.step - step));
    [step, elapsed] = [data.step, data.elapsedMs];
  };
  Object.assign(globalThis, {
    seen,
    Worker: class extends Usual {
      /** @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', note);
      }
    },
  });
}

/** The lengths of the lists that the browser keeps of the newest run, and any values in them that are not numbers. */
async function keptLists() {
  /** @param {IDBRequest} request @returns {Promise<any>} */
  const answer = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await answer(indexedDB.open('adaptive-compressor'));
  try {
    const read = database.transaction(['runs', 'points']);
    const [run] = await answer(read.objectStore('runs').getAll());
    const points = run && (await answer(read.objectStore('points').get(run.id)));
    const all = points ? [...points.train, ...points.validation] : [];
    const wrong = all.filter((point) => !Object.values(point.losses).every(Number.isFinite)).length;
    return {
      points: points?.train.length ?? 0,
      evaluations: points?.validation.length ?? 0,
      samples: run?.samples.length ?? 0,
      wrong,
    };
  } finally {
    database.close();
  }
}

/** @param {number|string} pid @param {string} file */
const proc = (pid, file) => readFileSync(`/proc/${pid}/${file}`, 'utf8');

/** Processor seconds in a line of /proc/…/stat; a name in brackets comes first. @param {string} line */
function cpuSeconds(line) {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Megabytes of a process. `own`: without the files that it shares with other browsers. @param {number} pid @returns {{pss: number, own: number}} */
function memoryOf(pid) {
  const text = proc(pid, 'smaps_rollup');
  const mega = (/** @type {string} */ name) =>
    (Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1]) * 1024) / 1e6;
  return { pss: mega('Pss'), own: mega('Pss_Anon') + mega('Pss_Shmem') };
}

/** Processor seconds of a process's busiest thread. @param {number} pid */
function busiest(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    try {
      return cpuSeconds(proc(pid, `task/${thread}/stat`));
    } catch {
      return 0; // It ended meanwhile.
    }
  });
  return Math.max(...threads);
}

/** @returns {number} milliseconds of processor time that a fixed loop takes now */
function timeLoop() {
  const { user, system } = process.cpuUsage();
  let x = 1;
  for (let i = 0; i < ROUNDS; i++) x = x * 0.999 + i / (x + 3);
  const now = process.cpuUsage();
  return Number.isFinite(x) ? (now.user + now.system - user - system) / 1000 : Number.NaN;
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A tab, and the sessions that query its browser and itself. */
class Tab {
  /**
   * @param {import('puppeteer-core').Page} page
   * @param {import('puppeteer-core').CDPSession} system  of the browser
   * @param {import('puppeteer-core').CDPSession} own     of the page
   */
  constructor(page, system, own) {
    this.page = page;
    this.system = system;
    this.own = own;
    /** Times of the loop since the reading before. @type {number[]} */
    this.loops = [];
  }

  /** Has the page and its workers collect garbage. @returns {Promise<{heap: number, workerHeap: number, nodes: number}>} megabytes, and how many */
  async collect() {
    const used = [];
    for (const session of [this.own, ...this.page.workers().map((worker) => worker.client)]) {
      await session.send('HeapProfiler.collectGarbage');
      used.push((await session.send('Runtime.getHeapUsage')).usedSize / 1e6);
    }
    const [heap, ...workers] = used;
    const { Nodes: nodes = Number.NaN } = await this.page.metrics();
    return { heap, workerHeap: workers.reduce((sum, each) => sum + each, 0), nodes };
  }

  /**
   * The least memory in several readings, in megabytes, and the fewest nodes.
   * @returns {Promise<{own: number, pss: number, all: number, heap: number, workerHeap: number, nodes: number, thread: number}>}
   */
  async memory() {
    const { processInfo } = await this.system.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    const tab = renderers.reduce((most, each) => (each.cpuTime > most.cpuTime ? each : most)).id;
    const readings = [];
    const heaps = [];
    for (let i = 0; i < READINGS; i++) {
      if (i > 0) await pause(APART);
      heaps.push(await this.collect());
      let all = 0;
      for (const { id } of processInfo) {
        try {
          all += memoryOf(id).pss;
        } catch {
          // It ended meanwhile.
        }
      }
      readings.push({ ...memoryOf(tab), all });
    }
    const heap = Math.min(...heaps.map((each) => each.heap));
    const workerHeap = Math.min(...heaps.map((each) => each.workerHeap));
    const nodes = Math.min(...heaps.map((each) => each.nodes));
    const least = readings.reduce((found, each) => (each.own < found.own ? each : found));
    return { ...least, heap, workerHeap, nodes, thread: busiest(tab) };
  }

  /** @param {number} minutes @returns {Promise<Look>} */
  async look(minutes) {
    const { page } = this;
    const lists = await page.evaluate(keptLists);
    const memory = await this.memory();
    const seen = await page.evaluate(() => {
      const { seen } = /** @type {any} */ (globalThis);
      return { ...seen, steps: seen.steps.splice(0) };
    });
    if (seen.failed.length > 0) throw new SetupError(`The page said: ${seen.failed.join(' ')}`);
    const { messages, notFinite, first, last, steps } = seen;
    const { points, evaluations, samples, wrong } = lists;
    return {
      minutes,
      step: Number((await textOf(page, 'step')).replaceAll(',', '')),
      ...memory,
      stepMs: median(steps),
      loopMs: median([...this.loops.splice(0), timeLoop()]),
      messages,
      notFinite: notFinite + wrong,
      first,
      last,
      points,
      evaluations,
      samples,
    };
  }
}

/**
 * Trains in a tab.
 * @param {(look: () => Promise<Look>, reach: (step: number) => Promise<unknown>) => Promise<void>} watch  takes readings as often
 *   as it likes, or when a step is reached; training ends with it
 * @param {string} [training]  the page's query
 * @returns {Promise<Look[]>} all looks
 */
export async function trainInTab(watch, training = TRAINING) {
  // Builds that happen meanwhile must not change the page under test.
  const site = mkdtempSync(path.join(tmpdir(), 'adaptive-site-'));
  cpSync(path.join(ROOT, SITE), site, { recursive: true });
  const server = await serve(site, { base: '/soak/' });
  const browser = await launch('chromium');
  try {
    const page = await (await browser.createBrowserContext()).newPage();
    /** @type {string[]} */
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('error', (error) => problems.push(String(error)));
    await page.setViewport({ width: 1280, height: 800 });
    await page.evaluateOnNewDocument(countMessages);
    await page.goto(`${server.url}${training}`, { waitUntil: 'load' });
    const tab = new Tab(page, await browser.target().createCDPSession(), await page.createCDPSession());
    await start(page);
    await keptSome(page);
    /** @type {Look[]} */
    const looks = [];
    const begin = performance.now();
    const reach = (/** @type {number} */ step) =>
      until(page, 'step', (text) => Number(text.replaceAll(',', '')) >= step);
    const beside = setInterval(() => tab.loops.push(timeLoop()), LOOP_EVERY);
    await watch(async () => {
      const look = await tab.look((performance.now() - begin) / 60_000);
      if (problems.length > 0) throw new SetupError(`Something went wrong in the page: ${problems.join(' ')}`);
      looks.push(look);
      return look;
    }, reach).finally(() => clearInterval(beside));
    await press(page, 'pause');
    await reaches(page, 'paused');
    return looks;
  } finally {
    await browser.close();
    await server.close();
    rmSync(site, { recursive: true, force: true });
  }
}

/**
 * Trains for so many minutes, and prints how memory and speed changed.
 * @param {number} minutes
 * @param {number} [every]  seconds between two readings
 * @throws {SetupError} where they did not hold
 */
export async function soakTab(minutes, every = 60) {
  console.log(
    'minute    step  own MB  PSS MB  all MB  heap MB  worker MB  nodes  points  evaluations  samples  ms a step',
  );
  const looks = await trainInTab(async (look) => {
    const [begin, count] = [performance.now(), Math.max(2, Math.round((minutes * 60) / every))];
    for (let i = 0; i <= count; i++) {
      await pause(Math.max(0, begin + i * every * 1000 - performance.now()));
      const now = await look();
      const cell = (/** @type {number} */ value, /** @type {number} */ width, digits = 0) =>
        value.toFixed(digits).padStart(width);
      console.log(
        [
          cell(now.minutes, 6, 1) + cell(now.step, 8) + cell(now.own, 8, 1) + cell(now.pss, 8, 1) + cell(now.all, 8),
          cell(now.heap, 9, 2) + cell(now.workerHeap, 11, 2) + cell(now.nodes, 7) + cell(now.points, 8),
          cell(now.evaluations, 13) + cell(now.samples, 9) + cell(now.stepMs, 11, 1),
        ].join(''),
      );
    }
  });
  console.log(`\n${report(looks)}`);
  const wrong = complaints(looks);
  if (wrong.length > 0) throw new SetupError(wrong.join(' '));
}
