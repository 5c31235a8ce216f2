/**
 * `npm run -s bench:flat`: what a counted operation takes in training a hierarchy, against the flat model with the same layers
 * and tables. Whole steps of 8 sequences of 64 bytes at width 96, updates and messages between workers included.
 */
import { median } from '../../engine/means.js';
import { loadModule, spawnReplica } from '../../engine/node/surroundings.js';
import { defaults } from '../../engine/settings.js';
import { wholeSteps } from '../../engine/worker/whole_steps.js';
import { buildCore } from '../build.js';
import { runAsProgram } from '../setup/run.js';
import { table } from './tables.js';

/** @typedef {import('../../engine/settings.js').Settings} Settings */

/** @type {Partial<Settings>} */
const COMMON = { hidden_size: 96, batch_size: 8, sequence_length: 64, carry_state: true, level_blocks: '2,0' };
/** @type {Partial<Settings>} */
const HIERARCHY = { ...COMMON, wiring: 'residual', num_levels: 2, level_rules: 'whitespace' };
/** @type {Partial<Settings>} */
const FLAT = { ...COMMON, model_type: 'flat' };
const TABLES = { ngram_order: 6, ngram_rows: 8192 };

/** What both have besides; spans are the hierarchy's alone. @type {[name: string, both: Partial<Settings>, spans: number][]} */
const CASES = [
  ['layers alone', {}, 0],
  ['with tables', TABLES, 2],
  ['with tables and recall', { ...TABLES, recall: true }, 2],
];
const WORKERS = [1, 2];
/** Both models take turns so often. */
const ROUNDS = 7;

const WAY = { spawn: spawnReplica, pause: async () => {}, ended: () => false };

await runAsProgram(import.meta.url, async () => {
  await buildCore();
  const module = await loadModule();
  const rows = [];
  for (const [name, both, spans] of CASES) {
    const pair = [defaults({ ...HIERARCHY, ...both, span_order: spans }), defaults({ ...FLAT, ...both })];
    /** Operations a millisecond, for each number of workers: of the hierarchy and of the flat model, in every round. */
    const speeds = WORKERS.map(() => /** @type {number[][]} */ ([[], []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, settings] of pair.entries()) {
        const found = (await wholeSteps(module, settings, WORKERS, WAY)) ?? [];
        for (const [w, speed] of found.entries()) speeds[w][i].push(speed);
      }
    }
    for (const [w, [own, flat]] of speeds.entries()) {
      const ratios = own.map((speed, round) => flat[round] / speed).sort((a, b) => a - b);
      const shown = [own, flat].map((all) => (median(all) / 1e6).toFixed(2));
      const range = `${ratios[0].toFixed(2)} to ${ratios[ROUNDS - 1].toFixed(2)}`;
      rows.push([name, `${WORKERS[w]}`, ...shown, median(ratios).toFixed(2), range]);
      process.stderr.write(`${rows.at(-1)?.join('  ')}\n`);
    }
  }
  const heads = ['model', 'workers', 'hierarchy, GFLOP/s', 'flat, GFLOP/s', 'time an operation, ratio', 'range'];
  console.log(table(heads, rows));
});
