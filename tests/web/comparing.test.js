// tier: slow
/** Comparing settings: trained one after the other, through failures, pauses and reloads, to the same bits. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { reasonText } from '../../wasm/engine/stopping.js';
import { NOT_TRAINED, ofEntry, stoppedAt } from '../../web/state/runs/series.js';
import { memoryDatabase } from '../../web/storage/memory.js';
import { openPage } from './support/page.js';

/** @typedef {import('./support/page.js').Page} Page */

const TEXT = Uint8Array.from({ length: 20_000 }, (_, i) => 97 + ((i * i + (i >> 4)) % 20));
const SMALL = {
  hidden_size: 8,
  num_levels: 2,
  batch_size: 2,
  sequence_length: 32,
  workers: 1,
  sample_bytes: 0,
  log_every: 5,
};
const TALL = defaults({ ...SMALL, wiring: 'residual', max_steps: 40, eval_every: 20 });
const FLAT = defaults({ ...SMALL, model_type: 'flat', max_steps: 40, eval_every: 20 });

/** Reaches its target before its last step. */
const TALL_EARLY = defaults({ ...TALL, learning_rate: 0.01, target_bpb: 7.5, max_steps: 400 });

/** What a browser keeps in localStorage. @type {Map<string, string>} */
const kept = new Map();
/** @type {Page[]} */
let pages = [];

beforeEach(() => {
  kept.clear();
  const localStorage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
  };
  Object.defineProperty(globalThis, 'localStorage', { value: localStorage, configurable: true, writable: true });
});
afterEach(async () => {
  await Promise.all(pages.map((page) => page.close()));
  pages = [];
});

/** @param {ReturnType<typeof memoryDatabase>} [database] @param {import('../../web/storage/locks.js').Locks} [locks] */
async function visit(database = memoryDatabase(), locks = undefined) {
  const page = await openPage(SMALL, TEXT, { database: { ...database, lasting: true }, locks });
  page.store.text.value = { name: 'a book', bytes: TEXT, id: 'moby-dick' };
  pages.push(page);
  const runs = await page.runs.load();
  return { page, store: page.store, comparing: runs.comparing, runs };
}

/** @param {() => boolean} condition @param {string} what */
async function until(condition, what) {
  for (const end = Date.now() + 60_000; !condition(); ) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The results of all trainings of a series. @param {{comparing: import('../../web/state/runs/comparing.js').Comparing}} visit */
const bits = ({ comparing }) => comparing.series.value.jobs.map(({ outcome }) => outcome?.bits);

/** Compares two settings with two seeds. @param {Awaited<ReturnType<typeof visit>>} visit @param {number} [steps] */
async function compare({ comparing }, steps = 40) {
  comparing.add('tall', { ...TALL, max_steps: steps });
  comparing.add('flat', { ...FLAT, max_steps: steps });
  comparing.choose({ seeds: 2, equal: 'own' });
  await comparing.start();
  assert.deepEqual(comparing.problems.value, []);
}

describe('a comparison', () => {
  it('trains each of its settings with each seed as a run, on the same text', async () => {
    const here = await visit();
    const { comparing, store } = here;
    const before = store.settings.value;
    await compare(here);
    assert.equal(comparing.phase.value, 'training');
    await until(() => comparing.phase.value === 'ended', 'the end');
    const { jobs } = comparing.series.value;
    assert.deepEqual(
      jobs.map(({ entry, seed, state, problem }) => [entry, seed, state, problem]),
      [
        [0, 1, 'done', null],
        [1, 1, 'done', null],
        [0, 2, 'done', null],
        [1, 2, 'done', null],
      ],
    );
    const list = store.runs.list.value;
    assert.deepEqual(list.map(({ name }) => name).sort(), [
      'flat, seed 1',
      'flat, seed 2',
      'tall, seed 1',
      'tall, seed 2',
    ]);
    for (const { run, outcome, seed } of jobs) {
      const own = list.find(({ id }) => id === run);
      assert.equal(own?.validation?.decoderBpb, outcome?.bits);
      assert.deepEqual([own?.settings.seed, own?.step, own?.state], [seed, 40, 'finished']);
      assert.ok(Number(outcome?.tf) > 0 && outcome?.bytesSeen === 40 * 64);
    }
    assert.equal(new Set(list.map(({ text }) => text.digest)).size, 1);
    assert.equal(store.settings.value, before, 'the form has the reader’s settings again');
    assert.deepEqual(store.announcement.value.match(/\d+/g), ['4', '4'], 'how many were trained');
  });

  it('gives all of them the same arithmetic, measured rather than guessed', async () => {
    const { comparing, page } = await visit();
    const rules = { level_rules: 'every_nth', level_thresholds: '9' };
    comparing.add('tall', { ...TALL, level_rules: 'random', level_thresholds: '9', max_steps: 400, eval_every: 400 });
    comparing.add('even', { ...TALL, ...rules, level_widths: '8,64', max_steps: 40 });
    comparing.add('flat', FLAT);
    await comparing.start();
    assert.equal(page.living('lead').length, 1, 'the worker that measured is gone');
    await until(() => comparing.phase.value === 'ended', 'the end');
    const spent = comparing.series.value.jobs.map(({ outcome }) => Number(outcome?.tf));
    for (const tf of spent) assert.ok(Math.abs(tf / spent[0] - 1) < 0.03, spent.join(' '));
    const steps = comparing.series.value.jobs.map((job) => job.steps);
    assert.ok(steps[0] === 400 && steps[1] < 390 && steps[2] > 400, steps.join(' '));
  });

  it('goes on after a reload with the run that was interrupted, to the same bits', async () => {
    const straight = await visit();
    await compare(straight, 800);
    await until(() => straight.comparing.phase.value === 'ended', 'the end');
    kept.clear();

    const database = memoryDatabase();
    const first = await visit(database);
    await compare(first, 800);
    await until(
      () => first.comparing.series.value.jobs[1].state === 'training' && first.store.step.value > 2,
      'the second run',
    );
    first.page.actions.pause();
    await until(() => first.comparing.phase.value === 'paused', 'the pause');
    await until(() => first.store.runs.keptStep.value === first.store.step.value, 'its weights');
    const step = first.store.step.value;
    await first.page.close();

    const second = await visit(database);
    assert.equal(second.comparing.phase.value, 'cut');
    assert.equal(second.store.runs.offer.value?.id, second.comparing.current.value?.run);
    await second.comparing.goOn();
    await until(() => second.comparing.phase.value === 'training', 'training');
    assert.ok(step < 800 && second.store.step.value >= step);
    await until(() => second.comparing.phase.value === 'ended', 'the end');
    assert.deepEqual(bits(second), bits(straight));
    assert.equal(second.store.runs.list.value.length, 4);
  });

  it('is paused and resumed, waits where another model is opened, and goes on', async () => {
    const here = await visit();
    const { comparing, page, store } = here;
    comparing.add('tall', { ...TALL, max_steps: 3000 });
    comparing.add('flat', FLAT);
    comparing.choose({ equal: 'own' });
    await comparing.start();
    await until(() => store.step.value > 0, 'a step');
    comparing.pause();
    await until(() => comparing.phase.value === 'paused', 'the pause');
    comparing.resume();
    await until(() => comparing.phase.value === 'training', 'training');
    await page.actions.openExample();
    assert.equal(comparing.phase.value, 'cut');
    assert.equal(comparing.add('another', FLAT), undefined);
    assert.equal(comparing.series.value.entries.length, 2);
    await comparing.goOn();
    await until(() => comparing.phase.value === 'training', 'training again');
    await comparing.stop();
    await until(() => comparing.phase.value === 'ended', 'the end');
    const [tall, flat] = comparing.series.value.jobs;
    const stopped = store.runs.list.value.find(({ id }) => id === tall.run);
    assert.deepEqual([tall.state, stopped?.ended], ['failed', 'stopped']);
    assert.equal(tall.problem, stoppedAt(Number(stopped?.step)));
    assert.deepEqual([flat.state, flat.run], ['failed', null]);
    assert.equal(flat.problem, NOT_TRAINED);
    comparing.anew();
    assert.equal(comparing.phase.value, 'draft');
    assert.equal(comparing.series.value.entries.length, 2);
  });

  it('shows a training that fails, and goes on with the next', async () => {
    const here = await visit();
    const { comparing, page } = here;
    /** @type {string[]} */
    const failures = [];
    page.listeners.add((event) => {
      if (event.type === 'failed' && ['not_finite', 'diverges'].includes(event.code)) failures.push(event.message);
    });
    comparing.add('wild', { ...TALL, learning_rate: 1, max_steps: 200 });
    comparing.add('flat', FLAT);
    comparing.choose({ equal: 'own' });
    await comparing.start();
    await until(() => comparing.phase.value === 'ended', 'the end');
    const [wild, flat] = comparing.series.value.jobs;
    assert.equal(wild.state, 'failed');
    assert.ok(failures.includes(String(wild.problem)), String(wild.problem));
    assert.equal(flat.state, 'done');
  });

  it('says where a training ended early', async () => {
    const { comparing } = await visit();
    comparing.add('tall', TALL_EARLY);
    comparing.add('flat', FLAT);
    comparing.choose({ equal: 'own' });
    await comparing.start();
    await until(() => comparing.phase.value === 'ended', 'the end');
    const [tall] = comparing.series.value.jobs;
    assert.equal(tall.state, 'done');
    assert.ok(
      tall.problem?.includes(` ${tall.outcome?.step}: ${reasonText('target', TALL_EARLY)}`),
      String(tall.problem),
    );
  });

  it('goes on when nothing can be kept any longer, and says so', async () => {
    const database = memoryDatabase((deed, table) =>
      deed === 'put' && table === 'weights' ? new DOMException('No room.', 'QuotaExceededError') : null,
    );
    const here = await visit(database);
    await compare(here);
    await until(() => here.comparing.phase.value === 'ended', 'the end');
    const { jobs } = here.comparing.series.value;
    assert.ok(jobs.every(({ state }) => state === 'done'));
    const problem = here.store.runs.problem.value;
    assert.equal(problem?.reason, 'full');
    assert.ok(jobs.every((job) => job.problem));
    assert.equal(jobs.at(-1)?.problem, problem?.message);
  });

  it('names settings that can’t be trained before it starts', async () => {
    const { comparing, store } = await visit();
    comparing.add('tall', TALL);
    /** The problems of settings that are added to some that can be trained. @param {string} name @param {object} changes */
    const problemsOf = async (name, changes) => {
      comparing.add(name, { ...FLAT, ...changes });
      await comparing.start();
      assert.equal(comparing.phase.value, 'draft');
      const found = comparing.problems.value;
      comparing.remove(1);
      for (const problem of found) assert.ok(problem.startsWith(ofEntry(name, '')), problem);
      return found;
    };
    // Half of the text is too little to train on, a tenth of it less than one window to be held out.
    const half = await problemsOf('many', { sequence_length: 4096, batch_size: 16, val_fraction: 0.5 });
    assert.equal(half.length, 1);
    assert.ok(half[0].includes('10,000'), half[0]);
    const held = await problemsOf('long', { sequence_length: 4096, batch_size: 1 });
    assert.equal(held.length, 1);
    assert.notEqual(held[0].split('”')[1], half[0].split('”')[1]);
    const both = await problemsOf('both', { sequence_length: 4096, batch_size: 16 });
    assert.equal(both.length, 2);
    assert.equal(both[1].split('”')[1], held[0].split('”')[1]);
    const huge = await problemsOf('huge', { hidden_size: 1024, level_blocks: '64' });
    assert.ok(
      huge.some((problem) => problem.includes('4 GiB')),
      String(huge),
    );
    assert.equal(store.runs.list.value.length, 0);
  });

  it('outlives its worker', async () => {
    const straight = await visit();
    await compare(straight, 800);
    await until(() => straight.comparing.phase.value === 'ended', 'the end');
    kept.clear();
    const here = await visit();
    await compare(here, 800);
    await until(() => here.comparing.series.value.jobs[1].state === 'training' && here.store.step.value > 2, 'a step');
    await here.page.living('lead')[0].terminate();
    await until(() => here.comparing.phase.value === 'ended', 'the end');
    assert.deepEqual(bits(here), bits(straight));
  });

  it('belongs to another tab as long as that trains it', async () => {
    /** @type {Map<string, unknown>} */
    const held = new Map();
    /** @param {string} tab @returns {import('../../web/storage/locks.js').Locks} */
    const locksOf = (tab) => ({
      async take(name) {
        if ((held.get(name) ?? tab) !== tab) return null;
        held.set(name, tab);
        return () => void held.delete(name);
      },
      taken: async () => new Set([...held].filter(([, owner]) => owner !== tab).map(([name]) => name)),
    });
    const here = await visit(memoryDatabase(), locksOf('this'));
    await compare(here, 3000);
    const other = await visit(memoryDatabase(), locksOf('that'));
    assert.deepEqual([other.comparing.phase.value, other.comparing.elsewhere.value], ['cut', true]);
    await other.comparing.goOn();
    assert.equal(other.store.notice.value?.reason, 'elsewhere');
    await here.comparing.stop();
    await until(() => here.comparing.phase.value === 'ended', 'the end');
    await other.comparing.look();
    assert.deepEqual([other.comparing.phase.value, other.comparing.elsewhere.value], ['ended', false]);
    assert.deepEqual(other.comparing.series.value, here.comparing.series.value);
  });
});
