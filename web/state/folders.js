/** Folders that were dropped on the page: all files in them. */

/** Most files that are taken. */
const MOST_FILES = 20_000;

/** @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} the next ones; none after the last */
const nextEntries = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** @param {string} name */
const isHidden = (name) => name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');

/**
 * @param {(FileSystemEntry|null)[]} entries
 * @returns {Promise<{name: string, file: File}[]>} in the order of their paths, hidden ones left out
 */
export async function filesOf(entries) {
  /** @type {{name: string, file: File}[]} */
  const files = [];
  const queue = entries.filter((entry) => entry !== null);
  for (let entry = queue.shift(); entry && files.length < MOST_FILES; entry = queue.shift()) {
    const name = entry.fullPath.replace(/^\//, '');
    if (isHidden(name)) continue;
    if (entry.isFile) files.push({ name, file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)) });
    if (!entry.isDirectory) continue;
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (let more = await nextEntries(reader); more.length > 0; more = await nextEntries(reader)) queue.push(...more);
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Files of a chosen folder.
 * @param {Iterable<File>} files
 * @returns {{name: string, file: File}[]}
 */
export function filesOfFolder(files) {
  return [...files]
    .map((file) => ({ name: file.webkitRelativePath || file.name, file }))
    .filter(({ name }) => !isHidden(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
