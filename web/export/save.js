/** Hands the reader a file. */

/** Milliseconds after which a file's address is revoked; the download has begun long before. */
const KEPT = 60_000;

/**
 * @param {Blob} blob
 * @param {string} name  of the file
 */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}

/**
 * A name for a file, from parts: letters, digits, dots and hyphens only.
 * @param {(string|number)[]} parts
 * @param {string} extension  without its dot
 * @returns {string}
 */
export function fileName(parts, extension) {
  const stem = parts
    .map((part) =>
      String(part)
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^a-z0-9.]+/g, '-')
        .replace(/^[-.]+|[-.]+$/g, ''),
    )
    .filter(Boolean)
    .join('-')
    .slice(0, 80);
  return `${stem || 'figure'}.${extension}`;
}
