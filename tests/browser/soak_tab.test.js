/** The hour in one tab, made short; `npm run soak -- --tab` makes it long. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compareEnds, trainInTab } from '../proof/soak_tab.js';

const SMALL =
  '?hidden_size=16&workers=1&max_steps=1000000&eval_every=50&log_every=1&sample_bytes=20&learning_rate=0.003';

it('training in a tab is looked at from outside', async (t) => {
  const { looks, live } = await trainInTab(4 / 60, { every: 1, training: SMALL });
  assert.equal(looks.length, 4);
  for (const look of looks) assert.ok(Object.values(look).every(Number.isFinite), JSON.stringify(look));
  const last = looks[looks.length - 1];
  assert.equal(last.notFinite, 0);
  assert.ok(last.messages > last.evaluations && last.points > 0 && last.samples > 0, JSON.stringify(last));
  assert.ok(last.cpu >= last.thread && last.thread > 0 && last.pss > 10 && last.all > last.pss, JSON.stringify(last));
  const { memory, speed } = compareEnds(looks);
  assert.ok(last.step > 0 && live.every((mb) => mb > 0.5));
  t.diagnostic(
    `${last.step} steps, ${memory.pss.late.toFixed(0)} MB, ${speed.thread.late.toFixed(0)} steps a processor second`,
  );
});

it('growth and drift are counted from both ends', () => {
  const look = { rss: 0, all: 0, points: 0, evaluations: 0, samples: 0, rows: 0, messages: 0, notFinite: 0 };
  // 30 MB an hour more, and half as fast after the first half.
  const looks = Array.from({ length: 40 }, (_, i) => {
    const step = i < 20 ? 100 * i : 2000 + 50 * (i - 20);
    return { ...look, minutes: i, step, pss: 200 + i / 2, heap: 5, cpu: 20 * i, thread: 10 * i };
  });
  const { ends, memory, speed } = compareEnds(looks);
  assert.deepEqual([ends, Math.round(memory.pss.anHour), memory.heap.anHour], [10, 30, 0]);
  assert.deepEqual([speed.thread.early, speed.thread.late, speed.cpu.drift], [10, 5, -50]);
});
