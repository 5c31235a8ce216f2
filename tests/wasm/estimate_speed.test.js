// tier: slow
/**
 * What is said of speed before the start against what then happens, by the processor time of this process, which others on
 * the machine do not change, and which counts what all its workers do; the bench in tabs shows the same by the clock
 * (tests/proof/bench_tab.js).
 */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { forwardFlops } from '../../wasm/engine/flops.js';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults } from '../../wasm/engine/settings.js';
import { Estimator } from '../../wasm/engine/worker/estimate.js';
import { advance, closeGroups, module, realText, trainerOn } from './support/models.js';

afterEach(closeGroups);

const ROUNDS = 7;
const ALONE = { training: () => false, other: () => false };

/** Milliseconds that this process has worked. */
function worked() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

describe('steps a second, said before the start', { timeout: 300_000 }, () => {
  for (const [preset, steps, workers] of /** @type {const} */ ([
    ['quick_start', 20, 1],
    ['quick_start', 20, 2],
    ['prototype', 4, 1],
    ['prototype', 4, 2],
  ]))
    it(`are within 25 % of those made with as much work, ${preset}, workers: ${workers}`, async (t) => {
      const settings = defaults({ ...PRESETS[preset].changes, workers });
      t.mock.method(performance, 'now', worked);
      const { trainer } = await trainerOn(settings, realText(200_000), { workers, spawn: spawnReplica });
      // What is said is of a model that has learnt something. Another has more tokens, and so more work in a step.
      const { group } = trainer;
      const step = group.step.bind(group);
      let gflop = 0;
      t.mock.method(group, 'step', async (/** @type {Parameters<typeof step>} */ ...what) => {
        const sums = await step(...what);
        gflop += (3 * forwardFlops(settings, sums.tokens, group.lead.blocks)) / 1e9;
        return sums;
      });
      const ratios = [];
      // Others share this machine's caches, now more, now less: what is said stands beside what comes right after.
      for (let round = 0; round < ROUNDS; round++) {
        const estimator = new Estimator({ module: async () => module, cores: 2, spawn: spawnReplica });
        const ask = () => estimator.estimate(settings, null, ALONE);
        let said = await ask();
        for (let asked = 1; !said.settled && asked < 40; asked++) said = await ask();
        assert.ok(said.settled);
        // What is said is the best of at least two looks, and so is what it stands beside.
        let best = Number.POSITIVE_INFINITY;
        for (let look = 0; look < 2; look++) {
          const from = worked();
          gflop = 0;
          await advance(trainer, steps / 2);
          best = Math.min(best, (worked() - from) / gflop);
        }
        ratios.push((Number(said.gflops) / 1000) * best);
      }
      const ratio = ratios.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
      t.diagnostic(`${ratio.toFixed(2)} of those made`);
      assert.ok(ratio > 0.75 && ratio < 1.25, `${ratio} of those made`);
    });
});
