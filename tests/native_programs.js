/** Runs the native test programs of tests/c/: exit status 0 is a pass, and the line that they print goes to the report. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ROOT, run } from '../wasm/tools/setup/run.js';
import { buildNativeTests, nativeTests } from './native.js';

/**
 * Builds and runs the programs of a tier.
 * @param {string} title
 * @param {'quick'|'slow'} tier
 */
export async function describeNative(title, tier) {
  const tests = nativeTests().filter((test) => test.tier === tier);
  const programs = await buildNativeTests(tests);
  describe(title, { concurrency: availableParallelism() }, () => {
    for (const { name, flags } of tests) {
      it([name, ...flags].join(' '), async (t) => {
        const built = programs.get(name);
        assert.ok(built && 'program' in built, built && 'error' in built ? built.error : 'not built');
        const env = { ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1', UBSAN_OPTIONS: 'print_stacktrace=1' };
        const { code, output } = await run(path.join(ROOT, built.program), [], { env, seconds: 300 });
        if (code !== 0) assert.fail(`exit status ${code}\n${output}`);
        t.diagnostic(output.trim());
      });
    }

    it('has programs', () => assert.ok(tests.length > 0, 'no tests/c/*.test.c'));
  });
}
