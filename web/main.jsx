/** The page: state, then what shows it. */
import { render } from 'preact';
import { Page } from './components/Page.jsx';
import { lack } from './needs.js';
import { createApp } from './state/app.js';

function start() {
  const root = /** @type {HTMLElement} */ (document.getElementById('app'));
  const sentence = lack();
  if (sentence !== null) {
    render(
      <main class="page">
        <p class="notice problem-notice" role="alert" data-testid="lack">
          {sentence}
        </p>
      </main>,
      root,
    );
    return;
  }
  const app = createApp();
  // A task each, so that the browser can answer in between.
  setTimeout(() => {
    root.replaceChildren();
    render(<Page app={app} />, root);
    setTimeout(app.begin);
  });
  document.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element && target.matches('[data-tour]'))) return;
    import('./components/tour/tour.jsx').then(
      ({ begin }) => begin(app),
      () => {
        app.store.notice.value = {
          kind: 'problem',
          message: 'This part of the page could not be loaded: reload the page.',
          reason: 'not_loaded',
        };
      },
    );
  });
}

/** Milliseconds that the page's own words are waited for; a hidden tab paints nothing. */
const PATIENCE = 400;

let started = false;
function startOnce() {
  if (!started) start();
  started = true;
}

// What index.html says is painted first, where the browser says when it is.
if (typeof PerformanceObserver === 'function') {
  new PerformanceObserver((list) => {
    if (list.getEntriesByName('first-contentful-paint').length > 0) startOnce();
  }).observe({ type: 'paint', buffered: true });
}
setTimeout(startOnce, document.hidden ? 0 : PATIENCE);
