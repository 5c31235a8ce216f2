/** The counterpart of web/worker_entry.js for a worker thread: a lead or, by its name, a replica. */
import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from '../../../wasm/engine/exchange.js';
import { loadModule, surroundings } from '../../../wasm/engine/node/surroundings.js';
import { serveReplica } from '../../../wasm/engine/replica_serving.js';
import { createLinks } from '../../../wasm/engine/worker/links.js';
import { serve } from '../../../wasm/engine/worker/worker.js';

/** @typedef {import('node:worker_threads').TransferListItem[]} Items */

// Node 20 itself exits when a thread is killed while it makes such a stream ("close before init").
Object.assign(globalThis, { CompressionStream: undefined });

const page = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
/** @param {unknown} event @param {unknown[]} [transfer] */
const post = (event, transfer) => page.postMessage(event, /** @type {Items} */ (transfer));

const { name, lock } = workerData;
if (name === 'replica') {
  /** @type {Function|undefined} */
  let listener;
  /** @type {import('../../../wasm/engine/replica_serving.js').Hub} */
  const hub = {
    send: (meeting, place, parts) => post({ type: 'trade', meeting, place, parts }, buffersOf(parts)),
    listen: (onParts) => {
      listener = onParts;
    },
  };
  page.on('message', async ({ port, meeting, parts }) => {
    if (parts) return listener?.(meeting, parts);
    const answer = serveReplica(await loadModule(), (event) => port.postMessage(event), hub);
    port.on('message', answer);
  });
} else {
  post({ type: 'alive', run: 0, lock });
  const links = createLinks(post, { lock() {}, word: () => () => {} });
  const answer = serve(post, { ...surroundings(), cores: 2, spawn: links.spawn, meet: links.meet });
  page.on('message', (command) => {
    if (command.type === 'replica-ended' || command.type === 'traded') links.receive(command);
    else answer(command);
  });
}
