/** What is wrong with a file that was to be read, in one plain sentence that can be shown to the reader as it is. */
export class FormatError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'FormatError';
    this.code = 'bad_file';
  }
}

/**
 * Runs what another library reads, so that whatever it throws comes out as a FormatError.
 * @template T
 * @param {string} sentence  what to say when it fails
 * @param {() => T} read
 * @returns {T}
 */
export function orFormatError(sentence, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof FormatError ? error : new FormatError(sentence);
  }
}

/** A file that could not be fetched: no network, or the server refused. */
export class UnreachableError extends FormatError {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'UnreachableError';
    this.code = 'unreachable';
  }
}

/**
 * @param {number} bytes
 * @returns {string} a number of bytes for a sentence, rounded down
 */
export function byteText(bytes) {
  return bytes >= 1 << 20 ? `${Math.floor(bytes / (1 << 20))} MiB` : `${bytes} bytes`;
}
