/** The app, for every component. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { levelVariable } from '../hierarchy/palette.js';

/** @typedef {import('../state/app.js').App} App */

export const AppContext = createContext(/** @type {App|null} */ (null));

/** @returns {App} */
export function useApp() {
  const app = useContext(AppContext);
  if (!app) throw new Error('This component is outside the page.');
  return app;
}

/** A level's colour for what is inside an element, as `--colour`. @param {number} level @returns {{'--colour': string}} */
export function levelStyle(level) {
  return { '--colour': levelVariable(level) };
}
