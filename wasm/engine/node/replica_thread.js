/** A worker thread of Node that serves as replica. */
import { parentPort } from 'node:worker_threads';
import { serveReplica } from '../replica_serving.js';
import { loadModule } from './surroundings.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const answer = serveReplica(await loadModule(), (event) => port.postMessage(event));
port.on('message', answer);
