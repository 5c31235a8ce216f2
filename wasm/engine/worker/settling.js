/** An open model's training goes on with the number of workers that is fastest, and the page hears how many that is. */
import { chooseWorkers } from '../choosing.js';
import { tick } from './tick.js';

/** @typedef {import('../replicas.js').Group} Group */

/**
 * @param {{run: number, group: Group, openGroup: ((workers: number) => Promise<Group>)|null,
 *   settings: import('../settings.js').Settings, post: (event: import('../protocol.js').Event) => void}} session
 * @param {import('../trainer.js').Trainer} trainer
 * @throws {import('../module.js').CoreError} `worker`
 */
export async function settle(session, trainer) {
  const { run, group, openGroup } = session;
  session.openGroup = null;
  if (!openGroup || !(await chooseWorkers(trainer, { open: openGroup, pause: tick }))) return;
  const { workers, memoryBytes } = group;
  session.settings.workers = workers;
  session.post({ type: 'workers', run, workers, memoryBytes });
}
