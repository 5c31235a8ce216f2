/** Runs the static checks. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { run } from '../wasm/tools/setup/run.js';
import { checks } from './checks.js';

describe('static checks', { concurrency: availableParallelism() }, () => {
  for (const { name, command } of checks()) {
    it(name, async () => {
      const { code, output } = await run(...command());
      if (code !== 0) assert.fail(`exit status ${code}\n${output}`);
    });
  }
});
