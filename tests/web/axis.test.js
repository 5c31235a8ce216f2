import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byteAt,
  bytesShown,
  centreWindow,
  clampWindow,
  firstWindow,
  LEAST,
  panWindow,
  revealWindow,
  ruler,
  wholeWindow,
  xAt,
  zoomWindow,
} from '../../web/traces/axis.js';
import fc from '../random_cases.js';

const length = fc.integer({ min: 1, max: 1_048_576 });
const anyNumber = fc.double({ min: -2e6, max: 2e6, noNaN: true });
/** A text's length and a window inside it. */
const anyWindow = fc
  .tuple(length, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, a, b]) => ({ n, window: clampWindow({ from: a * n, span: b * b * n }, n) }));

/** @param {{from: number, span: number}} window @param {number} n */
function assertInside({ from, span }, n) {
  const most = Math.max(LEAST, n);
  assert.ok(from >= 0 && span >= LEAST && from + span <= most * (1 + 1e-12), `${from} + ${span} of ${n}`);
}

/** @param {number} a @param {number} b @param {number} size */
const assertNear = (a, b, size) => assert.ok(Math.abs(a - b) <= 1e-7 * (1 + size), `${a} is not ${b}`);

test('every way of moving stays inside the text', () => {
  fc.assert(
    fc.property(anyWindow, anyNumber, fc.double({ min: 1e-9, max: 1e9, noNaN: true }), ({ n, window }, x, factor) => {
      assertInside(window, n);
      assertInside(panWindow(window, x, n), n);
      assertInside(zoomWindow(window, factor, x, n), n);
      assertInside(revealWindow(window, x, x + 10, n), n);
      assertInside(centreWindow(window, x, x + 10, n), n);
      assertInside(firstWindow(n, 900), n);
      assert.deepEqual(wholeWindow(n), { from: 0, span: Math.max(LEAST, n) });
    }),
  );
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assertInside(clampWindow({ from: bad, span: bad }, 100), 100);
  }
});

test('a pixel’s byte is at that pixel', () => {
  fc.assert(
    fc.property(anyWindow, fc.double({ min: 0, max: 1400, noNaN: true }), ({ n, window }, x) => {
      const axis = { left: 68, width: 900, window };
      assertNear(xAt(axis, byteAt(axis, x)), x, n);
      assert.equal(xAt(axis, window.from), 68);
    }),
  );
});

test('zooming keeps the byte under the pointer, unless the text ends', () => {
  fc.assert(
    fc.property(anyWindow, fc.double({ min: 0, max: 1, noNaN: true }), ({ n, window }, where) => {
      const about = window.from + where * window.span;
      const next = zoomWindow(window, 0.5, about, n);
      if (next.span <= LEAST) return;
      assertNear((about - next.from) / next.span, where, 1);
      const back = zoomWindow(next, 2, about, n);
      assertNear(back.from, window.from, n);
      assertNear(back.span, window.span, n);
    }),
  );
});

test('what is asked for comes into view, and the window moves no further than it must', () => {
  fc.assert(
    fc.property(anyWindow, fc.nat(), fc.integer({ min: 1, max: 40 }), ({ n, window }, at, size) => {
      const first = at % n;
      const end = Math.min(n, first + size);
      const next = revealWindow(window, first, end, n);
      assertNear(next.span, window.span, n);
      if (end - first < window.span) {
        assert.ok(next.from <= first + 1e-6 && next.from + next.span >= end - 1e-6);
        const seen = window.from + 0.1 * window.span <= first && window.from + 0.9 * window.span >= end;
        if (seen) assert.deepEqual(next, window);
      } else {
        assert.ok(next.from < end && next.from + next.span > first, 'some of it is seen');
      }
    }),
  );
});

test('the bytes shown are whole and inside the text', () => {
  assert.deepEqual(bytesShown({ from: 1.5, span: 2 }, 10), { from: 1, to: 4 });
  assert.deepEqual(bytesShown({ from: 0, span: 20 }, 10), { from: 0, to: 10 });
});

test('marks of the ruler are round, inside and far enough apart', () => {
  fc.assert(
    fc.property(anyWindow, ({ n, window }) => {
      const axis = { left: 0, width: 900, window };
      const { interval, marks } = ruler(axis, 80, n);
      assert.ok(/^[125]0*$/.test(String(interval)), String(interval));
      assert.ok(interval === 1 || (interval / window.span) * 900 >= 80 * (1 - 1e-9));
      assert.ok(marks.length <= 900 / 80 + 2 || interval === 1);
      for (const mark of marks) assert.ok(mark % interval === 0 && mark >= window.from && mark <= n);
    }),
  );
});
