/**
 * `npm run bench` measures the core on this machine: times are the fastest of several repetitions, shares are of the
 * peak that the same run found. `--quick` takes under a minute, `--json` prints numbers for programs. `--tab` measures
 * training in a tab of each installed browser against Node instead, `--memory` counts what models take of it.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadModule } from '../../engine/node/surroundings.js';
import { buildCore } from '../build.js';
import { ROOT, runAsProgram, SetupError } from '../setup/run.js';
import { Kernels } from './kernels.js';
import { memoryOf, memoryTable } from './memory_use.js';
import { DEFAULT, optionsThere, report } from './tables.js';
import { measureGeneration, measureOne, measureShared } from './whole_models.js';

/** @typedef {import('./whole_models.js').Case} Case */

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
  adaptive: [{ hidden: 64 }, { hidden: 512 }, { length: 512 }, { batch: 1 }, { batch: 32 }],
  baseline: [{ batch: 32 }],
};

/** How long to measure at the default size and at others, at leisure and quickly; see whole_models.js. */
const EFFORT = { usual: { seconds: 4, least: 5, learn: 40 }, other: { seconds: 2, least: 5, learn: 4 } };
const QUICK_EFFORT = { usual: { seconds: 1, least: 2, learn: 20 }, other: { seconds: 0.5, least: 2, learn: 2 } };

/** What is shared out among two workers: the default, and more. @type {Omit<Case, 'model'>[]} */
const SHARED = [{}, { batch: 32 }];

/**
 * Measures everything.
 * @param {{quick: boolean, say: (text: string) => void}} options
 * @returns {Promise<import('./tables.js').Results>}
 */
export async function bench({ quick, say }) {
  await buildCore();
  const module = await loadModule();
  const kernels = await Kernels.open();
  const effort = quick ? QUICK_EFFORT : EFFORT;
  /** @type {import('./whole_models.js').Measured[]} */
  const defaults = [];
  /** @type {import('./whole_models.js').Measured[]} */
  const others = [];
  for (const model of MODELS) {
    say(`${model}, default size`);
    const { train, evaluate, parameters, settings } = await measureOne(module, kernels, { model }, effort.usual);
    defaults.push(train, evaluate, await measureGeneration(module, kernels, settings, parameters, effort.usual));
    for (const size of SHARED) {
      say(`${model}, two workers, ${JSON.stringify(size)}`);
      defaults.push(
        await measureShared(module, kernels, { model, workers: 2, ...size }, size.batch ? effort.other : effort.usual),
      );
    }
    for (const size of quick ? QUICK_SIZES[model] : SIZES) {
      say(`${model}, ${JSON.stringify(size)}`);
      others.push((await measureOne(module, kernels, { model, ...size }, effort.other)).train);
    }
  }
  say('kernels');
  const measured = kernels.measure(DEFAULT, quick ? 0.1 : 0.5);
  const peak = kernels.peak;
  const rows = [...defaults, ...others].map((row) => ({ ...row, share: row.gflops / (row.workers * peak) }));
  return { peak_gflops: peak, rows, kernels: measured };
}

/** What drives browsers, a program of the tests'. */
const TAB = 'tests/proof/bench_tab.js';

/** @returns {{quick?: boolean, json?: boolean, tab?: boolean, memory?: boolean, engine?: string[], part?: string[], 'text-file'?: string[]}} */
function readOptions() {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const names = /** @type {const} */ ({ type: 'string', multiple: true });
  try {
    const tab = { engine: names, part: names, 'text-file': names };
    return parseArgs({ options: { quick: flag, json: flag, tab: flag, memory: flag, ...tab } }).values;
  } catch (error) {
    throw new SetupError(optionsThere(/** @type {Error} */ (error).message.split('. ')[0]));
  }
}

await runAsProgram(import.meta.url, async () => {
  const { quick = false, json = false, tab = false, memory = false, ...names } = readOptions();
  if (tab) {
    const flags = [
      ...(quick ? ['--quick'] : []),
      ...(json ? ['--json'] : []),
      ...Object.entries(names).flatMap(([name, values]) => values.flatMap((value) => [`--${name}`, value])),
    ];
    process.exitCode =
      spawnSync(process.execPath, [path.join(ROOT, TAB), ...flags], { stdio: ['inherit', 'ignore', 'inherit', 1] })
        .status ?? 1;
    return;
  }
  if (memory) {
    await buildCore();
    const rows = memoryOf(await loadModule());
    console.log(json ? JSON.stringify(rows) : memoryTable(rows));
    return;
  }
  const results = await bench({ quick, say: (text) => process.stderr.write(`${text}\n`) });
  console.log(json ? JSON.stringify(results) : report(results));
});
