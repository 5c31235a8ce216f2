/** The actions on runs, for components that are only there once these are loaded. */
import { useApp } from '../context.js';

/** @returns {import('../../state/runs/runs.js').Runs} */
export function useRuns() {
  const runs = useApp().runs.value;
  if (!runs) throw new Error('Runs are not loaded yet.');
  return runs;
}
