/** The core's borders for given scores. rules_test.py compares the PyTorch package with them. */
import { writeFileSync } from 'node:fs';
import { rulesOf } from '../../wasm/engine/config.js';
import { Instance } from '../../wasm/engine/module.js';
import { loadModule } from '../../wasm/engine/node/surroundings.js';
import { createRouting } from '../../wasm/engine/rerouting.js';
import fc from '../random_cases.js';

const N = 40;
const score = fc.constantFrom(0, 0.1, 0.30000001192092896, 0.5, 0.7, 1.1, 2.5, 5.5);
const any = fc.float({ min: 0, max: 8, noNaN: true }).map((x) => x + 0);

/**
 * Writes cases of every rule that does not look ahead.
 * @param {string} file
 * @param {number} count  of each rule
 */
export async function writeRules(file, count) {
  const module = await loadModule();
  const cases = [...rulesOf(new Instance(module))].flatMap(([rule, { number, leaks, marked }]) =>
    leaks || marked
      ? []
      : fc.sample(
          fc.record({
            rule: fc.constant(rule),
            number: fc.constant(number),
            level: fc.integer({ min: 0, max: 3 }),
            threshold: fc.constantFrom(0, 0.1, 0.5, 1, 1.5, 2.5, 3, 6, 6.25, 100).map(Math.fround),
            seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
            scores: fc.array(fc.oneof(score, any).map(Math.fround), { minLength: N, maxLength: N }),
            symbols: fc.array(fc.constantFrom(0, 8, 9, 13, 14, 32, 97, 255), { minLength: N, maxLength: N }),
          }),
          { numRuns: count, seed: number + 1 },
        ),
  );
  const answered = cases.map(({ number, level, ...given }) => {
    const levels = Array.from({ length: level + 1 }, () => /** @type {any} */ ({ number }));
    const route = createRouting(module, levels, given.seed);
    const { sum, border } = route(
      level,
      given.threshold,
      Float32Array.from(given.scores),
      Uint8Array.from(given.symbols),
    );
    return { ...given, level, borders: [...border], reached: [...sum] };
  });
  writeFileSync(file, JSON.stringify(answered));
}
