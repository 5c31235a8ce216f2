/** Runs a command as a program: arguments in, exit status out, one line for whatever went wrong. */
import { outcomeOf } from './errors.js';
import { helpOf } from './help.js';
import { readArguments } from './options.js';

/**
 * Runs a command with the process's arguments. Sets the process's exit status; does not throw.
 * @param {import('./options.js').Command} command
 */
export async function runProgram(command) {
  // Whoever reads our output may stop reading, as `head` does. That is no failure.
  process.stdout.on('error', (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
    if (!command.survivesClosedOutput) process.exit(0);
  });
  try {
    const args = readArguments(command, process.argv.slice(2), process.env);
    if (args.has('help')) process.stdout.write(helpOf(command));
    else process.exitCode = (await command.run(args)) ?? 0;
  } catch (error) {
    const { line, status } = outcomeOf(error);
    process.stderr.write(`${command.name}: ${line}\n`);
    process.exitCode = status;
  }
}

/**
 * A warning on standard error.
 * @param {string} sentence
 */
export function warn(sentence) {
  process.stderr.write(`Warning: ${sentence}\n`);
}

/** Said wherever teacher-forced borders are used. */
export const LEAK_WARNING =
  'Teacher-forced borders look at the byte to be predicted and so leak the future: the decoder’s figures are not those of a model that could generate.';

/**
 * Writes to standard output, and waits until it has been taken.
 * @param {string} text
 * @returns {Promise<void>}
 */
export function write(text) {
  return new Promise((resolve) => {
    if (process.stdout.write(text)) resolve();
    else process.stdout.once('drain', () => resolve());
  });
}
