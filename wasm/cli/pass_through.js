/**
 * Bytes from a file or standard input through something to a file or standard output: never over the input, never half
 * written, with the file's mode and time kept.
 */
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { aboutFile, INTERRUPTED, RunError, UsageError } from './errors.js';
import { isFolder, streamBytes } from './files.js';

/** What stands for standard input and output. */
export const STANDARD = '-';

/** @typedef {{size?: number, mode?: number, modified?: Date, name?: string}} About  what is known of the input */

/**
 * @param {string} file  or `-`
 * @returns {About}
 * @throws {RunError} where there is no such file, or it is a folder
 */
export function aboutInput(file) {
  if (file === STANDARD) return {};
  try {
    const stat = fs.statSync(file);
    if (stat.isDirectory()) throw new RunError('folder', { file });
    // Pipes and devices do not say how much will come.
    const size = stat.isFile() ? stat.size : undefined;
    return { size, mode: stat.mode & 0o777, modified: stat.mtime, name: path.basename(file) };
  } catch (error) {
    throw aboutFile(error, file);
  }
}

/**
 * @param {string} file  or `-`
 * @returns {AsyncIterable<Uint8Array>}
 */
export function inputOf(file) {
  return file === STANDARD ? process.stdin : streamBytes(file);
}

/**
 * Checks that a file may be written, before work begins.
 * @param {string} input   or `-`
 * @param {string} output
 * @param {boolean} over  whether an existing file may be replaced
 * @throws {RunError|UsageError}
 */
export function checkOutput(input, output, over) {
  if (output === STANDARD) return;
  const there = fs.statSync(output, { throwIfNoEntry: false });
  if (!there) return;
  if (isFolder(output)) throw new RunError('folder', { file: output });
  const from = input === STANDARD ? undefined : fs.statSync(input, { throwIfNoEntry: false });
  if (from && from.dev === there.dev && from.ino === there.ino) throw new UsageError('over_itself', { file: output });
  if (!over) throw new RunError('is_there', { file: output });
}

/** @param {AsyncIterable<Uint8Array>} chunks */
async function toStandardOutput(chunks) {
  for await (const chunk of chunks)
    if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', () => resolve(null)));
}

/**
 * Writes chunks beside a file's place and moves them there once all have come.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {string} output  or `-`
 * @param {About} about  whose mode and time the file gets
 * @returns {Promise<void>}
 * @throws {RunError}
 */
export async function writeOut(chunks, output, { mode, modified }) {
  if (output === STANDARD) return toStandardOutput(chunks);
  const part = `${output}.${process.pid}.part`;
  const leave = () => fs.rmSync(part, { force: true });
  const stop = () => {
    leave();
    process.exit(INTERRUPTED);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, stop);
  try {
    const handle = await open(part, 'wx', 0o600);
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk);
      if (mode !== undefined) await handle.chmod(mode);
      else await handle.chmod(0o666 & ~process.umask());
      if (modified) await handle.utimes(modified, modified);
      await handle.sync();
    } finally {
      await handle.close();
    }
    fs.renameSync(part, output);
  } catch (error) {
    leave();
    throw aboutFile(error, output);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
