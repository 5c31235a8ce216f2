import assert from 'node:assert/strict';
import { test } from 'node:test';
import { borderPlaces, calibration, pairedDifference, placesOf, tokenLengths } from '../../web/statistics/measures.js';
import fc from '../random_cases.js';
import { utf8 } from './traces.js';

/** @param {number} a @param {number} b */
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test('lengths of tokens leave out the forced first one', () => {
  const lengths = tokenLengths(Uint32Array.of(0, 3, 5, 9));
  assert.deepEqual([lengths.count, lengths.mean, lengths.shortest, lengths.longest], [3, 3, 2, 4]);
  near(lengths.deviation, 1);
  assert.deepEqual(
    lengths.histogram.map(({ from, to, count }) => [from, to, count]),
    [
      [1, 1, 0],
      [2, 2, 1],
      [3, 3, 1],
      [4, 4, 1],
    ],
  );
  assert.deepEqual(tokenLengths(Uint32Array.of(0)).histogram, []);
  assert.ok(Number.isNaN(tokenLengths(new Uint32Array()).mean));
});

test('a histogram has every token in one bar, whatever the lengths', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 60 }), (steps) => {
      let at = 0;
      const ends = Uint32Array.from([0, ...steps].map((step) => (at += step)));
      const { histogram, count } = tokenLengths(ends);
      assert.ok(histogram.length <= 14);
      assert.equal(
        histogram.reduce((sum, bar) => sum + bar.count, 0),
        count,
      );
      for (const [i, bar] of histogram.entries()) {
        assert.equal(bar.count, steps.filter((n) => n >= bar.from && n <= bar.to).length);
        assert.equal(bar.from, i === 0 ? 1 : histogram[i - 1].to + 1);
      }
    }),
  );
});

test('places between bytes: words, white space, inside characters', () => {
  const { word, space, inside } = placesOf(utf8('a bé.c'));
  //                       a␣ ␣b bé é. .c: é is two bytes
  assert.deepEqual([...word], [1, 1, 0, 0, 1, 1]);
  assert.deepEqual([...space], [1, 1, 0, 0, 0, 0]);
  assert.deepEqual([...inside], [0, 0, 0, 1, 0, 0]);
  assert.equal(placesOf(new Uint8Array()).word.length, 0);
});

test('shares of borders are compared with those of as many random ones', () => {
  const places = placesOf(utf8('ab cd ef gh ij kl'));
  // Borders after the spaces at 2 and 5, and inside a word at 6; those of the first and last bytes do not count.
  const { borders, shares } = borderPlaces(Uint32Array.of(0, 2, 5, 6, 16), places);
  assert.equal(borders, 3);
  near(shares.word.found, 2 / 3);
  near(shares.word.random, 10 / 15);
  assert.equal(shares.inside.found, 0);
  near(shares.word.deviation, Math.sqrt((((1 / 3) * (2 / 3)) / 3) * (12 / 14)));
});

test('random borders have the stated frequency and spread', () => {
  const text = utf8('The quick brown fox – naïve – jumps over the lazy dog. '.repeat(20));
  const places = placesOf(text);
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const eligible = Array.from({ length: text.length - 2 }, (_, i) => i + 1);
  const shares = Array.from({ length: 400 }, () => {
    for (let i = eligible.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [eligible[i], eligible[j]] = [eligible[j], eligible[i]];
    }
    const chosen = eligible.slice(0, 150).sort((a, b) => a - b);
    return borderPlaces(Uint32Array.from([0, ...chosen]), places).shares.word;
  });
  const mean = shares.reduce((sum, s) => sum + s.found, 0) / shares.length;
  const spread = Math.sqrt(shares.reduce((sum, s) => sum + (s.found - mean) ** 2, 0) / (shares.length - 1));
  const [{ random: expected, deviation }] = shares;
  // Four standard errors of a mean of 400.
  assert.ok(Math.abs(mean - expected) < (4 * deviation) / 20, `${mean}, not ${expected}`);
  assert.ok(Math.abs(spread / deviation - 1) < 0.15, `${spread}, not ${deviation}`);
});

test('calibration has means in bits and bins from sure to unsure, and leaves out the unknown end', () => {
  const n = 101;
  const entropy = Float32Array.from({ length: n }, (_, t) => ((t * 37) % n) * Math.LN2);
  const bits = Float32Array.from({ length: n }, (_, t) => (t === n - 1 ? Number.NaN : ((t * 37) % n) + 1));
  const { entropy: expected, bits: paid, bins } = calibration(entropy, bits);
  assert.ok(Math.abs(paid - expected - 1) < 1e-4);
  assert.equal(bins.length, 10);
  assert.equal(
    bins.reduce((sum, bin) => sum + bin.count, 0),
    n - 1,
  );
  for (let i = 1; i < bins.length; i++) assert.ok(bins[i].entropy > bins[i - 1].entropy);
  assert.deepEqual(calibration(new Float32Array(), new Float32Array()).bins, []);
});

test('a paired difference has its standard error', () => {
  const n = 64 * 8;
  const a = Float32Array.from({ length: n }, (_, t) => (Math.floor(t / 64) % 2 ? 3 : 1));
  const b = new Float32Array(n).fill(1);
  a[5] = Number.NaN;
  const { mean, error, bytes } = pairedDifference(a, b);
  near(mean, (4 * 64 * 2) / (n - 1));
  assert.equal(bytes, n - 1);
  near(error, Math.sqrt(8 / 7 / 8));
  assert.ok(Number.isNaN(pairedDifference(a.subarray(0, 100), b.subarray(0, 100)).error));
});
