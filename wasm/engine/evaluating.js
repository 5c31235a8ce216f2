/** Who reads the held-out text of a model in training. */
import { Group } from './replicas.js';

/** @type {WeakMap<Group, Group>} */
const evaluators = new WeakMap();

/**
 * The group itself or, where its weights are averaged, one of a single worker that reads with the average.
 * @param {Group} group
 * @returns {Promise<Group>}
 * @throws {import('./module.js').CoreError} `too_big`
 */
export async function evaluatorOf(group) {
  const { average, weights, thresholds, module, settings } = group.lead;
  if (!average?.count) return group;
  // Kept once it is open: where there was no room, the next evaluation tries again.
  const evaluator = evaluators.get(group) ?? (await Group.open(module, settings, 1, undefined, { reads: true }));
  evaluators.set(group, evaluator);
  evaluator.lead.setParameters(weights);
  evaluator.lead.thresholds.set(thresholds);
  return evaluator;
}
