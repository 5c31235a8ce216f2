/**
 * Builds the native test programs: each tests/c/NAME.test.c with the whole core and tests/c/support/, in one of several
 * ways. A line `// flags: -DAC_DOUBLE` near a test's beginning gives it compiler flags, with which the core is then
 * compiled, too. Tests with the same flags share objects. In double precision GCC takes six times as long for the kernels
 * when it watches scopes. `// tier: slow` keeps a test out of the quick tier. Objects are kept by a digest of everything
 * that goes into them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { CORE_FLAGS, coreSources, digest, filesUnder, WARNING_FLAGS } from '../wasm/tools/build.js';
import { inParallel, ROOT, run, SetupError } from '../wasm/tools/setup/run.js';
import { tool } from '../wasm/tools/setup/tools.js';

const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
/** Following variables through the inlined kernels takes GCC ten times as long as compiling them. */
const DEBUGGING = ['-O1', '-g', '-fno-var-tracking', '-fno-omit-frame-pointer'];
/** Kinds of builds, with their flags for compiling and linking. */
export const BUILDS = Object.freeze({
  // Compiling takes longer, but the longest tests run in half the time.
  sanitizers: [...DEBUGGING, '-O2', ...SANITIZERS],
  valgrind: DEBUGGING,
  mutants: ['-O1'],
});
const FOLDER = 'build/native';
const FIRST_LINES = 5;

/** @typedef {{name: string, source: string, flags: string[], tier: 'quick'|'slow'}} NativeTest */

/** @returns {NativeTest[]} the test programs, by name */
export function nativeTests() {
  return filesUnder('tests/c', /\.test\.c$/).map((source) => {
    const top = readFileSync(path.join(ROOT, source), 'utf8').split('\n', FIRST_LINES);
    const flags = top.map((line) => /^\/\/ flags: (.+)$/.exec(line)?.[1] ?? '').join(' ');
    return {
      name: source.slice('tests/c/'.length, -'.test.c'.length),
      source,
      flags: flags.split(/\s+/).filter(Boolean),
      tier: top.includes('// tier: slow') ? 'slow' : 'quick',
    };
  });
}

/** The number of files made so far, for names that no two running builds share. */
let made = 0;

/**
 * Makes a file, unless it exists; its name is a digest of what it is made of.
 * @param {string} name  from the project's folder
 * @param {string} root  where the compiler runs
 * @param {(fresh: string) => string[]} args  the compiler's, for an output file
 */
async function make(name, root, args) {
  if (existsSync(path.join(ROOT, name))) return name;
  const fresh = `${name}.${process.pid}.${++made}`;
  const { code, output } = await run(tool('gcc'), args(path.join(ROOT, fresh)), { cwd: root, seconds: 300 });
  if (code !== 0) throw new SetupError(`${output.trim()}\n${name} did not compile.`);
  renameSync(path.join(ROOT, fresh), path.join(ROOT, name));
  return name;
}

/** C files of a program. @param {NativeTest} test */
const sourcesOf = (test) => [...coreSources(), ...filesUnder('tests/c/support', /\.c$/), test.source];

/** @typedef {{flags: readonly string[], root: string}} How */

/**
 * The object files of some programs, each compiled once for each set of flags.
 * @param {readonly NativeTest[]} tests
 * @param {How} how
 * @returns {Promise<Map<string, string>>} by `${source} ${flags}`: the file, or `!` and the compiler's message
 */
async function compile(tests, how) {
  const headers = [...filesUnder('c', /\.h$/), ...filesUnder('tests/c', /\.h$/)];
  /** @type {Map<string, {source: string, flags: string[]}>} */
  const wanted = new Map();
  for (const test of tests) {
    for (const source of sourcesOf(test)) wanted.set(`${source} ${test.flags}`, { source, flags: test.flags });
  }
  const objects = await inParallel([...wanted], availableParallelism(), async ([key, { source, flags }]) => {
    const all = [...CORE_FLAGS, ...WARNING_FLAGS, ...how.flags, ...flags];
    const contents = digest([source, ...headers], all, how.root).slice(0, 16);
    const name = `${FOLDER}/${path.basename(source, '.c')}-${contents}.o`;
    const object = await make(name, how.root, (fresh) => [...all, '-c', source, '-o', fresh]).catch(
      (error) => `!${error.message}`,
    );
    return /** @type {const} */ ([key, object]);
  });
  return new Map(objects);
}

/**
 * Builds all programs.
 * @param {readonly NativeTest[]} tests
 * @param {Partial<How>} [how]  `flags`: one of BUILDS; `root`: another copy of c/ and tests/c/ to build from
 * @returns {Promise<Map<string, {program: string} | {error: string}>>} by the test's name
 */
export async function buildNativeTests(tests, { flags = BUILDS.sanitizers, root = ROOT } = {}) {
  mkdirSync(path.join(ROOT, FOLDER), { recursive: true });
  const objects = await compile(tests, { flags, root });
  const programs = await inParallel(tests, availableParallelism(), async (test) => {
    const parts = sourcesOf(test).map((source) => objects.get(`${source} ${test.flags}`) ?? '');
    const failed = parts.filter((part) => part.startsWith('!')).map((part) => part.slice(1));
    if (failed.length > 0) return { error: failed.join('\n') };
    // Object names are digests, so their list identifies the program.
    const name = `${FOLDER}/${path.basename(test.name)}-${digest([], parts).slice(0, 16)}`;
    const all = [...flags, ...parts.map((part) => path.join(ROOT, part)), '-lm'];
    return make(name, ROOT, (fresh) => [...all, '-o', fresh]).then(
      (program) => ({ program }),
      (error) => ({ error: String(error.message) }),
    );
  });
  return new Map(tests.map((test, i) => [test.name, programs[i]]));
}
