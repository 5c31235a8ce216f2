/** The text of --help. */
import { LINES } from './sentences.js';

/** @typedef {import('./options.js').Command} Command */
/** @typedef {import('./options.js').Option} Option */

const WIDTH = 100;
const COLUMN = 32;

/**
 * @param {string} text
 * @param {number} indent  of all lines but the first
 */
function wrap(text, indent) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line && indent + line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** @param {Option} option */
function entry({ name, short, value, many, help, otherwise }) {
  const negatable = value === undefined && otherwise === 'true';
  const brief = short && name !== 'help' ? `-${short}, ` : '';
  const left = `  ${brief}--${negatable ? 'no-' : ''}${name}${value ? ` ${value}` : ''}`;
  const again = many ? ' May be given again.' : '';
  const right = `${negatable ? `Turns off: ${help}` : help}${again}${otherwise && !negatable ? ` [${otherwise}]` : ''}`;
  const gap = left.length < COLUMN - 1 ? ' '.repeat(COLUMN - left.length) : `\n${' '.repeat(COLUMN)}`;
  return left + gap + wrap(right, COLUMN);
}

/**
 * @param {Command} command
 * @param {{by: string, before: string}} started  what stands before its name, and between that and its arguments
 * @returns {string}
 */
export function helpOf({ name, summary, operands, groups, notes, environment }, { by, before }) {
  const usage = LINES.usage({ by, name, before, operands });
  const lists = groups.map(([heading, options]) => `${heading}\n${options.map(entry).join('\n')}`);
  const variables =
    'Every setting may also come from an environment variable of its name in capitals, such as BATCH_SIZE; flags win.';
  const after = [...(environment ? [wrap(variables, 0)] : []), ...(notes ? [notes] : [])];
  const ending = 'In brackets: what holds without the option. Exit status: 0 done, 1 failed, 2 wrong usage.';
  return `${[usage, wrap(summary, 0), ...lists, ...after, ending].join('\n\n')}\n`;
}
