import assert from 'node:assert/strict';
import { it } from 'node:test';
import { learningRate } from '../../wasm/engine/schedule.js';
import { defaults } from '../../wasm/engine/settings.js';
import fc from '../random_cases.js';

/** @param {Partial<import('../../wasm/engine/settings.js').Settings>} [changes] */
const cosine = (changes) =>
  defaults({ schedule: 'cosine', learning_rate: 0.5, warmup_steps: 4, max_steps: 12, ...changes });

/** @param {number} actual @param {number} expected */
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

it('a constant learning rate is constant, warm-up or not', () => {
  const settings = defaults({ learning_rate: 0.25, warmup_steps: 100, max_steps: 10 });
  for (const step of [0, 1, 9, 10, 1e9]) assert.equal(learningRate(settings, step), 0.25);
});

it('warm-up is linear, and the cosine falls from the full rate to 0 after the last step', () => {
  const rates = Array.from({ length: 13 }, (_, step) => learningRate(cosine(), step));
  for (const [step, rate] of [0.1, 0.2, 0.3, 0.4, 0.5].entries()) near(rates[step], rate);
  near(rates[8], 0.25);
  near(rates[6], 0.25 * (1 + Math.SQRT1_2));
  near(rates[12], 0);
  assert.ok(rates[11] > 0, 'the last step still learns');
  assert.equal(learningRate(cosine(), 1000), rates[12]);
});

it('without warm-up the first step has the full rate', () => {
  assert.equal(learningRate(cosine({ warmup_steps: 0 }), 0), 0.5);
});

it('is finite, never negative and never above the setting, whatever the number of steps', () => {
  const steps = fc.integer({ min: 0, max: 2_000_000 });
  fc.assert(
    fc.property(steps, steps, fc.integer({ min: 1, max: 1e9 }), (step, warmup_steps, max_steps) => {
      const rate = learningRate(cosine({ warmup_steps, max_steps }), step);
      assert.ok(rate >= 0 && rate <= 0.5, `${rate}`);
      const next = learningRate(cosine({ warmup_steps, max_steps }), step + 1);
      assert.ok(step < warmup_steps ? next >= rate : next <= rate + 1e-12, 'up in warm-up, then down');
    }),
  );
});
