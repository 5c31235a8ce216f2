/** The page: state, then what shows it. */
import { render } from 'preact';
import { Page } from './components/Page.jsx';
import { createApp } from './state/app.js';

function start() {
  const app = createApp();
  const root = /** @type {HTMLElement} */ (document.getElementById('app'));
  root.replaceChildren();
  render(<Page app={app} />, root);
  app.begin();
}

/** Milliseconds that the page's own words are waited for; a hidden tab paints nothing. */
const PATIENCE = 400;

let started = false;
function startOnce() {
  if (!started) start();
  started = true;
}

// What index.html says is painted first.
new PerformanceObserver((list) => {
  if (list.getEntriesByName('first-contentful-paint').length > 0) startOnce();
}).observe({ type: 'paint', buffered: true });
setTimeout(startOnce, document.hidden ? 0 : PATIENCE);
