/** Settings that have an entry for each level: text with commas between. */

/** @typedef {import('./settings.js').Setting} Setting */

/**
 * The border rules, and what readers are told about each. Everything else about them is in the table of c/rules.c.
 * @type {Readonly<Record<string, string>>}
 */
export const RULES = Object.freeze({
  accumulated: 'A border where the scores since the last border add up to the threshold.',
  teacher_forced: 'A border where the prediction was wrong, which leaks the future.',
  level: 'A border where the score is at least the threshold.',
  rise: 'A border where the score rose by at least the threshold.',
  accumulated_rise:
    'A border where the score next rises clearly, once the scores since the last border add up to the threshold.',
  accumulated_word_end:
    'A border at the next white space behind a word, once the scores since the last border add up to the threshold.',
  whitespace: 'A border at a space, tab or line end that follows something else.',
  every_nth: 'A border at regular distances, as long as the threshold.',
  random: 'A border by chance, once in so many positions on average as the threshold says.',
  given: 'Borders of your own: a list, which the command line takes with the text (--borders).',
});

/** Most levels of a model, bytes included, and so most entries of a list. */
export const MOST_LEVELS = 8;

/**
 * The entries of a list that was read.
 * @param {string|number|boolean} value
 * @returns {string[]}
 */
export function entriesOf(value) {
  return value === '' ? [] : String(value).split(',');
}

/**
 * @param {Setting} setting  of type list
 * @param {unknown} raw  text with commas between, a number, or an array
 * @returns {{value: string, error?: undefined}|{error: string, value?: undefined}}
 */
export function readList({ name, label, entries, min = 0, max = 0 }, raw) {
  const shown = `${label} (${name})`;
  const list =
    typeof raw === 'number' ? [raw] : typeof raw === 'string' ? (raw.trim() === '' ? [] : raw.split(',')) : raw;
  if (!Array.isArray(list) || list.length > MOST_LEVELS)
    return { error: `${shown} must be a list of at most ${MOST_LEVELS} entries, with commas between.` };
  const read = list.map((entry) =>
    typeof entry === 'number' ? String(entry) : typeof entry === 'string' ? entry.trim() : '',
  );
  if (entries === 'rule') {
    if (read.every((rule) => Object.hasOwn(RULES, rule))) return { value: read.join(',') };
    return { error: `${shown} must be rules with commas between, each one of ${Object.keys(RULES).join(', ')}.` };
  }
  const numbers = read.map((entry) => (entry === '' ? Number.NaN : Number(entry)));
  if (numbers.every((n) => n >= min && n <= max && (entries !== 'int' || Number.isInteger(n))))
    return { value: numbers.join(',') };
  return {
    error: `${shown} must be ${entries === 'int' ? 'whole ' : ''}numbers from ${min} to ${max} with commas between.`,
  };
}
