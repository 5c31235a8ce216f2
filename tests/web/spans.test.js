import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesConditionedBy,
  childrenOf,
  conditionedBy,
  conditionOf,
  conditionsOf,
  firstAtLeast,
  firstByte,
  lastByte,
  parentOf,
  pathOf,
  placeAt,
  segments,
  tokenEnds,
} from '../../web/traces/spans.js';
import fc from '../random_cases.js';
import { traceOf } from './traces.js';

/** A trace of any length and thresholds, with scores that vary. */
const anyTrace = fc
  .tuple(fc.integer({ min: 1, max: 120 }), fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }), fc.nat(100))
  .map(([n, thresholds, seed]) =>
    traceOf(new Uint8Array(n), thresholds, (level, t) => ((t * 13 + level * 5 + seed) % 7) / 3),
  );

/** Every place of a trace. @param {ReturnType<typeof traceOf>} trace */
function* places(trace) {
  for (let level = 0; level < trace.levels.length; level++) {
    for (let index = 0; index < trace.levels[level].count; index++) yield { level, index };
  }
}

test('the tokens of a level follow one another without gaps, the first being the first byte alone', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      const ends = tokenEnds(trace);
      for (let level = 1; level < ends.length; level++) {
        let next = 0;
        for (let index = 0; index < ends[level].length; index++) {
          assert.equal(firstByte(ends, { level, index }), next);
          next = lastByte(ends, { level, index }) + 1;
        }
        assert.equal(ends[level][0], 0);
      }
    }),
  );
});

test('a token ends where its level’s border is', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      const ends = tokenEnds(trace);
      if (ends.length < 2) return;
      const { border } = trace.levels[0];
      const expected = [...border.keys()].filter((t) => border[t] === 1);
      assert.deepEqual([...ends[1]], expected);
    }),
  );
});

test('what is found at a byte contains it, and parents contain their children', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      const ends = tokenEnds(trace);
      for (let level = 0; level < ends.length; level++) {
        for (let byte = 0; byte < trace.count; byte++) {
          const place = placeAt(ends, level, byte);
          if (place) assert.ok(firstByte(ends, place) <= byte && byte <= lastByte(ends, place));
          else assert.ok(byte > (ends[level].at(-1) ?? -1));
        }
      }
      for (const place of places(trace)) {
        const parent = parentOf(trace, place);
        if (!parent) continue;
        const { from, to } = childrenOf(trace, parent);
        assert.ok(from <= place.index && place.index <= to);
        assert.deepEqual(pathOf(trace, place).slice(1), pathOf(trace, parent));
      }
    }),
  );
});

test('conditioning follows the decoder’s rule: the latest earlier token, not at borders, never a level’s first', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      for (const place of places(trace)) {
        const above = trace.levels[place.level + 1];
        let expected = null;
        if (above) {
          for (let j = 1; j < above.count; j++) {
            if (above.source[j] <= place.index) expected = j;
          }
          if (expected !== null && above.source[expected] === place.index) expected = null;
          if (trace.levels[place.level].border[place.index] === 1) expected = null;
        }
        const found = conditionOf(trace, place);
        assert.equal(found?.index ?? null, expected);
        if (found) {
          const reach = conditionedBy(trace, found);
          assert.ok(reach && reach.from <= place.index && place.index <= reach.to);
        }
      }
    }),
  );
});

test('what a token conditions is conditioned by it', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      for (const place of places(trace)) {
        if (place.level === 0) continue;
        const reach = conditionedBy(trace, place);
        if (!reach) continue;
        for (let index = reach.from; index <= reach.to; index++) {
          assert.deepEqual(conditionOf(trace, { level: place.level - 1, index }), place);
        }
      }
    }),
  );
});

test('segments cut tokens to a line', () => {
  const ends = Uint32Array.from([0, 4, 9, 20]);
  assert.deepEqual(segments(ends, 3, 10), [
    { index: 1, from: 3, to: 5, opens: false, closes: true },
    { index: 2, from: 5, to: 10, opens: true, closes: true },
  ]);
  assert.deepEqual(segments(ends, 12, 15), [{ index: 3, from: 12, to: 15, opens: false, closes: false }]);
  assert.deepEqual(segments(ends, 21, 30), []);
});

test('binary search finds the first value large enough', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(55), (list, value) => {
      const values = list.sort((a, b) => a - b);
      const expected = values.findIndex((v) => v >= value);
      assert.equal(firstAtLeast(values, value), expected < 0 ? values.length : expected);
    }),
  );
});

test('each place on the way down conditions the next, and a token reaches exactly the bytes whose way down it is on', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      /** @type {Map<string, number[]>} */
      const reached = new Map();
      for (let byte = 0; byte < trace.count; byte++) {
        /** @type {import('../../web/traces/spans.js').Place} */
        let at = { level: 0, index: byte };
        for (const next of conditionsOf(trace, at)) {
          assert.deepEqual(conditionOf(trace, at), next);
          const key = `${next.level}:${next.index}`;
          reached.set(key, [...(reached.get(key) ?? []), byte]);
          at = next;
        }
        assert.equal(conditionOf(trace, at), null);
      }
      for (const place of places(trace)) {
        if (place.level === 0) continue;
        const bytes = reached.get(`${place.level}:${place.index}`);
        const range = bytesConditionedBy(trace, place);
        assert.deepEqual(range && [range.from, range.to], bytes ? [bytes[0], bytes.at(-1)] : null);
      }
    }),
  );
});
