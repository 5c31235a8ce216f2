/** What is measured, for the parts of the section. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** @typedef {import('../../state/measuring.js').Measuring} Measuring */

export const MeasuringContext = createContext(/** @type {Measuring|null} */ (null));

/** @returns {Measuring} */
export function useMeasuring() {
  const measuring = useContext(MeasuringContext);
  if (!measuring) throw new Error('This component is outside its section.');
  return measuring;
}
