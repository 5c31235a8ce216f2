import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Corpus, splitText } from '../../wasm/engine/corpus.js';
import { gzipBitsPerByte } from '../../wasm/files/formats/gzip_size.js';
import fc from '../random_cases.js';
import { assertSameBits, module, realText, small } from './support/models.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

/** A text in which every window of four bytes holds its own number. @param {number} windows @param {number} [rest] */
function numbered(windows, rest = 0) {
  const text = new Uint8Array(4 * windows + rest).fill(255);
  const view = new DataView(text.buffer);
  for (let i = 0; i < windows; i++) view.setUint32(4 * i, i);
  return text;
}

/** @param {Uint8Array} train @param {Partial<Settings>} [changes] @param {Uint8Array} [heldOut] */
function corpusOf(train, changes, heldOut = new Uint8Array()) {
  return new Corpus(module, { train, heldOut }, small({ sequence_length: 4, batch_size: 3, ...changes }));
}

/** Numbers of the windows in a batch. @param {Uint8Array} batch */
function windowsIn(batch) {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  return Array.from({ length: batch.length / 4 }, (_, i) => view.getUint32(4 * i));
}

/** Windows in the order of an epoch. @param {Corpus} corpus @param {number} epoch */
function epochOf(corpus, epoch) {
  const steps = Array.from({ length: corpus.stepsPerEpoch }, (_, i) => epoch * corpus.stepsPerEpoch + i);
  for (const step of steps) assert.equal(corpus.epochOf(step), epoch);
  return steps.flatMap((step) => windowsIn(corpus.trainingBatch(step).bytes));
}

/** @param {() => unknown} make @param {string} code @param {Record<string, unknown>} [fields] */
const refuses = (make, code, fields = {}) => assert.throws(make, { name: 'CoreError', code, fields });

describe('splitting a text', () => {
  it('holds out the last share in whole bytes, and loses none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.double({ min: 0, max: 0.5, noNaN: true }), (text, fraction) => {
        const { train, heldOut } = splitText(text, fraction);
        assert.deepEqual([...train, ...heldOut], [...text]);
        assert.equal(heldOut.length, Math.floor(text.length * fraction));
      }),
    );
  });
});

describe('a corpus', () => {
  it('cuts windows back to back and drops the tail', () => {
    const corpus = corpusOf(numbered(20, 3));
    assert.equal(corpus.windows, 20);
    assert.equal(corpus.stepsPerEpoch, 6);
    assert.deepEqual(
      epochOf(corpusOf(numbered(20, 3), { shuffle: false }), 0),
      Array.from({ length: 18 }, (_, i) => i),
    );
  });

  it('visits no window twice in an epoch, all of them where batches fit, and in another order in each', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 200 }), fc.nat(), fc.nat({ max: 50 }), (windows, seed, epoch) => {
        const seen = epochOf(corpusOf(numbered(windows), { seed }), epoch);
        assert.equal(seen.length, windows - (windows % 3));
        assert.equal(new Set(seen).size, seen.length);
        assert.ok(seen.every((w) => w < windows));
      }),
    );
    const corpus = corpusOf(numbered(99));
    const orders = [0, 1, 2].map((epoch) => epochOf(corpus, epoch).join());
    assert.equal(new Set(orders).size, 3);
    assert.notEqual(orders[0], Array.from({ length: 99 }, (_, i) => i).join(), 'is shuffled');
  });

  it('takes its order from the seed and nothing else', () => {
    const order = (/** @type {number} */ seed) => epochOf(corpusOf(numbered(99), { seed }), 3).join();
    assert.equal(order(5), order(5));
    assert.notEqual(order(5), order(6));
    const [a, b] = [corpusOf(numbered(99)), corpusOf(numbered(99))];
    b.trainingBatch(7);
    assertSameBits(a.trainingBatch(40).bytes, b.trainingBatch(40).bytes, 'a batch does not depend on those before it');
  });

  it('reads held-out batches in order, the last one short', () => {
    const corpus = corpusOf(numbered(3), {}, numbered(7, 2));
    assert.equal(corpus.heldOutBatches, 3);
    assert.deepEqual(
      [0, 1, 2].map((i) => windowsIn(corpus.heldOutBatch(i).bytes)),
      [[0, 1, 2], [3, 4, 5], [6]],
    );
    assert.equal(corpusOf(numbered(3), {}, new Uint8Array(3)).heldOutBatches, 0);
  });

  it('refuses an empty text and one shorter than a batch, and says what to do', () => {
    refuses(() => corpusOf(new Uint8Array()), 'empty_text');
    refuses(() => corpusOf(numbered(2, 3)), 'short_text', { bytes: 11, least: 12 });
    refuses(() => corpusOf(new Uint8Array(), {}, numbered(5)), 'short_text', { bytes: 0, least: 12 });
    assert.equal(corpusOf(numbered(3)).stepsPerEpoch, 1);
  });
});

describe('the size under gzip', () => {
  it('is that of gzip’s output', async () => {
    const text = realText(50_000);
    const bits = await gzipBitsPerByte(text);
    const expected = (8 * gzipSync(text).length) / text.length;
    assert.ok(bits !== null && Math.abs(bits / expected - 1) < 0.01, `${bits}, not ${expected}`);
  });

  it('is nothing for nothing', async () => assert.equal(await gzipBitsPerByte(new Uint8Array()), null));
});

describe('windows that continue one another', () => {
  /** @type {Partial<Settings>} */
  const changes = { wiring: 'residual', carry_state: true, segment_length: 12, batch_size: 2 };

  it('stay within a segment, whose end the next byte of the text follows, and visit each once an epoch', () => {
    // 22 windows make 7 segments of three, of which an epoch deals out six to two sequences.
    const text = numbered(22);
    const corpus = corpusOf(text, changes);
    assert.equal(corpus.stepsPerEpoch, 9);
    /** @type {number[]} */
    const first = [];
    for (let step = 0; step < 9; step++) {
      const { bytes, next } = corpus.trainingBatch(step);
      const windows = windowsIn(bytes);
      assert.deepEqual(
        [...(next ?? [])],
        windows.map((w) => text[4 * (w + 1)] ?? 256),
      );
      first.push(windows[0]);
    }
    for (let i = 0; i < 9; i += 3) assert.deepEqual([first[i + 1], first[i + 2]], [first[i] + 1, first[i] + 2]);
    const seen = Array.from({ length: 9 }, (_, step) => corpus.trainingBatch(step)).flatMap(({ bytes }) =>
      windowsIn(bytes),
    );
    // The second sequence is one window ahead, into the segment after its last.
    assert.ok(new Set(seen).size >= 17, `${seen}`);
  });

  it('are one long part for each sequence where no segment length is set', () => {
    const corpus = corpusOf(numbered(20), { ...changes, segment_length: 0, shuffle: false });
    assert.equal(corpus.stepsPerEpoch, 10);
    const [a, b] = [0, 1].map((s) => Array.from({ length: 10 }, (_, t) => windowsIn(corpus.trainingBatch(t).bytes)[s]));
    assert.deepEqual(a, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(b.slice(0, 5), [15, 16, 17, 18, 19]);
  });

  it('are held out in as many parts as the batch has sequences', () => {
    const corpus = corpusOf(numbered(6), changes, numbered(7, 3));
    assert.equal(corpus.heldOutBatches, 3);
    const batches = [0, 1, 2].map((i) => corpus.heldOutBatch(i));
    assert.deepEqual(
      batches.map(({ bytes }) => windowsIn(bytes)),
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    );
    assert.deepEqual(
      batches.map(({ anew }) => anew),
      [true, false, false],
    );
  });
});
