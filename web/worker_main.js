/**
 * What runs in the page's workers. The first one leads and owns the model; those that the page starts for it, from this same
 * script, are replicas and have names of their own, as are the one that reads texts and the one that compresses. They speak by plain messages, which
 * need no headers.
 */
import moduleUrl from '../build/core.wasm?url';
import { buffersOf } from '../wasm/engine/exchange.js';
import { compile } from '../wasm/engine/module.js';
import { watching } from '../wasm/engine/watching.js';
import { createLinks } from '../wasm/engine/worker/links.js';
import { serve } from '../wasm/engine/worker/worker.js';

const REPLICA = 'replica';
const TEXTS = 'texts';
const PACKING = 'packing';
const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @param {unknown} event @param {Transferable[]} [transfer] */
const post = (event, transfer = []) => scope.postMessage(event, transfer);

/**
 * Says that this worker lives. Where there are Web Locks, it holds one until it ends, so that its end is noticed.
 * @param {(event: import('../wasm/engine/protocol.js').Alive|import('../wasm/engine/protocol.js').ReplicaAlive) => void} send
 * @param {'alive'|'replica-alive'} type
 * @returns {Promise<void>} once it is held; nothing else is sent before, so that whoever knows of this worker learns of
 *   its end
 */
function liveLock(send, type) {
  const { locks } = scope.navigator;
  const lock = `worker ${Math.random()} ${Date.now()}`;
  return new Promise((resolve) => {
    /** @param {string} [own] */
    const live = (own) => {
      send(/** @type {any} */ ({ type, run: 0, lock: own }));
      resolve();
    };
    const held = () => {
      live(lock);
      return new Promise(() => {});
    };
    if (locks) locks.request(lock, held).catch(() => live());
    else live();
  });
}

/** Fetched once. @type {Promise<ArrayBuffer>|undefined} */
let fetched;

function program() {
  fetched ??= fetch(new URL(moduleUrl, scope.location.href)).then((answer) => answer.arrayBuffer());
  return fetched;
}

/**
 * The core, compiled. Each worker does that by itself, in a few milliseconds: not every browser hands a module on to workers
 * of a page on disk.
 */
const load = () => compile(program());

/** Serves the lead through the port that the page hands over first. */
function replicate() {
  /** @type {((meeting: number, parts: import('../wasm/engine/exchange.js').Parts) => void)|undefined} */
  let listener;
  /** @type {import('../wasm/engine/replica_serving.js').Hub} */
  const hub = {
    send: (meeting, place, parts) => post({ type: 'trade', meeting, place, parts }, buffersOf(parts)),
    listen: (onParts) => {
      listener = onParts;
    },
  };
  scope.onmessage = async ({ data: { port } }) => {
    scope.onmessage = ({ data: { meeting, parts } }) => listener?.(meeting, parts);
    /** @param {import('../wasm/engine/protocol.js').ReplicaEvent|import('../wasm/engine/protocol.js').Alive|import('../wasm/engine/protocol.js').ReplicaAlive} event */
    const send = (event) => port.postMessage(event);
    await liveLock(send, 'replica-alive');
    try {
      const { serveReplica } = await import('../wasm/engine/replica_serving.js');
      const answer = serveReplica(await load(), send, hub);
      port.onmessage = (/** @type {MessageEvent} */ { data }) => answer(data);
    } catch (error) {
      const { code, message } = /** @type {import('../wasm/engine/module.js').CoreError} */ (error);
      send({ type: 'replica-failed', code, message });
    }
  };
}

/** @param {(command: any) => void} answer */
function listen(answer) {
  const alive = liveLock(post, 'alive');
  scope.onmessage = async ({ data }) => {
    await alive;
    answer(data);
  };
}

function lead() {
  /** Compiled once. @type {Promise<WebAssembly.Module>|undefined} */
  let compiled;
  const module = () => (compiled ??= load());
  // At once, while what is to be opened is still on its way; opening it says what went wrong.
  module().catch(() => {});
  const { spawn, meet, receive } = createLinks(post, watching);
  const answer = serve(post, { module, program, cores: scope.navigator.hardwareConcurrency || 1, spawn, meet });
  listen((command) => {
    if (command.type === 'replica-ended' || command.type === 'traded') receive(command);
    else answer(command);
  });
}

if (scope.name === REPLICA) replicate();
else if (scope.name === TEXTS) {
  const ready = import('../wasm/files/texts/answering.js').then(({ serveTexts }) => serveTexts(post));
  listen(async (command) => (await ready)(command));
} else if (scope.name === PACKING) {
  const ready = import('../wasm/engine/worker/packing.js').then(({ servePacking }) => servePacking(post, load));
  listen(async (command) => (await ready)(command));
} else lead();
