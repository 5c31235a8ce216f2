/** What can be done with runs, for components that are only there once it can. */
import { useApp } from '../context.js';

/** @returns {import('../../state/runs/runs.js').Runs} */
export function useRuns() {
  const runs = useApp().runs.value;
  if (!runs) throw new Error('Runs are not loaded yet.');
  return runs;
}
