/**
 * Runs the tests. `npm test` is the quick tier, `npm run test:rest` everything that it leaves out, `npm run test:all` both and
 * WebKit. `npm test -- c wasm` runs whole parts by name; `--install` also installs missing system packages. It first installs
 * whatever else is missing, and ends with a summary.
 * Needs nothing but Node to start.
 *
 * A test file belongs to the tier of its part, unless a line `// tier: quick` or `// tier: slow` near its beginning says
 * otherwise; so do the native tests (tests/native.js).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { buildCore } from '../wasm/tools/build.js';
import { ensurePackages } from '../wasm/tools/setup/packages.js';
import { ROOT, run, runAsProgram, SetupError } from '../wasm/tools/setup/run.js';
import { buildSite } from '../wasm/tools/setup/site.js';
import { ensureTools } from '../wasm/tools/setup/tools.js';

/** @typedef {'quick'|'slow'} Tier */

/**
 * @typedef {object} Part
 * @property {string} about
 * @property {readonly string[]} files  test files, or folders of them
 * @property {readonly string[]} tools
 * @property {readonly string[]} [slowTools]  what its slow tests need as well
 * @property {Tier} [tier]  of files that do not name theirs; default quick
 * @property {() => Promise<unknown>} [prepare]
 * @property {Lanes} [lanes]  of its files
 * @property {string} [browsers]  only these, names separated by commas; in a part that runs apart, files that name none of them
 *   are left out
 * @property {boolean} [apart]  runs only by name, and with `all`
 * @property {number} [seconds]  that it may take; default PART_SECONDS
 */

/**
 * Files, by name, that run in one process, one after another, so that a browser starts only once. The two lanes, `first` and
 * all the files that are in no list, run at the same time; then come those that measure time.
 * @typedef {Readonly<{first: readonly string[], alone: readonly string[]}>} Lanes
 */

/** @type {Readonly<Record<string, Part>>} */
const PARTS = Object.freeze({
  check: {
    about: 'static checks',
    files: ['tests/check.test.js', 'tests/lint.test.js'],
    tools: ['emcc', 'gcc', 'clang-format'],
    slowTools: ['clang-tidy', 'cppcheck'],
  },
  structure: {
    about: 'layout and imports',
    files: [
      'tests/structure.test.js',
      'tests/imports.test.js',
      'tests/workflows.test.js',
      'tests/architecture.test.js',
    ],
    tools: [],
  },
  c: { about: 'native core', files: ['tests/c.test.js', 'tests/c_slow.test.js'], tools: ['gcc'] },
  proof: {
    about: 'coverage, fuzzing, mutants',
    files: ['tests/proof'],
    tools: ['gcc'],
    slowTools: ['gcov', 'clang', 'valgrind', 'emcc'],
    tier: 'slow',
    prepare: buildCore,
  },
  wasm: {
    about: 'module and command line',
    files: ['tests/wasm'],
    tools: ['emcc'],
    slowTools: ['python3', 'zip', '7z'],
    prepare: buildCore,
  },
  web: {
    about: 'state and drawing',
    files: ['tests/web'],
    tools: ['emcc'],
    slowTools: ['python3', 'zip', '7z'],
    prepare: buildCore,
  },
  pytorch: {
    about: 'PyTorch package against the core',
    files: ['tests/pytorch'],
    tools: ['emcc', 'python3-torch', 'pip', 'python3', 'chromium'],
    tier: 'slow',
    prepare: buildSite,
  },
  browser: {
    about: 'page in browsers',
    files: ['tests/browser'],
    tools: ['emcc', 'chromium'],
    slowTools: ['firefox'],
    tier: 'slow',
    browsers: 'chromium,firefox',
    prepare: buildSite,
    lanes: {
      first: [
        'runs',
        'runs_panel',
        'job_engines',
        'keyboard',
        'kills',
        'settings',
        'element',
        'explorer',
        'explorer_pointing',
        'single',
      ],
      // The package rebuilds the site, which all others use.
      alone: ['answers', 'data_large', 'first_view', 'places', 'package'],
    },
  },
  sites: {
    about: 'element in sites of generators',
    files: ['tests/sites'],
    tools: ['emcc', 'chromium', 'mkdocs'],
    tier: 'slow',
    prepare: buildSite,
  },
  // WebKitGTK's driver sometimes loses its browser and stops answering: that must not fail another part.
  webkit: {
    about: 'page in WebKit',
    files: ['tests/browser'],
    tools: ['emcc', 'webkit', 'xvfb'],
    tier: 'slow',
    prepare: buildSite,
    browsers: 'webkit',
    apart: true,
    seconds: 3600,
  },
});

/** Selections that may be named instead of parts. @type {Readonly<Record<string, Readonly<{tiers: readonly Tier[], apart: boolean}>>>} */
const SELECTIONS = Object.freeze({
  quick: { tiers: ['quick'], apart: false },
  rest: { tiers: ['slow'], apart: false },
  all: { tiers: ['quick', 'slow'], apart: true },
});

const PART_SECONDS = 1200;
/**
 * Node 20 can crash when a worker is ended while V8 still compiles for it on another thread (“NodePlatform::ForIsolate …
 * Assertion failed: (data.first) != nullptr”), and tests end many.
 */
const STEADY = ['--no-concurrent-recompilation'];
const REPORTS = 'build/reports';
const LANES = 'build/lanes';

const FIRST_LINES = 5;

/** @param {string} place  a test file, or a folder of them */
function filesIn(place) {
  if (place.endsWith('.js')) return [place];
  if (!existsSync(path.join(ROOT, place))) return [];
  const names = readdirSync(path.join(ROOT, place)).filter((name) => name.endsWith('.test.js'));
  return names.sort().map((name) => `${place}/${name}`);
}

/**
 * The test files of a part.
 * @param {Part} part
 * @param {readonly Tier[]} tiers  those to include
 */
function testFiles({ files, tier = 'quick', apart, browsers }, tiers) {
  return files.flatMap(filesIn).filter((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const own = text.split('\n', FIRST_LINES).find((line) => line.startsWith('// tier: '));
    const wanted = tiers.includes(/** @type {Tier} */ (own?.slice('// tier: '.length) ?? tier));
    return apart ? text.includes(`'${browsers}'`) : wanted;
  });
}

/**
 * Writes a file that runs some test files in one process.
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

/** The result of a run. @typedef {{tests: number, pass: number, fail: number, skipped: number}} Counts */

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
 * @param {number} [seconds]  that they may take
 * @returns {Promise<Counts & {ok: boolean}>}
 */
async function runFiles(name, files, concurrency, browsers = '', seconds = PART_SECONDS) {
  const report = path.join(ROOT, REPORTS, `${name}.tap`);
  rmSync(report, { force: true });
  const reporters = ['spec', 'stdout', 'tap', report].map(
    (value, i) => `--test-reporter${i % 2 ? '-destination' : ''}=${value}`,
  );
  const args = [...STEADY, '--test', `--test-concurrency=${concurrency}`, ...reporters, ...files];
  const { code } = await run(process.execPath, args, {
    show: true,
    seconds,
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
  const found = (/** @type {readonly string[]} */ names) =>
    files.filter((file) => names.includes(path.basename(file, '.test.js')));
  const rest = files.filter((file) => !found([...first, ...alone]).includes(file));
  const lanes = [
    { name: `${name}-1`, files: found(first) },
    { name: `${name}-2`, files: rest },
  ].filter((lane) => lane.files.length > 0);
  const sideBySide = lanes.map((lane) => laneOf(lane.name, lane.files));
  const results = [await runFiles(name, sideBySide, lanes.length, browsers)];
  if (found(alone).length > 0)
    results.push(await runFiles(`${name}-alone`, [laneOf(`${name}-alone`, found(alone))], 1, browsers));
  return results;
}

/** @throws {SetupError} where a list of lanes names a test that does not exist */
function checkLanes() {
  for (const { lanes, files } of Object.values(PARTS)) {
    const names = files.flatMap(filesIn).map((file) => path.basename(file, '.test.js'));
    const missing = [...(lanes?.first ?? []), ...(lanes?.alone ?? [])].find((name) => !names.includes(name));
    if (missing) throw new SetupError(`There is no test ${missing}, which is in a list of tests/run.js.`);
  }
}

/**
 * Runs the files of a part.
 * @param {string} name
 * @param {readonly string[]} files
 * @returns {Promise<Counts & {ok: boolean, seconds: number}>}
 */
async function runPart(name, files) {
  const { about, prepare, lanes, browsers, apart, seconds } = PARTS[name];
  const start = performance.now();
  console.log(`\n── ${name}: ${about}`);
  /** @type {(Counts & {ok: boolean})[]} */
  let results;
  try {
    if (files.length === 0) throw new SetupError(`There is no test in the part ${name}.`);
    await prepare?.();
    results = lanes
      ? await runLanes(name, files, lanes, browsers)
      : [await runFiles(name, files, apart ? 1 : availableParallelism(), browsers, seconds)];
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

/**
 * What to run.
 * @param {readonly string[]} wanted  one of SELECTIONS, or names of parts
 * @returns {{name: string, files: string[], tools: readonly string[]}[]}
 * @throws {SetupError} where a name is unknown
 */
function chosen(wanted) {
  const selection = wanted.length <= 1 ? SELECTIONS[wanted[0] ?? 'quick'] : undefined;
  const unknown = selection ? [] : wanted.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0)
    throw new SetupError(
      `There is no part ${unknown.join(', ')}: name some of ${Object.keys(PARTS).join(', ')}, or one of ${Object.keys(SELECTIONS).join(', ')}.`,
    );
  const { tiers, apart } = selection ?? SELECTIONS.all;
  const names = Object.keys(PARTS).filter((name) => (selection ? apart || !PARTS[name].apart : wanted.includes(name)));
  return names
    .map((name) => {
      const { tools, slowTools = [] } = PARTS[name];
      return {
        name,
        files: testFiles(PARTS[name], tiers),
        tools: tiers.includes('slow') ? [...tools, ...slowTools] : tools,
      };
    })
    .filter(({ files }) => !selection || files.length > 0);
}

await runAsProgram(import.meta.url, async () => {
  const parts = chosen(process.argv.slice(2).filter((word) => word !== '--install'));
  checkLanes();
  await ensurePackages();
  await ensureTools([...new Set(parts.flatMap(({ tools }) => tools))]);
  mkdirSync(path.join(ROOT, REPORTS), { recursive: true });
  const results = [];
  for (const { name, files } of parts) results.push(await runPart(name, files));
  summarise(
    parts.map(({ name }) => name),
    results,
  );
  if (!results.every(({ ok }) => ok)) process.exitCode = 1;
});
