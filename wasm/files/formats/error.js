/** What is wrong with a file that was to be read, in one plain sentence that can be shown to the reader as it is. */
export class FormatError extends Error {
  /**
   * @param {string} message
   * @param {string} reason  what is wrong, as a code for programs, which stays when the sentence is reworded
   * @param {Record<string, unknown>} [fields]  what the sentence speaks of
   */
  constructor(message, reason, fields = {}) {
    super(message);
    this.name = 'FormatError';
    this.reason = reason;
    this.fields = fields;
    this.code = 'bad_file';
  }
}

/**
 * Runs another library's reader, so that whatever it throws comes out as a FormatError.
 * @template T
 * @param {() => FormatError} wrong  makes that error
 * @param {() => T} read
 * @returns {T}
 */
export function orFormatError(wrong, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof FormatError ? error : wrong();
  }
}

/** A file that could not be fetched: no network, or the server refused. */
export class UnreachableError extends FormatError {
  /**
   * @param {string} message
   * @param {string} reason
   * @param {{host: string, status?: number}} fields
   */
  constructor(message, reason, fields) {
    super(message, reason, fields);
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
