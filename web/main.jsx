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

// The page's own words are painted first; a hidden tab paints nothing.
if (document.hidden) start();
else requestAnimationFrame(() => setTimeout(start));
