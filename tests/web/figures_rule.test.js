/** The border rule's figure: the core's borders at any threshold, everything drawn in its place. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { borderLayout, byteAt, linesOf, valueAt } from '../../web/figures/border_layout.js';
import { blocksOf, scaleOf } from '../../web/figures/rule.js';
import { clusters } from '../../web/format/bytes.js';
import { reroute } from '../../web/traces/reroute.js';
import { emptyTrace, withPiece } from '../../web/traces/trace.js';
import fc from '../random_cases.js';
import { LIVELY, LIVELY_TEXT, openLively } from '../wasm/support/lively_worker.js';
import { closeClients } from '../wasm/support/session.js';
import { routeOf } from './support/store.js';
import { traceOf, utf8 } from './traces.js';

/** @typedef {import('../../web/traces/trace.js').Trace} Trace */

const ROUTE = routeOf(LIVELY);
const TRAINED = [LIVELY.byte_entropy_threshold, LIVELY.meta_uncertainty_threshold];
const TEXT = LIVELY_TEXT.slice(5000, 5120);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeClients);

/** @param {import('../wasm/support/session.js').Client} client @param {number[]} thresholds @returns {Promise<Trace>} */
async function traced(client, thresholds) {
  const pieces = await client.trace(TEXT.slice(), { thresholds });
  return pieces.reduce(
    (trace, piece, i) => withPiece(trace, piece, i === pieces.length - 1),
    emptyTrace(TEXT.slice(), thresholds),
  );
}

/** @param {Trace} trace @param {number} l */
const ruled = (trace, l) => ({
  sum: [...trace.levels[l].sum.subarray(0, trace.levels[l].known)],
  border: [...trace.levels[l].border.subarray(0, trace.levels[l].known)],
});

describe('the rule on the page', TIMEOUT, () => {
  it('puts the core’s borders between bytes, sum for sum, even where a sum just reaches the threshold', async () => {
    const client = await openLively();
    const base = await traced(client, TRAINED);
    const sums = [...base.levels[0].sum];
    const limits = [
      0,
      1e-6,
      0.5,
      3,
      9.99,
      1e9,
      ...sums.filter((_, i) => i % 9 === 4),
      ...sums.map((s) => s * 0.999).slice(20, 26),
    ];
    for (const threshold of limits) {
      const expected = await traced(client, [threshold, TRAINED[1]]);
      const found = reroute(base, [threshold, TRAINED[1]], 0, ROUTE);
      assert.ok(found);
      assert.deepEqual(ruled(found, 0), ruled(expected, 0), `threshold ${threshold}`);
    }
  });

  it('puts the core’s borders at level 1, too', async () => {
    const client = await openLively();
    const base = await traced(client, TRAINED);
    for (const share of [0, 0.2, 0.7, 1.5, 4]) {
      const thresholds = [TRAINED[0], TRAINED[1] * share];
      const found = reroute(base, thresholds, 0, ROUTE);
      assert.ok(found);
      assert.deepEqual(ruled(found, 1), ruled(await traced(client, thresholds), 1));
    }
  });
});

describe('blocks', () => {
  it('stand on one another, start from 0 after a border, and are as high as their scores', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 80 }),
        fc.float({ min: 0, max: 20, noNaN: true }),
        (scores, threshold) => {
          const { levels } = traceOf(utf8('x'.repeat(scores.length)), [threshold], (_, t) => scores[t]);
          const blocks = blocksOf(levels[0]);
          assert.equal(blocks.length, scores.length);
          assert.deepEqual(blocks[0], { from: 0, to: 0 });
          for (let t = 1; t < scores.length; t++) {
            assert.equal(blocks[t].from, levels[0].border[t - 1] ? 0 : blocks[t - 1].to);
            assert.ok(Math.abs(blocks[t].to - blocks[t].from - scores[t]) < 1e-4);
          }
        },
      ),
    );
  });
});

/** @param {string} text @param {number} width @param {number[]} [thresholds] */
function drawn(text, width, thresholds = [6, 0.5]) {
  const trace = traceOf(utf8(text), thresholds, (level, t) => (level === 0 ? 1 + (t % 3) : 0.2));
  const scales = thresholds.map((threshold, l) => scaleOf(trace.levels[l], threshold));
  const count = thresholds.length + 1;
  const drawing = borderLayout({
    clusters: clusters(trace.text),
    levels: trace.levels,
    thresholds,
    scales,
    width,
    count,
  });
  return { trace, drawing, scales };
}

const SENTENCE = 'Ein Fluß, zwei Wörter – und noch viel mehr davon, als auf eine Zeile paßt 🙂 end.';

describe('the drawing', () => {
  for (const width of [300, 358, 700, 1312]) {
    it(`at ${width}: all bytes once, in lines that fit, lanes apart, blocks within their plots`, () => {
      const { trace, drawing } = drawn(SENTENCE, width);
      assert.equal(
        drawing.lines.flatMap(({ signs }) => signs).reduce((sum, { cluster }) => sum + cluster.length, 0),
        trace.count,
      );
      let foot = 0;
      for (const line of drawing.lines) {
        assert.ok(line.y >= foot && drawing.left + line.width <= width);
        foot = line.y + line.height;
        const lanes = [...line.plots.map(({ lane }) => lane), line.text].sort((a, b) => a.y - b.y);
        for (let i = 1; i < lanes.length; i++) assert.ok(lanes[i - 1].y + lanes[i - 1].height <= lanes[i].y);
        for (const { lane, blocks, threshold } of line.plots) {
          assert.ok(threshold >= lane.y && threshold <= lane.y + lane.height);
          for (const { x, y, width: w, height } of blocks) {
            assert.ok(y >= lane.y - 0.01 && y + height <= lane.y + lane.height + 0.01);
            assert.ok(x >= drawing.left && x + w <= drawing.left + line.width + 0.01);
          }
        }
        for (const span of line.spans)
          assert.ok(line.plots.every(({ lane }) => span.y + span.height <= lane.y || span.y >= lane.y + lane.height));
      }
      assert.ok(foot <= drawing.height);
      const blocks = drawing.lines.flatMap(({ plots }) => plots.find(({ level }) => level === 0)?.blocks ?? []);
      assert.deepEqual(
        blocks.map(({ index }) => index),
        [...trace.text.keys()],
      );
      // A token may continue on the next line; its end is drawn once.
      for (const level of [1, 2]) {
        const closed = drawing.lines.flatMap(({ spans }) => spans.filter((s) => s.level === level && s.closes));
        assert.equal(closed.length, trace.levels[level].count);
      }
    });
  }

  it('converts a pointer’s height to the sum that is drawn there', () => {
    const { drawing, scales } = drawn(SENTENCE, 700);
    for (const plot of drawing.lines[0].plots) {
      const value = valueAt(plot, scales[plot.level], plot.threshold);
      assert.ok(Math.abs(value - [6, 0.5][plot.level]) < 1e-6);
      assert.equal(valueAt(plot, scales[plot.level], plot.lane.y + plot.lane.height + 50), 0);
    }
  });

  it('finds the byte at a point', () => {
    const { drawing } = drawn(SENTENCE, 358);
    for (const line of drawing.lines) {
      const { from } = line.signs[0].cluster;
      assert.equal(byteAt(drawing, drawing.left + 1.5 * drawing.cell, line.y + 5), from + 1);
      assert.equal(byteAt(drawing, drawing.left - 3, line.y + 5), null);
    }
  });

  it('has no plots without a second level', () => {
    const trace = traceOf(utf8('abc'), []);
    const drawing = borderLayout({
      clusters: clusters(trace.text),
      levels: trace.levels,
      thresholds: [],
      scales: [],
      width: 600,
      count: 1,
    });
    assert.deepEqual(
      drawing.lines.map(({ plots, spans }) => [plots, spans]),
      [[[], []]],
    );
  });

  it('breaks lines after white space, never inside a character', () => {
    for (const columns of [6, 9, 20]) {
      const lines = linesOf(clusters(utf8(SENTENCE)), columns);
      for (const line of lines) assert.ok(line.reduce((sum, { length }) => sum + length, 0) <= columns);
      assert.equal(
        lines
          .flat()
          .map(({ text }) => text)
          .join(''),
        SENTENCE.replaceAll(' ', '␣'),
      );
    }
  });
});
