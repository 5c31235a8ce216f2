/**
 * Runs the tests: `npm test`, or parts of them by name, `npm test -- c wasm`. Installs what is missing first, and ends
 * with a summary. Needs nothing but Node to start.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { buildCore } from '../wasm/tools/build.js';
import { ensurePackages } from '../wasm/tools/setup/packages.js';
import { ROOT, run, runAsProgram, SetupError } from '../wasm/tools/setup/run.js';
import { buildSite } from '../wasm/tools/setup/site.js';
import { ensureTools } from '../wasm/tools/setup/tools.js';

/**
 * @typedef {object} Part
 * @property {string} about
 * @property {string} files      a test file, or a folder of them
 * @property {string[]} tools
 * @property {() => Promise<unknown>} [prepare]
 * @property {Lanes} [lanes]  of its files
 * @property {string} [browsers]  only these, names with commas between; files that name none of them are left out
 * @property {boolean} [apart]  runs only when it is asked for by name
 */

/**
 * Files, by name, that run in one process, one after the other: a browser starts but once in it. The two lanes, `first` and
 * all that is in no list, run at the same time; then come those that watch the clock.
 * @typedef {Readonly<{first: readonly string[], alone: readonly string[]}>} Lanes
 */

/** @type {Readonly<Record<string, Part>>} */
const PARTS = Object.freeze({
  check: { about: 'static checks', files: 'tests/check.test.js', tools: ['emcc', 'gcc', 'clang-format'] },
  structure: { about: 'layout and imports', files: 'tests/structure.test.js', tools: [] },
  c: { about: 'native core', files: 'tests/c.test.js', tools: ['gcc'] },
  proof: {
    about: 'coverage, fuzzing, mutants',
    files: 'tests/proof',
    tools: ['gcc', 'gcov', 'clang', 'valgrind', 'emcc'],
    prepare: buildCore,
  },
  wasm: { about: 'module and command line', files: 'tests/wasm', tools: ['emcc'], prepare: buildCore },
  pytorch: {
    about: 'PyTorch package beside the core',
    files: 'tests/pytorch',
    tools: ['emcc', 'python3-torch'],
    prepare: buildCore,
  },
  web: { about: 'state and drawing', files: 'tests/web', tools: ['emcc'], prepare: buildCore },
  browser: {
    about: 'page in browsers',
    files: 'tests/browser',
    tools: ['emcc', 'chromium', 'firefox'],
    browsers: 'chromium,firefox',
    prepare: buildSite,
    lanes: {
      first: [
        'runs',
        'runs_panel',
        'job',
        'keyboard',
        'kills',
        'settings',
        'element',
        'explorer',
        'explorer_pointing',
        'package',
        'single',
      ],
      alone: ['answers', 'data_large', 'first_view', 'places'],
    },
  },
  // WebKitGTK's driver now and then loses its browser, and answers no more: it fails no other part.
  webkit: {
    about: 'page in WebKit',
    files: 'tests/browser',
    tools: ['emcc', 'webkit', 'xvfb'],
    prepare: buildSite,
    browsers: 'webkit',
    apart: true,
  },
});

const PART_SECONDS = 1200;
/**
 * Node 20 can crash where a worker is ended while V8 still compiles for it on another thread (“NodePlatform::ForIsolate …
 * Assertion failed: (data.first) != nullptr”), and tests end many.
 */
const STEADY = ['--no-concurrent-recompilation'];
const REPORTS = 'build/reports';
const LANES = 'build/lanes';

/** @param {string} place */
function testFiles(place) {
  if (place.endsWith('.js')) return [place];
  if (!existsSync(path.join(ROOT, place))) return [];
  const names = readdirSync(path.join(ROOT, place)).filter((name) => name.endsWith('.test.js'));
  return names.sort().map((name) => `${place}/${name}`);
}

/**
 * A file that runs some test files in its own process.
 * @param {string} name
 * @param {readonly string[]} files
 * @returns {string} its path
 */
function laneOf(name, files) {
  mkdirSync(path.join(ROOT, LANES), { recursive: true });
  const lane = `${LANES}/${name}.test.js`;
  writeFileSync(path.join(ROOT, lane), files.map((file) => `import '../../${file}';\n`).join(''));
  return lane;
}

/** What a run came to. @typedef {{tests: number, pass: number, fail: number, skipped: number}} Counts */

/**
 * Reads the closing lines of a TAP report.
 * @param {string} file
 * @returns {Counts}
 */
function readCounts(file) {
  const report = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const count = (/** @type {string} */ name) =>
    Number([...report.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].pop()?.[1] ?? 0);
  return {
    tests: count('tests'),
    pass: count('pass'),
    fail: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
  };
}

/**
 * Runs some test files; their report goes to build/reports/NAME.tap.
 * @param {string} name
 * @param {readonly string[]} files
 * @param {number} concurrency  files at a time
 * @param {string} [browsers]  only these
 * @returns {Promise<Counts & {ok: boolean}>}
 */
async function runFiles(name, files, concurrency, browsers = '') {
  const report = path.join(ROOT, REPORTS, `${name}.tap`);
  rmSync(report, { force: true });
  const reporters = ['spec', 'stdout', 'tap', report].map(
    (value, i) => `--test-reporter${i % 2 ? '-destination' : ''}=${value}`,
  );
  const args = [...STEADY, '--test', `--test-concurrency=${concurrency}`, ...reporters, ...files];
  const { code } = await run(process.execPath, args, {
    show: true,
    seconds: PART_SECONDS,
    env: browsers ? { BROWSERS: browsers } : {},
  });
  const counts = readCounts(report);
  return { ...counts, ok: code === 0 && counts.fail === 0 && counts.tests > 0 };
}

/**
 * Runs the files of a part in lanes.
 * @param {string} name
 * @param {readonly string[]} files
 * @param {Lanes} lanes
 * @param {string} [browsers]
 */
async function runLanes(name, files, { first, alone }, browsers) {
  const listed = [...first, ...alone].map((each) => files.find((file) => file.endsWith(`/${each}.test.js`)) ?? each);
  const missing = listed.find((file) => !files.includes(file));
  if (missing) throw new SetupError(`There is no test ${missing}, which is in a list of tests/run.js.`);
  const rest = files.filter((file) => !listed.includes(file));
  const lanes = [laneOf(`${name}-1`, listed.slice(0, first.length)), laneOf(`${name}-2`, rest)];
  return [
    await runFiles(name, lanes, lanes.length, browsers),
    await runFiles(`${name}-alone`, [laneOf(`${name}-alone`, listed.slice(first.length))], 1, browsers),
  ];
}

/**
 * Runs one part.
 * @param {string} name
 * @returns {Promise<Counts & {ok: boolean, seconds: number}>}
 */
async function runPart(name) {
  const { about, files, prepare, lanes, browsers, apart } = PARTS[name];
  const start = performance.now();
  console.log(`\n── ${name}: ${about}`);
  /** @type {(Counts & {ok: boolean})[]} */
  let results;
  try {
    const found = testFiles(files).filter(
      (file) => !apart || readFileSync(path.join(ROOT, file), 'utf8').includes(`'${browsers}'`),
    );
    if (found.length === 0) throw new SetupError(`There is no test in ${files}/.`);
    await prepare?.();
    results = lanes
      ? await runLanes(name, found, lanes, browsers)
      : [await runFiles(name, found, apart ? 1 : availableParallelism(), browsers)];
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    results = [{ ...readCounts(''), ok: false }];
  }
  const sum = (/** @type {keyof Counts} */ key) => results.reduce((total, result) => total + result[key], 0);
  return {
    ...{ tests: sum('tests'), pass: sum('pass'), fail: sum('fail'), skipped: sum('skipped') },
    ok: results.every(({ ok }) => ok),
    seconds: (performance.now() - start) / 1000,
  };
}

/** @param {Awaited<ReturnType<typeof runPart>>[]} results @param {string[]} names */
function summarise(names, results) {
  const sum = (/** @type {keyof Counts} */ key) => results.reduce((total, result) => total + result[key], 0);
  console.log('\n── summary');
  results.forEach(({ ok, tests, pass, fail, seconds }, i) => {
    const numbers = `${pass} of ${tests} passed${fail ? `, ${fail} failed` : ''}`;
    console.log(`${ok ? '✔' : '✖'} ${names[i].padEnd(10)} ${numbers} in ${seconds.toFixed(0)} s`);
  });
  for (const key of /** @type {const} */ (['tests', 'pass', 'fail', 'skipped'])) console.log(`# ${key} ${sum(key)}`);
}

await runAsProgram(import.meta.url, async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0)
    throw new SetupError(`There is no part ${unknown.join(', ')}: name some of ${Object.keys(PARTS).join(', ')}.`);
  const names = wanted.length > 0 ? [...new Set(wanted)] : Object.keys(PARTS).filter((name) => !PARTS[name].apart);
  await ensurePackages();
  await ensureTools([...new Set(names.flatMap((name) => PARTS[name].tools))]);
  mkdirSync(path.join(ROOT, REPORTS), { recursive: true });
  const results = [];
  for (const name of names) results.push(await runPart(name));
  summarise(names, results);
  if (!results.every(({ ok }) => ok)) process.exitCode = 1;
});
