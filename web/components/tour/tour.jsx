/** The guided first run on the page: goes to each thing, puts what it says before it, and gives the focus back. */
import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import { createTour } from '../../state/tour.js';
import '../../styles/tour.css';
import { AppContext } from '../context.js';
import { follow } from '../target.js';
import { Callout } from './Callout.jsx';

/** @typedef {import('../../state/tour.js').Stop} Stop */

/** Where each thing is. @type {Readonly<Record<Stop, string>>} */
const PLACES = Object.freeze({
  curve: '#train-curve',
  borders: '#hierarchy .drawing',
  writing: '#train-samples',
});
/** Milliseconds that a part of the page may take to come. */
const PATIENCE = 10_000;

/** @param {Stop} stop @returns {Promise<Element|null>} null where its part could not be loaded, or is hidden */
async function placeOf(stop) {
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    const place = document.querySelector(PLACES[stop]);
    if (place) return (place.checkVisibility?.() ?? true) ? place : null;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

/** @param {import('../../state/app.js').App} app */
function createGuide(app) {
  const tour = createTour(app.store, app.actions);
  const host = Object.assign(document.createElement('div'), { id: 'tour', className: 'tour' });
  /** @type {Element|null} */
  let place = null;
  let stopFollowing = () => {};

  function leave() {
    stopFollowing();
    place?.classList.remove('pointed-at');
    place = null;
  }

  /** @param {Stop} stop */
  async function goTo(stop) {
    const found = await placeOf(stop);
    if (tour.at.value !== stop) return;
    if (!found) {
      tour.next();
      return;
    }
    place = found;
    found.classList.add('pointed-at');
    found.before(host);
    /** @type {HTMLElement|null} */ (host.firstElementChild)?.focus({ preventScroll: true });
    stopFollowing = follow(host.id, false);
  }

  /** To what was pointed at last, so that a keyboard goes on from there. @param {Element|null} from */
  function giveBack(from) {
    const section = from?.closest('section');
    if (section instanceof HTMLElement) section.focus({ preventScroll: true });
    app.store.announcement.value = 'The tour is over. The end of the page has a button that shows it again.';
  }

  render(
    <AppContext.Provider value={app}>
      <Callout tour={tour} />
    </AppContext.Provider>,
    host,
  );
  effect(() => {
    const stop = tour.at.value;
    untracked(() => {
      const from = place;
      leave();
      // Later: what it says of this stop is drawn first.
      if (stop !== null) queueMicrotask(() => goTo(stop));
      else if (from) {
        giveBack(from);
        host.remove();
      }
    });
  });
  document.addEventListener('keydown', ({ key, target }) => {
    // In the part that is pointed at, the key has its own meaning.
    if (key === 'Escape' && (target === document.body || host.contains(/** @type {Node} */ (target)))) tour.end();
  });
  return tour;
}

/** One to a page. @type {ReturnType<typeof createGuide>|undefined} */
let guide;

/** Begins the tour. @param {import('../../state/app.js').App} app */
export function begin(app) {
  guide ??= createGuide(app);
  guide.begin();
}
