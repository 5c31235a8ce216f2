/** Which files the options of a command name: whether two of them are the same file, whatever they are called. */
import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from './errors.js';

/** Links that are followed at most, as the system has it. */
const MOST_LINKS = 40;

/** Stands for standard input. */
export const STANDARD_INPUT = '-';

/** @param {string} name */
export const isAddress = (name) => /^https?:\/\//.test(name);

/**
 * Where a file is or will be, once links are followed. Neither it nor its innermost folders need to exist yet.
 * @param {string} file
 * @param {number} [links]  that may still be followed
 * @returns {string} absolute
 */
export function realPlace(file, links = MOST_LINKS) {
  const whole = path.resolve(file);
  try {
    return fs.realpathSync(whole);
  } catch {
    // It does not exist, or is a link to something that does not.
  }
  const folder = path.dirname(whole);
  if (folder === whole) return whole;
  const place = path.join(realPlace(folder, links), path.basename(whole));
  if (links === 0 || !fs.lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) return place;
  return realPlace(path.resolve(path.dirname(place), fs.readlinkSync(place)), links - 1);
}

/**
 * What two names of one file have in common.
 * @param {string} file
 * @returns {string|null} null for what may be named again: folders, devices, pipes, addresses
 */
function identityOf(file) {
  if (isAddress(file)) return null;
  try {
    const there =
      file === STANDARD_INPUT
        ? fs.fstatSync(0, { bigint: true })
        : fs.statSync(file, { bigint: true, throwIfNoEntry: false });
    if (there) return there.isFile() ? `${there.dev} ${there.ino}` : null;
    return realPlace(file);
  } catch {
    // Whoever opens it says what is wrong.
    return null;
  }
}

/** A file and the option that names it, with its dashes. @typedef {readonly [option: string, file: string|undefined]} Named */

/**
 * Refuses to write over what is read, and to write two things into one file.
 * @param {readonly Named[]} inputs
 * @param {readonly Named[]} outputs
 * @param {(input: string, output: string) => boolean} [allowed]  whether an output may be written over an input; gets
 *   their options
 * @returns {void}
 * @throws {UsageError}
 */
export function refuseOverwriting(inputs, outputs, allowed = () => false) {
  const identified = (/** @type {readonly Named[]} */ named) =>
    named.flatMap(([option, file]) => {
      const identity = file === undefined ? null : identityOf(file);
      return identity === null ? [] : [{ option, file: String(file), identity }];
    });
  const read = identified(inputs);
  const written = identified(outputs);
  for (const [i, { option, file, identity }] of written.entries()) {
    const input = read.find((each) => each.identity === identity && !allowed(each.option, option));
    if (input) throw new UsageError('over_input', { option, input: input.option, file });
    const other = written.slice(0, i).find((each) => each.identity === identity);
    if (other) throw new UsageError('over_output', { option, other: other.option, file });
  }
}
