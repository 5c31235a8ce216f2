/** The bench’s look at what is said of speed before the start, against what then happens. */
import { surroundings } from '../../wasm/engine/node/surroundings.js';
import { Estimator } from '../../wasm/engine/worker/estimate.js';
import { inNode, rounded, STEPS_ONLY, settingsOf } from './bench_node.js';

/** @typedef {import('./bench_tab_report.js').Row} Row */
/** @typedef {{preset: string, workers: number}} Of */

/** Nothing goes on beside. */
const ALONE = { training: () => false, other: () => false };
/** How often each is looked at. */
const TIMES = 3;

/** @param {(of: Of) => Promise<void>} one  looks at what is said and at what then happens */
export async function estimates(one) {
  for (let time = 0; time < TIMES; time++)
    for (const preset of ['quick_start', 'prototype']) for (const workers of [1, 2]) await one({ preset, workers });
}

/**
 * @param {string} engine
 * @param {Of} of
 * @param {number|null} said  steps a second
 * @param {number} steps  that were made
 * @param {(row: Row) => void} report
 */
export function reportEstimate(engine, { preset, workers }, said, steps, report) {
  if (said === null) return;
  const what = `estimate, ${preset}, ${workers}`;
  report({ engine, what, said: rounded(said, 2), steps_per_s: rounded(steps, 2), ratio: rounded(said / steps) });
}

/** Node’s own estimates. @param {WebAssembly.Module} module @param {number} ms @param {(row: Row) => void} report */
export async function estimatesOfNode(module, ms, report) {
  await estimates(async ({ preset, workers }) => {
    const settings = settingsOf(preset, { ...STEPS_ONLY, workers });
    const estimator = new Estimator(surroundings());
    let said = await estimator.estimate(settings, null, ALONE);
    while (!said.settled) said = await estimator.estimate(settings, null, ALONE);
    const speed = Number(said.gflops) / said.gflopPerStep;
    reportEstimate('node', { preset, workers }, speed, await inNode(module, settings, ms), report);
  });
}
