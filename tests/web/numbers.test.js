import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteSize, compact, count, duration, fixed, integer, percent, significant } from '../../web/format/numbers.js';

test('whole numbers have separators', () => {
  assert.equal(integer(1156484), '1,156,484');
  assert.equal(integer(0.6), '1');
  assert.equal(integer(999), '999');
  assert.equal(integer(-1234567.4), '-1,234,567');
});

test('a value that is not a number is a dash everywhere', () => {
  for (const format of [integer, fixed, significant, compact, byteSize, percent, duration]) {
    assert.equal(format(Number.NaN), '–', format.name);
  }
  assert.equal(duration(Number.POSITIVE_INFINITY), '–');
  assert.equal(duration(-1), '–');
});

test('three significant digits', () => {
  assert.equal(significant(0), '0');
  assert.equal(significant(0.0003), '0.0003');
  assert.equal(significant(12345), '12300');
  assert.equal(significant(1e-7), '1.0e-7');
  assert.equal(significant(1e9), '1.0e+9');
  assert.equal(compact(1156484), '1.16 M');
  assert.equal(compact(950), '950');
});

test('sizes', () => {
  assert.equal(byteSize(0), '0 bytes');
  assert.equal(byteSize(1), '1 byte');
  assert.equal(byteSize(999), '999 bytes');
  assert.equal(byteSize(1000), '1 kB');
  assert.equal(byteSize(1215236), '1.22 MB');
  assert.equal(byteSize(999_900), '1 MB');
  assert.equal(byteSize(5e12), '5000 GB');
});

test('shares', () => {
  assert.equal(percent(1), '100 %');
  assert.equal(percent(0.0995), '10 %');
  assert.equal(percent(0.05), '5.0 %');
  assert.equal(percent(0.0042), '0.42 %');
  assert.equal(percent(0.00001), '<0.01 %');
  assert.equal(percent(0), '0.00 %');
});

test('time spans', () => {
  assert.equal(duration(0), '0 s');
  assert.equal(duration(59_400), '59 s');
  assert.equal(duration(59_600), '1 min');
  assert.equal(duration(200_000), '3 min 20 s');
  assert.equal(duration(7_500_000), '2 h 5 min');
});

test('counts have plurals', () => {
  assert.equal(count(1, 'step'), '1 step');
  assert.equal(count(0, 'step'), '0 steps');
  assert.equal(count(2000, 'step'), '2,000 steps');
});
