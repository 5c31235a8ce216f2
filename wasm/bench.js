/**
 * `npm run bench` measures the core on this machine: times are the fastest of several repetitions, shares are of the
 * peak that the same run found. `--quick` takes under a minute, `--json` prints numbers for programs.
 */
import { parseArgs } from 'node:util';
import { Kernels } from './bench/kernels.js';
import { measureGeneration, measureOne, measureShared } from './bench/models.js';
import { report } from './bench/report.js';
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

/** Those of a quick run. */
const FEW_SIZES = [{ hidden: 64 }, { hidden: 512 }, { length: 2048 }, { batch: 1 }, { batch: 64 }];

/** Batch sizes that are shared out among two workers. */
const SHARED = [8, 32];

/**
 * Measures everything.
 * @param {{quick: boolean, say: (text: string) => void}} options
 * @returns {Promise<import('./bench/report.js').Results>}
 */
export async function bench({ quick, say }) {
  await buildCore();
  const module = await loadModule();
  const kernels = await Kernels.open();
  const effort = quick ? { seconds: 1, least: 2 } : { seconds: 4, least: 3 };
  const rows = [];
  const small = [];
  for (const model of MODELS) {
    say(`${model}: default size`);
    const { train, evaluate, parameters, settings } = await measureOne(module, kernels, { model }, effort);
    rows.push(train, evaluate, await measureGeneration(module, kernels, settings, parameters, effort));
    for (const batch of SHARED) {
      say(`${model}: two workers, batch ${batch}`);
      rows.push(await measureShared(module, kernels, { model, workers: 2, batch }, effort));
    }
    const sizes = quick ? [...FEW_SIZES, { batch: 32 }] : SIZES;
    for (const size of model === 'baseline' && quick ? [{ batch: 32 }] : sizes) {
      say(`${model}: ${Object.entries(size).join(' ').replace(',', ' ')}`);
      small.push(
        (await measureOne(module, kernels, { model, ...size }, { ...effort, seconds: effort.seconds / 2 })).train,
      );
    }
  }
  say('kernels');
  const shape = { hidden: 128, batch: 8, length: 128 };
  const kernelRows = kernels.measure(shape, quick ? 0.1 : 0.5);
  // The peak is the best that the whole run saw.
  const all = [...rows, ...small].map((row) => ({ ...row, share: row.gflops / (row.workers * kernels.peak) }));
  return { peak_gflops: kernels.peak, rows: all, kernels: kernelRows };
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
