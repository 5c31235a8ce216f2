/** The page: state, then what shows it. */
import { render } from 'preact';
import { Page } from './components/Page.jsx';
import { createApp } from './state/app.js';

const app = createApp();
const root = /** @type {HTMLElement} */ (document.getElementById('app'));
root.replaceChildren();
render(<Page app={app} />, root);
app.begin();
