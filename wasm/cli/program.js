/** Runs a command as a program: arguments in, exit status out, one line for whatever went wrong. */
import { outcomeOf } from './errors.js';
import { helpOf } from './help.js';
import { readArguments } from './options.js';
import { standardError, standardOutput } from './output.js';
import { LINES, NOTES, WARNINGS } from './sentences.js';

/** How the command was started, for the help: by npm from the project's folder, or as the package's program. */
export const started = { by: 'npm run -s', before: ' --' };

/**
 * Runs a command with the process's arguments. Sets the process's exit status; does not throw.
 * @param {import('./options.js').Command} command
 */
export async function runProgram(command) {
  standardOutput.whenBroken = ({ code }) => {
    // Whoever reads our output may stop reading, as `head` does. That is no failure.
    const failed = code !== 'EPIPE';
    if (failed) {
      const sentence = NOTES.output_lost({ code, goesOn: command.survivesClosedOutput === true });
      standardError.write(`${command.name}: ${sentence}\n`);
    }
    if (!command.survivesClosedOutput) process.exit(failed ? 1 : 0);
  };
  try {
    const args = readArguments(command, process.argv.slice(2), process.env);
    if (args.has('help')) await standardOutput.write(helpOf(command, started));
    else process.exitCode = (await command.run(args)) ?? 0;
  } catch (error) {
    const { line, status } = outcomeOf(error);
    await standardError.write(`${command.name}: ${line}\n`);
    process.exitCode = status;
  }
}

/**
 * A warning on standard error, in a sentence from another part of the program.
 * @param {string} sentence
 */
export function warnSentence(sentence) {
  standardError.write(`${LINES.warning({ sentence })}\n`);
}

/**
 * A warning on standard error.
 * @template {keyof typeof WARNINGS} R
 * @param {R} reason
 * @param {Parameters<typeof WARNINGS[R]>} fields  what the sentence speaks of
 */
export function warn(reason, ...fields) {
  warnSentence(/** @type {(...fields: unknown[]) => string} */ (WARNINGS[reason])(...fields));
}

/**
 * Options about the machine, for commands that were written for PyTorch.
 * @type {import('./options.js').Option[]}
 */
export const MACHINE = [
  {
    name: 'device',
    value: 'NAME',
    environment: true,
    otherwise: 'cpu',
    help: 'Where to compute: there is only the processor.',
  },
  {
    name: 'num-workers',
    value: 'N',
    whole: [0, 1024],
    environment: true,
    otherwise: '0',
    help: 'Processes that read the text: there is only this one. --workers shares out each batch.',
  },
];

/**
 * Warns of those that have no effect here.
 * @param {import('./options.js').Arguments} args
 * @returns {void}
 */
export function warnOfMachine(args) {
  const device = args.get('device') ?? 'cpu';
  if (!/^(?:cpu|auto)$/i.test(device)) warn('no_device', { device });
  if (Number(args.get('num-workers') ?? 0) > 0) warn('no_readers');
}
