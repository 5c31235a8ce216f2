/** Comma-separated values as in RFC 4180: quoted cells may hold commas, line breaks and doubled quotes. */

import { FormatError } from './error.js';

/**
 * Index of the quote that closes the cell which opens at `start`.
 * @param {string} text
 * @param {number} start
 */
function closingQuote(text, start) {
  let at = text.indexOf('"', start + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  if (at < 0) throw new FormatError('This CSV file has a quote that is not closed.');
  return at;
}

/**
 * Rows one after the other, the header included. A line break at the very end makes no row.
 * @param {string} text
 * @returns {Generator<string[], void, void>}
 * @throws {FormatError} where a quote is not closed, or something follows it in its cell
 */
export function* csvRows(text) {
  /** @type {string[]} */
  let row = [];
  let at = 0;
  while (at < text.length || row.length > 0) {
    const quoted = text[at] === '"';
    let end = at;
    if (quoted) end = closingQuote(text, at) + 1;
    else while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
    row.push(quoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    at = end;
    if (text[at] === ',') {
      at++;
      continue;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    else if (at < text.length && text[at] !== '\r' && text[at] !== '\n') {
      throw new FormatError('This CSV file has a cell that goes on after its closing quote.');
    }
    at++;
    yield row;
    row = [];
  }
}
