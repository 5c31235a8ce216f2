/**
 * Finds the programs that building and testing need. Missing ones are installed on Debian and its like: for root
 * without asking, after saying so; for anybody else only when asked, by sudo.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { run, SetupError } from './run.js';

/**
 * @typedef {object} Tool
 * @property {string[]} commands   any of which will do, best first
 * @property {string[]} packages   Debian's, where none is there
 * @property {string} name
 * @property {string} purpose
 * @property {string} [override]   environment variable that names the program
 * @property {{folder: string, name: RegExp}} [library]  what must lie somewhere under a folder, where that is there:
 *   Debian packs it apart from the program
 * @property {string} [folder]  the only one that the program is looked for in
 */

/** @type {Readonly<Record<string, Tool>>} */
const TOOLS = Object.freeze({
  emcc: {
    commands: ['emcc'],
    packages: ['emscripten'],
    name: 'Emscripten',
    purpose: 'compile the core to WebAssembly',
    override: 'EMCC',
  },
  gcc: {
    commands: ['gcc'],
    packages: ['gcc', 'libc6-dev'],
    name: 'GCC',
    purpose: 'test the core natively',
    override: 'GCC',
  },
  'clang-format': {
    commands: ['clang-format'],
    packages: ['clang-format'],
    name: 'clang-format',
    purpose: 'check the format of the C files',
  },
  chromium: {
    // The same engine without windows opens a page with a quarter less work.
    commands: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    packages: ['chromium-headless-shell', 'fonts-liberation'],
    name: 'Chromium',
    purpose: 'test the page',
    override: 'CHROMIUM',
  },
  firefox: {
    commands: ['firefox-esr', 'firefox'],
    packages: ['firefox-esr', 'fonts-liberation'],
    name: 'Firefox',
    purpose: 'test the page',
    override: 'FIREFOX',
  },
  webkit: {
    commands: ['WebKitWebDriver'],
    packages: ['webkit2gtk-driver', 'fonts-liberation'],
    name: 'WebKitGTK’s driver',
    purpose: 'test the page in WebKit',
    override: 'WEBKIT_DRIVER',
  },
  xvfb: { commands: ['Xvfb'], packages: ['xvfb'], name: 'Xvfb', purpose: 'show WebKit’s windows to nobody' },
  'clang-tidy': { commands: ['clang-tidy'], packages: ['clang-tidy'], name: 'clang-tidy', purpose: 'lint the C files' },
  valgrind: {
    commands: ['valgrind'],
    packages: ['valgrind', 'libc6-dbg'],
    name: 'Valgrind',
    purpose: 'watch the core’s memory',
  },
  clang: {
    commands: ['clang-14', 'clang'],
    packages: ['clang-14', 'libclang-rt-14-dev'],
    name: 'Clang with its fuzzer',
    purpose: 'fuzz the core',
    override: 'CLANG',
    library: { folder: '/usr/lib/llvm-14/lib/clang', name: /^libclang_rt\.fuzzer-.*\.a$/ },
  },
  'python3-torch': {
    commands: ['python3'],
    packages: ['python3-torch', 'libopenblas0-pthread'],
    name: 'Python with PyTorch',
    purpose: 'compare the PyTorch package with the core',
    override: 'PYTHON',
    // A Python from elsewhere does not see Debian’s packages.
    library: { folder: '/usr/lib/python3', name: /^torch$/ },
    folder: '/usr/bin',
  },
  pip: {
    commands: ['pip3'],
    packages: ['python3-pip'],
    name: 'pip',
    purpose: 'install the PyTorch package',
    // That of the Python which has PyTorch.
    folder: '/usr/bin',
  },
  python3: {
    commands: ['python3'],
    packages: ['python3'],
    name: 'Python',
    purpose: 'compare what is read with what it writes',
    override: 'PYTHON',
  },
  zip: { commands: ['zip'], packages: ['zip'], name: 'Info-ZIP', purpose: 'test zip archives' },
  '7z': { commands: ['7z', '7zz'], packages: ['p7zip-full'], name: '7-Zip', purpose: 'test zip archives' },
  mkdocs: { commands: ['mkdocs'], packages: ['mkdocs'], name: 'MkDocs', purpose: 'try the element in a site of its' },
  gcov: { commands: ['gcov'], packages: ['gcc'], name: 'gcov', purpose: 'count the branches that tests take' },
  cppcheck: { commands: ['cppcheck'], packages: ['cppcheck'], name: 'cppcheck', purpose: 'lint the C files' },
});

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @param {{folder: string, name: RegExp}} library @returns {boolean} whether it is there */
function holds({ folder, name }) {
  return readdirSync(folder, { recursive: true }).some((file) => name.test(path.basename(String(file))));
}

/**
 * Where a tool is.
 * @param {string} key  of TOOLS
 * @returns {string | undefined} a path, undefined where it is missing
 * @throws {SetupError} where its environment variable names something that is not a program
 */
export function findTool(key) {
  const { commands, override = '', name, library, folder } = TOOLS[key];
  const named = process.env[override];
  if (named) {
    if (!isProgram(named))
      throw new SetupError(`${override} names ${named}, which is not a program: let it name ${name}.`);
    return named;
  }
  if (library && existsSync(library.folder) && !holds(library)) return undefined;
  const folders = folder ? [folder] : (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return commands.flatMap((command) => folders.map((folder) => path.join(folder, command))).find(isProgram);
}

/**
 * Where a required tool is.
 * @param {string} key
 * @returns {string}
 * @throws {SetupError}
 */
export function tool(key) {
  const found = findTool(key);
  if (!found) throw new SetupError(neededSentence(key));
  return found;
}

/**
 * What is said before packages are installed.
 * @param {readonly string[]} keys
 * @returns {string} a line, and one a tool
 */
export function installLines(keys) {
  const lines = keys.map((key) => {
    const { name, packages, purpose } = TOOLS[key];
    return `  ${name} (${packages.join(', ')}), to ${purpose}`;
  });
  return ['These are missing, and will be installed with apt-get:', ...lines].join('\n');
}

/**
 * What is said about a tool that can't be had.
 * @param {string} key
 * @returns {string}
 */
export function neededSentence(key) {
  const { name, purpose, packages, override } = TOOLS[key];
  const otherwise = override ? `, or let ${override} name its program` : '';
  return `${name} is needed to ${purpose}: npm run setup installs it on Debian and Ubuntu (apt-get install ${packages.join(' ')}), elsewhere install it yourself${otherwise}.`;
}

/** What decides whether packages can be installed. @typedef {{root: boolean, debian: boolean}} Machine */

/** @returns {Machine} */
const thisMachine = () => ({ root: process.getuid?.() === 0, debian: existsSync('/etc/debian_version') });

/** Whether whoever started the program asked for packages to be installed. */
const asked = () => process.argv.includes('--install');

/**
 * Installs what is missing of some tools: as root on Debian, and where it was asked for.
 * @param {readonly string[]} keys
 * @param {{install?: boolean, machine?: Machine}} [options]  `install`: it was asked for; default whether the command line has
 *   `--install`
 * @throws {SetupError} one sentence a tool that can't be had
 */
export async function ensureTools(keys, { install = asked(), machine = thisMachine() } = {}) {
  const absent = keys.filter((key) => !findTool(key));
  if (absent.length === 0) return;
  if (machine.debian && (machine.root || install)) {
    console.log(installLines(absent));
    await installPackages([...new Set(absent.flatMap((key) => TOOLS[key].packages))], machine.root);
  }
  const still = absent.filter((key) => !findTool(key));
  if (still.length > 0) throw new SetupError(still.map(neededSentence).join('\n'));
}

/** Never asks, waits for another apt-get to finish, and gives up on a dead mirror. */
const APT = [
  '-y',
  '-o',
  'DPkg::Lock::Timeout=600',
  '-o',
  'Acquire::Retries=3',
  '-o',
  'Acquire::http::Timeout=60',
  '-o',
  'Acquire::https::Timeout=60',
  '-o',
  'Dpkg::Options::=--force-confold',
];

/** @param {string[]} packages @param {boolean} root */
async function installPackages(packages, root) {
  const install = [...APT, 'install', '--no-install-recommends', ...packages];
  if (!root) {
    // It may ask for a password, so it gets the terminal.
    spawnSync('sudo', ['apt-get', 'update'], { stdio: 'inherit' });
    spawnSync('sudo', ['apt-get', ...install], { stdio: 'inherit' });
    return;
  }
  const attempts = 3;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const update = await run('apt-get', [...APT, 'update'], { env, seconds: 600 });
    // Old lists may still do, so a failed update alone is no reason to give up.
    const { code, output } = await run('apt-get', install, { env, seconds: 1800 });
    if (code === 0) return;
    const why = `${update.code === 0 ? '' : update.output}${output}`.trim().split('\n').slice(-15).join('\n');
    console.error(`apt-get did not succeed (attempt ${attempt} of ${attempts}):\n${why}`);
    if (attempt < attempts) await new Promise((resolve) => setTimeout(resolve, 10_000 * attempt));
  }
}
