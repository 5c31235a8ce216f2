import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyTrace, figures, withPiece } from '../../web/traces/trace.js';
import fc from '../random_cases.js';
import { pieceOf, traceOf, utf8 } from './traces.js';

/**
 * Cuts a whole piece in two at byte `at`, as the worker would have sent it.
 * @param {ReturnType<typeof pieceOf>} piece
 * @param {number} at
 */
function cut(piece, at) {
  const { top } = piece;
  let end = at;
  const counts = piece.levels.map((level, l) => {
    // Positions whose source is before the cut of the level below.
    end = l === 0 ? at : level.source.filter((s) => s < end).length;
    return end;
  });
  /** @param {number} from @param {number|undefined} to @param {number[]} starts @param {(number|undefined)[]} ends */
  const part = (from, to, starts, ends) => ({
    ...piece,
    from,
    encoderEntropy: piece.encoderEntropy.slice(from, to),
    decoderEntropy: piece.decoderEntropy.slice(from, to),
    encoderBits: piece.encoderBits.slice(from, to),
    decoderBits: piece.decoderBits.slice(from, to),
    encoderTop: piece.encoderTop.slice(from * top, to && to * top),
    encoderProbability: piece.encoderProbability.slice(from * top, to && to * top),
    decoderTop: piece.decoderTop.slice(from * top, to && to * top),
    decoderProbability: piece.decoderProbability.slice(from * top, to && to * top),
    levels: piece.levels.map((level, l) => {
      const [first, last] = [starts[l], ends[l]];
      const realised = level.realised.slice(first, last);
      // The error of the last position so far is not known yet.
      if (last !== undefined && realised.length > 0) realised[realised.length - 1] = Number.NaN;
      return {
        from: first,
        source: level.source.slice(first, last),
        score: level.score.slice(first, last),
        sum: level.sum.slice(first, last),
        border: level.border.slice(first, last),
        realised,
        realisedBefore: first > 0 && first < level.source.length ? level.realised[first - 1] : Number.NaN,
      };
    }),
  });
  return [
    part(
      0,
      at,
      counts.map(() => 0),
      counts,
    ),
    part(
      at,
      undefined,
      counts,
      counts.map(() => undefined),
    ),
  ];
}

test('pieces join into the whole trace', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 2, maxLength: 60 }),
      fc.nat(1000),
      fc.integer({ min: 1, max: 5 }),
      (string, where, threshold) => {
        const text = utf8(string);
        const at = 1 + (where % (text.length - 1));
        const thresholds = [threshold, 2];
        const whole = pieceOf(text, thresholds, (level, t) => 0.5 + ((t * 7 + level) % 3));
        const expected = withPiece(emptyTrace(text, thresholds), whole, true);
        const [first, second] = cut(whole, at);
        const half = withPiece(emptyTrace(text, thresholds), first, false);
        assert.equal(half.count, at);
        assert.equal(half.done, false);
        const trace = withPiece(half, second, true);
        assert.equal(trace.count, text.length);
        for (const field of /** @type {const} */ ([
          'encoderEntropy',
          'decoderBits',
          'encoderTop',
          'decoderProbability',
        ])) {
          assert.deepEqual(trace[field], expected[field], field);
        }
        trace.levels.forEach((level, l) => {
          const other = expected.levels[l];
          assert.equal(level.count, other.count);
          for (const field of /** @type {const} */ (['source', 'score', 'sum', 'border'])) {
            assert.deepEqual(level[field].slice(0, level.count), other[field].slice(0, level.count), field);
          }
          // All but a last value before the cut, where no later position has filled it in.
          const repaired = second.levels[l].source.length > 0 ? level.count : level.count - 1;
          assert.deepEqual(level.realised.slice(0, repaired), other.realised.slice(0, repaired));
        });
      },
    ),
  );
});

test('figures leave out bytes that no model predicted', () => {
  const trace = traceOf(utf8('abcd'), [2]);
  // Costs 1, 2, 3 and none at the end.
  const { encoderBpb, decoderBpb, levels, bytes } = figures(trace);
  assert.equal(bytes, 4);
  assert.equal(encoderBpb, 2);
  assert.equal(decoderBpb, 1);
  // Borders at 0 and at 2, where two scores of 1 have added up.
  assert.deepEqual(levels, [
    { tokens: 4, bytesPerToken: 1 },
    { tokens: 2, bytesPerToken: 2 },
  ]);
});

test('a text of one byte has no bits per byte', () => {
  assert.ok(Number.isNaN(figures(traceOf(utf8('a'), [2])).decoderBpb));
});
