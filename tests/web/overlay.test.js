import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curvePoints, layoutOverlay, nearest, roundNumbers, walkCurves } from '../../web/charts/overlay.js';
import fc from '../random_cases.js';
import { point } from './support/runs.js';

/** @param {string} id @param {[number, number][]} points */
const curve = (id, points) => ({ id, mark: id, slot: 0, dashed: false, points: points.map(([x, y]) => ({ x, y })) });
const size = { width: 600, height: 300, axis: /** @type {const} */ ('step'), closeUp: false };

test('points are chosen by axis and measure, without values that are not numbers', () => {
  const points = { train: [point(1), point(2, Number.NaN), point(3)], validation: [point(0), point(4)] };
  assert.deepEqual(curvePoints(points, 'step', 'valDecoder'), [
    { x: 0, y: 8 },
    { x: 4, y: 7.96 },
  ]);
  assert.deepEqual(
    curvePoints(points, 'bytesSeen', 'trainEncoder').map(({ x }) => x),
    [1024, 3072],
  );
});

test('all curves lie in the plot, marks apart from one another', () => {
  const y = fc.double({ min: 0.5, max: 9, noNaN: true });
  const curves = fc.array(fc.array(y, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(curves, (lists) => {
      const all = lists.map((list, i) =>
        curve(
          String(i),
          list.map((value, step) => [step * 10, value]),
        ),
      );
      const { plot, lines, xTicks, yTicks, xAt, yAt } = layoutOverlay(all, size);
      for (const { points, end } of lines) {
        for (const { x, y: value } of points) {
          assert.ok(xAt(x) >= plot.left - 1e-6 && xAt(x) <= plot.right + 1e-6);
          assert.ok(yAt(value) >= plot.top - 1e-6 && yAt(value) <= plot.bottom + 1e-6);
        }
        assert.ok(end.labelY <= plot.bottom + 1e-6);
      }
      const marks = lines.map(({ end }) => end.labelY).sort((a, b) => a - b);
      for (let i = 1; i < marks.length; i++) assert.ok(marks[i] - marks[i - 1] >= 13 - 1e-6);
      for (const { at } of xTicks) assert.ok(at >= plot.left - 1e-6 && at <= plot.right + 1e-6);
      for (const { at } of yTicks) assert.ok(at >= plot.top - 1e-6 && at <= plot.bottom + 1e-6);
      assert.ok(yTicks.length >= 2);
    }),
  );
});

test('a close-up takes its range without the first quarter', () => {
  const one = curve('a', [
    [0, 8],
    [10, 4],
    [20, 3],
    [30, 2.5],
  ]);
  const near = layoutOverlay([one], { ...size, closeUp: true });
  assert.ok(near.yAt(4) >= near.plot.top && near.yAt(8) < near.plot.top);
});

test('ticks are round numbers, and round times on a clock', () => {
  assert.deepEqual(roundNumbers(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.ok(!roundNumbers(-1, 1, 4).some((n) => Object.is(n, -0)));
  const { xTicks } = layoutOverlay(
    [
      curve('a', [
        [0, 8],
        [130_000, 3],
      ]),
    ],
    { ...size, axis: 'elapsedMs' },
  );
  assert.deepEqual(
    xTicks.map(({ label }) => label),
    ['0 s', '30 s', '1 min', '1 min 30 s', '2 min'],
  );
  assert.deepEqual(layoutOverlay([], size).lines, []);
});

test('the nearest point is found', () => {
  const one = curve('a', [
    [0, 8],
    [10, 4],
    [20, 3],
  ]);
  assert.equal(nearest(one, 14).x, 10);
  assert.equal(nearest(one, 16).x, 20);
});

test('keys walk along the points of all curves, in order', () => {
  const curves = [
    curve('a', [
      [0, 8],
      [10, 4],
    ]),
    curve('b', [
      [0, 8],
      [4, 6],
      [20, 3],
    ]),
  ];
  /** @type {(number|null)[]} */
  const seen = [];
  for (let at = walkCurves(curves, null, 'ArrowRight'); seen.at(-1) !== at; at = walkCurves(curves, at, 'ArrowRight'))
    seen.push(at);
  assert.deepEqual(seen, [0, 4, 10, 20]);
  assert.equal(walkCurves(curves, null, 'ArrowLeft'), 20);
  assert.equal(walkCurves(curves, 5, 'ArrowLeft'), 4);
  assert.equal(walkCurves(curves, 0, 'ArrowLeft'), 0);
  assert.equal(walkCurves(curves, 4, 'End'), 20);
  assert.equal(walkCurves(curves, 4, 'Home'), 0);
  assert.equal(walkCurves(curves, 4, 'x'), null);
  assert.equal(walkCurves([], null, 'ArrowRight'), null);
});
