/** Names of files, of what people name as they like. */

/**
 * @param {string} name  which may hold anything
 * @returns {string} without what a file's name may not have; not hidden
 */
export function fileNameOf(name) {
  return name.replace(/[^\p{L}\p{N}._-]/gu, '_').replace(/^\.+/, '_');
}
