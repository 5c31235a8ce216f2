/**
 * `npm run bench` measures the core on this machine: times are the fastest of several repetitions, shares are of the
 * peak that the same run found. `--quick` takes under a minute, `--json` prints numbers for programs.
 */
import { parseArgs } from 'node:util';
import { Kernels } from './bench/kernels.js';
import { measureGeneration, measureOne, measureShared } from './bench/models.js';
import { DEFAULT, report } from './bench/report.js';
import { buildCore } from './build.js';
import { loadModule } from './node/surroundings.js';
import { runAsProgram, SetupError } from './setup/run.js';

/** @typedef {import('./bench/models.js').Case} Case */

const MODELS = ['adaptive', 'baseline'];

/** Sizes that differ from the default in one thing. @type {Omit<Case, 'model'>[]} */
const SIZES = [
  { hidden: 64 },
  { hidden: 256 },
  { hidden: 512 },
  { length: 512 },
  { length: 2048 },
  { batch: 1 },
  { batch: 2 },
  { batch: 32 },
  { batch: 64 },
];

/** Those of a quick run. @type {Record<string, Omit<Case, 'model'>[]>} */
const QUICK_SIZES = {
  adaptive: [{ hidden: 64 }, { hidden: 512 }, { length: 2048 }, { batch: 1 }, { batch: 32 }, { batch: 64 }],
  baseline: [{ batch: 32 }],
};

/** Training steps before measuring, at the default size and at others. */
const LEARN = 40;
const LEARN_LESS = 4;

/** What is shared out among two workers: the default, and more. @type {Omit<Case, 'model'>[]} */
const SHARED = [{}, { batch: 32 }];

/**
 * Measures everything.
 * @param {{quick: boolean, say: (text: string) => void}} options
 * @returns {Promise<import('./bench/report.js').Results>}
 */
export async function bench({ quick, say }) {
  await buildCore();
  const module = await loadModule();
  const kernels = await Kernels.open();
  const less = { seconds: quick ? 0.5 : 2, least: quick ? 2 : 5, learn: LEARN_LESS };
  const more = { ...less, seconds: 2 * less.seconds, learn: LEARN };
  /** @type {import('./bench/models.js').Measured[]} */
  const usual = [];
  /** @type {import('./bench/models.js').Measured[]} */
  const others = [];
  for (const model of MODELS) {
    say(`${model}, default size`);
    const { train, evaluate, parameters, settings } = await measureOne(module, kernels, { model }, more);
    usual.push(train, evaluate, await measureGeneration(module, kernels, settings, parameters, more));
    for (const size of SHARED) {
      say(`${model}, two workers, ${JSON.stringify(size)}`);
      usual.push(await measureShared(module, kernels, { model, workers: 2, ...size }, size.batch ? less : more));
    }
    for (const size of quick ? QUICK_SIZES[model] : SIZES) {
      say(`${model}, ${JSON.stringify(size)}`);
      others.push((await measureOne(module, kernels, { model, ...size }, less)).train);
    }
  }
  say('kernels');
  const measured = kernels.measure(DEFAULT, quick ? 0.1 : 0.5);
  const peak = kernels.peak;
  const rows = [...usual, ...others].map((row) => ({ ...row, share: row.gflops / (row.workers * peak) }));
  return { peak_gflops: peak, rows, kernels: measured };
}

/** @returns {{quick?: boolean, json?: boolean}} */
function readOptions() {
  try {
    return parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new SetupError(`${/** @type {Error} */ (error).message.split('. ')[0]}: there are --quick and --json.`);
  }
}

await runAsProgram(import.meta.url, async () => {
  const { quick = false, json = false } = readOptions();
  const results = await bench({ quick, say: (text) => process.stderr.write(`${text}\n`) });
  console.log(json ? JSON.stringify(results) : report(results));
});
