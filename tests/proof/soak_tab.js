/**
 * A long training in one real tab: the built page in Chromium, with evaluations, samples and keeping in the browser.
 * Every minute memory, speed and the page's lists are looked at: `npm run soak -- --tab --minutes 60`.
 *
 * Speed is counted in steps per second of processor time of the tab's process. That depends less than steps per second on
 * what else the machine does, but not little: compare runs on a quiet machine.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, SetupError } from '../../wasm/setup/run.js';
import { serve } from '../../wasm/setup/serve.js';
import { SITE } from '../../wasm/setup/site.js';
import { press, start, textOf, until } from '../browser/pages.js';
import { launch } from '../browser.js';

/** The default model; points, evaluations and samples are many, so that the page's lists come to their limits. */
const TRAINING =
  '?max_steps=1000000000&workers=1&learning_rate=0.002&eval_every=20&log_every=2&val_max_batches=5&sample_bytes=160';
/** Clock ticks a second, as Linux tells them in /proc. */
const TICKS = 100;
/** Looks at either end of the run that are compared. */
const ENDS = 10;

/**
 * One look at the tab. Memory in megabytes: `pss` and `rss` of its process, `all` of all of the browser's processes
 * (PSS), `heap` of its page's JavaScript. `cpu`: processor seconds of its process so far, `thread` of its busiest thread.
 * @typedef {{minutes: number, step: number, pss: number, rss: number, all: number, heap: number, cpu: number,
 *   thread: number, messages: number, notFinite: number, points: number, evaluations: number, samples: number,
 *   rows: number}} Look
 */

/** Counts what the page's workers say, and whether all of their losses are numbers. */
function countMessages() {
  const heard = { messages: 0, notFinite: 0, failed: /** @type {string[]} */ ([]) };
  const Usual = Worker;
  /** @param {MessageEvent} event */
  const hear = ({ data }) => {
    heard.messages++;
    // What is asked of a model that was just replaced fails, and is told to nobody.
    if (data?.type === 'failed' && data.code !== 'no_model') heard.failed.push(data.message);
    if (data?.losses && !Object.values(data.losses).every(Number.isFinite)) heard.notFinite++;
  };
  Object.assign(globalThis, {
    heard,
    Worker: class extends Usual {
      /** @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', hear);
      }
    },
  });
}

/** How long the lists are that the browser keeps of the newest run, and what of them is no number. */
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

/** Megabytes of a process. @param {number} pid @returns {{pss: number, rss: number}} */
function memoryOf(pid) {
  const text = proc(pid, 'smaps_rollup');
  const mega = (/** @type {string} */ name) =>
    (Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1]) * 1024) / 1e6;
  return { pss: mega('Pss'), rss: mega('Rss') };
}

/** Processor seconds of a process and of its busiest thread. @param {number} pid */
function processorOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    try {
      return cpuSeconds(proc(pid, `task/${thread}/stat`));
    } catch {
      return 0; // It ended meanwhile.
    }
  });
  return { cpu: cpuSeconds(proc(pid, 'stat')), thread: Math.max(...threads) };
}

/**
 * Looks at a tab.
 * @param {import('puppeteer-core').Page} page
 * @param {import('puppeteer-core').CDPSession} system  of the browser
 * @param {number} minutes
 * @returns {Promise<Look>}
 */
async function look(page, system, minutes) {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const tab = renderers.reduce((most, each) => (each.cpuTime > most.cpuTime ? each : most)).id;
  let all = 0;
  for (const { id } of processInfo) all += memoryOf(id).pss;
  const seen = { ...memoryOf(tab), ...processorOf(tab), all };
  const { JSHeapUsedSize = Number.NaN } = await page.metrics();
  const { wrong, ...lists } = await page.evaluate(keptLists);
  const heard = await page.evaluate(() => ({
    .../** @type {any} */ (globalThis).heard,
    rows: document.querySelectorAll('*').length,
  }));
  if (heard.failed.length > 0) throw new SetupError(`The page said: ${heard.failed.join(' ')}`);
  const step = Number((await textOf(page, 'step')).replaceAll(',', ''));
  const { messages, notFinite, rows } = heard;
  return { minutes, step, ...seen, heap: JSHeapUsedSize / 1e6, ...lists, messages, rows, notFinite: notFinite + wrong };
}

/**
 * Trains in a tab.
 * @param {number} minutes
 * @param {{every?: number, tell?: (look: Look) => void, training?: string}} [options]  `every`: seconds between two looks
 * @returns {Promise<{looks: Look[], live: [number, number]}>} `live`: megabytes of the page's JavaScript after a
 *   collection of what is let go of, early and at the end
 */
export async function trainInTab(minutes, { every = 60, tell = () => {}, training = TRAINING } = {}) {
  // Builds that come meanwhile must not change the page under way.
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
    const system = await browser.target().createCDPSession();
    const own = await page.createCDPSession();
    const live = async () => {
      await own.send('HeapProfiler.collectGarbage');
      return Number((await page.metrics()).JSHeapUsedSize) / 1e6;
    };
    await start(page);
    await until(page, 'kept', (text) => /step [1-9]/.test(text));
    /** @type {Look[]} */
    const looks = [];
    let early = Number.NaN;
    const [begin, count] = [performance.now(), Math.max(2, Math.round((minutes * 60) / every))];
    for (let i = 1; i <= count; i++) {
      const wait = begin + i * every * 1000 - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
      looks.push(await look(page, system, (performance.now() - begin) / 60_000));
      tell(looks[looks.length - 1]);
      if (problems.length > 0) throw new SetupError(`Something went wrong in the page: ${problems.join(' ')}`);
      if (i === endsOf(count)) early = await live();
    }
    const late = await live();
    await press(page, 'pause');
    await until(page, 'state', (text) => text === 'Paused');
    return { looks, live: [early, late] };
  } finally {
    await browser.close();
    await server.close();
    rmSync(site, { recursive: true, force: true });
  }
}

/** How many looks stand for the beginning, and how many for the end. @param {number} count */
const endsOf = (count) => Math.max(1, Math.min(ENDS, count >> 1));

/** @param {number[]} list */
const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;

/**
 * Beginning and end of a run, compared.
 * @param {readonly Look[]} looks
 */
export function compareEnds(looks) {
  const ends = endsOf(looks.length);
  const [first, last] = [looks.slice(0, ends), looks.slice(-ends)];
  /** @param {keyof Look} key @returns {[number, number]} */
  const both = (key) => [mean(first.map((each) => each[key])), mean(last.map((each) => each[key]))];
  const [from, to] = both('minutes');
  /** Growth an hour. @param {keyof Look} key */
  const memory = (key) => {
    const [early, late] = both(key);
    return { early, late, anHour: ((late - early) * 60) / Math.max(to - from, 1e-9) };
  };
  /** Steps by processor second. @param {'cpu'|'thread'} key */
  const speed = (key) => {
    const rate = (/** @type {readonly Look[]} */ part) =>
      (part[part.length - 1].step - part[0].step) / (part[part.length - 1][key] - part[0][key]);
    const whole = (/** @type {number} */ i) => (i > 0 ? looks.slice(i - 1) : looks);
    const [early, late] = [rate(looks.slice(0, ends + 1)), rate(whole(looks.length - ends))];
    return { early, late, drift: 100 * (late / early - 1) };
  };
  return {
    ends,
    memory: { pss: memory('pss'), rss: memory('rss'), all: memory('all'), heap: memory('heap') },
    speed: { cpu: speed('cpu'), thread: speed('thread') },
  };
}

/** @param {number} value */
const one = (value) => value.toFixed(1);

/** Trains for so many minutes, and prints what memory and speed did. @param {number} minutes */
export async function soakTab(minutes, every = 60) {
  console.log('minute   step  PSS MB  RSS MB  all MB  heap MB  CPU s  points  evaluations  samples  elements');
  const { looks, live } = await trainInTab(minutes, {
    every,
    tell: (now) => {
      const sizes = [now.pss, now.rss, now.all].map((mb) => mb.toFixed(0).padStart(8)).join('');
      const counts = `${now.points.toString().padStart(8)}${now.evaluations.toString().padStart(13)}${now.samples.toString().padStart(9)}`;
      console.log(
        `${one(now.minutes).padStart(6)}${now.step.toString().padStart(7)}${sizes}${one(now.heap).padStart(9)}${now.cpu.toFixed(0).padStart(7)}${counts}${now.rows.toString().padStart(10)}`,
      );
    },
  });
  const last = looks[looks.length - 1];
  const { ends, memory, speed } = compareEnds(looks);
  console.log(`\n${one(last.minutes)} minutes in one tab, ${last.step} steps, ${last.messages} messages.`);
  console.log(`Losses that are not finite: ${last.notFinite}. First ${ends} looks and last ${ends}:\n`);
  console.log('| what | first | last | change |\n| --- | ---: | ---: | ---: |');
  const names = {
    pss: 'the tab’s process, PSS',
    rss: 'the tab’s process, RSS',
    all: 'all of the browser, PSS',
    heap: 'the page’s JavaScript heap',
  };
  for (const key of /** @type {const} */ (['pss', 'rss', 'all', 'heap'])) {
    const { early, late, anHour } = memory[key];
    console.log(`| ${names[key]} | ${one(early)} MB | ${one(late)} MB | ${one(anHour)} MB an hour |`);
  }
  console.log(
    `| the same after a collection | ${one(live[0])} MB | ${one(live[1])} MB | ${one(live[1] - live[0])} MB |`,
  );
  const rates = {
    cpu: 'steps a processor second, the tab’s process',
    thread: 'steps a processor second, the training thread',
  };
  for (const key of /** @type {const} */ (['cpu', 'thread'])) {
    const { early, late, drift } = speed[key];
    console.log(`| ${rates[key]} | ${early.toFixed(2)} | ${late.toFixed(2)} | ${one(drift)} % |`);
  }
  if (last.notFinite > 0) throw new SetupError('A loss was not finite.');
  const { early, late } = memory.pss;
  if (late > 1.15 * early + 20) throw new SetupError('Memory grew.');
  if (speed.thread.drift < -15) throw new SetupError('Training became slower.');
}
