/**
 * While training goes on, parts of the page that are far out of sight are neither laid out nor painted, whatever changes in
 * them. They keep the height that they had, so that nothing moves.
 */
import { effect } from '@preact/signals';

/** How far outside the window a part may rest: a window's height. */
const MARGIN = '100%';

/** @param {HTMLElement} part */
function rest(part) {
  const { paddingTop, paddingBottom, borderTopWidth, borderBottomWidth } = getComputedStyle(part);
  const around = [paddingTop, paddingBottom, borderTopWidth, borderBottomWidth].map(Number.parseFloat);
  const height = part.getBoundingClientRect().height - around.reduce((sum, each) => sum + each, 0);
  if (height <= 0) return;
  part.style.setProperty('contain-intrinsic-block-size', `${height}px`);
  part.style.setProperty('content-visibility', 'auto');
}

/** @param {HTMLElement} part */
function rise(part) {
  part.style.removeProperty('content-visibility');
  part.style.removeProperty('contain-intrinsic-block-size');
}

/**
 * Lets parts rest from now on.
 * @param {import('../state/store.js').Store} store
 * @returns {() => void} ends it
 */
export function restOutOfSight(store) {
  return effect(() => {
    if (store.state.value !== 'training') return;
    const parts = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('main > .section'));
    const sight = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const part = /** @type {HTMLElement} */ (target);
          if (isIntersecting) rise(part);
          else rest(part);
        }
      },
      { rootMargin: MARGIN },
    );
    for (const part of parts) sight.observe(part);
    return () => {
      sight.disconnect();
      for (const part of parts) rise(part);
    };
  });
}
