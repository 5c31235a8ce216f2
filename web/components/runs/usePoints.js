/** The points of runs' curves, for components. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useApp } from '../context.js';
import { useRuns } from './context.js';

/** @typedef {import('../../state/runs/points.js').Points} Points */

/**
 * Points of runs, as far as they were read.
 * @param {readonly string[]} ids
 * @returns {ReadonlyMap<string, Points>}
 */
export function usePoints(ids) {
  const { store } = useApp();
  const actions = useRuns();
  const points = useSignal(/** @type {ReadonlyMap<string, Points>} */ (new Map()));
  const version = store.runs.version.value;
  const current = store.runs.current.value;
  useEffect(() => {
    let gone = false;
    for (const id of ids) {
      if (points.peek().has(id) && id !== current) continue;
      actions.pointsOf(id).then(
        (read) => {
          if (!gone) points.value = new Map(points.peek()).set(id, read);
        },
        () => {},
      );
    }
    return () => {
      gone = true;
    };
  }, [ids.join(' '), version, current]);
  return points.value;
}
