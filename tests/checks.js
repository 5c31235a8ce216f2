/**
 * The static checks: types, format and lint of JavaScript and CSS, format, warnings and lint of C.
 * As a program, `node tests/checks.js --write` (`npm run format`) formats everything and applies safe fixes.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { BINDINGS, CORE_FLAGS, coreSources, filesUnder, WARNING_FLAGS } from '../wasm/tools/build.js';
import { ensurePackages } from '../wasm/tools/setup/packages.js';
import { ROOT, run, runAsProgram, SetupError } from '../wasm/tools/setup/run.js';
import { ensureTools, tool } from '../wasm/tools/setup/tools.js';

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => [string, string[], import('../wasm/tools/setup/run.js').RunOptions?]} command
 * @property {() => [string, string[]]} [fix]
 */

const STRICT = [
  ...CORE_FLAGS,
  ...WARNING_FLAGS,
  '-Werror',
  '-Wshadow',
  '-Wstrict-prototypes',
  '-Wmissing-prototypes',
  '-Wvla',
];

const cFiles = () => ['c', 'wasm', 'tests/c'].flatMap((folder) => filesUnder(folder, /\.[ch]$/));
const nativeSources = () => [...coreSources(), ...filesUnder('tests/c/support', /\.c$/)];

/** @param {string} name */
const npmProgram = (name) => path.join(ROOT, 'node_modules/.bin', name);

/**
 * Compiles everything, optimised, since some warnings come from the optimiser.
 * @param {string} name
 * @param {string[]} flags
 * @returns {Check}
 */
const warnings = (name, flags) => ({
  name: `C warnings, ${name}`,
  command: () => {
    const cwd = path.join(ROOT, 'build/warnings', name);
    mkdirSync(cwd, { recursive: true });
    return [
      tool('gcc'),
      [...STRICT, '-O2', ...flags, '-c', ...nativeSources().map((file) => path.join(ROOT, file))],
      { cwd },
    ];
  },
});

/**
 * It takes longest, and works through one file after another, so every second file goes to another process.
 * @param {string} which
 * @param {0|1} remainder
 * @returns {Check}
 */
const clangTidy = (which, remainder) => ({
  name: `clang-tidy, ${which}`,
  command: () => {
    const files = nativeSources().filter((_, i) => i % 2 === remainder);
    return [tool('clang-tidy'), ['--quiet', ...files, '--', ...CORE_FLAGS]];
  },
});

/** The quick ones. @type {readonly Check[]} */
export const CHECKS = [
  { name: 'types of the page and the tests', command: () => [npmProgram('tsc'), ['-p', '.config/tsconfig.json']] },
  // Checked without the DOM's types: a module or worker that touches the document fails.
  { name: 'types of wasm/', command: () => [npmProgram('tsc'), ['-p', '.config/tsconfig.wasm.json']] },
  {
    name: 'format and lint of JavaScript and CSS',
    command: () => [npmProgram('biome'), ['check', '--error-on-warnings', '--max-diagnostics=50', '--colors=off']],
    fix: () => [npmProgram('biome'), ['check', '--write', '--colors=off']],
  },
  {
    name: 'format of C',
    command: () => [tool('clang-format'), ['--dry-run', '-Werror', ...cFiles()]],
    fix: () => [tool('clang-format'), ['-i', ...cFiles()]],
  },
  warnings('vector', []),
  {
    name: 'C warnings, bindings',
    command: () => [tool('emcc'), [...STRICT, '-Wno-missing-prototypes', '-fsyntax-only', BINDINGS]],
  },
];

/** The long ones: analysis of the paths through C files, and warnings of builds that only tests use. @type {readonly Check[]} */
export const LINTERS = [
  warnings('scalar', ['-DAC_SCALAR']),
  warnings('double', ['-DAC_DOUBLE']),
  clangTidy('one half', 0),
  clangTidy('the other half', 1),
  {
    name: 'cppcheck',
    command: () => [
      tool('cppcheck'),
      [
        '--enable=warning,portability',
        '--std=c11',
        // Both warnings are guesses from the order of two conditions; clang-tidy follows the paths.
        '--suppress=arrayIndexThenCheck',
        '--suppress=arrayIndexOutOfBoundsCond',
        '--error-exitcode=1',
        '--quiet',
        'c',
        'wasm',
      ],
    ],
  },
];

await runAsProgram(import.meta.url, async () => {
  await ensurePackages();
  await ensureTools(['clang-format']);
  if (!process.argv.includes('--write'))
    throw new SetupError('npm run check checks; node tests/checks.js --write formats.');
  for (const { name, fix } of CHECKS) {
    if (!fix) continue;
    const { code, output } = await run(...fix());
    console.log(`${name}: ${code === 0 ? 'done' : `not all could be mended\n${output}`}`);
  }
});
