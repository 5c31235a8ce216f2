/** The arithmetic of a training step, measured by a few steps in a worker of its own: only they show how many tokens rules make. */
import { createClient } from '../client.js';
import { spawnWorker } from '../surroundings.js';
import { handedOver } from '../text.js';
import { arithmeticOf } from './arithmetic.js';
import { addPoint, emptyPoints, trainPoint } from './points.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */

/** Steps to make, as many as a study's pilot makes, and milliseconds after which fewer are enough. */
const STEPS = 40;
const PATIENCE = 8000;

/**
 * @param {Settings} settings
 * @param {import('../text.js').Text} text
 * @param {number} usual  10⁹ operations a step, where it can't be measured
 * @param {{spawn?: (name?: string) => import('../client.js').WorkerLike, watch?: import('../../../wasm/engine/watching.js').Watch}} parts
 * @returns {Promise<number>} 10⁹ operations a step
 */
export async function measuredGflop(settings, text, usual, { spawn = spawnWorker, watch }) {
  /** @type {import('../client.js').WorkerLike[]} */
  const workers = [];
  const points = emptyPoints();
  /** @type {() => void} */
  let ended = () => {};
  const end = new Promise((resolve) => {
    ended = () => resolve(undefined);
  });
  const client = createClient(
    (event) => {
      if (event.type === 'progress' && event.logged) addPoint(points.train, trainPoint(event, 0));
      if (event.type === 'failed' || (event.type === 'state' && event.state !== 'training')) ended();
    },
    (name) => {
      const worker = spawn(name);
      workers.push(worker);
      return worker;
    },
    watch,
  );
  const timer = setTimeout(ended, PATIENCE);
  try {
    await client.open({ ...settings, workers: 1, max_steps: STEPS, log_every: 1, eval_every: 0, sample_bytes: 0 });
    await client.data(...handedOver(text));
    client.send({ type: 'train' });
    await end;
  } catch {
    // Settings that can't be trained say so when training begins.
  } finally {
    clearTimeout(timer);
    for (const worker of workers) worker.terminate();
  }
  const steps = points.train.at(-1)?.step ?? 0;
  return steps > 0 ? (1000 * arithmeticOf(points, settings, usual)(steps)) / steps : usual;
}
