/** Checks errors by their reason and fields: wording is tested in sentences.test.js alone. */
import assert from 'node:assert/strict';

/** @typedef {string|[reason: string, fields: Record<string, unknown>]} Reason  `fields`: those that matter */

/**
 * @param {unknown} error
 * @param {Reason} wanted
 */
export function assertReason(error, wanted) {
  const [reason, fields] = typeof wanted === 'string' ? [wanted, {}] : wanted;
  assert.ok(error instanceof Error, String(error));
  const found = /** @type {{reason?: string, fields?: Record<string, unknown>}} */ (error);
  assert.equal(found.reason, reason, error.message);
  for (const [name, value] of Object.entries(fields)) assert.deepEqual(found.fields?.[name], value, error.message);
}

/**
 * For `assert.throws` and `assert.rejects`.
 * @param {Reason} wanted
 * @returns {(error: unknown) => true}
 */
export const withReason = (wanted) => (error) => {
  assertReason(error, wanted);
  return true;
};
