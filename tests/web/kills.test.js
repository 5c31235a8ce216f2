// tier: slow
/** Workers are killed at random moments: the page says so, starts another, and ends with the bits of a run without kills. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { when } from '../../web/state/waiting.js';
import { memoryDatabase } from '../../web/storage/memory.js';
import { realText, small } from '../wasm/support/models.js';
import { openPage } from './support/page.js';

/** @typedef {import('./support/page.js').Page} Page */
/** @typedef {'training'|'evaluation'|'generation'|'saving'} Moment */

/** The same moments each time; `KILLS_SEED=n` kills at others. */
const SEED = Number(process.env.KILLS_SEED ?? 1);
/** Kills for each number of workers, by what the page is at. @type {Record<Moment, number>} */
const KILLS = { training: 6, evaluation: 6, generation: 5, saving: 5 };
const [STEPS, EVERY] = [320, 10];
const text = realText(20_000);
/** A page that does not recover would wait for ever. */
const TIMEOUT = { timeout: 120_000 };

/** Everything random that training has, an evaluation every few steps, and a sample after each. @param {number} workers */
const settings = (workers) =>
  small({
    workers,
    hidden_size: 32,
    dropout: 0.1,
    max_steps: STEPS,
    eval_every: EVERY,
    val_max_batches: 4,
    sample_bytes: 20,
    log_every: 1,
  });

/** @param {number} seed @returns {() => number} from 0 to below 1 */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The first command or event that fits, at the moment it is sent or arrives.
 * @param {Page} page
 * @param {(message: any) => boolean} fits
 * @returns {Promise<any>}
 */
function said({ listeners }, fits) {
  return new Promise((resolve) => {
    const listener = (/** @type {any} */ message) => {
      if (!fits(message)) return;
      listeners.delete(listener);
      resolve(message);
    };
    listeners.add(listener);
  });
}

/** Has the model generate until its first bytes have arrived. @param {Page} page */
async function write(page) {
  page.actions.changeGeneration({ prompt: 'The sea', max_new_bytes: 100_000 });
  page.actions.generate();
  const id = page.store.generation.value?.id;
  await said(page, (message) => message.type === 'generated' && message.id === id);
}

/** Waits for a moment to kill at. @param {Moment} moment @param {Page} page @param {() => number} random */
async function comes(moment, page, random) {
  const evaluates = moment === 'evaluation';
  // Weights have been asked for, or have arrived and go to the storage.
  const saves = random() < 0.5 ? 'export' : 'exported';
  if (moment === 'generation') await write(page);
  else if (moment === 'saving') await said(page, ({ type }) => type === saves);
  else await said(page, ({ type, step }) => type === 'progress' && (step % EVERY === 0) === evaluates);
  if (random() < 0.5) await sleep(6 * random());
  else for (let turns = Math.floor(4 * random()); turns > 0; turns--) await turn();
}

/**
 * Kills a worker, and waits until the page has dealt with it.
 * @param {Page} page
 * @param {'lead'|'replica'} [kind]
 * @param {boolean} [twice]  once more, while the model is opened again
 * @returns {Promise<import('../../web/state/store.js').Notice>} what it says
 */
async function kill(page, kind = 'lead', twice = false) {
  const { store, living } = page;
  store.notice.value = null;
  const lives = said(page, ({ type }) => type === 'alive');
  living(kind)[0].terminate();
  if (twice) {
    await lives;
    living('lead')[0].terminate();
  }
  await when(() => store.notice.value !== null);
  await when(() => !store.busy.value);
  return /** @type {import('../../web/state/store.js').Notice} */ (/** @type {unknown} */ (store.notice.value));
}

/** @param {Page} page @param {number} step */
const passes = (page, step) => said(page, (message) => message.type === 'progress' && message.step > step);

/** @param {Page} page @returns {Promise<Uint8Array>} the weights at the end, resumable */
async function end({ store, actions, files }) {
  await when(() => store.state.value === 'finished' && !store.busy.value);
  assert.equal(store.step.value, STEPS);
  await actions.downloadWeights(true);
  return files[files.length - 1].bytes;
}

/** Opens a page, which is closed at the end. @param {number} workers @param {(page: Page) => Promise<void>} use @param {Parameters<typeof openPage>[2]} [options] */
async function withPage(workers, use, options) {
  const page = await openPage(settings(workers), text, options);
  try {
    await use(page);
  } finally {
    await page.close();
  }
}

/** The bits of a run without kills, by workers. @type {Map<number, Uint8Array>} */
const straight = new Map();
/** @param {Page} page @param {number} workers */
async function endsAlike(page, workers) {
  const bytes = await end(page);
  assert.ok(Buffer.from(bytes).equals(straight.get(workers) ?? new Uint8Array()), `other bits, seed ${SEED}`);
}

/**
 * Asserts that the run is open again, and what becomes of it.
 * @param {import('../../web/state/store.js').Notice} notice
 * @param {'train'|'wait'|'end'|'stop'} then
 * @param {string} [about]
 * @returns {Record<string, unknown>} the other fields of the notice
 */
function isBack({ kind, reason, fields = {}, message }, then, about) {
  assert.deepEqual([kind, reason, fields.name], ['problem', `rescued_${then}`, 'adaptive_L32_B0k'], about ?? message);
  assert.ok(Number.isInteger(fields.step) && message.includes(String(fields.step)), about);
  return fields;
}

describe('a page whose workers are killed', () => {
  const usual = performance.now;
  before(async () => {
    // Weights are kept every few seconds: on this clock these are milliseconds.
    const clock = usual.bind(performance);
    performance.now = () => 50 * clock();
    for (const workers of [1, 2])
      await withPage(workers, async (page) => {
        await page.actions.start();
        straight.set(workers, await end(page));
      });
  });
  after(() => {
    performance.now = usual;
  });

  for (const workers of [1, 2]) {
    const all = /** @type {Moment[]} */ (Object.keys(KILLS)).flatMap((moment) =>
      Array.from({ length: KILLS[moment] }, () => moment),
    );
    it(`goes on by itself after ${all.length} kills, ${workers} at work, and ends with the same bits`, TIMEOUT, () =>
      withPage(workers, async (page) => {
        const { store } = page;
        const random = randomOf(SEED + workers);
        for (let i = all.length - 1; i > 0; i--) {
          const other = Math.floor(random() * (i + 1));
          [all[i], all[other]] = [all[other], all[i]];
        }
        let furthest = 0;
        page.listeners.add((message) => {
          if (message.type === 'progress') furthest = Math.max(furthest, message.step);
        });
        await page.actions.start();
        await passes(page, 0);
        const { name } = store.runs.run.value ?? {};
        for (const [i, moment] of all.entries()) {
          // The last kill comes long before the end, when nothing would be left to kill.
          await passes(page, Math.max(furthest, (0.4 * STEPS * i) / all.length));
          await comes(moment, page, random);
          const kind = workers > 1 && random() < 0.5 ? 'replica' : 'lead';
          const notice = await kill(page, kind, i % 6 === 5);
          const about = `kill ${i} of a ${kind} in ${moment}, seed ${SEED}`;
          assert.equal(isBack(notice, 'train', about).kept, true, about);
          assert.equal(store.runs.run.value?.name, name);
        }
        await endsAlike(page, workers);
      }),
    );
  }

  it('leaves a pause a pause, even one that had not taken effect', TIMEOUT, () =>
    withPage(1, async (page) => {
      await page.actions.start();
      await passes(page, 5);
      page.actions.pause();
      isBack(await kill(page), 'wait');
      assert.equal(page.store.state.value, 'paused');
      isBack(await kill(page), 'wait');
      page.actions.resume();
      await endsAlike(page, 1);
      await write(page);
      assert.deepEqual(isBack(await kill(page), 'end'), { name: 'adaptive_L32_B0k', step: STEPS, kept: true });
      assert.equal(page.store.state.value, 'finished');
    }),
  );

  it('ends where it was meant to end', TIMEOUT, () =>
    withPage(1, async (page) => {
      await page.actions.start();
      await passes(page, 40);
      page.actions.stop();
      isBack(await kill(page), 'stop');
      await when(() => page.store.state.value === 'finished');
      assert.equal(page.store.ended.value, 'stopped');
    }),
  );

  it('keeps what the reader chose for the next start, and goes on with the run’s own settings', TIMEOUT, () =>
    withPage(2, async (page) => {
      const { store } = page;
      await page.actions.start();
      await passes(page, 40);
      const wanted = { ...store.settings.value, learning_rate: 0.1, hidden_size: 8 };
      const next = { name: 'another', bytes: realText(5000, 30_000) };
      store.settings.value = wanted;
      store.nextText.value = next;
      store.continueWeights.value = false;
      isBack(await kill(page, 'replica'), 'train');
      assert.deepEqual([store.settings.value, store.nextText.value], [wanted, next]);
      assert.equal(store.continueWeights.value, false);
      store.nextText.value = null;
      await endsAlike(page, 2);
    }),
  );

  it('leaves it to the reader where the worker dies again and again', TIMEOUT, () =>
    withPage(1, async (page) => {
      const { store } = page;
      await page.actions.start();
      await passes(page, 40);
      const { id } = store.runs.run.value ?? {};
      for (let i = 0; i < 3; i++) isBack(await kill(page), 'train');
      const { reason, fields } = await kill(page);
      assert.deepEqual([reason, fields], ['given_up', { deaths: 4, name: 'adaptive_L32_B0k' }]);
      assert.deepEqual([store.state.value, store.runs.current.value], ['idle', null]);
      assert.ok(store.model.value, 'the page is not without a model');
      page.runs.actions.value?.goOn(id ?? '');
      await when(() => store.state.value === 'training');
      isBack(await kill(page), 'train');
      await endsAlike(page, 1);
    }),
  );

  it('starts again from the beginning where nothing could be kept, and says so', TIMEOUT, () => {
    const full = memoryDatabase((deed, table) =>
      deed === 'put' && table === 'weights' ? Object.assign(new Error(), { name: 'QuotaExceededError' }) : null,
    );
    return withPage(
      1,
      async (page) => {
        await page.actions.start();
        await passes(page, 40);
        const { step, kept } = isBack(await kill(page), 'train');
        assert.deepEqual([step, kept], [0, false]);
        await endsAlike(page, 1);
      },
      { database: { ...full, lasting: true } },
    );
  });

  it('opens its first model again where no run is open', TIMEOUT, () =>
    withPage(1, async (page) => {
      assert.equal((await kill(page)).reason, 'worker');
      assert.ok(page.store.model.value);
      await page.actions.start();
      await endsAlike(page, 1);
    }),
  );
});
