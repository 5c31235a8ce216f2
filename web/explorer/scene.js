/** What the explorer draws, from the state. */
import { entropyScale } from '../hierarchy/draw.js';
import { bytesConditionedBy, conditionsOf, pathOf } from '../traces/spans.js';

/** @typedef {import('./strip.js').StripScene} StripScene */

/**
 * @param {import('../state/store.js').Store} store
 * @param {Pick<StripScene, 'context'|'layout'|'axis'|'palette'>} where
 * @returns {StripScene|null} null where there is nothing to draw yet
 */
export function sceneOf(store, where) {
  const reading = store.reading.value;
  if (!reading || reading.trace.levels.length === 0) return null;
  const { trace, ends } = reading;
  const pointed = store.pointed.value;
  return {
    ...where,
    trace,
    ends,
    path: pointed ? pathOf(trace, pointed) : [],
    conditions: pointed ? conditionsOf(trace, pointed) : [],
    reach: pointed && pointed.level > 0 ? bytesConditionedBy(trace, pointed) : null,
    hits: store.hits.value,
    hit: store.hit.value,
    lane: store.lane.value,
    mostEntropy: entropyScale(trace),
  };
}
