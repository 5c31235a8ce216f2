/** An open model's training goes on with the number of workers that is fastest, and the page is given that number. */
import { chooseWorkers } from '../choosing.js';
import { tick } from './tick.js';

/**
 * @param {{run: number, undecided: boolean, group: import('../replicas.js').Group, settings: import('../settings.js').Settings,
 *   post: (event: import('../protocol.js').Event) => void}} session
 * @param {import('../trainer.js').Trainer} trainer
 * @throws {import('../module.js').CoreError} `worker`
 */
export async function settle(session, trainer) {
  session.undecided = false;
  if (!(await chooseWorkers(trainer, { pause: tick }))) return;
  const { run, group } = session;
  const { workers, memoryBytes } = group;
  session.settings.workers = workers;
  session.post({ type: 'workers', run, workers, memoryBytes });
}
