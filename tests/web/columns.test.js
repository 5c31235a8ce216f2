import assert from 'node:assert/strict';
import { test } from 'node:test';
import { borderCounts, columnsOf } from '../../web/explorer/columns.js';
import { brushOf, gripAt, minimapAxis, minimapLayout } from '../../web/explorer/minimap.js';
import { axisOf, hitStrip, plotWidth, stripLayout } from '../../web/explorer/strip_layout.js';
import { clusters } from '../../web/format/bytes.js';
import { Pyramid } from '../../web/traces/pyramid.js';
import { pageOf } from '../../web/traces/text_page.js';
import fc from '../random_cases.js';
import { utf8 } from './traces.js';

/** @param {Float32Array} values */
function summed(values) {
  const pyramid = new Pyramid();
  pyramid.extend(values, values.length);
  return pyramid;
}

const row = fc
  .array(fc.float({ min: 0, max: 8, noNaN: true }), { minLength: 1, maxLength: 4000 })
  .map((values) => Float32Array.from(values));

test('columns of the whole text hold every byte, with all extremes and borders', () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 3, max: 400 }), (values, width) => {
      const n = values.length;
      const axis = { left: 0, width, window: { from: 0, span: Math.max(2, n) } };
      const { min, max, mean } = columnsOf(axis, { pyramid: summed(values), values }, n);
      const there = [...max.keys()].filter((i) => !Number.isNaN(max[i]));
      assert.equal(Math.max(...there.map((i) => max[i])), Math.max(...values));
      assert.equal(Math.min(...there.map((i) => min[i])), Math.min(...values));
      for (const i of there) assert.ok(min[i] <= mean[i] + 1e-6 && mean[i] <= max[i] + 1e-6);
      const ends = Uint32Array.from([...values.keys()].filter((i) => i % 3 === 0));
      const counts = borderCounts(axis, ends, 2);
      assert.equal(
        counts.reduce((a, b) => a + b, 0),
        ends.length,
      );
    }),
    { numRuns: 50 },
  );
});

test('columns of tokens show the tokens that end there', () => {
  const ends = Uint32Array.from([0, 9, 10, 39, 60]);
  const values = Float32Array.from([1, 2, 3, 4, 5]);
  const axis = { left: 0, width: 10, window: { from: 0, span: 100 } };
  const { max } = columnsOf(axis, { pyramid: summed(values), values, ends }, 5);
  assert.deepEqual([...max], [2, 3, 4, 4, 5, 5, 5, Number.NaN, Number.NaN, Number.NaN]);
});

test('columns are recomputed when what they show has changed', () => {
  const values = new Float32Array(100).fill(1);
  const pyramid = summed(values);
  const axis = { left: 0, width: 10, window: { from: 0, span: 100 } };
  const first = columnsOf(axis, { pyramid, values }, 100);
  assert.equal(columnsOf({ ...axis }, { pyramid, values }, 100), first);
  values.fill(5, 50);
  pyramid.touch(50);
  pyramid.extend(values, 100);
  assert.deepEqual([...columnsOf(axis, { pyramid, values }, 100).max], [1, 1, 1, 1, 1, 5, 5, 5, 5, 5]);
  assert.equal(columnsOf({ ...axis, window: { from: 50, span: 50 } }, { pyramid, values }, 100).max[0], 5);
});

test('lanes follow one another, folded levels have none, and pointing finds the lane’s level', () => {
  for (let levels = 1; levels <= 8; levels++) {
    for (const width of [340, 980]) {
      const all = stripLayout({ levels, width });
      let bottom = 0;
      for (const { y, height } of all.lanes) {
        assert.ok(y >= bottom);
        bottom = y + height;
      }
      assert.ok(bottom <= all.height);
      const count = (/** @type {string} */ kind) => all.lanes.filter((lane) => lane.kind === kind).length;
      assert.deepEqual(
        [count('ruler'), count('spans'), count('sum'), count('entropy'), count('text')],
        [1, levels - 1, levels - 1, 1, 1],
      );
      const axis = axisOf(all, { from: 100, span: 50 });
      assert.equal(axis.width, plotWidth(all));
      for (const { kind, level, y, height } of all.lanes) {
        const x = axis.left + axis.width / 2;
        const found = hitStrip(all, axis, x, y + height / 2, 1000);
        assert.deepEqual(found, kind === 'ruler' ? null : { level, byte: 125 });
        assert.equal(hitStrip(all, axis, x, y + height / 2, 120), null, 'past the end of the text');
        assert.equal(hitStrip(all, axis, axis.left - 1, y + height / 2, 1000), null);
      }
      const folded = stripLayout({ levels, width, folded: [0, levels - 1] });
      assert.ok(folded.height < all.height);
      assert.ok(!folded.lanes.some(({ kind, level }) => kind === 'spans' && level === levels - 1));
      assert.equal(folded.lanes.at(-1)?.kind, 'text', 'characters stay');
    }
  }
});

test('the map’s window has its place, is wide enough to be grabbed, and has edges', () => {
  const layout = minimapLayout(3, 900, 74, 8);
  const axis = minimapAxis(layout, 1_000_000);
  const [x, to] = brushOf(axis, { from: 500_000, span: 100 });
  assert.ok(to - x >= 6 && Math.abs((x + to) / 2 - (74 + 818 / 2)) < 1);
  const wide = brushOf(axis, { from: 0, span: 500_000 });
  assert.deepEqual(wide, [74, 74 + 409]);
  assert.equal(gripAt(wide, 75), 'left');
  assert.equal(gripAt(wide, 480), 'right');
  assert.equal(gripAt(wide, 300), 'inside');
  assert.equal(gripAt(wide, 700), 'outside');
  assert.equal(gripAt([x, to], (x + to) / 2), 'inside', 'the smallest window can be moved');
});

test('pages of a long text cover it, cut no character, and are the same for nearby places', () => {
  const short = utf8('x'.repeat(8192));
  assert.deepEqual(pageOf(short, 8000), { from: 0, to: 8192 });
  const text = utf8('aé日'.repeat(5000));
  let end = 0;
  for (let at = 0; at < text.length; at += 100) {
    const { from, to } = pageOf(text, at);
    assert.ok(from <= at && at <= to, `byte ${at} is in ${from}–${to}`);
    assert.ok(clusters(text, from, to).every(({ kind }) => kind === 'char'));
    assert.ok(from <= end, 'no gap');
    end = Math.max(end, to);
  }
  assert.equal(end, text.length);
  assert.deepEqual(pageOf(text, 9000), pageOf(text, 9100));
});
