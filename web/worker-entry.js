/**
 * What runs in the page's workers. The first one leads and owns the model; those that it starts itself, from this same
 * script, are replicas and are told apart by their name, as is the one that reads texts. Nested workers need no headers
 * and speak by plain messages.
 */
import moduleUrl from '../build/core.wasm?url';
import { compile } from '../wasm/module.js';
import { serveReplica } from '../wasm/replica.js';
import { serve } from '../wasm/worker.js';

const REPLICA = 'replica';
const TEXTS = 'texts';
const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Where there are Web Locks: holds one until this worker ends, and tells its name, so that its end is noticed. */
function liveLock() {
  const { locks } = scope.navigator;
  if (!locks) return;
  const lock = `worker ${Math.random()} ${Date.now()}`;
  const type = scope.name === REPLICA ? 'replica-alive' : 'alive';
  const held = () => new Promise(() => post({ type, run: 0, lock }));
  locks.request(lock, held).catch(() => {});
}

/** @returns {import('../wasm/replicas.js').Link} */
function spawn() {
  const { ownText } = /** @type {{ownText?: string}} */ (/** @type {unknown} */ (scope));
  const worker =
    ownText === undefined
      ? new Worker(scope.location.href, { type: 'module', name: REPLICA })
      : // A script without an address that others may use was handed its text: see surroundings.single.js.
        new Worker(URL.createObjectURL(new Blob([ownText])), { name: REPLICA });
  return {
    post: (command, transfer = []) => worker.postMessage(command, transfer),
    listen: (listener) => {
      const failed = (/** @type {string} */ why) =>
        listener({
          type: 'replica-failed',
          code: 'worker',
          message: `A training worker stopped (${why}): start training again.`,
        });
      worker.onmessage = ({ data }) => {
        if (data.type === 'replica-alive') scope.navigator.locks.request(data.lock, () => failed('it was ended'));
        else listener(data);
      };
      worker.onerror = ({ message }) => failed(message);
    },
    close: () => worker.terminate(),
  };
}

/** @param {unknown} event @param {Transferable[]} [transfer] */
const post = (event, transfer = []) => scope.postMessage(event, transfer);

liveLock();
if (scope.name === REPLICA) {
  const answer = serveReplica(post);
  scope.onmessage = ({ data }) => answer(data);
} else if (scope.name === TEXTS) {
  const ready = import('../wasm/texts/serve.js').then(({ serveTexts }) => serveTexts(post));
  scope.onmessage = async ({ data }) => (await ready)(data);
} else {
  /** Compiled once. @type {Promise<WebAssembly.Module>|undefined} */
  let module;
  const load = () => (module ??= compile(fetch(new URL(moduleUrl, scope.location.href))));
  // At once, while what is to be opened is still on its way; whoever opens it hears what went wrong.
  load().catch(() => {});
  const answer = serve(post, {
    module: load,
    cores: scope.navigator.hardwareConcurrency || 1,
    // Workers that can't start workers train alone.
    spawn: typeof Worker === 'function' ? spawn : undefined,
  });
  scope.onmessage = ({ data }) => answer(data);
}
