/** What can go wrong on the command line, as one line and an exit status. */

import { CoreError } from '../engine/module.js';
import { CheckpointError } from '../files/checkpoint/error.js';
import { FormatError } from '../files/formats/error.js';

/** The command was not typed as it has to be: exit status 2. */
export class UsageError extends Error {}

/** What was asked for could not be done: exit status 1. */
export class RunError extends Error {}

/** Status of a program that was interrupted from the keyboard, as shells have it. */
export const INTERRUPTED = 130;

/**
 * A file's name for a message, on one line.
 * @param {string} file
 * @returns {string}
 */
export function shown(file) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return file.replace(/[\x00-\x1f\x7f]/g, '?');
}

/** What the system's error codes mean for a file. @type {Readonly<Record<string, (file: string) => string>>} */
const SYSTEM = Object.freeze({
  ENOENT: (file) => `There is no file ${file}.`,
  EACCES: (file) => `${file} may not be opened: its permissions do not allow it.`,
  EPERM: (file) => `${file} may not be opened: its permissions do not allow it.`,
  EROFS: (file) => `${file} cannot be written: its disk is read-only.`,
  EISDIR: (file) => `${file} is a folder, not a file.`,
  ENOTDIR: (file) => `${file} lies inside something that is not a folder.`,
  EEXIST: (file) => `${file} is in the way of a folder of that name.`,
  ENOSPC: (file) => `There is no room left on the disk for ${file}.`,
  ENAMETOOLONG: () => 'A file name is too long.',
  ERR_FS_FILE_TOO_LARGE: (file) => `${file} is larger than 2 GiB.`,
});

/**
 * A system error about a file as a RunError; any other error as it is.
 * @param {unknown} error
 * @param {string} file
 * @returns {unknown}
 */
export function aboutFile(error, file) {
  const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
  if (Object.hasOwn(SYSTEM, code)) return new RunError(SYSTEM[code](shown(file)));
  if (error instanceof Error && 'syscall' in error)
    return new RunError(`${shown(file)} cannot be read or written (${code}).`);
  if (error instanceof FormatError || error instanceof CheckpointError)
    return new RunError(`${shown(file)}: ${error.message}`);
  return error;
}

/**
 * The line and the exit status that an error comes to.
 * @param {unknown} error
 * @returns {{line: string, status: number}}
 */
export function outcomeOf(error) {
  const { message, code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
  const line = String(message).replace(/\s*\n\s*/g, ' ');
  if (error instanceof UsageError) return { line: `${line} (--help lists what there is.)`, status: 2 };
  const known = [RunError, CoreError, CheckpointError, FormatError].some((kind) => error instanceof kind);
  if (known) return { line, status: 1 };
  const system = aboutFile(error, /** @type {NodeJS.ErrnoException} */ (error).path ?? 'a file');
  if (code && system instanceof RunError) return { line: system.message, status: 1 };
  return { line: `Something unexpected went wrong: ${line}`, status: 1 };
}
