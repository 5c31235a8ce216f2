import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleOf, withSample } from '../../web/state/samples.js';
import { thinned } from '../../web/state/thinning.js';

/** A list that grows by one at a time, and is thinned whenever it is too long. @param {number} count @param {number} most */
function grown(count, most) {
  /** @type {{step: number}[]} */
  let list = [];
  for (let i = 0; i < count; i++) {
    list = thinned([...list, { step: 5 + 10 * i }], most);
    assert.ok(list.length <= most);
  }
  return list.map(({ step }) => step);
}

test('a short list stays as it is', () => {
  const list = [{ step: 1 }, { step: 2 }];
  assert.equal(thinned(list, 2), list);
  assert.equal(grown(100, 100).length, 100);
});

test('however long it grows, it reaches from the first to the last, with no gap wider than three times an even share', () => {
  for (const [count, most] of [
    [101, 100],
    [1234, 60],
    [20_000, 50],
  ]) {
    const steps = grown(count, most);
    assert.deepEqual([steps[0], steps.at(-1)], [5, 5 + 10 * (count - 1)]);
    assert.ok(steps.length >= most / 3, `${steps.length} of ${most}`);
    const widest = Math.max(...steps.slice(1).map((step, i) => step - steps[i]));
    assert.ok(widest <= (3 * 10 * count) / most, `${widest} of ${10 * count} steps without any`);
  }
});

test('unevenly spread steps keep those next to gaps', () => {
  const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 600, 1000].map((step) => ({ step }));
  assert.deepEqual(
    thinned(steps, 10).map(({ step }) => step),
    [1, 10, 600, 1000],
  );
});

test('a long run keeps few samples, and a repeated one replaces those after it', () => {
  const event = (/** @type {number} */ step) =>
    sampleOf({ type: 'sample', run: 1, step, prompt: new Uint8Array(), bytes: new TextEncoder().encode(`${step}`) });
  /** @type {import('../../web/state/samples.js').Sample[]} */
  let samples = [];
  for (let step = 0; step <= 20_000; step += 20) samples = withSample(samples, event(step));
  assert.ok(samples.length > 20 && samples.length <= 60, `${samples.length} samples`);
  assert.deepEqual([samples[0].text, samples.at(-1)?.text], ['0', '20000']);
  samples = withSample(samples, event(100));
  assert.deepEqual([samples.length < 3, samples.at(-1)?.text], [true, '100']);
});
