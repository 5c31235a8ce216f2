/** Predictions as bits: shares fill the interval, every byte has one, and costs and digits follow from the shares. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { narrowings, sharesOf, visibleShares } from '../../web/figures/interval.js';

const TEXT = new TextEncoder().encode('bits, bytes');

/** Logits [bytes][257] that favour the byte to come by `lead` nats. @param {number} lead */
function logitsFor(lead) {
  const cached = new Float32Array(TEXT.length * 257);
  for (let i = 0; i + 1 < TEXT.length; i++) cached[i * 257 + TEXT[i + 1]] = lead;
  return { cached };
}

describe('shares of the interval', () => {
  it('fill it, in the order of bytes, and none is empty', () => {
    const logits = Float32Array.from({ length: 257 }, (_, i) => (i === 65 ? 60 : -i));
    for (const edges of [sharesOf(null), sharesOf(logits)]) {
      assert.deepEqual([edges[0], edges[256]], [0, 65536]);
      for (let i = 0; i < 256; i++) assert.ok(edges[i + 1] > edges[i], `byte ${i}`);
    }
    assert.equal(sharesOf(null)[1], 256);
  });

  it('cost −log₂ of themselves, and there are as many digits as bits, but for the last few', () => {
    for (const lead of [0, 3, 12]) {
      const steps = narrowings(TEXT, logitsFor(lead));
      assert.equal(steps[0].cost, 8, 'before the first byte all are equally likely');
      let total = 0;
      for (const { byte, edges, cost, total: so, digits } of steps) {
        assert.ok(Math.abs(cost + Math.log2(edges[byte + 1] - edges[byte])) < 1e-9);
        total += cost;
        assert.ok(Math.abs(so - total) < 1e-9);
        assert.ok(digits.length <= so && /^[01]*$/.test(digits));
      }
      for (let i = 1; i < steps.length; i++) assert.ok(steps[i].digits.startsWith(steps[i - 1].digits));
    }
    const [sure, unsure] = [12, 0].map((lead) => narrowings(TEXT, logitsFor(lead)).pop()?.total ?? 0);
    assert.ok(sure < 0.2 * unsure);
  });

  it('can be found again from the digits', () => {
    const steps = narrowings(TEXT, logitsFor(2));
    const { digits, total } = steps[steps.length - 1];
    // Any number in the interval that begins with these digits; the middle of the range that they leave mostly is one.
    let [low, wide] = [0, 1];
    for (const [i, digit] of [...digits].slice(0, 50).entries()) low += Number(digit) * 2 ** -(i + 1);
    for (const { byte, edges } of steps.slice(0, 3)) {
      const [from, to] = [edges[byte] * wide, edges[byte + 1] * wide];
      assert.ok(low + 2 ** -Math.min(50, digits.length) > from && low < to, `byte ${byte}`);
      low -= from;
      wide = to - from;
    }
    assert.ok(total > digits.length);
  });

  it('are left out where they are too narrow to see, except the byte’s own', () => {
    const [step] = narrowings(TEXT, logitsFor(0));
    assert.equal(visibleShares(step, 1 / 256).length, 256);
    assert.deepEqual(
      visibleShares(step, 0.1).map(({ byte, own }) => [byte, own]),
      [[TEXT[0], true]],
    );
  });
});
