/** A short version, with a small model, of the hour in one tab that `npm run soak -- --tab` runs. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { COMPLAINTS, changes, complaints, finiteLosses, HELD, partsOf, report } from '../proof/soak_figures.js';
import { trainInTab } from '../proof/soak_tab.js';

/** Logs every step, with many evaluations and samples, so that the page's lists fill up soon. */
const SMALL =
  '?hidden_size=8&num_levels=2&batch_size=1&sequence_length=16&workers=1&max_steps=1000000&eval_every=10&log_every=1&val_max_batches=1&sample_bytes=4&learning_rate=0.003';
/** Steps until they are full, and between readings: two readings soon after each other, and two some time later. */
const STEPS = [20_000, 1000, 4000, 1000];

it('a tab that trains takes no more memory once its lists are full', async (t) => {
  const looks = await trainInTab(async (look, reach) => {
    let step = 0;
    for (const more of STEPS) {
      await reach(step + more);
      ({ step } = await look());
    }
  }, SMALL);
  const [first, last] = [looks[0], looks[3]];
  /** Growth between the lower of two readings: lists vary between half full and full, and garbage may not be collected yet. @param {'heap'|'workerHeap'|'own'|'nodes'} key */
  const grown = (key) => Math.min(looks[2][key], looks[3][key]) - Math.min(looks[0][key], looks[1][key]);
  t.diagnostic(
    looks
      .map(({ step, own, heap, nodes }) => `step ${step}: ${own.toFixed(0)} and ${heap.toFixed(1)} MB, ${nodes} nodes`)
      .join(', '),
  );
  for (const look of looks) {
    assert.ok(Object.values(look).every(Number.isFinite), JSON.stringify(look));
    assert.ok(look.points > 0 && look.points <= 2000 && look.evaluations > 0 && look.evaluations <= 2000);
    assert.ok(look.samples > 0 && look.samples <= 60, `${look.samples} samples`);
    assert.ok(look.pss >= look.own && look.own > 10 && look.all > look.pss, JSON.stringify(look));
  }
  assert.ok(last.step >= first.step + STEPS[2] && last.messages > last.step);
  assert.deepEqual([last.notFinite, last.first], [0, 0]);
  assert.ok(last.last > first.last && last.thread > first.thread);
  assert.ok(grown('heap') < 1.5, `the page's JavaScript takes ${grown('heap')} MB more`);
  assert.ok(grown('workerHeap') < 1.5, `the worker's takes ${grown('workerHeap')} MB more`);
  const nodes = Math.min(looks[2].nodes, last.nodes);
  assert.ok(nodes < 4000, `${nodes} nodes`);
  assert.ok(grown('nodes') < 1500, `the page has ${grown('nodes')} nodes more`);
  assert.ok(grown('own') < 30, `the tab takes ${grown('own')} MB more`);
});

/**
 * An hour with a reading every minute: 120 steps a minute at 12 steps for each processor second, and 200 MB.
 * @param {(i: number) => Partial<import('../proof/soak_figures.js').Look>} changed
 */
const hour = (changed) =>
  Array.from({ length: 61 }, (_, i) => ({
    ...{ minutes: i, step: 120 * i, own: 200, pss: 260, all: 500, heap: 5, workerHeap: 1, nodes: 1500, stepMs: 80 },
    ...{ thread: 10 * i, loopMs: 100, messages: 150 * i, notFinite: 0, first: 0, last: 120 * i },
    ...{ points: 1500, evaluations: 900, samples: 50, ...changed(i) },
  }));

it('growth after the first five minutes of an hour is reported, and slowness not due to the machine', () => {
  const quiet = hour(() => ({}));
  const parts = partsOf(quiet);
  assert.deepEqual([parts.length, parts[0].minutes, parts[11].minutes, parts[0].rate], [12, 5, 60, 12]);
  assert.deepEqual(changes(parts), { memory: 0, heap: 0, nodes: 0, speed: 0 });
  assert.deepEqual(complaints(quiet), []);
  const lines = report(quiet).split('\n');
  assert.match(lines[lines.indexOf('') - 1], /^\| 60 \| 7200 \| 200\.0 /);
  assert.ok(lines.includes(finiteLosses(quiet[60])), lines.join('\n'));
  assert.equal(lines.at(-1), HELD);

  const early = hour((i) => ({ own: i <= 5 ? 100 : 200 }));
  assert.deepEqual(complaints(early), [], 'before the sixth minute memory may grow');
  const leaking = hour((i) => ({ own: 200 + i / 4 }));
  assert.deepEqual(complaints(leaking), [COMPLAINTS.memory(6.2)]);

  // After half an hour every step takes a quarter longer; in the second case because everything does.
  const processor = (/** @type {number} */ i) => ({ thread: 10 * i + 2.5 * Math.max(0, i - 30) });
  assert.deepEqual(complaints(hour(processor)), [COMPLAINTS.slower(20)]);
  assert.deepEqual(complaints(hour((i) => ({ ...processor(i), loopMs: i > 30 ? 125 : 100 }))), []);

  const infinite = hour((i) => ({ notFinite: i > 50 ? 3 : 0 }));
  assert.deepEqual(complaints(infinite), [COMPLAINTS.not_finite(3)]);
  const said = report(infinite).split('\n');
  assert.ok(said.includes(finiteLosses(infinite[60])) && !said.includes(finiteLosses(quiet[60])));
  assert.equal(said.at(-1), COMPLAINTS.not_finite(3));
});
