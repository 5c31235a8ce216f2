/**
 * Which branches of c/ the native tests take, as counted by gcov: `npm run coverage` prints a table of the files.
 * The core is compiled without optimisation here, so that each branch is one in the source.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CORE_FLAGS, coreSources, filesUnder } from '../../wasm/tools/build.js';
import { inParallel, ROOT, run, runAsProgram, SetupError } from '../../wasm/tools/setup/run.js';
import { ensureTools, tool } from '../../wasm/tools/setup/tools.js';
import { nativeTests } from '../native.js';

const FOLDER = path.join(ROOT, 'build/coverage');

/** The share of the branches that the tests must take at least. */
export const LEAST = 0.95;

/** @typedef {{line: number, branches: number[]}} Line  how often each branch was taken */
/** @typedef {{file: string, taken: number, branches: number, missed: number[]}} Row  `missed`: lines */

/**
 * Runs a command that must succeed.
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 */
async function must(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd, seconds: 900 });
  if (code !== 0) throw new SetupError(`${output.trim()}\n${path.basename(command)} failed.`);
  return output;
}

/** @param {string} source @param {string} suffix */
const objectOf = (source, suffix) => path.join(FOLDER, `${path.basename(source, '.c')}${suffix}`);

/**
 * Compiles the core and runs test programs, which leave their counts in the folder.
 * @param {readonly import('../native.js').NativeTest[]} tests
 */
async function collect(tests) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const others = [...filesUnder('tests/c/support', /\.c$/), ...tests.map(({ source }) => source)];
  await inParallel([...coreSources(), ...others], availableParallelism(), (source) => {
    const flags = others.includes(source) ? ['-O1'] : ['-O0', '--coverage'];
    return must(tool('gcc'), [...CORE_FLAGS, ...flags, '-c', source, '-o', objectOf(source, '.o')]);
  });
  await inParallel(tests, availableParallelism(), async ({ source }) => {
    const mine = [...coreSources(), ...filesUnder('tests/c/support', /\.c$/), source];
    const program = objectOf(source, '.program');
    await must(tool('gcc'), ['--coverage', ...mine.map((file) => objectOf(file, '.o')), '-lm', '-o', program]);
    await must(program, []);
  });
}

/**
 * Adds gcov's counts for a source and the headers that it includes.
 * @param {any[]} files  of gcov's JSON
 * @param {Map<string, Map<number, number[]>>} all  branches by file and line
 */
function addUp(files, all) {
  for (const { file, lines } of files) {
    const name = path.relative(ROOT, path.resolve(ROOT, file));
    if (!name.startsWith('c/')) continue;
    const found = all.get(name) ?? new Map();
    all.set(name, found);
    for (const { line_number: line, branches } of lines) {
      const counts = found.get(line) ?? [];
      found.set(line, counts);
      for (const [i, { count }] of branches.entries()) counts[i] = (counts[i] ?? 0) + count;
    }
  }
}

/**
 * The branches of c/ that tests take.
 * @param {(name: string) => boolean} [wanted]  which test programs to run, by name
 * @returns {Promise<Row[]>} by file
 */
export async function branchCoverage(wanted = () => true) {
  // Programs with flags of their own run a core that is compiled differently.
  await collect(nativeTests().filter(({ name, flags }) => flags.length === 0 && wanted(name)));
  /** @type {Map<string, Map<number, number[]>>} */
  const all = new Map();
  for (const source of coreSources()) {
    const counts = objectOf(source, '.gcda');
    await must(tool('gcov'), ['--branch-probabilities', '--json-format', counts], FOLDER);
    addUp(JSON.parse(String(gunzipSync(readFileSync(counts.replace(/gcda$/, 'gcov.json.gz'))))).files, all);
  }
  return [...all].sort().map(([file, lines]) => {
    const counts = [...lines.values()].flat();
    const missed = [...lines].filter(([, branches]) => branches.includes(0)).map(([line]) => line);
    return { file, taken: counts.filter((n) => n > 0).length, branches: counts.length, missed };
  });
}

/** @param {readonly Row[]} rows */
export function shareTaken(rows) {
  const sum = (/** @type {'taken'|'branches'} */ key) => rows.reduce((total, row) => total + row[key], 0);
  return { taken: sum('taken'), branches: sum('branches'), share: sum('taken') / sum('branches') };
}

await runAsProgram(import.meta.url, async () => {
  await ensureTools(['gcc', 'gcov']);
  const rows = await branchCoverage();
  for (const { file, taken, branches, missed } of rows.filter((row) => row.branches > 0)) {
    const lines = missed.length > 0 ? `  not all at line ${missed.sort((a, b) => a - b).join(', ')}` : '';
    console.log(`${file.padEnd(24)} ${String(taken).padStart(4)} of ${String(branches).padStart(4)}${lines}`);
  }
  const { taken, branches, share } = shareTaken(rows);
  console.log(`\n${taken} of ${branches} branches of c/ are taken by the tests: ${(100 * share).toFixed(1)} %.`);
  if (share < LEAST) throw new SetupError(`That is less than ${100 * LEAST} %.`);
});
