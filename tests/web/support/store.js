/** Models and clients for stores in tests. */
import { borderLevelsOf } from '../../../wasm/engine/config.js';
import { createRouting } from '../../../wasm/engine/rerouting.js';
import { module } from '../../wasm/support/models.js';

/** The routing of a model with these settings. @param {import('../../../wasm/engine/settings.js').Settings} settings */
export const routeOf = (settings) => createRouting(module, borderLevelsOf(module, settings), settings.seed);

/** A fresh model as the page knows it. @param {import('../../../wasm/engine/settings.js').Settings} settings */
export const modelOf = (settings) => ({
  settings,
  parameterCount: 1,
  memoryBytes: 1,
  step: 0,
  tensors: [],
  counterpart: [],
  levels: borderLevelsOf(module, settings),
  route: routeOf(settings),
  origin: /** @type {const} */ ('fresh'),
  name: '',
});

/** A client that records the jobs it is asked for. */
export function askedClient() {
  /** @type {{command: any, emit: (event: any) => void, ended: boolean}[]} */
  const jobs = [];
  const client = {
    /** @param {any} command @param {unknown} _ @param {(event: any) => void} emit */
    job(command, _, emit) {
      const job = { command, emit, ended: false };
      jobs.push(job);
      return {
        id: jobs.length,
        end() {
          job.ended = true;
        },
      };
    },
  };
  return {
    client: /** @type {import('../../../web/state/client.js').Client} */ (/** @type {unknown} */ (client)),
    jobs,
  };
}
