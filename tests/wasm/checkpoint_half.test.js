/** Half-precision floats. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CheckpointError } from '../../wasm/files/checkpoint/error.js';
import { halved, widened } from '../../wasm/files/checkpoint/half.js';
import { floats } from '../../wasm/files/checkpoint/safetensors.js';

const ALL = Uint16Array.from({ length: 65536 }, (_, i) => i);
const isNan = (/** @type {number} */ half) => (half & 0x7c00) === 0x7c00 && (half & 1023) !== 0;

describe('half-precision floats', () => {
  it('have the values that the format says', () => {
    const known = [
      [0x0000, 0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
    ];
    assert.deepEqual(
      [...widened(Uint16Array.from(known, ([half]) => half))],
      known.map(([, value]) => value),
    );
    assert.ok(Object.is(widened(Uint16Array.of(0x8000))[0], -0));
    assert.ok(Number.isNaN(widened(Uint16Array.of(0x7c01))[0]));
  });

  it('all survive widening and halving', () => {
    const back = halved(widened(ALL));
    assert.deepEqual(
      ALL.filter((half, i) => !isNan(half) && back[i] !== half),
      new Uint16Array(),
    );
  });

  it('are rounded to the nearest, ties to even', () => {
    const values = widened(ALL.subarray(0, 0x7c00));
    for (let i = 0; i + 1 < values.length; i += 7) {
      const [a, b] = [values[i], values[i + 1]];
      const middle = (a + b) / 2;
      const even = i % 2 === 0 ? i : i + 1;
      const around = Float32Array.of(middle, a + (b - a) * 0.25, a + (b - a) * 0.75);
      assert.deepEqual([...halved(around)], [even, i, i + 1], `between ${a} and ${b}`);
    }
    assert.deepEqual(
      [...halved(Float32Array.of(65519.99, 65520, 1e30, -1e30, 1e-30))],
      [0x7bff, 0x7c00, 0x7c00, 0xfc00, 0],
    );
  });

  it('are read from checkpoints; other types are not', () => {
    const data = Uint8Array.of(9, 0x00, 0x3c, 0x00, 0xc0).subarray(1);
    assert.deepEqual([...floats({ dtype: 'F16', shape: [2], data }, 'x')], [1, -2]);
    assert.throws(() => floats({ dtype: 'BF16', shape: [2], data }, 'x'), CheckpointError);
  });
});
