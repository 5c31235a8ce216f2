import assert from 'node:assert/strict';
import test from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { unpackSnappy } from '../../wasm/files/formats/snappy.js';
import fc from '../random_cases.js';

test('what an independent compressor made is decompressed', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.constantFrom(1, 2, 3), { maxLength: 3000 }).map((list) => new Uint8Array(list)),
    fc.nat(200_000).map((length) => Uint8Array.from({ length }, (_, i) => (i * i) >> 5)),
  );
  let pages = 0;
  /** A page of a Parquet file. @param {Uint8Array} packed @param {number} length */
  const unpack = (packed, length) => {
    pages++;
    assert.equal(unpackSnappy(packed, length + 1), null);
    assert.equal(unpackSnappy(packed.subarray(0, packed.length - 1), length), null);
    return /** @type {Uint8Array} */ (unpackSnappy(packed, length));
  };
  await fc.assert(
    fc.asyncProperty(bytes, async (input) => {
      const file = parquetWriteBuffer({
        columnData: [{ name: 'bytes', data: [input], type: 'BYTE_ARRAY' }],
        codec: 'SNAPPY',
      });
      const rows = await parquetReadObjects({ file, compressors: { SNAPPY: unpack }, utf8: false });
      assert.deepEqual(rows, [{ bytes: input }]);
    }),
    { numRuns: 300 },
  );
  assert.ok(pages >= 300, `${pages} pages`);
});

test('every kind of element', () => {
  const take = (/** @type {number[]} */ ...packed) => unpackSnappy(new Uint8Array(packed), packed[0]);
  const text = (/** @type {number[]} */ ...bytes) => new Uint8Array(bytes);
  assert.deepEqual(take(3, 8, 1, 2, 3), text(1, 2, 3), 'a literal');
  assert.deepEqual(take(3, 60 << 2, 2, 1, 2, 3), text(1, 2, 3), 'a literal with its length in a byte');
  assert.deepEqual(take(3, 63 << 2, 2, 0, 0, 0, 1, 2, 3), text(1, 2, 3), 'in four');
  assert.deepEqual(take(6, 4, 1, 2, 1, 2), text(1, 2, 1, 2, 1, 2), 'a copy that reaches into itself');
  assert.deepEqual(take(4, 4, 1, 2, (1 << 2) | 2, 2, 0), text(1, 2, 1, 2), 'a distance of two bytes');
  assert.deepEqual(take(4, 4, 1, 2, (1 << 2) | 3, 2, 0, 0, 0), text(1, 2, 1, 2), 'of four');
});

test('damage costs no time: lengths and distances beyond what is there', () => {
  const cases = [
    [],
    [128],
    [255, 255, 255, 255, 255, 255],
    [3, 63 << 2, 255, 255, 255, 255, 1, 2, 3],
    [3, 63 << 2, 255, 255, 255, 127, 1, 2, 3],
    // Its length, −5, leads back to its own beginning.
    [3, 63 << 2, 250, 255, 255, 255, 1, 2, 3],
    [3, 63 << 2, 2],
    [3, 12, 1, 2, 3],
    [4, 0, 1, 1, 0],
    [4, 0, 1, 1, 2],
    [4, 0, 1, 3, 1, 0, 0],
    [9, 0, 1, 1, 1],
  ];
  for (const packed of cases) assert.equal(unpackSnappy(new Uint8Array(packed), packed[0] ?? 0), null, `${packed}`);
  assert.equal(unpackSnappy(new Uint8Array(1000), 1e9), null, 'more than it can hold');
});
