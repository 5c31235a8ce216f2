/** The branches of c/ that native tests take. `npm run coverage` counts those of all; the slow ones are left out here. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { branchCoverage, LEAST, shareTaken } from './coverage.js';

const SLOW = ['causal', 'finite', 'seeds', 'stream'];

it(`native tests take at least ${100 * LEAST} % of the core’s branches`, async (t) => {
  const rows = await branchCoverage((name) => !SLOW.includes(name));
  const { taken, branches, share } = shareTaken(rows);
  assert.ok(branches > 1000 && rows.length > 20);
  assert.ok(share >= LEAST, rows.map(({ file, missed }) => `${file}: ${missed.join(', ')}`).join('\n'));
  t.diagnostic(`${taken} of ${branches} branches`);
});
