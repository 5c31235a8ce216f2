import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pyramid } from '../../web/traces/pyramid.js';
import fc from '../random_cases.js';

/** The summary of a part, computed directly. @param {ArrayLike<number>} values @param {number} from @param {number} to */
function plain(values, from, to) {
  const part = Array.from(values)
    .slice(Math.max(0, from), to)
    .filter((v) => !Number.isNaN(v));
  return {
    min: Math.min(...part),
    max: Math.max(...part),
    sum: part.reduce((a, b) => a + b, 0),
    n: part.length,
  };
}

/** @param {ReturnType<typeof plain>} actual @param {ReturnType<typeof plain>} expected */
function assertSummary(actual, expected) {
  assert.deepEqual([actual.min, actual.max, actual.n], [expected.min, expected.max, expected.n]);
  assert.ok(Math.abs(actual.sum - expected.sum) <= 1e-6 * (1 + Math.abs(expected.sum)));
}

const anyRow = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.float({ min: -9, max: 9, noNaN: true }) }, fc.constant(Number.NaN)), {
    maxLength: 5000,
  })
  .map((values) => Float32Array.from(values));

test('any part of a row that arrived in pieces is summarised exactly', () => {
  fc.assert(
    fc.property(
      anyRow,
      fc.array(fc.nat(5000), { maxLength: 8 }),
      fc.array(fc.nat(5000), { maxLength: 12 }),
      (row, cuts, ends) => {
        const pyramid = new Pyramid();
        for (const cut of [...cuts].sort((a, b) => a - b)) pyramid.extend(row, Math.min(cut, row.length));
        pyramid.extend(row, row.length);
        assert.equal(pyramid.count, row.length);
        for (let i = 0; i + 1 < ends.length; i++) {
          const [from, to] = [Math.min(ends[i], ends[i + 1]), Math.max(ends[i], ends[i + 1])];
          assertSummary(pyramid.range(row, from, to), plain(row, from, to));
        }
        assertSummary(pyramid.range(row, -5, 1e9), plain(row, 0, row.length));
      },
    ),
    { numRuns: 60 },
  );
});

test('values not yet added do not count, and changed ones are added again', () => {
  const row = Float32Array.from({ length: 1000 }, (_, i) => i);
  const pyramid = new Pyramid();
  pyramid.extend(row, 300);
  assert.equal(pyramid.range(row, 0, 1000).n, 300);
  assert.equal(pyramid.largest(row), 299);
  pyramid.extend(row, 1000);
  row.fill(-1, 500);
  pyramid.touch(500);
  assert.equal(pyramid.count, 500);
  pyramid.extend(row, 1000);
  assertSummary(pyramid.range(row, 400, 900), plain(row, 400, 900));
});

test('a part of a million values costs no more than a few hundred looks', () => {
  const n = 1_000_000;
  const row = new Float32Array(n).fill(1);
  const pyramid = new Pyramid();
  pyramid.extend(row, n);
  let looks = 0;
  const counted = new Proxy(row, {
    get(target, key) {
      looks++;
      return target[/** @type {any} */ (key)];
    },
  });
  assert.equal(pyramid.range(counted, 3, n - 5).sum, n - 8);
  assert.ok(looks < 64, `${looks} looks at single values`);
});
