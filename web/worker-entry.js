/**
 * What runs in the page's workers. The first one leads and owns the model; those that it starts itself, from this same
 * script, are replicas and are told apart by their name. Nested workers need no headers and speak by plain messages.
 */
import moduleUrl from '../build/core.wasm?url';
import { compile } from '../wasm/module.js';
import { serveReplica } from '../wasm/replica.js';
import { serve } from '../wasm/worker.js';

const REPLICA = 'replica';
const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @returns {import('../wasm/replicas.js').Link} */
function spawn() {
  const worker = new Worker(scope.location.href, { type: 'module', name: REPLICA });
  return {
    post: (command, transfer = []) => worker.postMessage(command, transfer),
    listen: (listener) => {
      worker.onmessage = ({ data }) => listener(data);
      worker.onerror = ({ message }) =>
        listener({
          type: 'replica-failed',
          code: 'worker',
          message: `A training worker stopped (${message}): start training again.`,
        });
    },
    close: () => worker.terminate(),
  };
}

/** @param {unknown} event @param {Transferable[]} [transfer] */
const post = (event, transfer = []) => scope.postMessage(event, transfer);

if (scope.name === REPLICA) {
  const answer = serveReplica(post);
  scope.onmessage = ({ data }) => answer(data);
} else {
  /** Compiled once. @type {Promise<WebAssembly.Module>|undefined} */
  let module;
  const answer = serve(post, {
    module: () => (module ??= compile(fetch(new URL(moduleUrl, scope.location.href)))),
    cores: scope.navigator.hardwareConcurrency || 1,
    // Workers that can't start workers train alone.
    spawn: typeof Worker === 'function' ? spawn : undefined,
  });
  scope.onmessage = ({ data }) => answer(data);
}
