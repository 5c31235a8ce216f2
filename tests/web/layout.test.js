import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusters } from '../../web/format/bytes.js';
import { cellX, hit, lanesFor, layout, linesBetween, metricsFor, wrap } from '../../web/hierarchy/layout.js';
import fc from '../random_cases.js';
import { utf8 } from './traces.js';

const anyText = fc
  .array(
    fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom(' ', '\n', '\n\n', ' and ', '日本語')),
    { maxLength: 40 },
  )
  .map((parts) => utf8(parts.join('')));

test('lines hold every cluster once, in order, and never more bytes than fit', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 8, max: 60 }), (text, columns) => {
      const list = clusters(text);
      let [byte, cluster] = [0, 0];
      for (const line of wrap(list, columns)) {
        assert.equal(line.from, byte);
        assert.equal(line.firstCluster, cluster);
        assert.ok(line.endCluster > cluster);
        assert.ok(line.to - line.from <= columns);
        assert.equal(line.to, list[line.endCluster - 1].from + list[line.endCluster - 1].length);
        byte = line.to;
        cluster = line.endCluster;
      }
      assert.equal(byte, text.length);
      assert.equal(cluster, list.length);
    }),
  );
});

test('words stay whole where a line is at least half full without them', () => {
  const text = utf8('the quick brown fox jumps');
  assert.deepEqual(
    wrap(clusters(text), 12).map(({ from, to }) => new TextDecoder().decode(text.subarray(from, to))),
    ['the quick ', 'brown fox ', 'jumps'],
  );
  const long = utf8('a incomprehensibilities');
  assert.deepEqual(
    wrap(clusters(long), 10).map(({ from, to }) => to - from),
    [10, 10, 3],
  );
});

test('a line ends at a line feed once it is half full, with the empty lines that follow', () => {
  const text = utf8('a\nlong enough\n\nnext');
  assert.deepEqual(
    wrap(clusters(text), 20).map(({ from, to }) => new TextDecoder().decode(text.subarray(from, to))),
    ['a\nlong enough\n\n', 'next'],
  );
});

test('pointing at a byte’s cell finds the byte, at every width and level', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 120, max: 1400 }), fc.integer({ min: 1, max: 8 }), (text, width, levels) => {
      const placed = layout({ clusters: clusters(text), width, levels });
      assert.equal(placed.height, placed.lines.length * placed.lanes.height);
      for (let byte = 0; byte < text.length; byte++) {
        const top = placed.lineOf[byte] * placed.lanes.height;
        const x = cellX(placed, byte) + placed.metrics.cell / 2;
        const { text: lane, tokens } = placed.lanes;
        assert.deepEqual(hit(placed, x, top + lane.y + lane.height / 2), { level: 0, byte });
        for (let level = 1; level < levels; level++) {
          assert.deepEqual(hit(placed, x, top + middleOf(tokens[level])), { level, byte });
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('a point beside the text hits nothing', () => {
  const placed = layout({ clusters: clusters(utf8('abc')), width: 800, levels: 3 });
  const y = placed.lanes.text.y + 2;
  assert.equal(hit(placed, placed.metrics.left - 1, y), null);
  assert.equal(hit(placed, placed.metrics.left + 3 * placed.metrics.cell + 1, y), null);
  assert.equal(hit(placed, placed.metrics.left + 1, -1), null);
  assert.equal(hit(placed, placed.metrics.left + 1, placed.height + 1), null);
});

test('lines stay inside the width', () => {
  for (const width of [358, 560, 1000]) {
    const { metrics, columns } = layout({ clusters: clusters(utf8('x'.repeat(500))), width, levels: 3 });
    assert.ok(metrics.left + columns * metrics.cell + metrics.right <= width);
  }
});

test('lanes do not overlap, the top level is uppermost, one level has no sum', () => {
  for (let levels = 1; levels <= 8; levels++) {
    const lanes = lanesFor(levels, metricsFor(900, levels));
    const list = [...lanes.tokens.slice(1).reverse(), lanes.sum, lanes.entropy, lanes.text].filter((lane) => !!lane);
    let bottom = 0;
    for (const { y, height } of list) {
      assert.ok(y >= bottom);
      bottom = y + height;
    }
    assert.ok(bottom <= lanes.height);
    assert.equal(lanes.sum === null, levels === 1);
  }
});

test('only visible lines are drawn', () => {
  const placed = layout({ clusters: clusters(utf8('x'.repeat(2000))), width: 400, levels: 2 });
  const { height } = placed.lanes;
  assert.deepEqual(linesBetween(placed, 0, height), { first: 0, end: 1 });
  assert.deepEqual(linesBetween(placed, 1.5 * height, 3.5 * height), { first: 1, end: 4 });
  assert.deepEqual(linesBetween(placed, 1e6, 2e6).end, linesBetween(placed, 1e6, 2e6).first);
});

test('an empty text has no lines', () => {
  const placed = layout({ clusters: [], width: 400, levels: 3 });
  assert.equal(placed.lines.length, 0);
  assert.equal(placed.height, 0);
});

/** @param {import('../../web/hierarchy/layout.js').Lane|undefined} lane */
function middleOf(lane) {
  assert.ok(lane);
  return lane.y + lane.height / 2;
}

test('folded levels have no lanes: the others move together, and the text stays', () => {
  const list = clusters(utf8('abcdef'));
  const open = layout({ clusters: list, width: 800, levels: 3 });
  const placed = layout({ clusters: list, width: 800, levels: 3, folded: [1] });
  assert.equal(placed.lanes.tokens[1], undefined);
  assert.equal(placed.lanes.sum?.y, open.lanes.tokens[1]?.y);
  assert.ok(placed.height < open.height);
  const x = placed.metrics.left + 1;
  for (let y = 0; y < placed.height; y++) assert.notEqual(hit(placed, x, y)?.level, 1);
  const bytes = layout({ clusters: list, width: 800, levels: 3, folded: [0, 1, 2] });
  assert.deepEqual([bytes.lanes.sum, bytes.lanes.entropy, bytes.lanes.tokens.filter(Boolean)], [null, null, []]);
  assert.equal(bytes.height, bytes.metrics.top + bytes.metrics.text + bytes.metrics.bottom);
  assert.deepEqual(hit(bytes, x, bytes.lanes.text.y + 1), { level: 0, byte: 0 });
});
