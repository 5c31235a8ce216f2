import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atWords } from '../../web/traces/words.js';
import { traceOf } from './traces.js';

const text = new TextEncoder().encode('The whale, 12 fathoms: é');

/** A trace with borders at some bytes, position 0 among them. @param {number[]} borders */
const traceWith = (borders) => traceOf(text, [1], (level, t) => (level === 0 && borders.includes(t) ? 2 : 0));

test('borders at the first letter of a word, or at the space before it, are at words; others are not', () => {
  const starts = [0, 3, 4, 10, 11, 13, 14, 22, 23];
  const share = 9 / text.length;
  // The last byte is the second one of its letter.
  assert.equal(text.length, 25);
  for (const [borders, expected] of /** @type {[number[], number][]} */ ([
    [[0, 4], 1],
    [[0, 3, 11, 13], 1],
    [[0, 1], 1 / 2],
    [[0, 1, 2, 24], 1 / 4],
  ])) {
    const words = atWords(traceWith(borders));
    assert.equal(words?.borders, expected, `${borders}`);
    assert.equal(words?.bytes, share);
  }
  assert.deepEqual(
    starts.map((at) => atWords(traceWith([0, at]))?.borders),
    starts.map(() => 1),
  );
});

test('without borders there is no answer', () => {
  assert.equal(atWords(traceOf(text, [], () => 0)), null);
});
