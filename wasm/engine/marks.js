/**
 * Borders that come with a text, for the rule “given”: each byte has a mark, 0 or how many levels, from level 0 up, have a
 * border there.
 */
import { CoreError } from './module.js';

/**
 * Checks that a text has marks, one a byte, where a rule reads them.
 * @param {readonly import('./config.js').BorderLevel[]} levels  that put borders
 * @param {Uint8Array} text
 * @param {Uint8Array} [marks]
 * @throws {CoreError} `no_borders`, `bad_input`
 */
export function checkMarks(levels, text, marks) {
  if (marks && marks.length !== text.length)
    throw new CoreError('bad_input', `The text has ${text.length} bytes, and its list of borders ${marks.length}.`);
  const level = levels.findIndex(({ marked }) => marked);
  if (level < 0 || marks) return;
  throw new CoreError(
    'no_borders',
    `Level ${level} has its borders from a list of your own (rule given), and this text came without one. The command line takes it with --borders.`,
    { level },
  );
}
