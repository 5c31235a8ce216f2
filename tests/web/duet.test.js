import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DUET, duetHit, duetLayout } from '../../web/statistics/duet.js';
import {
  amount,
  calibrationVerdict,
  comparisonVerdict,
  isClear,
  levelVerdict,
  MAY_BE_CHANCE,
  paid,
  parentsVerdict,
  VERDICTS,
  worthVerdict,
} from '../../web/statistics/verdicts.js';
import { traceOf, utf8 } from './traces.js';

const TEXT = utf8('It is a way I have of driving off the spleen – é.');

/** @param {number} width */
function laidOut(width) {
  const first = traceOf(TEXT, [4]);
  const second = { ...traceOf(TEXT, [4]), levels: traceOf(TEXT, [4]).levels.slice(0, 1) };
  return duetLayout({ text: TEXT, first, second, width });
}

test('lines hold the text in order, with a bar for every byte but the first, and ticks at borders', () => {
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
    assert.equal(line.lowerBorders, '', 'the second model has no levels');
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

test('verdicts follow the numbers, whichever way they go', () => {
  const [gain, harm, chance] = [
    { mean: 0.05, error: 0.01 },
    { mean: -0.05, error: 0.01 },
    { mean: 0.01, error: 0.01 },
  ];
  assert.deepEqual([isClear(gain), isClear(harm), isClear(chance)], [true, true, false]);
  assert.ok(!isClear({ mean: 1, error: Number.NaN }), 'without an error nothing is clear');
  assert.equal(amount(gain), '0.050 ± 0.020');
  assert.equal(amount({ mean: -0.002, error: Number.NaN }), '0.0020');
  assert.deepEqual([paid(gain).includes('0.050 ± 0.020'), paid(gain) === paid(harm)], [true, false]);
  for (const [outcome, difference] of Object.entries({ gain, harm, chance })) {
    const of = (/** @type {keyof typeof VERDICTS} */ what) =>
      VERDICTS[what][/** @type {'gain'|'harm'|'chance'} */ (outcome)](paid(difference));
    assert.equal(parentsVerdict(difference, false), of('decoder'));
    assert.equal(parentsVerdict(difference, true), of('model'));
    assert.equal(worthVerdict(difference), of('worth'));
    assert.equal(levelVerdict(difference, 2).endsWith(MAY_BE_CHANCE), outcome === 'chance');
    assert.ok(levelVerdict(difference, 2).includes(paid(difference)) && levelVerdict(difference, 7).includes('7'));
  }
  for (const sentences of Object.values(VERDICTS))
    assert.equal(new Set(Object.values(sentences).map((sentence) => sentence('so much'))).size, 3);
  const compared = [gain, harm, chance].map((difference) => comparisonVerdict(difference, 'A', 'The b'));
  for (const [i, first] of ['A', 'The b', 'A'].entries()) assert.ok(compared[i].startsWith(`${first} `), compared[i]);
  assert.deepEqual(
    compared.map((words) => words.endsWith(MAY_BE_CHANCE)),
    [false, false, true],
  );
  const same = comparisonVerdict({ mean: 0, error: 0 }, 'A', 'B');
  assert.ok(same.startsWith('A and B '), same);
  const [even, more, less] = [2.01, 2.5, 1.5].map((bits) => calibrationVerdict({ entropy: 2, bits }));
  assert.ok(!/\d/.test(even), even);
  assert.ok(more.includes('0.50') && less.includes('0.50') && more !== less, `${more}, ${less}`);
});
