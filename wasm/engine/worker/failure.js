/** What went wrong, in the protocol's words. */
import { CheckpointError } from '../../files/checkpoint/error.js';
import { CoreError } from '../module.js';

/**
 * @param {unknown} error
 * @returns {Pick<import('../protocol.js').Failed, 'code'|'message'|'reason'|'fields'|'fatal'>} `fatal` where the model can't be relied on any more
 */
export function failureOf(error) {
  if (error instanceof CoreError || error instanceof CheckpointError) {
    const { code, message, fields } = error;
    return { code, message, reason: 'reason' in error ? error.reason : undefined, fields, fatal: code === 'worker' };
  }
  const { message } = /** @type {Error} */ (error);
  return {
    code: 'worker',
    message: `Something went wrong in the model’s worker (${message}): reload the page to start again.`,
    fatal: true,
  };
}
