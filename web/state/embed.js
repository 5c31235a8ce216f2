/**
 * The page inside another: `?embed` leaves header, introduction and footer out, `hide=train,write` any other parts, one
 * by one, `theme=dark` chooses colours.
 */

/** Parts that can be hidden, and where they are. @type {Readonly<Record<string, string>>} */
export const PARTS = Object.freeze({
  header: '.header',
  intro: '.intro > :not(h1)',
  headings: '.section-head',
  explorer: '.explorer',
  drawing: '.figure-grid .drawing',
  inspector: '.inspector',
  passage: '.passage',
  knobs: '.knobs',
  table: '#hierarchy > .fold',
  how: '#how',
  measure: '#measure',
  train: '#train',
  runs: '#runs',
  write: '#write',
  footer: '.footer',
});

/** What a page inside another has itself. */
const FRAME = ['header', 'intro', 'footer'];
/** Settings of the address that are not the page's own, and stay as they are. */
const NAMES = ['embed', 'hide', 'theme'];

/**
 * @param {string} query  with or without "?"
 * @returns {{hidden: string[], theme: 'light'|'dark'|null, kept: string, errors: string[]}} `hidden`: parts by name;
 *   `kept`: the part of the query that is about this, without "?"
 */
export function readEmbed(query) {
  const params = new URLSearchParams(query);
  const embedded = params.has('embed');
  const wanted = (params.get('hide') ?? '').split(',').filter(Boolean);
  const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name));
  const theme = params.get('theme');
  /** @type {string[]} */
  const errors = unknown.map(
    (name) => `There is no part ${name.slice(0, 40)} to hide: there are ${Object.keys(PARTS).join(', ')}.`,
  );
  if (theme !== null && theme !== 'light' && theme !== 'dark')
    errors.push('The address’s theme must be light or dark.');
  return {
    hidden: Object.keys(PARTS).filter((name) => wanted.includes(name) || (embedded && FRAME.includes(name))),
    theme: theme === 'light' || theme === 'dark' ? theme : null,
    kept: NAMES.filter((name) => params.has(name))
      .map((name) => (params.get(name) ? `${name}=${encodeURIComponent(params.get(name) ?? '')}` : name))
      .join('&')
      .replaceAll('%2C', ','),
    errors,
  };
}

/** A query with what is kept of another. @param {string} query  "" or with "?" @param {string} kept */
export const withKept = (query, kept) => (kept === '' ? query : `${query === '' ? '?' : `${query}&`}${kept}`);

const UNSEEN = 'position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);';

/** Hides parts of the page. @param {string[]} hidden  names */
export function hideParts(hidden) {
  if (hidden.length === 0) return;
  // Styles inside the page are forbidden, and not every browser lets scripts make sheets: there the parts stay.
  if (!document.adoptedStyleSheets) return;
  const sheet = new CSSStyleSheet();
  const rules = hidden.map((name) => `${PARTS[name]} { display: none; }`);
  if (hidden.includes('header'))
    rules.push('.page { width: 100%; padding-inline: 0.5rem; } .section { margin-top: 0; }');
  // The page's heading stays for those who do not see it.
  if (hidden.includes('intro'))
    rules.push('.intro { display: block; margin: 0; padding: 0; }', `.intro h1 { ${UNSEEN} }`);
  sheet.replaceSync(rules.join('\n'));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
