/** The core's module for whoever uses it as a library: given, from disk, or fetched from beside this file. */
import { compile } from '../engine/module.js';

/** Bundlers see this form, copy the file and put its new address here. */
const ADDRESS = new URL('../../build/core.wasm', import.meta.url);

/** @returns {Promise<WebAssembly.Module>} */
function ownModule() {
  if (ADDRESS.protocol !== 'file:') return compile(fetch(ADDRESS));
  // Node's `fetch` reads no files; `node:fs` is asked for in a way that no bundler follows.
  const files = /** @type {typeof import('node:fs')|undefined} */ (globalThis.process?.getBuiltinModule?.('node:fs'));
  return files ? compile(new Uint8Array(files.readFileSync(ADDRESS))) : compile(fetch(ADDRESS));
}

/** Compiled once. @type {Promise<WebAssembly.Module>|undefined} */
let compiled;

/**
 * @param {WebAssembly.Module|BufferSource|Response|Promise<Response>} [given]
 * @returns {Promise<WebAssembly.Module>}
 * @throws {import('../engine/module.js').CoreError} `no_simd`, `no_module`
 */
export async function moduleOf(given) {
  if (given instanceof WebAssembly.Module) return given;
  if (given) return compile(given);
  compiled ??= ownModule();
  try {
    return await compiled;
  } catch (error) {
    compiled = undefined;
    throw error;
  }
}
