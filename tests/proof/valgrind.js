/**
 * The native tests under Valgrind's memcheck, which also sees what the sanitizers do not: decisions that depend on memory
 * that nobody wrote. `npm run valgrind` runs all; some take minutes.
 */
import path from 'node:path';
import { inParallel, ROOT, run, runAsProgram, SetupError } from '../../wasm/tools/setup/run.js';
import { ensureTools, tool } from '../../wasm/tools/setup/tools.js';
import { BUILDS, buildNativeTests, nativeTests } from '../native.js';

const ARGS = [
  '--quiet',
  '--error-exitcode=99',
  '--leak-check=full',
  '--errors-for-leak-kinds=all',
  '--track-origins=yes',
];

/**
 * Runs native tests under Valgrind.
 * @param {(name: string) => boolean} wanted  by name
 * @param {(name: string, seconds: number) => void} [onDone]
 * @returns {Promise<number>} how many tests ran
 * @throws {SetupError} with what Valgrind said
 */
export async function runUnderValgrind(wanted, onDone) {
  const tests = nativeTests().filter(({ name }) => wanted(name));
  const programs = await buildNativeTests(tests, { flags: BUILDS.valgrind });
  await inParallel(tests, 2, async ({ name }) => {
    const built = programs.get(name);
    if (!built || 'error' in built) throw new SetupError(built?.error ?? `${name} was not built.`);
    const start = performance.now();
    const { code, output } = await run(tool('valgrind'), [...ARGS, path.join(ROOT, built.program)], { seconds: 3600 });
    if (code !== 0) throw new SetupError(`${output.trim()}\n${name} is not clean under Valgrind.`);
    onDone?.(name, (performance.now() - start) / 1000);
  });
  return tests.length;
}

await runAsProgram(import.meta.url, async () => {
  await ensureTools(['gcc', 'valgrind']);
  const names = process.argv.slice(2);
  const count = await runUnderValgrind(
    (name) => names.length === 0 || names.includes(name),
    (name, seconds) => console.log(`✔ ${name} in ${seconds.toFixed(0)} s`),
  );
  if (count === 0) throw new SetupError('There is no native test of that name.');
  console.log(`${count} test programs are clean under Valgrind.`);
});
