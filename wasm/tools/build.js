/**
 * Compiles the core and its bindings to a bare WebAssembly module, build/core.wasm: no JavaScript glue, no imports.
 * As a program: `node wasm/tools/build.js`.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, run, runAsProgram, SetupError } from './setup/run.js';
import { ensureTools, tool } from './setup/tools.js';

/** The module, from the project's folder. */
const CORE_WASM = 'build/core.wasm';

/** The one C file that names Emscripten. */
export const BINDINGS = 'wasm/engine/bindings.c';

/** Flags for every compiler of the core: without contraction all builds give the same bits. */
export const CORE_FLAGS = Object.freeze(['-std=c11', '-ffp-contract=off']);

/** How a compiler is asked to be strict. */
export const WARNING_FLAGS = Object.freeze(['-Wall', '-Wextra', '-Wpedantic']);

const EMCC_FLAGS = [
  ...CORE_FLAGS,
  ...WARNING_FLAGS,
  '-O3',
  '-msimd128',
  '--no-entry',
  '-sSTANDALONE_WASM',
  '-sALLOW_MEMORY_GROWTH',
  '-sMAXIMUM_MEMORY=4GB',
];

/**
 * Files under a folder.
 * @param {string} folder  from the project's folder
 * @param {RegExp} pattern  of their names
 * @returns {string[]} paths from the project's folder, sorted
 */
export function filesUnder(folder, pattern) {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** The core's own C files. */
export const coreSources = () => filesUnder('c', /\.c$/);

/**
 * A digest of files and whatever else a product depends on.
 * @param {readonly string[]} files  from the project's folder
 * @param {readonly string[]} [others]
 * @param {string} [root]  another folder than the project's
 * @returns {string} in hexadecimal
 */
export function digest(files, others = [], root = ROOT) {
  const hash = createHash('sha256').update(JSON.stringify([files, others]));
  for (const file of files) hash.update('\0').update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

/** @param {string} file */
function readOrEmpty(file) {
  try {
    return readFileSync(path.join(ROOT, file));
  } catch {
    return new Uint8Array();
  }
}

/**
 * Builds a module unless it is there and up to date.
 * @param {string} product  where, from the project's folder
 * @param {readonly string[]} sources  C files
 * @returns {Promise<boolean>} whether it was built anew
 * @throws {SetupError} with what the compiler said
 */
export async function buildModule(product, sources) {
  const inputs = digest([...sources, ...filesUnder('c', /\.h$/)], EMCC_FLAGS);
  const stamp = () => `${inputs} ${createHash('sha256').update(readOrEmpty(product)).digest('hex')}\n`;
  if (readOrEmpty(`${product}.stamp`).toString() === stamp()) return false;
  await ensureTools(['emcc']);
  mkdirSync(path.join(ROOT, path.dirname(product)), { recursive: true });
  // Built beside its place, since others may be reading the module or building it too.
  const fresh = path.join(ROOT, product.replace(/\.wasm$/, `.${process.pid}.wasm`));
  try {
    const { code, output } = await run(tool('emcc'), [...sources, ...EMCC_FLAGS, '-o', fresh], { seconds: 600 });
    if (code !== 0) throw new SetupError(`${output}\nThe core did not compile: see the compiler’s words above.`);
    if (output.trim()) console.log(output.trim());
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(fresh)));
    if (imports.length > 0) {
      const names = imports.map((i) => `${i.module}.${i.name}`).join(', ');
      throw new SetupError(`The core must need nothing from its host, but the module imports ${names}.`);
    }
    renameSync(fresh, path.join(ROOT, product));
  } finally {
    rmSync(fresh, { force: true });
  }
  writeFileSync(path.join(ROOT, `${product}.stamp`), stamp());
  return true;
}

/** Builds the core's own module; as `buildModule`. */
export const buildCore = () => buildModule(CORE_WASM, [...coreSources(), BINDINGS]);

await runAsProgram(import.meta.url, async () => {
  console.log(`${CORE_WASM} ${(await buildCore()) ? 'built' : 'is up to date'}`);
});
