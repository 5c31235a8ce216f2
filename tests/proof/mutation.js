/**
 * Puts one mistake at a time into a copy of the core and runs the native test that must notice it: `npm run mutate` prints a
 * table of all, and fails if one got through; `npm run mutate -- c/kernels` tries those of some files, or of a test.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { inParallel, ROOT, run, runAsProgram, SetupError } from '../../wasm/tools/setup/run.js';
import { ensureTools } from '../../wasm/tools/setup/tools.js';
import { BUILDS, buildNativeTests, nativeTests } from '../native.js';
import { changed } from './c_source.js';
import { MUTANTS } from './mutants.js';

/** @typedef {import('./mutants.js').Mutant} Mutant */

/** Seconds after which a program that no longer ends counts as caught. */
const SECONDS = 180;

/**
 * A file of the core with a mistake in it.
 * @param {Mutant} mutant
 * @returns {{file: string, text: string}}
 * @throws {SetupError} where the place is missing, or there are several
 */
export const mutated = ({ place, from, to }) => changed(place, from, to);

/** Copies of the sources, one for each mutant that is under way. @type {string[]} */
const trees = [];

/** @returns {string} a copy of the sources as they are */
function takeTree() {
  const free = trees.pop();
  if (free) return free;
  const tree = path.join(ROOT, 'build/mutants', `${process.pid}-${performance.now()}`);
  for (const folder of ['c', 'tests/c']) {
    mkdirSync(path.join(tree, folder), { recursive: true });
    cpSync(path.join(ROOT, folder), path.join(tree, folder), { recursive: true });
  }
  return tree;
}

/**
 * Whether a mistake is noticed by its test. One that does not compile is not a mutant.
 * @param {Mutant} mutant
 * @returns {Promise<boolean>}
 * @throws {SetupError}
 */
export async function caught(mutant) {
  const test = nativeTests().find(({ name }) => name === mutant.test);
  if (!test) throw new SetupError(`There is no native test ${mutant.test}.`);
  const { file, text } = mutated(mutant);
  const tree = takeTree();
  const place = path.join(tree, file);
  const original = readFileSync(place);
  try {
    writeFileSync(place, text);
    const built = (await buildNativeTests([test], { flags: BUILDS.mutants, root: tree })).get(test.name);
    if (!built || 'error' in built) throw new SetupError(`${file}, ${mutant.about}: ${built?.error}`);
    // In the project's folder: what the tests read is not mutated.
    const { code } = await run(path.join(ROOT, built.program), [], { seconds: SECONDS });
    rmSync(path.join(ROOT, built.program), { force: true });
    return code !== 0;
  } finally {
    writeFileSync(place, original);
    trees.push(tree);
  }
}

/** Throws the copies away. */
export function removeTrees() {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
}

await runAsProgram(import.meta.url, async () => {
  await ensureTools(['gcc']);
  const wanted = process.argv[2] ?? '';
  const chosen = MUTANTS.filter((mutant) => mutated(mutant).file.startsWith(wanted) || mutant.test === wanted);
  let through = 0;
  await inParallel(chosen, availableParallelism(), async (mutant) => {
    const found = await caught(mutant);
    through += found ? 0 : 1;
    const { place, about, test } = mutant;
    console.log(
      `${found ? '✔' : '✖ not'} caught by ${test.padEnd(10)} ${mutated(mutant).file.padEnd(22)} ${place}: ${about}`,
    );
  });
  removeTrees();
  console.log(`\n${chosen.length - through} of ${chosen.length} mutants were caught.`);
  if (through > 0 || chosen.length === 0) throw new SetupError('Tests must catch them all.');
});
