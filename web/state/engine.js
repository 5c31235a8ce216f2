/** Ties the model's worker to the store: its answers go to whoever asked, and actions on the model go to it. */
import { createClient } from './client.js';
import { createEvents } from './events.js';
import { createGenerationActions } from './generating.js';
import { createModelActions } from './models.js';
import { createRunsGate } from './runs/gate.js';
import { createTracing } from './tracing.js';

/**
 * @typedef {object} Outside  what is outside of the page's state; what is left out is the browser's own
 * @property {(id: string) => Promise<Uint8Array>} fetchSample
 * @property {() => Promise<Uint8Array>} fetchExample   the trained example's weights
 * @property {(bytes: Uint8Array, name: string) => void} download
 * @property {(name?: string) => import('./client.js').WorkerLike} [spawn]
 * @property {import('../../wasm/engine/watching.js').Watch} [watch]   for ends of workers
 * @property {(work: () => void) => void} [nextFrame]
 * @property {Pick<import('./runs/runs.js').Parts, 'database'|'locks'>} [storage]
 */

/**
 * @param {import('./store.js').Store} store
 * @param {Outside} outside
 */
export function createEngine(store, { fetchSample, fetchExample, download, spawn, watch, nextFrame, storage }) {
  const client = createClient(
    (event) => {
      receive(event);
      runs.receive(event);
    },
    spawn,
    watch,
  );
  const tracing = createTracing(store, client, nextFrame);
  const generation = createGenerationActions(store, client);
  const runs = createRunsGate(store, async () => {
    const { createRuns } = await import('./runs/runs.js');
    return createRuns(store, client, { ...models, fetchSample, download, spawn, watch, ...storage });
  });
  const models = createModelActions(store, client, { tracing, runs, download, fetchExample });
  const receive = createEvents(
    store,
    {
      trace: tracing.receive,
      weightsChanged: tracing.refreshLater,
      reset: models.wasReset,
      generated: generation.receive,
      failed(event) {
        generation.fail(event);
        if (tracing.fail(event)) return;
        store.stopping.value = false;
        store.starting.value = false;
        store.notice.value = {
          kind: 'problem',
          message: event.message,
          reason: event.reason ?? event.code,
          fields: event.fields,
        };
        if (event.fatal) models.lost();
      },
    },
    nextFrame,
  );
  return { client, tracing, generation, runs, models };
}
