/**
 * Goes to the part of the page that the address or a link names. Parts above it may still have to load: they load now,
 * and the window follows the part until they are there, or until the reader goes elsewhere.
 */
import { signal } from '@preact/signals';

/** Id of the part that was asked for last. */
const sought = signal('');

/** Milliseconds without a change after which nothing more is expected to arrive. */
const QUIET = 1500;
/** What a reader does to go elsewhere; by a scroll bar or a script: see `scrolled`. */
const LEAVING = ['wheel', 'touchmove', 'pointerdown', 'keydown'];

/** Whether a part stands at or above what is sought. @param {HTMLElement} part @returns {boolean} */
export function leadsTo(part) {
  if (sought.value === '' || part.getClientRects().length === 0) return false;
  const goal = elementOf(sought.value);
  return (
    goal !== null && (part === goal || (part.compareDocumentPosition(goal) & Node.DOCUMENT_POSITION_FOLLOWING) > 0)
  );
}

/** An element, or the part that it will be in. @param {string} id */
const elementOf = (id) => document.getElementById(id) ?? document.getElementById(id.split('-')[0]);

/** Places of parts that are still to come. Figures in them keep the height that they have. */
const PENDING = 'main > .section > .skeleton, main [data-waiting]';

/** Whether something down to the end of an element is still to come. @param {Element} goal */
function expects(goal) {
  return [...document.querySelectorAll(PENDING)].some(
    (place) =>
      place.getClientRects().length > 0 &&
      (goal.contains(place) || (place.compareDocumentPosition(goal) & Node.DOCUMENT_POSITION_FOLLOWING) > 0),
  );
}

/** Pixels that an element is from where `scrollIntoView` puts it. @param {Element} goal */
function distance(goal) {
  const wanted =
    Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) +
    Number.parseFloat(getComputedStyle(goal).scrollMarginTop);
  const off = goal.getBoundingClientRect().top - (wanted || 0);
  const { scrollHeight, clientHeight } = document.documentElement;
  return off > 0 ? Math.min(off, scrollHeight - clientHeight - scrollY) : Math.min(-off, scrollY);
}

/**
 * Keeps an element where links go, whatever arrives above it.
 * @param {string} id
 * @param {boolean} arrived  whether the window is there, or is to be at once
 * @returns {() => void} ends it
 */
export function follow(id, arrived) {
  /** Where the window stands, where the element does on the page, and how high that is. */
  const standing = () => ({
    window: scrollY,
    goal: scrollY + (elementOf(id)?.getBoundingClientRect().top ?? 0),
    height: document.documentElement.scrollHeight,
  });
  let at = standing();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const keep = () => {
    const goal = elementOf(id);
    const there = goal !== null && distance(goal) <= 1;
    if (there) arrived = true;
    else goal?.scrollIntoView(arrived ? { behavior: 'instant' } : {});
    at = standing();
  };
  const look = () => {
    const goal = elementOf(id);
    if (goal && expects(goal)) timer = setTimeout(look, QUIET);
    else end();
  };
  const sizes = new ResizeObserver(() => {
    keep();
    clearTimeout(timer);
    timer = setTimeout(look, QUIET);
  });
  const scrolled = () => {
    if (!arrived) return;
    const now = standing();
    // The browser moves the window, too, when something arrives above it or the page gets shorter, but no further.
    const moved = Math.abs(now.goal - at.goal) + Math.abs(now.height - at.height);
    if (Math.abs(now.window - at.window) > moved + 1) end();
    else if (moved > 0) keep();
  };
  const rested = () => {
    if (!arrived) keep();
  };
  const end = () => {
    clearTimeout(timer);
    sizes.disconnect();
    for (const kind of LEAVING) window.removeEventListener(kind, end);
    document.removeEventListener('scroll', scrolled);
    document.removeEventListener('scrollend', rested);
  };
  for (const kind of LEAVING) window.addEventListener(kind, end, { passive: true });
  document.addEventListener('scroll', scrolled, { passive: true });
  document.addEventListener('scrollend', rested);
  sizes.observe(document.body);
  return end;
}

/**
 * Follows links and the address from now on.
 * @returns {() => void} ends it
 */
export function followTargets() {
  let end = () => {};
  /** Where the last click led to, until the address leads elsewhere. */
  let clicked = '';
  /** @param {string} hash @param {boolean} arrived */
  const go = (hash, arrived) => {
    const id = hash.slice(1);
    const goal = id && elementOf(id);
    if (!goal) return;
    end();
    sought.value = id;
    end = follow(id, arrived || distance(goal) <= 1);
  };
  const changed = () => {
    // The browser may report it late, when the reader has gone elsewhere: it was followed from the click on.
    if (clicked === location.hash) return;
    clicked = '';
    go(location.hash, false);
  };
  /** @param {MouseEvent} event */
  const click = (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (event.defaultPrevented || !link?.hash || link.href.split('#')[0] !== location.href.split('#')[0]) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    clicked = link.hash;
    go(link.hash, false);
  };
  go(location.hash, true);
  window.addEventListener('hashchange', changed);
  document.addEventListener('click', click);
  return () => {
    end();
    window.removeEventListener('hashchange', changed);
    document.removeEventListener('click', click);
  };
}
