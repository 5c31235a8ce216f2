import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutPassage, niceStart } from '../../web/state/passage.js';
import fc from '../random_cases.js';
import { utf8 } from './traces.js';

test('a passage cuts no character of valid text', () => {
  const strict = new TextDecoder('utf-8', { fatal: true });
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
      fc.nat(400),
      fc.integer({ min: 4, max: 50 }),
      (string, start, length) => {
        const text = utf8(string);
        const passage = cutPassage(text, start, length);
        assert.ok(passage.bytes.length <= length);
        assert.ok(passage.bytes.length > 0);
        strict.decode(passage.bytes);
        assert.deepEqual(passage.bytes, text.subarray(passage.start, passage.start + passage.bytes.length));
      },
    ),
  );
});

test('an empty text has an empty passage', () => {
  assert.deepEqual(cutPassage(new Uint8Array(), 10, 100), { start: 0, bytes: new Uint8Array() });
});

test('a passage starts at a line, else a sentence, else a word', () => {
  assert.equal(niceStart(utf8('end of it. Next one\nA line'), 2), 20);
  assert.equal(niceStart(utf8('end of it. Next one'), 2), 11);
  assert.equal(niceStart(utf8('end of it'), 1), 4);
  assert.equal(niceStart(utf8('word'), 1), 1);
  assert.equal(niceStart(utf8('a€'), 3), 1, 'not inside a character');
});
