/** Light or dark: the reader's choice if there is one, else the system's. */

const KEY = 'theme';
/** @typedef {'light'|'dark'} Theme */

/** @returns {Theme|null} */
function chosen() {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    // Storage may be forbidden.
    return null;
  }
}

/** @returns {Theme} */
export function initialTheme() {
  return chosen() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

/** @param {Theme} theme */
export function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

/** @param {Theme} theme  remembered */
export function rememberTheme(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this visit then.
  }
}

/** Follows the system as long as the reader did not choose. @param {(theme: Theme) => void} change */
export function followSystem(change) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
    if (chosen() === null) change(matches ? 'dark' : 'light');
  });
}
