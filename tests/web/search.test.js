import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAll, nearestHit } from '../../web/traces/search.js';
import fc from '../random_cases.js';
import { utf8 } from './traces.js';

/** @param {string} text @param {string} wanted */
const found = (text, wanted) => {
  const bytes = utf8(text);
  const { starts, ends } = findAll(bytes, wanted);
  return Array.from(starts, (start, i) => new TextDecoder().decode(bytes.subarray(start, ends[i])));
};

test('either case is found, even beyond ASCII and where the cases differ in length', () => {
  assert.deepEqual(found('The then THE', 'the'), ['The', 'the', 'THE']);
  assert.deepEqual(found('Ärger, ärger', 'äR'), ['Är', 'är']);
  assert.deepEqual(found('STRASSE Straße', 'straße'), ['STRASSE', 'Straße']);
  assert.deepEqual(found('aaaa', 'aa'), ['aa', 'aa']);
  assert.deepEqual(found('anything', ''), []);
  assert.deepEqual(found('', 'a'), []);
  assert.deepEqual(found('ends with en', 'end'), ['end']);
});

test('in ASCII, a search finds what a search in lower case finds', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', 'A', 'B', ' '), { maxLength: 200 }).map((list) => list.join(''));
  const short = fc
    .array(fc.constantFrom('a', 'b', 'A', ' '), { minLength: 1, maxLength: 3 })
    .map((list) => list.join(''));
  fc.assert(
    fc.property(letters, short, (text, wanted) => {
      const expected = [];
      const [low, needle] = [text.toLowerCase(), wanted.toLowerCase()];
      for (let at = low.indexOf(needle); at >= 0; at = low.indexOf(needle, at + needle.length)) expected.push(at);
      assert.deepEqual([...findAll(utf8(text), wanted).starts], expected);
    }),
  );
});

test('too many hits are cut off, and marked as such', () => {
  const { starts, more } = findAll(utf8('abababab'), 'a', 3);
  assert.deepEqual([...starts], [0, 2, 4]);
  assert.equal(more, true);
  assert.equal(findAll(utf8('ababab'), 'a', 3).more, false);
});

test('next and previous wrap around the ends', () => {
  const hits = findAll(utf8('a..a..a'), 'a');
  assert.equal(nearestHit(hits, 0, 1), 0);
  assert.equal(nearestHit(hits, 0, 1, true), 1);
  assert.equal(nearestHit(hits, 4, 1), 2);
  assert.equal(nearestHit(hits, 6, 1, true), 0);
  assert.equal(nearestHit(hits, 6, -1), 1);
  assert.equal(nearestHit(hits, 0, -1), 2);
  assert.equal(nearestHit(findAll(utf8('x'), 'a'), 0, 1), -1);
});
