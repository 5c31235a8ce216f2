import { isolated } from '../formats/names.js';

/** What is wrong with a checkpoint, in one plain sentence that can be shown to the reader as it is. */
export class CheckpointError extends Error {
  /**
   * @param {string} message
   * @param {string} reason  what is wrong, as a code for programs, which stays when the sentence is reworded
   * @param {Record<string, unknown>} [fields]  what the sentence speaks of
   */
  constructor(message, reason, fields = {}) {
    super(message);
    this.name = 'CheckpointError';
    this.reason = reason;
    this.fields = fields;
    /** One of the protocol's failure codes. */
    this.code = 'bad_checkpoint';
  }
}

/**
 * A name out of a file, fit for a sentence: quoted, on one line and not too long.
 * @param {unknown} name
 * @returns {string}
 */
export function quoted(name) {
  const text = String(name);
  return isolated(JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text));
}
