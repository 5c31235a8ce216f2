/** What web/worker_entry.js is to a browser's worker, for a worker thread: a lead, or by its name a replica. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadModule, surroundings } from '../../../wasm/engine/node/surroundings.js';
import { serveReplica } from '../../../wasm/engine/replica.js';
import { createLinks } from '../../../wasm/engine/worker/links.js';
import { serve } from '../../../wasm/engine/worker/worker.js';

/** @typedef {import('node:worker_threads').TransferListItem[]} Items */

// Node 20 itself ends, with its threads, where one is killed while it makes such a stream ("close before init").
Object.assign(globalThis, { CompressionStream: undefined });

const page = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
/** @param {unknown} event @param {unknown[]} [transfer] */
const post = (event, transfer) => page.postMessage(event, /** @type {Items} */ (transfer));

const { name, lock } = workerData;
if (name === 'replica') {
  page.on('message', async ({ port }) => {
    const answer = serveReplica(await loadModule(), (event, transfer) => port.postMessage(event, transfer));
    port.on('message', answer);
  });
} else {
  post({ type: 'alive', run: 0, lock });
  const links = createLinks(post, { lock() {}, word: () => () => {} });
  const answer = serve(post, { ...surroundings(), cores: 2, spawn: links.spawn });
  page.on('message', (command) => {
    if (command.type === 'replica-ended') links.ended(command);
    else answer(command);
  });
}
