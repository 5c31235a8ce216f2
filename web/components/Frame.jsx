/** What stands around the sections: header, introduction, footer. */
import { remembered, TOUR_TAKEN } from '../state/runs/signals.js';
import { useApp } from './context.js';

/** Stand in index.html, where they are read before any script has come. */
const parts = document.querySelectorAll('.wordmark, .header nav');
const introduction = document.querySelector('.intro');
const invitation = introduction?.querySelector('[data-tour]');
// Readers who took the tour find it at the end of the page.
if (remembered(TOUR_TAKEN, false)) {
  invitation?.nextElementSibling?.classList.add('primary');
  invitation?.remove();
}

function ThemeButton() {
  const { store, actions } = useApp();
  const dark = store.theme.value === 'dark';
  return (
    <button
      type="button"
      class="button theme"
      aria-label={dark ? 'Light colours' : 'Dark colours'}
      onClick={actions.toggleTheme}
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d={dark ? 'M10 2.75a7.25 7.25 0 0 0 0 14.5z' : 'M10 2.75a7.25 7.25 0 0 1 0 14.5z'} fill="currentColor" />
      </svg>
    </button>
  );
}

export function Header() {
  return (
    <header
      class="header"
      ref={(place) => {
        place?.prepend(...parts);
      }}
    >
      <ThemeButton />
    </header>
  );
}

export function Intro() {
  return (
    <div
      ref={(place) => {
        if (introduction) place?.append(introduction);
      }}
    />
  );
}

/** Its words stand in index.html, too. */
export function Footer() {
  return (
    <footer
      class="footer fine"
      ref={(place) => {
        place?.append(/** @type {HTMLTemplateElement} */ (document.querySelector('template')).content);
      }}
    />
  );
}
