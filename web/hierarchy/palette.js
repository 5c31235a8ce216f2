/** The visual language's colours, read from the style sheet for what draws on canvas. */

/** Levels that have a colour of their own. */
const LEVEL_COLOURS = 8;

/**
 * @typedef {object} Palette
 * @property {string} ink
 * @property {string} soft     secondary text
 * @property {string} faint    what may be overlooked
 * @property {string} rule
 * @property {string} grid     lines that hardly show
 * @property {string} sheet    what is drawn on
 * @property {string} sunk     what is set back
 * @property {string} edge     lines that are to be seen
 * @property {string} focus    what the reader holds
 * @property {string[]} levels
 * @property {string} encoder
 * @property {string} decoder
 * @property {string} mono     font family
 * @property {boolean} dark
 */

/** Whether the system forces the reader's own few colours; the style sheet then names them. */
export const forcedColours = () => matchMedia('(forced-colors: active)');

/** The values of system colours, whose names a canvas may not know. @param {Element} element @returns {(name: string) => string} */
function resolver(element) {
  const probe = document.createElement('i');
  probe.style.setProperty('forced-color-adjust', 'none');
  element.append(probe);
  const list = new Map(
    getNames().map((name) => {
      probe.style.color = `var(${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  );
  probe.remove();
  return (name) => list.get(name) ?? '';
}

/** Names of all colours. */
const getNames = () => [
  ...['ink', 'ink-soft', 'ink-faint', 'rule', 'grid', 'sheet', 'sunk', 'edge', 'focus', 'encoder', 'decoder'].map(
    (name) => `--${name}`,
  ),
  ...Array.from({ length: LEVEL_COLOURS }, (_, l) => `--level-${l}`),
];

/** @param {Element} element  that inherits the theme @returns {Palette} */
export function readPalette(element) {
  const style = getComputedStyle(element);
  const colour = forcedColours().matches ? resolver(element) : null;
  /** @param {string} name */
  const read = (name) => colour?.(name) || style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'),
    soft: read('--ink-soft'),
    faint: read('--ink-faint'),
    rule: read('--rule'),
    grid: read('--grid'),
    sheet: read('--sheet'),
    sunk: read('--sunk'),
    edge: read('--edge'),
    focus: read('--focus'),
    levels: Array.from({ length: LEVEL_COLOURS }, (_, l) => read(`--level-${l}`)),
    encoder: read('--encoder'),
    decoder: read('--decoder'),
    mono: read('--font-mono'),
    dark: style.colorScheme === 'dark',
  };
}

/** @param {Palette} palette @param {number} level @returns {string} */
export function levelColour(palette, level) {
  return palette.levels[level % LEVEL_COLOURS];
}

/** Likewise for style sheets, which follow the theme: `var(--level-1)`. @param {number} level @returns {string} */
export const levelVariable = (level) => `var(--level-${level % LEVEL_COLOURS})`;
