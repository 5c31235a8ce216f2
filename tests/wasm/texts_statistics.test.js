/** Statistics of a text: characters by script, faults, entropy; the same however it is cut into pieces. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detectEncoding, ENCODINGS, toUtf8 } from '../../wasm/files/formats/encodings.js';
import { gzipBitsPerByte } from '../../wasm/files/formats/gzip_size.js';
import { TextStatistics } from '../../wasm/files/texts/statistics.js';
import fc from '../random_cases.js';
import { realText, utf8 } from './support/models.js';

/** @param {Uint8Array} bytes @param {number} [piece] */
function statisticsOf(bytes, piece = bytes.length) {
  const statistics = new TextStatistics();
  for (let at = 0; at < bytes.length; at += piece) statistics.add(bytes.subarray(at, at + piece));
  return statistics.result();
}

/** @param {string} text */
const scripts = (text) => Object.fromEntries(statisticsOf(utf8(text)).scripts.map(({ name, count }) => [name, count]));

describe('statistics of a text', () => {
  it('count characters by script', () => {
    assert.deepEqual(scripts('Straße 42!\n'), {
      Latin: 6,
      digits: 2,
      'white space': 2,
      'punctuation and symbols': 1,
    });
    const mixed = scripts('Война и мир — 戦争と平和, שלום, سلام, สงคราม, 전쟁 🙂');
    for (const [name, count] of [
      ['Cyrillic', 9],
      ['Han', 4],
      ['Hiragana', 1],
      ['Hebrew', 4],
      ['Arabic', 4],
      ['Thai', 6],
      ['Hangul', 2],
    ]) {
      assert.equal(mixed[name], count, String(name));
    }
    const real = statisticsOf(realText(100_000));
    assert.equal(real.scripts[0].name, 'Latin');
    assert.equal(
      real.scripts.reduce((sum, { count }) => sum + count, 0),
      real.characters,
    );
  });

  it('recognise UTF-8 as TextDecoder does, wherever it is cut', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.string({ unit: 'grapheme', maxLength: 10 }).map(utf8),
      fc.array(fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x99, 0x82, 0xed, 0xa0, 0xc0, 0x80, 0x41), {
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 7 }), (list, piece) => {
        const bytes = Uint8Array.from(list);
        const whole = statisticsOf(bytes);
        assert.deepEqual(statisticsOf(bytes, piece), whole);
        let valid = true;
        try {
          new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
        } catch {
          valid = false;
        }
        assert.equal(whole.invalid === 0 && whole.openEnd === 0, valid, [...bytes].join(' '));
        if (valid) {
          const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
          assert.equal(whole.characters, [...text].length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('give the place of the first fault, and whether the end cuts a character', () => {
    const { invalid, firstInvalid } = statisticsOf(Uint8Array.from([65, 66, 0xe2, 0x82, 67, 0xff]));
    assert.deepEqual([invalid, firstInvalid], [2, 2]);
    assert.equal(statisticsOf(utf8('aä').subarray(0, 2)).openEnd, 1);
  });

  it('have the entropy of the byte frequencies', () => {
    assert.equal(statisticsOf(utf8('aaaa')).entropy, 0);
    assert.equal(statisticsOf(utf8('abab')).entropy, 1);
    assert.equal(statisticsOf(Uint8Array.from({ length: 256 }, (_, i) => i)).entropy, 8);
    assert.equal(statisticsOf(new Uint8Array()).entropy, 0);
    const { entropy } = statisticsOf(realText(100_000));
    assert.ok(entropy > 4 && entropy < 5, String(entropy));
  });

  it('agree with gzip on a Blob as on bytes', async () => {
    const text = realText(200_000);
    let read = 0;
    const ofBlob = await gzipBitsPerByte(new Blob([text.slice()]), (bytes) => {
      read += bytes;
    });
    assert.equal(read, text.length);
    assert.equal(ofBlob, await gzipBitsPerByte(text));
  });
});

describe('encodings', () => {
  /** @param {Uint8Array} bytes */
  const detect = (bytes) => detectEncoding(bytes.subarray(0, 65536), statisticsOf(bytes));
  /** @param {string} text @param {boolean} little */
  const utf16 = (text, little) =>
    Uint8Array.from(
      [...text].flatMap((c) => {
        const code = c.charCodeAt(0);
        return little ? [code & 255, code >> 8] : [code >> 8, code & 255];
      }),
    );
  /** A text in a single-byte encoding, by inverting its decoder. @param {string} label @param {string} text */
  function encoded(label, text) {
    const decoder = new TextDecoder(label);
    const table = new Map(Array.from({ length: 256 }, (_, i) => [decoder.decode(Uint8Array.of(i)), i]));
    return Uint8Array.from([...text].map((c) => /** @type {number} */ (table.get(c))));
  }
  const FRENCH =
    'Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se fermaient. ';
  const RUSSIAN = 'Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. ';

  it('are recognised by byte order marks, zeros and faults', () => {
    assert.deepEqual(detect(utf8('Grüße')), { encoding: 'utf-8', mark: 0 });
    assert.deepEqual(detect(utf8('\ufeffGrüße')), { encoding: 'utf-8', mark: 3 });
    for (const little of [true, false]) {
      const encoding = little ? 'utf-16le' : 'utf-16be';
      assert.deepEqual(detect(utf16(`\ufeff${FRENCH}`, little)), { encoding, mark: 2 });
      assert.deepEqual(detect(utf16(FRENCH, little)), { encoding, mark: 0 });
    }
    assert.equal(detect(encoded('windows-1252', FRENCH)).encoding, 'windows-1252');
    assert.equal(detect(encoded('windows-1251', RUSSIAN)).encoding, 'windows-1251');
    assert.equal(detect(encoded('koi8-r', RUSSIAN)).encoding, 'koi8-r');
    // すべてのことはいつか in Shift JIS, and 我们的世界是他的 in GB 18030.
    const japanese = [0x82, 0xb7, 0x82, 0xd7, 0x82, 0xc4, 0x82, 0xcc, 0x82, 0xb1, 0x82, 0xc6, 0x82, 0xcd, 0x82, 0xa2];
    assert.equal(detect(Uint8Array.from(japanese)).encoding, 'shift_jis');
    const chinese = [0xce, 0xd2, 0xc3, 0xc7, 0xb5, 0xc4, 0xca, 0xc0, 0xbd, 0xe7, 0xca, 0xc7, 0xcb, 0xfb, 0xb5, 0xc4];
    assert.equal(detect(Uint8Array.from(chinese)).encoding, 'gb18030');
  });

  it('recognise what is not text', () => {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]);
    assert.deepEqual(detect(png), { encoding: 'binary', mark: 0, what: 'a PNG picture' });
    assert.equal(detect(Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 7) >> 3)).encoding, 'binary');
  });

  it('are converted, however the bytes are cut', async () => {
    const bytes = utf16(FRENCH, true);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    }
    const parts = [];
    for await (const part of toUtf8(pieces(), 'utf-16le')) parts.push(part);
    assert.equal(await new Blob(parts).text(), FRENCH);
    for (const { label } of ENCODINGS) assert.equal(new TextDecoder(label).fatal, false, label);
  });
});
