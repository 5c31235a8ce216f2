/** Two native tests under Valgrind; `npm run valgrind` runs all of them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runUnderValgrind } from './valgrind.js';

it('the tests of failures and of settings are clean under Valgrind', async () => {
  assert.equal(await runUnderValgrind((name) => name === 'contract' || name === 'settings'), 2);
});
