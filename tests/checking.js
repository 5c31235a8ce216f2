/** Runs static checks as tests. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { run } from '../wasm/tools/setup/run.js';

/**
 * @param {string} title
 * @param {readonly import('./checks.js').Check[]} checks
 */
export function describeChecks(title, checks) {
  describe(title, { concurrency: availableParallelism() }, () => {
    for (const { name, command } of checks) {
      it(name, async () => {
        const { code, output } = await run(...command());
        if (code !== 0) assert.fail(`exit status ${code}\n${output}`);
      });
    }
  });
}
