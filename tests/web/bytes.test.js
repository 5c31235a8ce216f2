import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backToCharacter, characterLength, clusters, excerpt, hex, symbolSign } from '../../web/format/bytes.js';
import { runsOf } from '../../web/format/stream.js';
import fc from '../random_cases.js';
import { utf8 } from './traces.js';

const anyBytes = fc.uint8Array({ maxLength: 64 });
/** Bytes in which UTF-8's own patterns are common. */
const nearlyUtf8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }).map(utf8),
      fc
        .constantFrom([0xc3], [0xe2, 0x82], [0xf0, 0x9f], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5], [0x80])
        .map((b) => Uint8Array.from(b)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((p) => [...p])));

test('clusters cover the bytes in order, without gaps', () => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, nearlyUtf8), (bytes) => {
      let at = 0;
      for (const { from, length, text } of clusters(bytes)) {
        assert.equal(from, at);
        assert.ok(length >= 1 && length <= 4);
        assert.ok(text.length > 0);
        at += length;
      }
      assert.equal(at, bytes.length);
    }),
  );
});

test('a cluster is a character exactly where the platform decodes one', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(fc.oneof(anyBytes, nearlyUtf8), (bytes) => {
      for (const { from, length, kind } of clusters(bytes)) {
        const decode = () => strict.decode(bytes.subarray(from, from + length));
        if (kind === 'invalid') assert.throws(decode);
        else assert.equal([...decode()].length, 1);
      }
    }),
  );
});

test('valid text falls into its code points', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      assert.equal(clusters(utf8(text)).length, [...text].length);
    }),
  );
});

test('white space, control characters and invalid bytes get a sign', () => {
  const bytes = Uint8Array.from([0x61, 0x20, 0x0a, 0x09, 0x00, 0x7f, 0xff, 0xc3, 0xa9]);
  assert.deepEqual(
    clusters(bytes).map(({ text, kind }) => [text, kind]),
    [
      ['a', 'char'],
      ['␣', 'space'],
      ['⏎', 'newline'],
      ['⇥', 'tab'],
      ['␀', 'control'],
      ['␡', 'control'],
      ['FF', 'invalid'],
      ['é', 'char'],
    ],
  );
  assert.equal(clusters(utf8('\u200b'))[0].text, 'U+200B');
  assert.equal(clusters(utf8('\u202e'))[0].kind, 'control');
});

test('a character cut off by the end is distinguished from an invalid one', () => {
  assert.equal(characterLength([0xf0, 0x9f, 0x98], 0), -1);
  assert.equal(characterLength([0xf0, 0x9f, 0x41, 0x80], 0), 0);
  assert.equal(characterLength([0xe0, 0x80, 0x80], 0), 0, 'overlong');
  assert.equal(characterLength([0xed, 0xa0, 0x80], 0), 0, 'surrogate');
  assert.equal(characterLength([0xf4, 0x90, 0x80, 0x80], 0), 0, 'above U+10FFFF');
  assert.equal(characterLength(utf8('😀'), 0), 4);
});

test('single symbols have signs', () => {
  assert.equal(symbolSign(256).text, 'end');
  assert.equal(symbolSign(0x41).text, 'A');
  assert.equal(symbolSign(0xc3).text, 'C3');
  assert.equal(symbolSign(32).text, '␣');
  assert.equal(hex(10), '0A');
});

test('an excerpt loses its middle, and long bytes are not decoded whole', () => {
  assert.equal(excerpt(utf8('a b\nc')), 'a b⏎c');
  const long = excerpt(utf8('x'.repeat(300) + 'y'.repeat(1e6)), 10);
  assert.equal(long, 'xxxxx … yyyyy');
  assert.equal(excerpt(utf8('0123456789abc'), 10), '01234 … 89abc');
});

test('moving back to a character’s start never cuts one', () => {
  const bytes = utf8('a€😀é');
  for (let at = 0; at < bytes.length; at++) {
    const to = backToCharacter(bytes, at);
    assert.ok(to <= at);
    assert.notEqual(bytes[to] & 0xc0, 0x80);
  }
});

test('text that arrives in pieces comes out as if it had arrived whole', () => {
  fc.assert(
    fc.property(
      nearlyUtf8,
      fc.array(fc.nat(70), { maxLength: 5 }),
      fc.infiniteStream(fc.constantFrom(0, 0, 0, 1, 2)),
      (bytes, cuts, marks) => {
        const borders = Uint8Array.from(bytes, () => marks.next().value);
        const whole = runsOf(bytes, borders, 0, true);
        /** @type {import('../../web/format/stream.js').Run[]} */
        const runs = [];
        let next = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
          const end = Math.min(cut, bytes.length);
          const piece = runsOf(bytes.subarray(0, end), borders, next, false);
          runs.push(...piece.runs);
          next = piece.next;
        }
        const last = runsOf(bytes, borders, next, true);
        assert.equal(last.next, bytes.length);
        /** @param {import('../../web/format/stream.js').Run[]} list */
        const flat = (list) =>
          list.flatMap((run) => /** @type {unknown[]} */ (run.kind === 'text' ? [...run.text] : [run]));
        assert.deepEqual(flat([...runs, ...last.runs]), flat(whole.runs));
      },
    ),
  );
});

/** The text of some runs, without border marks. @param {import('../../web/format/stream.js').Run[]} runs */
const copied = (runs) => runs.map((run) => (run.kind === 'border' ? '' : run.text)).join('');

test('generated text is shown and copied as text, joiners and variation selectors included', () => {
  const text =
    'کتاب\u200Cها را می\u200Cخوانم \u2764\uFE0F و نمی\u200Cبینم. 👩\u200D👩\u200D👦 \u202Eabc\u202C\uFEFF\u00AD';
  const bytes = utf8(text);
  assert.deepEqual(runsOf(bytes, new Uint8Array(bytes.length), 0, true).runs, [{ kind: 'text', text }]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.infiniteStream(fc.nat(2)), (any, marks) => {
      const all = utf8(any);
      const borders = Uint8Array.from(all, () => marks.next().value);
      assert.equal(copied(runsOf(all, borders, 0, true).runs), any);
    }),
  );
});

test('what text cannot show appears as its sign', () => {
  const { runs } = runsOf(Uint8Array.from([0x61, 0x00, 0xff, 0xc2, 0x85]), new Uint8Array(5), 0, true);
  assert.deepEqual(runs, [
    { kind: 'text', text: 'a' },
    { kind: 'control', text: '\0', sign: '␀' },
    { kind: 'hex', text: '\uFFFD', sign: 'FF' },
    { kind: 'control', text: '\u0085', sign: 'U+0085' },
  ]);
});

test('no border splits what is seen as one character', () => {
  for (const one of ['👩\u200D👩\u200D👦', '\u2764\uFE0F', 'e\u0301', '👍🏽', 'می\u200C']) {
    const bytes = utf8(one);
    const borders = new Uint8Array(bytes.length).fill(1);
    const { runs } = runsOf(bytes, borders, 0, true);
    const strokes = runs.filter(({ kind }) => kind === 'border').length;
    assert.equal(strokes, one.startsWith('م') ? 2 : 1, one);
    assert.equal(copied(runs), one);
  }
});

test('one-line labels keep joiners, and show characters that could reverse them', () => {
  assert.equal(excerpt(utf8('می\u200Cخوانم')), 'می\u200Cخوانم');
  assert.equal(excerpt(utf8('a\u202Eb')), 'aU+202Eb');
});

test('a border inside a character comes after it', () => {
  const { runs } = runsOf(utf8('é!'), Uint8Array.from([2, 0, 1]), 0, true);
  assert.deepEqual(runs, [
    { kind: 'text', text: 'é' },
    { kind: 'border', levels: 2 },
    { kind: 'text', text: '!' },
    { kind: 'border', levels: 1 },
  ]);
});
