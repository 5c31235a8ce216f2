/** Files on disk: read whole, in parts or as they come; written so that nothing half-written is ever seen. */
import fs, { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { aboutFile, RunError } from './errors.js';
import { realPlace, STANDARD_INPUT } from './places.js';

/** @typedef {import('../files/formats/random_access.js').RandomAccessFile} RandomAccessFile */

/**
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {import('./errors.js').RunError} one sentence that names the file
 */
export async function withFile(file, work) {
  try {
    return await work();
  } catch (error) {
    throw aboutFile(error, file);
  }
}

/** Whether standard input was read, which is possible only once. */
let inputTaken = false;

/**
 * @param {string} file  `-` is standard input
 * @returns {AsyncIterable<Uint8Array>}
 * @throws {RunError} where standard input was read before
 */
function openToStream(file) {
  if (file !== STANDARD_INPUT) return createReadStream(file);
  if (inputTaken) throw new RunError('input_twice');
  inputTaken = true;
  return process.stdin;
}

/**
 * @param {string} file  `-` is standard input
 * @returns {Promise<Uint8Array>}
 */
export function readBytes(file) {
  return withFile(file, async () => {
    if (file === STANDARD_INPUT) {
      const chunks = [];
      for await (const chunk of openToStream(file)) chunks.push(chunk);
      return new Uint8Array(Buffer.concat(chunks));
    }
    // A Buffer's slices are views; those of other byte arrays are copies, which may be transferred.
    const { buffer, byteOffset, length } = await readFile(file);
    return new Uint8Array(buffer, byteOffset, length);
  });
}

/**
 * Gives a file to `use` that is read in parts, and closes it afterwards.
 * @template T
 * @param {string} file
 * @param {(file: RandomAccessFile) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withLocalFile(file, use) {
  return withFile(file, async () => {
    const handle = await open(file);
    try {
      const { size: byteLength } = await handle.stat();
      const slice = async (start = 0, end = byteLength) => {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        return bytes.buffer.slice(0, bytesRead);
      };
      return await use({ byteLength, slice });
    } finally {
      await handle.close();
    }
  });
}

/**
 * The bytes of a file as they come, in constant memory.
 * @param {string} file  `-` is standard input
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 * @throws {RunError} where it can't be read
 */
export async function* streamBytes(file) {
  try {
    yield* openToStream(file);
  } catch (error) {
    throw aboutFile(error, file);
  }
}

/**
 * Makes a folder and those above it. Node's own way to do so never ends under /proc.
 * @param {string} folder  absolute
 */
function makeFolder(folder) {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  fs.mkdirSync(folder);
}

/**
 * Makes the folder of a file that will be written, and checks that it may be.
 * @param {string} file
 * @throws {import('./errors.js').RunError}
 */
export function prepareFolder(file) {
  const folder = path.dirname(path.resolve(file));
  try {
    makeFolder(folder);
    if (!isFolder(folder)) throw new RunError('no_folder', { file: folder });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw code === 'ENOENT' ? new RunError('folder_not_made', { file: folder }) : aboutFile(error, folder);
  }
}

/**
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {{lasting: boolean, mode?: number}} options  whether to wait until it is on the disk; permissions
 */
function writeInto(file, bytes, { lasting, mode }) {
  const handle = fs.openSync(file, 'w');
  try {
    if (mode !== undefined) fs.fchmodSync(handle, mode);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(handle, bytes, at);
    if (lasting) fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/**
 * Writes a file beside its place and moves it there, so that there is always the old one or the new one, whole. Links
 * and permissions stay as they are; a device or a pipe is written into.
 * @param {string} file
 * @param {Uint8Array} bytes
 * @returns {void}
 * @throws {import('./errors.js').RunError}
 */
export function writeWhole(file, bytes) {
  const place = realPlace(file);
  const beside = `${place}.${process.pid}.part`;
  try {
    const there = fs.statSync(place, { throwIfNoEntry: false });
    if (there && !there.isFile() && !there.isDirectory()) return writeInto(place, bytes, { lasting: false });
    writeInto(beside, bytes, { lasting: true, mode: there?.isFile() ? there.mode & 0o7777 : undefined });
    fs.renameSync(beside, place);
  } catch (error) {
    fs.rmSync(beside, { force: true });
    throw aboutFile(error, file);
  }
}

/**
 * @param {string} file
 * @returns {boolean}
 */
export function isFolder(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * A name that no file has yet: `name.ext`, or `name-2.ext`, `name-3.ext`, …
 * @param {string} file
 * @returns {string}
 */
export function freeName(file) {
  const { dir, name, ext } = path.parse(file);
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? file : path.join(dir, `${name}-${i}${ext}`);
    if (!fs.existsSync(candidate)) return candidate;
  }
}
