/** The figures' state, for every component of the explanation. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** @typedef {import('../state/figures.js').Figures} Figures */

export const FiguresContext = createContext(/** @type {Figures|null} */ (null));

/**
 * @returns {Figures}
 * @throws {Error} outside the explanation
 */
export function useFigures() {
  const figures = useContext(FiguresContext);
  if (!figures) throw new Error('This component is outside the explanation.');
  return figures;
}
