/**
 * Tables as in RFC 4180, with any of four delimiters: quoted cells may hold delimiters, line breaks and doubled quotes. Our
 * own, since rows are read one at a time from a text of any size, and a quote that is not closed must be refused; parsers
 * such as Papa Parse call back or hold all rows, read on to the end after such a quote, and are larger than this.
 */

import { FormatError } from './error.js';

/**
 * What may stand between cells.
 * @type {readonly {label: string, character: string, name: string}[]}
 */
export const DELIMITERS = Object.freeze([
  { label: 'comma', character: ',', name: 'Commas' },
  { label: 'semicolon', character: ';', name: 'Semicolons' },
  { label: 'tab', character: '\t', name: 'Tabs' },
  { label: 'bar', character: '|', name: 'Vertical bars' },
]);

/** A first line that names the delimiter for spreadsheets. */
const SEPARATOR_LINE = /^sep=(.)(?:\r\n|\r|\n|$)/i;
/** Rows that a guess is made from. */
const GUESSED_ROWS = 50;

/**
 * Index of the quote that closes the cell which opens at `start`.
 * @param {string} text
 * @param {number} start
 */
function closingQuote(text, start) {
  let at = text.indexOf('"', start + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  if (at < 0) throw new FormatError('This CSV file has a quote that is not closed.', 'open_quote');
  return at;
}

/**
 * Rows one after the other, the header included. A line break at the very end makes no row. A carriage return alone ends a
 * row only where the first row ends so: some writers leave one in a cell without quotes.
 * @param {string} text
 * @param {string} [delimiter]  one character
 * @returns {Generator<string[], void, void>}
 * @throws {FormatError} where a quote is not closed, or something follows it in its cell
 */
export function* csvRows(text, delimiter = ',') {
  /** @type {string[]} */
  let row = [];
  let at = 0;
  /** @type {boolean|null} null before the first row ends */
  let returns = null;
  const endsRow = (/** @type {number} */ place) =>
    text[place] === '\n' || (text[place] === '\r' && (returns !== false || text[place + 1] === '\n'));
  while (at < text.length || row.length > 0) {
    const quoted = text[at] === '"';
    let end = at;
    if (quoted) end = closingQuote(text, at) + 1;
    else while (end < text.length && text[end] !== delimiter && !endsRow(end)) end++;
    row.push(quoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    at = end;
    if (text[at] === delimiter) {
      at++;
      continue;
    }
    returns ??= text[at] === '\r' && text[at + 1] !== '\n';
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    else if (at < text.length && !endsRow(at)) {
      throw new FormatError('This CSV file has a cell that goes on after its closing quote.', 'after_quote');
    }
    at++;
    yield row;
    row = [];
  }
}

/**
 * How well a delimiter explains the first rows.
 * @param {string} text
 * @param {string} delimiter
 * @returns {{even: number, width: number}}  the share of rows as wide as the first, which has `width` cells
 */
function explains(text, delimiter) {
  /** @type {number[]} */
  const widths = [];
  try {
    for (const row of csvRows(text, delimiter)) {
      if (row.length > 1 || row[0] !== '') widths.push(row.length);
      if (widths.length === GUESSED_ROWS) break;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  const [width = 0] = widths;
  return { even: width < 2 ? 0 : widths.filter((each) => each === width).length / widths.length, width };
}

/**
 * The delimiter that a table seems to have: the one its `sep=` line names, else the one that makes the most even rows.
 * @param {string} text  its beginning is enough
 * @returns {string}  a comma unless another fits better
 */
export function guessDelimiter(text) {
  const named = SEPARATOR_LINE.exec(text)?.[1];
  if (named !== undefined && DELIMITERS.some(({ character }) => character === named)) return named;
  let best = { even: 0, width: 0, character: ',' };
  for (const { character } of DELIMITERS) {
    const { even, width } = explains(text, character);
    if (even > best.even || (even === best.even && width > best.width)) best = { even, width, character };
  }
  return best.character;
}

/**
 * The rows of a table, the header first; a `sep=` line is none of them.
 * @param {string} text
 * @param {string} [delimiter]  guessed where it is not given
 * @returns {Generator<string[], void, void>}
 * @throws {FormatError} as `csvRows`
 */
export function tableRows(text, delimiter = guessDelimiter(text)) {
  return csvRows(text.replace(SEPARATOR_LINE, ''), delimiter);
}
