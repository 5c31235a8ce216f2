/** A text as it comes to the worker, as bytes. */
import { CoreError } from '../module.js';

/** @param {Uint8Array|Blob} text @returns {Promise<Uint8Array>} @throws {CoreError} `unreadable_text` */
export async function bytesOf(text) {
  if (text instanceof Uint8Array) return text;
  try {
    return new Uint8Array(await text.arrayBuffer());
  } catch {
    throw new CoreError(
      'unreadable_text',
      'The text can’t be read: its file was changed or moved, or is too large for this tab. Choose it again, or a part of it.',
    );
  }
}
