/**
 * Fuzzing of everything that takes outside data: the core’s calls and its codec with libFuzzer, guided by the code
 * that is reached, under the address and undefined-behaviour sanitizers; and file readers, with files changed at random.
 * `npm run fuzz -- --seconds 600` spends a third of the time on each of the three, from a seed that it prints.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { CORE_FLAGS, coreSources, digest, filesUnder } from '../../wasm/tools/build.js';
import { ROOT, run, runAsProgram, SetupError } from '../../wasm/tools/setup/run.js';
import { ensureTools, tool } from '../../wasm/tools/setup/tools.js';
import { fuzzParsers } from './parsers.js';

const FOLDER = 'build/fuzz';

/** The parts of the core that are fuzzed, and how large their inputs are. */
const TARGETS = Object.freeze({
  /** Settings, numbers and calls in any order. */
  calls: { source: 'tests/c/fuzz/calls.c', most: 600 },
  /** Pieces in and out of the codec, and pieces that no codec made. */
  codec: { source: 'tests/c/fuzz/codec.c', most: 1200 },
});

const FLAGS = [
  ...CORE_FLAGS,
  '-O1',
  '-g',
  '-fsanitize=fuzzer,address,undefined,float-cast-overflow',
  '-fno-sanitize-recover=all',
];

/**
 * @param {keyof typeof TARGETS} target
 * @returns {Promise<string>} the program, built unless it is there
 */
async function buildFuzzer(target) {
  mkdirSync(path.join(ROOT, FOLDER), { recursive: true });
  const sources = [...coreSources(), TARGETS[target].source];
  const program = `${FOLDER}/${target}-${digest([...sources, ...filesUnder('c', /\.h$/)], FLAGS).slice(0, 16)}`;
  if (existsSync(path.join(ROOT, program))) return program;
  const { code, output } = await run(tool('clang'), [...FLAGS, ...sources, '-lm', '-o', program], { seconds: 600 });
  if (code !== 0) throw new SetupError(`${output.trim()}\nThe fuzzer did not compile.`);
  return program;
}

/**
 * Fuzzes the core.
 * @param {object} options
 * @param {keyof typeof TARGETS} [options.target]
 * @param {number} options.seed
 * @param {number} [options.runs]     inputs, without a corpus: the same every time
 * @param {number} [options.seconds]  instead: for how long, adding to the corpus of earlier runs
 * @returns {Promise<{runs: number, edges: number}>} inputs tried, program edges reached
 * @throws {SetupError} with what went wrong, and the place of the input that caused it
 */
export async function fuzzCore({ target = 'calls', seed, runs, seconds = 0 }) {
  const program = await buildFuzzer(target);
  const corpus = path.join(ROOT, FOLDER, target === 'calls' ? 'corpus' : `corpus-${target}`);
  const limits = runs ? [`-runs=${runs}`] : [`-max_total_time=${seconds}`, corpus];
  if (!runs) mkdirSync(corpus, { recursive: true });
  const args = [
    `-max_len=${TARGETS[target].most}`,
    '-len_control=0',
    '-timeout=20',
    `-artifact_prefix=${FOLDER}/`,
    `-seed=${seed}`,
  ];
  const { code, output } = await run(path.join(ROOT, program), [...args, ...limits], { seconds: seconds + 300 });
  if (code !== 0) throw new SetupError(`${output.split('\n').slice(-60).join('\n')}\nThe core failed.`);
  const [, tried, edges] = [...output.matchAll(/^#(\d+)\s.*\bcov: (\d+)/gm)].pop() ?? [];
  return { runs: Number(tried), edges: Number(edges) };
}

/** @param {readonly string[]} args */
function secondsOf(args) {
  const seconds = args[0] === '--seconds' && args.length === 2 ? Number(args[1]) : args.length === 0 ? 60 : Number.NaN;
  if (!(seconds >= 3)) throw new SetupError('Say for how long: npm run fuzz -- --seconds 600.');
  return seconds;
}

await runAsProgram(import.meta.url, async () => {
  const seconds = secondsOf(process.argv.slice(2));
  const seed = (Date.now() % 2147483646) + 1;
  await ensureTools(['clang']);
  console.log(`Seed ${seed}, ${seconds} seconds.`);
  for (const target of /** @type {(keyof typeof TARGETS)[]} */ (Object.keys(TARGETS))) {
    const { runs, edges } = await fuzzCore({ target, seed, seconds: Math.max(1, Math.floor(seconds / 3)) });
    console.log(`The core’s ${target}: ${runs} inputs reached ${edges} edges, and none went wrong.`);
  }
  const { read, refused, slowest } = await fuzzParsers({ seed, seconds: seconds / 3 });
  const summary = `${read} read, ${refused} refused with a sentence, the slowest in ${(1000 * slowest).toFixed(0)} ms`;
  console.log(`Readers of files: ${summary}.`);
});
