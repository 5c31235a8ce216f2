/**
 * Keeps the keyboard focus on the page: where the element that has it is removed or can't be used any more, the focus goes
 * to the nearest one, or from a message back to where it was.
 */

const TABBABLE = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
/** What belongs together: the focus leaves it last. */
const SCOPE = 'form, fieldset, section, aside, article, main';
/** What comes and goes: from there the focus goes back to where it was. */
const PASSING = '.notice, .run-bar, .paste, .intake';
/** Elements that had the focus and are remembered. */
const REMEMBERED = 8;

/** @param {Element} element */
const usable = (element) =>
  element.isConnected &&
  (element instanceof HTMLElement || element instanceof SVGElement) &&
  element.tabIndex >= 0 &&
  !element.matches(':disabled') &&
  (element.checkVisibility?.() ?? element.getClientRects().length > 0);

/** @param {Element} within @returns {HTMLElement[]} in the order of the document */
const tabbable = (within) => /** @type {HTMLElement[]} */ ([...within.querySelectorAll(TABBABLE)].filter(usable));

/** @param {Node} a @param {Node} b @returns {boolean} whether b comes after a, and not in it */
const follows = (a, b) => !a.contains(b) && (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;

/**
 * The element nearest to a place: the next one reachable by Tab in the smallest part around it that has any, or its last.
 * @param {Element} parent
 * @param {Node|null} before  child of it after which the place is; null for its beginning
 * @returns {HTMLElement|null}
 */
function nearest(parent, before) {
  const after = (/** @type {Element} */ element) =>
    before ? follows(before, element) : parent.contains(element) || follows(parent, element);
  for (let scope = parent.closest(SCOPE); scope; scope = scope.parentElement?.closest(SCOPE) ?? null) {
    const all = tabbable(scope);
    if (all.length > 0) return all.find(after) ?? all[all.length - 1];
  }
  return null;
}

/** What stands beside a place in the same row, the one before first. @param {Element} parent @param {Node|null} before @returns {HTMLElement|null} */
function beside(parent, before) {
  const near = tabbable(parent);
  const former = near.filter((element) => before !== null && !follows(before, element));
  return former.at(-1) ?? near[0] ?? nearest(parent, before);
}

/** Where something was removed. @param {Element} element @param {MutationRecord[]} records @returns {HTMLElement|null} what is nearest */
function instead(element, records) {
  const root = element.getRootNode();
  const record = records.find(({ removedNodes }) => [...removedNodes].includes(/** @type {ChildNode} */ (root)));
  if (!record) return null;
  const { target, previousSibling } = record;
  if (!target.isConnected || !(target instanceof Element)) return null;
  return beside(target, previousSibling?.parentNode === target ? previousSibling : null);
}

/** Milliseconds in which a replacement may still come, and move the rest of the page. */
const LATE = 3000;

/** Keeps an element in sight until the reader goes on. @param {Element|null} element */
function stayWith(element) {
  const sizes = new ResizeObserver(() => {
    if (element && element === document.activeElement) element.scrollIntoView({ block: 'nearest' });
  });
  sizes.observe(document.body);
  const ending = new AbortController();
  const end = () => {
    sizes.disconnect();
    ending.abort();
  };
  for (const type of ['wheel', 'touchstart', 'pointerdown', 'keydown'])
    addEventListener(type, end, { passive: true, signal: ending.signal });
  setTimeout(end, LATE);
}

/**
 * Starts to keep the focus on the page.
 * @returns {() => void} ends it
 */
export function keepFocus() {
  /** The latest last, with whether they were in something that comes and goes. @type {{element: HTMLElement|SVGElement, passing: boolean}[]} */
  let had = [];
  let byKeys = false;

  /** @param {MutationRecord[]} records */
  function check(records) {
    const last = had.at(-1);
    if (!byKeys || !last) return;
    const { activeElement } = document;
    if (activeElement && activeElement !== document.body && activeElement !== last.element) return;
    const gone = !last.element.isConnected;
    if (!gone && !last.element.matches(':disabled')) return;
    had = had.filter(({ element }) => usable(element));
    const former = had.at(-1)?.element ?? null;
    const next = gone
      ? (last.passing && former) || instead(last.element, records) || former
      : beside(/** @type {Element} */ (last.element.parentElement), last.element);
    const found = next ?? document.querySelector('main');
    found?.focus();
    stayWith(found);
  }

  const observer = new MutationObserver(check);
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  const ending = new AbortController();
  const options = { signal: ending.signal, capture: true };
  document.addEventListener(
    'focusin',
    ({ target }) => {
      if (!(target instanceof HTMLElement || target instanceof SVGElement)) return;
      const before = had.filter(({ element }) => element !== target).slice(1 - REMEMBERED);
      had = [...before, { element: target, passing: target.closest(PASSING) !== null }];
    },
    options,
  );
  document.addEventListener(
    'keydown',
    () => {
      byKeys = true;
    },
    options,
  );
  document.addEventListener(
    'pointerdown',
    () => {
      byKeys = false;
    },
    options,
  );
  return () => {
    observer.disconnect();
    ending.abort();
  };
}
