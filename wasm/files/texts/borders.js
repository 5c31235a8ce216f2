/** Lists of borders that readers bring: one a line, as the position of a byte. */
import { MOST_LEVELS } from '../../engine/lists.js';
import { FormatError } from '../formats/error.js';

/** Most levels above the bytes. */
const HIGHEST = MOST_LEVELS - 1;
/** Most bytes of a line that are looked at; a border takes far fewer. */
const LONGEST = 1000;
const NEWLINE = 10;

/**
 * Lines of a file, one at a time, so that one of any size can be read; of a long line only its beginning.
 * @param {Uint8Array} file
 * @returns {Generator<string, void, void>}
 */
function* linesOf(file) {
  const decoder = new TextDecoder();
  for (let from = 0; from <= file.length; ) {
    const found = file.indexOf(NEWLINE, from);
    const to = found < 0 ? file.length : found;
    yield decoder.decode(file.subarray(from, Math.min(to, from + LONGEST)));
    from = to + 1;
  }
}

/**
 * Marks of a text’s bytes from a list of borders: a line each, with the position of the byte at which a token is made, from
 * 0, and optionally the highest level that gets one there, 1 where it is left out. What follows # is a comment. Positions
 * may come in any order, and may be named twice: the higher level counts.
 * @param {Uint8Array} list  the file
 * @param {number} length  of the text, in bytes
 * @returns {Uint8Array<ArrayBuffer>} [length] 0, or the highest level that gets a token at the byte
 * @throws {FormatError} `borders_line`, `borders_position`, `borders_level`, `no_borders`
 */
export function readBorders(list, length) {
  const marks = new Uint8Array(length);
  let [found, number] = [0, 0];
  for (const line of linesOf(list)) {
    number++;
    const content = line.replace(/#.*/, '').trim();
    if (content === '') continue;
    const [, position, level = '1'] = /^(\d+)(?:[\s,;]+(\d+))?$/.exec(content) ?? [];
    if (position === undefined)
      throw new FormatError(
        `Line ${number} is no border: it takes the position of a byte, and after it a level if you like.`,
        'borders_line',
        { line: number },
      );
    if (Number(position) >= length)
      throw new FormatError(`Line ${number} names byte ${position}, and the text has ${length}.`, 'borders_position', {
        line: number,
        length,
      });
    if (Number(level) < 1 || Number(level) > HIGHEST)
      throw new FormatError(`Line ${number} names level ${level}: levels go from 1 to ${HIGHEST}.`, 'borders_level', {
        line: number,
      });
    marks[Number(position)] = Math.max(marks[Number(position)], Number(level));
    found++;
  }
  if (found === 0) throw new FormatError('There are no borders in it.', 'no_borders');
  return marks;
}
