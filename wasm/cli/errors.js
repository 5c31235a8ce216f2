/** What can go wrong on the command line, as one line and an exit status. */

import { CoreError } from '../engine/module.js';
import { CheckpointError } from '../files/checkpoint/error.js';
import { FormatError } from '../files/formats/error.js';
import { LINES, RUN, USAGE } from './sentences.js';

/**
 * The command line is wrong: exit status 2.
 * @template {keyof typeof USAGE} [R=keyof typeof USAGE]
 */
export class UsageError extends Error {
  /** @param {R} reason @param {Parameters<typeof USAGE[R]>} fields  what the sentence speaks of */
  constructor(reason, ...fields) {
    super(/** @type {(...fields: unknown[]) => string} */ (USAGE[reason])(...fields));
    this.reason = reason;
    /** @type {Record<string, unknown>} */
    this.fields = fields[0] ?? {};
  }
}

/**
 * What was asked for could not be done: exit status 1.
 * @template {keyof typeof RUN} [R=keyof typeof RUN]
 */
export class RunError extends Error {
  /** @param {R} reason @param {Parameters<typeof RUN[R]>} fields  what the sentence speaks of */
  constructor(reason, ...fields) {
    super(/** @type {(...fields: unknown[]) => string} */ (RUN[reason])(...fields));
    this.reason = reason;
    /** @type {Record<string, unknown>} */
    this.fields = fields[0] ?? {};
  }
}

/** Status of a program that was interrupted from the keyboard, as shells have it. */
export const INTERRUPTED = 130;

/** What the system's error codes mean for a file. */
const SYSTEM = /** @type {const} */ ({
  ENOENT: 'no_file',
  EACCES: 'no_permission',
  EPERM: 'no_permission',
  EROFS: 'read_only',
  EISDIR: 'folder',
  ENOTDIR: 'in_no_folder',
  EEXIST: 'in_the_way',
  ENOSPC: 'no_room',
  ENAMETOOLONG: 'long_name',
  ERR_FS_FILE_TOO_LARGE: 'large_file',
});

/**
 * A system error about a file as a RunError; any other error as it is.
 * @param {unknown} error
 * @param {string} file
 * @returns {unknown}
 */
export function aboutFile(error, file) {
  const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
  if (Object.hasOwn(SYSTEM, code)) return new RunError(SYSTEM[/** @type {keyof typeof SYSTEM} */ (code)], { file });
  if (error instanceof Error && 'syscall' in error) return new RunError('system', { file, code });
  if (error instanceof FormatError || error instanceof CheckpointError)
    return new RunError('about_file', { file, error });
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
  if (error instanceof UsageError) return { line: LINES.see_help({ line }), status: 2 };
  const known = [RunError, CoreError, CheckpointError, FormatError].some((kind) => error instanceof kind);
  if (known) return { line, status: 1 };
  const system = aboutFile(error, /** @type {NodeJS.ErrnoException} */ (error).path ?? 'a file');
  if (code && system instanceof RunError) return { line: system.message, status: 1 };
  return { line: RUN.unexpected({ message: line }), status: 1 };
}
