/** What the element's attributes say. Knows no browser. */

/** Most bytes that an element reads; what follows is left out. */
export const MOST_BYTES = 8192;

/**
 * @typedef {object} Options
 * @property {string|null} checkpoint  an address; null where something else names the weights
 * @property {string|null} text        null for what `src` names, or what stands inside the element
 * @property {string|null} src         address of the text
 * @property {number|null} levels      to be drawn, bytes included; null for all
 * @property {number[]|null} shows     levels whose strips are drawn, bytes being level 0; an empty list for the bytes' costs alone; null for all
 * @property {number[]} thresholds     one a level with borders; where there are fewer, the model's own hold
 * @property {'light'|'dark'|null} theme  null for that of the page around
 * @property {number|null} height      CSS pixels at most; null for as high as it is
 * @property {boolean} interactive
 * @property {string[]} problems       one sentence for each attribute that can't be used
 */

/** @param {string|null} raw @param {number} least @param {number} most */
function whole(raw, least, most) {
  const value = raw === null || raw.trim() === '' ? Number.NaN : Number(raw);
  return Number.isInteger(value) && value >= least && value <= most ? value : null;
}

/**
 * @param {(name: string) => string|null} get  an attribute
 * @returns {Options}
 */
export function readAttributes(get) {
  /** @type {string[]} */
  const problems = [];
  /** @template T @param {string} name @param {(raw: string) => T|null} read @param {string} must @returns {T|null} */
  const read = (name, read, must) => {
    const raw = get(name);
    if (raw === null) return null;
    const value = read(raw);
    if (value === null) problems.push(`The attribute ${name} must be ${must}.`);
    return value;
  };
  const thresholds = read(
    'thresholds',
    (raw) => {
      const values = raw.trim() === '' ? [] : raw.split(/[\s,]+/).map(Number);
      return values.length <= 7 && values.every((value) => value >= 0 && value <= 1e9) ? values : null;
    },
    'numbers from 0, with commas between them, at most 7',
  );
  const shows = read(
    'shows',
    (raw) => {
      if (raw.trim() === 'cost') return [];
      const levels = raw.split(/[\s,]+/).filter(Boolean);
      return levels.length > 0 && levels.every((level) => /^[0-7]$/.test(level)) ? levels.map(Number) : null;
    },
    'cost, or numbers of levels from 0 to 7, with commas between them',
  );
  const theme = read(
    'theme',
    (raw) =>
      raw === 'light' || raw === 'dark' ? raw : raw === 'auto' || raw === '' ? /** @type {const} */ ('auto') : null,
    'light, dark or auto',
  );
  return {
    checkpoint: get('checkpoint') || null,
    text: get('text'),
    src: get('src') || null,
    levels: read('levels', (raw) => whole(raw, 1, 8), 'a whole number from 1 to 8'),
    shows,
    thresholds: thresholds ?? [],
    theme: theme === 'auto' ? null : theme,
    height: read('height', (raw) => whole(raw.replace(/px$/, ''), 60, 10000), 'pixels, from 60 to 10000'),
    interactive:
      read('interactive', (raw) => (['', 'true', 'false'].includes(raw) ? raw : null), 'true or false') !== 'false',
    problems,
  };
}

/**
 * Thresholds that hold for a model: those of the attribute, then its own.
 * @param {number[]} given
 * @param {readonly {threshold: number}[]} levels  of the model, that put borders
 * @returns {number[]} one a level with borders
 */
export function thresholdsFor(given, levels) {
  return levels.map(({ threshold }, level) => given[level] ?? threshold);
}

/**
 * Levels whose strips are left out.
 * @param {number[]|null} shows  of the attribute
 * @param {number} levels        that there are, bytes included
 * @returns {number[]}
 */
export function foldedBy(shows, levels) {
  if (shows === null) return [];
  return Array.from({ length: levels }, (_, level) => level).filter((level) => !shows.includes(level));
}

/**
 * The bytes that an element reads: white space around is the page's, not the text's; no character is cut.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function bytesToRead(text) {
  const bytes = new TextEncoder().encode(text.trim());
  if (bytes.length <= MOST_BYTES) return bytes;
  let end = MOST_BYTES;
  while ((bytes[end] & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
