/** The worker's surroundings under Node: the built module from disk, replicas in worker threads. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CoreError, compile } from '../module.js';

const MODULE = new URL('../../../build/core.wasm', import.meta.url);

/** The built module, not compiled. */
const program = () => readFile(MODULE);

/**
 * @returns {Promise<WebAssembly.Module>}
 * @throws {CoreError} `no_module`, `no_simd`
 */
export async function loadModule() {
  let bytes;
  try {
    bytes = await program();
  } catch {
    throw new CoreError('no_module', 'The model’s program has not been built yet: run “npm run build”.');
  }
  return compile(bytes);
}

/** @returns {import('../replica_answers.js').Link} */
export function spawnReplica() {
  const worker = new Worker(new URL('./replica_thread.js', import.meta.url));
  return {
    post: (command, transfer) =>
      worker.postMessage(command, /** @type {import('node:worker_threads').TransferListItem[]} */ (transfer)),
    listen: (listener) => {
      const failed = (/** @type {string} */ why) =>
        listener({ type: 'replica-failed', code: 'worker', message: `A training worker stopped (${why}).` });
      worker.on('message', listener);
      worker.on('error', (error) => failed(error.message));
      worker.on('exit', (code) => failed(`exit status ${code}`));
    },
    close: () => void worker.terminate(),
  };
}

/** @returns {import('../worker/worker.js').Surroundings} */
export function surroundings() {
  return { module: loadModule, program, cores: availableParallelism(), spawn: spawnReplica };
}
