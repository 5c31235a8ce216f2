import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DUET, duetHit, duetLayout } from '../../web/statistics/duet.js';
import {
  amount,
  calibrationVerdict,
  comparisonVerdict,
  isClear,
  levelVerdict,
  parentsVerdict,
  worthVerdict,
} from '../../web/statistics/words.js';
import { traceOf, utf8 } from './traces.js';

const TEXT = utf8('It is a way I have of driving off the spleen – é.');

/** @param {number} width */
function laidOut(width) {
  const first = traceOf(TEXT, [4]);
  const second = { ...traceOf(TEXT, [4]), levels: traceOf(TEXT, [4]).levels.slice(0, 1) };
  return duetLayout({ text: TEXT, first, second, width });
}

test('lines hold the text in order, a bar a byte but the first, ticks where there are borders', () => {
  const { lines, height, lineHeight } = laidOut(200);
  assert.equal(height, lines.length * lineHeight);
  assert.equal(lines[0].from, 0);
  assert.equal(lines.at(-1)?.to, TEXT.length);
  for (const [i, line] of lines.entries()) {
    if (i > 0) assert.equal(line.from, lines[i - 1].to);
    assert.ok((line.to - line.from) * DUET.cell <= 200);
    const bars = line.to - Math.max(1, line.from);
    assert.equal(line.upper.split('M').length - 1, bars);
    assert.equal(line.lower.split('M').length - 1, bars);
    assert.equal(line.lowerBorders, '', 'the second has no levels');
  }
  const ticks = lines.map((line) => line.upperBorders.split('M').length - 1);
  const borders = traceOf(TEXT, [4]).levels[0].border.reduce((sum, b) => sum + b, 0);
  assert.equal(
    ticks.reduce((sum, n) => sum + n, 0),
    borders,
  );
});

test('a point finds its byte', () => {
  const layout = laidOut(200);
  for (const [i, line] of layout.lines.entries()) {
    for (let byte = line.from; byte < line.to; byte++) {
      const x = (byte - line.from + 0.5) * DUET.cell;
      assert.equal(duetHit(layout, x, (i + 0.5) * layout.lineHeight), byte);
    }
  }
  assert.equal(duetHit(layout, -1, 5), -1);
  assert.equal(duetHit(layout, 5, layout.height + 5), -1);
  assert.equal(duetHit(layout, 5000, 5), -1);
});

test('verdicts go whichever way the numbers go', () => {
  const [gain, harm, chance] = [
    { mean: 0.05, error: 0.01 },
    { mean: -0.05, error: 0.01 },
    { mean: 0.01, error: 0.01 },
  ];
  assert.deepEqual([isClear(gain), isClear(harm), isClear(chance)], [true, true, false]);
  assert.ok(!isClear({ mean: 1, error: Number.NaN }), 'without an error nothing is clear');
  assert.equal(amount(gain), '0.050 ± 0.020');
  assert.equal(amount({ mean: -0.002, error: Number.NaN }), '0.0020');
  assert.match(parentsVerdict(gain, false), /0.050 ± 0.020 bits a byte more: that is what the levels above buy/);
  assert.match(parentsVerdict(harm, false), /bits a byte less.*do harm/);
  assert.match(parentsVerdict(chance, false), /buy nothing that can be told/);
  assert.match(parentsVerdict(gain, true), /the model pays 0.050 ± 0.020 bits a byte more: so much it relies on/);
  assert.match(parentsVerdict(harm, true), /bits a byte less: so much it is led astray/);
  assert.match(parentsVerdict(chance, true), /no more than chance/);
  assert.match(levelVerdict(gain, 2), /level 2 it pays 0.050 ± 0.020 bits a byte more\.$/);
  assert.match(levelVerdict(chance, 2), /may be chance/);
  assert.match(worthVerdict(gain), /more: that is what the levels are worth/);
  assert.match(worthVerdict(harm), /less: on this text the levels are used, and not worth it/);
  assert.match(worthVerdict(chance), /can’t be told/);
  assert.equal(comparisonVerdict(gain, 'A', 'The b'), 'A pays 0.050 ± 0.020 bits a byte less than the b.');
  assert.match(comparisonVerdict(harm, 'A', 'B'), /^B pays .* less than A\.$/);
  assert.match(comparisonVerdict(chance, 'A', 'B'), /may be chance/);
  assert.match(comparisonVerdict({ mean: 0, error: 0 }, 'A', 'B'), /the same/);
  assert.equal(calibrationVerdict({ entropy: 2, bits: 2.01 }), 'pays what it expects');
  assert.equal(calibrationVerdict({ entropy: 2, bits: 2.5 }), 'pays 0.50 bits more than it expects');
  assert.equal(calibrationVerdict({ entropy: 2, bits: 1.5 }), 'pays 0.50 bits less than it expects');
});
