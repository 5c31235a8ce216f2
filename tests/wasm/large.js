/**
 * The two golden cases at the prototype's default size (1,156,484 parameters), which are too big for this repository:
 *
 *   npm run build && node tests/wasm/large.js FOLDER
 *
 * FOLDER holds adaptive-default.safetensors and baseline-default.safetensors, in the format of tests/golden/README.md.
 * Trains every recorded step from the recorded weights and compares each loss with the recorded one, 1e-3 relative:
 * at that size, running sums come so close to thresholds that single borders depend on rounding. Prints the largest
 * deviation of every loss; the exit status is 1 where one is too large.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Model } from '../../wasm/engine/core.js';
import { LOSS_NAMES, readGolden } from '../reference/golden.js';
import { module, setNamed, settingsFor } from './support/models.js';

const CASES = ['adaptive-default', 'baseline-default'];
const TOLERANCE = 1e-3;

/**
 * The largest relative deviation of each loss over all steps.
 * @param {import('../reference/golden.js').GoldenCase} golden
 * @returns {Record<string, number>}
 */
function deviations(golden) {
  const { batch_size, sequence_length, learning_rate, steps } = golden.metadata;
  const model = new Model(module, settingsFor(golden.settings, { batch_size, sequence_length }));
  setNamed(model, golden.group('init'));
  /** @type {Record<string, number>} */
  const worst = {};
  for (let k = 1; k <= steps; k++) {
    model.forward(Uint8Array.from(golden.batch(k).flat()), sequence_length, { training: true });
    const losses = Object.entries(model.result().losses);
    model.backward();
    model.update(learning_rate);
    for (const [name, found] of losses) {
      const expected = golden.values(`trajectory/${LOSS_NAMES[/** @type {keyof typeof LOSS_NAMES} */ (name)]}`)[k - 1];
      const off = Math.abs(found - expected) / Math.max(Math.abs(expected), 1e-12);
      worst[name] = Math.max(worst[name] ?? 0, off);
    }
  }
  return worst;
}

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Name the folder with the large golden cases: node tests/wasm/large.js FOLDER');
  process.exitCode = 1;
} else {
  for (const name of CASES) {
    const worst = deviations(readGolden(name, pathToFileURL(`${path.resolve(folder)}/`)));
    const good = Object.values(worst).every((off) => off <= TOLERANCE);
    const figures = Object.entries(worst).map(([loss, off]) => `${loss} ${off.toExponential(1)}`);
    console.log(`${name}: ${good ? 'agrees' : 'DIFFERS'} (largest relative deviations: ${figures.join(', ')})`);
    if (!good) process.exitCode = 1;
  }
}
