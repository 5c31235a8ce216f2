/** The app, for every component. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** @typedef {import('../state/app.js').App} App */

export const AppContext = createContext(/** @type {App|null} */ (null));

/** @returns {App} */
export function useApp() {
  const app = useContext(AppContext);
  if (!app) throw new Error('This component is outside the page.');
  return app;
}

/** Levels that have a colour of their own. */
const LEVEL_COLOURS = 8;

/** A level's colour for what is inside an element, as `--colour`. @param {number} level */
export function levelStyle(level) {
  return { '--colour': `var(--level-${level % LEVEL_COLOURS})` };
}
