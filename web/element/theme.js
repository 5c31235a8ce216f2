/** Whether the page around an element is light or dark, and when that changes. */

const DARK = '(prefers-color-scheme: dark)';
/** Below this a background is dark; 0 is black, 1 white. */
const DARK_LUMINANCE = 0.4;

/** @param {string} colour  as a browser computes it @returns {number|null} 0 to 1; null where it is see-through */
function luminance(colour) {
  const [r, g, b, alpha = 1] = (/^rgba?\((.+)\)$/.exec(colour)?.[1] ?? '').split(/[\s,/]+/).map(Number);
  return alpha > 0.5 && Number.isFinite(b) ? (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255 : null;
}

/**
 * The look of what is around an element: its colour scheme where that names one, else the background behind it, else the
 * system's.
 * @param {Element} element
 * @returns {'light'|'dark'}
 */
export function themeAround(element) {
  const schemes = getComputedStyle(element).colorScheme.split(' ');
  const [light, dark] = ['light', 'dark'].map((scheme) => schemes.includes(scheme));
  if (light !== dark) return dark ? 'dark' : 'light';
  for (let at = element.parentElement; at; at = at.parentElement) {
    const found = luminance(getComputedStyle(at).backgroundColor);
    if (found !== null) return found < DARK_LUMINANCE ? 'dark' : 'light';
  }
  return matchMedia(DARK).matches ? 'dark' : 'light';
}

/**
 * Calls back whenever the look around may have changed: with the system's, with attributes of the page, and once a background
 * has come to rest.
 * @param {() => void} changed
 * @returns {() => void} ends it
 */
export function followTheme(changed) {
  const system = matchMedia(DARK);
  const observer = new MutationObserver(changed);
  const options = { attributes: true, attributeFilter: ['class', 'style', 'data-theme', 'data-md-color-scheme'] };
  for (const element of [document.documentElement, document.body]) observer.observe(element, options);
  const rested = (/** @type {TransitionEvent} */ { propertyName }) => {
    if (propertyName === 'background-color') changed();
  };
  system.addEventListener('change', changed);
  document.addEventListener('transitionend', rested);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', changed);
    document.removeEventListener('transitionend', rested);
  };
}
