import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusters, spoken } from '../../web/format/bytes.js';
import { describeByte, describeToken, sentence, tokenRows } from '../../web/hierarchy/describe.js';
import { layout } from '../../web/hierarchy/layout.js';
import { walk } from '../../web/hierarchy/walk.js';
import { predictionsOf } from '../../web/state/windows.js';
import { tokenEnds } from '../../web/traces/spans.js';
import { traceOf, utf8 } from './traces.js';

// Scores of 1 and thresholds of 3 and 2: level 0's borders at 0, 3, 6, 9…; level 1's at its positions 0, 2, 4…
const text = utf8('héllo wörld, this is a text');
const trace = traceOf(text, [3, 2]);
const ends = tokenEnds(trace);
const list = clusters(text);
const passage = { trace, ends };
const ground = { trace, ends, layout: layout({ clusters: list, width: 150, levels: 3 }) };

test('arrows walk along a level and stop at its ends', () => {
  assert.deepEqual(walk({ level: 0, index: 5 }, 'ArrowRight', ground), { level: 0, index: 6 });
  assert.deepEqual(walk({ level: 0, index: 0 }, 'ArrowLeft', ground), { level: 0, index: 0 });
  assert.deepEqual(walk({ level: 0, index: 3 }, 'End', ground), { level: 0, index: text.length - 1 });
  assert.deepEqual(walk({ level: 1, index: 2 }, 'End', ground), { level: 1, index: trace.levels[1].count - 1 });
  assert.deepEqual(walk({ level: 1, index: 2 }, 'Home', ground), { level: 1, index: 0 });
});

test('up goes to the token that contains a place, down to its last part', () => {
  assert.deepEqual(walk({ level: 0, index: 4 }, 'ArrowUp', ground), { level: 1, index: 2 });
  assert.deepEqual(walk({ level: 1, index: 2 }, 'ArrowUp', ground), { level: 2, index: 1 });
  assert.deepEqual(walk({ level: 2, index: 1 }, 'ArrowUp', ground), { level: 2, index: 1 });
  assert.deepEqual(walk({ level: 2, index: 1 }, 'ArrowDown', ground), { level: 1, index: 2 });
  assert.deepEqual(walk({ level: 1, index: 2 }, 'ArrowDown', ground), { level: 0, index: 6 });
  assert.deepEqual(walk({ level: 0, index: 6 }, 'ArrowDown', ground), { level: 0, index: 6 });
});

test('the page keys go to the line above or below', () => {
  const [first, second] = ground.layout.lines;
  assert.deepEqual(walk({ level: 0, index: 2 }, 'PageDown', ground), { level: 0, index: second.from + 2 });
  assert.deepEqual(walk({ level: 0, index: second.from + 2 }, 'PageUp', ground), { level: 0, index: first.from + 2 });
});

test('without a selection, any walking key starts at the first byte; other keys do nothing', () => {
  assert.deepEqual(walk(null, 'ArrowUp', ground), { level: 0, index: 0 });
  assert.equal(walk(null, 'a', ground), null);
  assert.equal(walk({ level: 0, index: 1 }, 'Tab', ground), null);
});

test('a byte’s cost and predictions are those made after the byte before it', () => {
  assert.equal(describeByte(passage, 0).encoder, null);
  const d = describeByte(passage, 4, predictionsOf(trace, 3));
  assert.equal(d.encoder?.bits, trace.encoderBits[3]);
  assert.equal(d.decoder?.bits, trace.decoderBits[3]);
  // The trace’s second guess is always right.
  assert.deepEqual(
    d.encoder?.predictions?.map(({ symbol, actual }) => [symbol, actual]),
    [
      [256, false],
      [text[4], true],
    ],
  );
  assert.equal(d.entropy, trace.encoderEntropy[4]);
  assert.equal(d.sum, 1);
  assert.equal(d.border, false);
  assert.deepEqual(d.path, [
    { level: 1, index: 2 },
    { level: 2, index: 1 },
  ]);
  assert.deepEqual(d.conditions, [{ level: 1, index: 1 }]);
  assert.equal(describeByte(passage, 4).decoder?.predictions, null, 'they may not have arrived yet');
});

test('the two bytes of a character share its cluster', () => {
  assert.equal(describeByte(passage, 1).cluster.text, 'é');
  assert.equal(describeByte(passage, 2).cluster.text, 'é');
  assert.equal(describeByte(passage, 2).value, 0xa9);
});

test('a token has its text, its parts, what closed it and what it conditions', () => {
  const d = describeToken(passage, { level: 1, index: 2 });
  assert.deepEqual([d.from, d.to], [4, 6]);
  assert.deepEqual(d.children, { from: 4, to: 6 });
  assert.equal(d.collected, 3);
  assert.equal(d.collectedThreshold, 3);
  assert.equal(d.border, true);
  assert.deepEqual(d.reached, { from: 7, to: 8, level: 0, fromByte: 7, toByte: 8 });
  assert.equal(describeToken(passage, { level: 1, index: 0 }).reached, null);
  const top = describeToken(passage, { level: 2, index: 1 });
  assert.equal(top.top, true);
  assert.ok(Number.isNaN(top.sum));
  assert.equal(top.border, false);
  assert.deepEqual([top.from, top.to], [1, 6]);
});

test('a place is spoken with its text, its number, what it cost and whether there is a border after it', () => {
  /** @param {number} level @param {number} index */
  const spokenParts = (level, index) => sentence(passage, { level, index }).split(', ');
  const [sign, number, cost, ...border] = spokenParts(0, 6);
  assert.deepEqual([sign, number.match(/\d+/g)], [spoken(text, list[5]), ['7']]);
  assert.ok(cost.includes(trace.decoderBits[5].toFixed(1)), cost);
  assert.equal(border.length, 1);
  assert.equal(spokenParts(0, 7).length, 3, 'no border after it');
  assert.ok(!/\d/.test(spokenParts(0, 0)[2]), 'the first byte cost nothing');
  const [token, bytes] = spokenParts(1, 2);
  assert.deepEqual([token.match(/\d+/g), token.endsWith(': lo '), bytes.match(/\d+/g)], [['1', '3'], true, ['3']]);
});

test('a level as a table', () => {
  const rows = tokenRows(passage, 1, { from: 0, to: text.length });
  assert.equal(rows.length, trace.levels[1].count);
  assert.deepEqual(rows[2], { index: 2, from: 4, bytes: 3, text: 'lo ', collected: 3, parent: 1 });
  assert.equal(
    rows.reduce((sum, { bytes }) => sum + bytes, 0),
    Number(ends[1].at(-1)) + 1,
  );
  assert.deepEqual(
    tokenRows(passage, 1, { from: 5, to: 12 }).map(({ index }) => index),
    [2, 3],
  );
});

test('folded levels are skipped, up and down', () => {
  const folded = [1];
  assert.deepEqual(walk({ level: 0, index: 4 }, 'ArrowUp', { ...ground, folded }), { level: 2, index: 1 });
  assert.deepEqual(walk({ level: 2, index: 1 }, 'ArrowDown', { ...ground, folded }), { level: 0, index: 6 });
  assert.deepEqual(walk({ level: 0, index: 4 }, 'ArrowUp', { ...ground, folded: [1, 2] }), { level: 0, index: 4 });
});
