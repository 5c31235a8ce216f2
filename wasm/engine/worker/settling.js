/** An open model's training goes on with the number of workers that is fastest. */
import { chooseWorkers } from '../choosing.js';
import { tick } from './tick.js';

/**
 * @param {{undecided: boolean, group: import('../replicas.js').Group, settings: import('../settings.js').Settings}} session
 * @param {import('../trainer.js').Trainer} trainer
 * @returns {Promise<boolean>} whether the number was chosen now
 * @throws {import('../module.js').CoreError} `worker`
 */
export async function settle(session, trainer) {
  session.undecided = false;
  if (!(await chooseWorkers(trainer, { pause: tick }))) return false;
  session.settings.workers = session.group.workers;
  return true;
}
