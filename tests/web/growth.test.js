/** Curves that are drawn on by their new points alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawEnd, grown } from '../../web/charts/growth.js';

/** @typedef {import('uplot').AlignedData} Data */

const FIRST = /** @type {Data} */ ([
  [1, 2, 3],
  [8, 7, 6],
  [8, null, null],
]);

test('every point of a chart drawn for the first time is new', () => {
  const found = grown(FIRST);
  assert.deepEqual(found?.added, [
    { from: null, rows: [0, 1, 2] },
    { from: null, rows: [0] },
  ]);
  assert.deepEqual([found?.drawn.low, found?.drawn.high], [6, 8]);
});

test('a chart that grew has only its later points as new, each curve continuing from its own last one', () => {
  const before = grown(FIRST)?.drawn;
  // An evaluation joins the row of a step that has been drawn already.
  const found = grown(
    [
      [1, 2, 3, 4],
      [8, 7, 6, 5],
      [8, null, 6.5, null],
    ],
    before,
  );
  assert.deepEqual(found?.added, [
    { from: { row: 2, step: 3 }, rows: [3] },
    { from: { row: 0, step: 1 }, rows: [2] },
  ]);
  assert.equal(found?.drawn.low, 5);
  const nothing = grown(FIRST, before);
  assert.ok(nothing?.added.every(({ rows }) => rows.length === 0));
});

test('where rows were thinned out, inserted, or belong to another run, everything is redrawn', () => {
  const before = grown(FIRST)?.drawn;
  assert.equal(grown([[1], [8], [8]], before), null);
  assert.equal(
    grown(
      [
        [1, 3, 5],
        [8, 6, 4],
        [8, null, null],
      ],
      before,
    ),
    null,
  );
  assert.equal(
    grown(
      [
        [1, 2, 3],
        [8, 7, 6],
      ],
      before,
    ),
    null,
  );
});

test('the new end is one line from the last point drawn', () => {
  /** @type {string[]} */
  const calls = [];
  const ctx = new Proxy(/** @type {any} */ ({}), {
    get:
      (_, name) =>
      (/** @type {number[]} */ ...values) =>
        calls.push(`${String(name)} ${values.join(' ')}`),
    set: () => true,
  });
  const plot = /** @type {any} */ ({
    ctx,
    bbox: { left: 0, top: 0, width: 100, height: 100 },
    series: [{}, { width: 1, stroke: () => 'red' }],
    data: FIRST,
    valToPos: (/** @type {number} */ value) => 10 * value,
  });
  drawEnd(plot, 1, { from: { row: 1, step: 2 }, rows: [2] }, 1);
  assert.deepEqual(
    calls.filter((each) => each.startsWith('lineTo')),
    ['lineTo 20 70', 'lineTo 30 60'],
  );
  assert.equal(calls.filter((each) => each.startsWith('stroke')).length, 1);
  calls.length = 0;
  drawEnd(plot, 1, { from: { row: 1, step: 2 }, rows: [] }, 1);
  assert.deepEqual(calls, []);
});
