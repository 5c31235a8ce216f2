/** What stands around the sections: header, introduction, footer. */
import { useApp } from './context.js';

/** The name over its own hierarchy: characters below, the spans that a border rule might put above them. */
function Wordmark() {
  const letters = [...'adaptive compressor'];
  const [cell, top] = [13, 26];
  /** Spans of characters, `to` exclusive. @type {[number, number][]} */
  const small = [
    [0, 5],
    [5, 9],
    [9, 12],
    [12, 19],
  ];
  /** @type {[number, number][]} */
  const large = [
    [0, 9],
    [9, 19],
  ];
  /** @param {[number, number]} span @param {number} y @param {string} colour */
  const bar = ([from, to], y, colour) => (
    <rect
      key={`${y}-${from}`}
      x={from * cell + 1}
      y={y}
      width={(to - from) * cell - 2}
      height={6}
      rx={1.5}
      fill={colour}
    />
  );
  return (
    <svg class="wordmark" viewBox={`0 0 ${letters.length * cell} 46`} role="img" aria-label="Adaptive Compressor">
      {large.map((span) => bar(span, 1, 'var(--level-2)'))}
      {small.map((span) => bar(span, 10, 'var(--level-1)'))}
      <g font-family="var(--font-mono)" font-size="19" font-weight="600" text-anchor="middle" fill="currentColor">
        {letters.map((letter, i) => (
          <text key={i} x={(i + 0.5) * cell} y={top + 14}>
            {letter}
          </text>
        ))}
      </g>
    </svg>
  );
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
    <header class="header">
      <Wordmark />
      <nav aria-label="Sections">
        <a href="#hierarchy">Hierarchy</a>
        <a href="#measure">Measure</a>
        <a href="#how">How it works</a>
        <a href="#train">Train</a>
        <a href="#runs">Runs</a>
        <a href="#write">Write</a>
        <a href="#compress">Compress</a>
      </nav>
      <ThemeButton />
    </header>
  );
}

/** Stands in index.html, where it is read before any script has come. */
const introduction = document.querySelector('.intro');

export function Intro() {
  return (
    <div
      ref={(place) => {
        if (place && introduction) place.append(introduction);
      }}
    />
  );
}

export function Footer() {
  return (
    <footer class="footer fine">
      <p>
        Adaptive Compressor is a byte-level language model of stacked GRUs that builds its own hierarchy, written in C,
        compiled to WebAssembly and trained where you see it. The page makes no request to any other place and sets no
        cookies. What you train is kept in this browser alone, your own texts only if you say so.
      </p>
    </footer>
  );
}
