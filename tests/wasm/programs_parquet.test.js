// tier: slow
/** Parquet files written by other programs: every kind of text page, with nulls and without, comes out as it went in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import { gzipSync } from 'fflate';
import { parquetReadObjects, snappyUncompress } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import * as parquet from 'parquet-wasm';
import { listTextColumns, readTextColumn } from '../../wasm/files/formats/parquet.js';
import { fileOfBytes } from '../../wasm/files/formats/random_access.js';
import { unpackSnappy } from '../../wasm/files/formats/snappy.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import fc from '../random_cases.js';
import { withReason } from './support/refusals.js';

const { Compression, Encoding, Table, WriterPropertiesBuilder, WriterVersion, writeParquet } = parquet;

/** @typedef {'PLAIN'|'DELTA_LENGTH_BYTE_ARRAY'|'DELTA_BYTE_ARRAY'|'dictionary'} Way */

const WAYS = /** @type {const} */ (['PLAIN', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY', 'dictionary']);
const word = fc.constantFrom('the', 'there', 'therefore', 'süß', 'süßer', '', '世界', '𝄞 music');
const text = fc.oneof(
  { weight: 3, arbitrary: word },
  fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')),
  fc.string({ unit: 'grapheme' }),
);
const column = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.oneof({ weight: 4, arbitrary: text }, fc.constant(null)), { maxLength: 400 }) },
  fc.array(text, { maxLength: 300 }).map((list) => list.sort()),
  fc.nat(200).map((length) => new Array(length).fill(null)),
  fc.nat(200).map((length) => new Array(length).fill('')),
);

/** @param {readonly (string|null)[]} rows */
const expected = (rows) => rows.map((row) => Buffer.from(row ?? '').toString());

/**
 * A file of Arrow's Rust writer.
 * @param {readonly (string|null)[]} rows
 * @param {{way: Way, version: 1|2, codec: keyof typeof Compression, large?: boolean, page?: number, group?: number}} options
 * @returns {Uint8Array}
 */
function byArrow(rows, { way, version, codec, large = false, page = 1 << 20, group = 1 << 20 }) {
  const type = large ? new arrow.LargeUtf8() : new arrow.Utf8();
  const table = new arrow.Table({ text: arrow.vectorFromArray(rows, type) });
  const plain = new WriterPropertiesBuilder()
    .setWriterVersion(version === 1 ? WriterVersion.V1 : WriterVersion.V2)
    .setCompression(/** @type {any} */ (Compression[codec]))
    .setDataPageSizeLimit(page)
    .setWriteBatchSize(16)
    .setMaxRowGroupSize(group);
  const properties =
    way === 'dictionary'
      ? plain.setDictionaryEnabled(true)
      : plain.setDictionaryEnabled(false).setEncoding(Encoding[way]);
  return writeParquet(Table.fromIPCStream(arrow.tableToIPC(table, 'stream')), properties.build());
}

/**
 * A file of hyparquet-writer.
 * @param {readonly (string|null)[]} rows
 * @param {{way: Way, codec: 'UNCOMPRESSED'|'SNAPPY'|'GZIP', page?: number, group?: number}} options
 * @returns {Uint8Array}
 */
function byHyparquet(rows, { way, codec, page, group }) {
  const encoding = /** @type {Exclude<Way, 'dictionary'>|'RLE_DICTIONARY'} */ (
    way === 'dictionary' ? 'RLE_DICTIONARY' : way
  );
  const columnData = [
    { name: 'text', data: [...rows], type: /** @type {const} */ ('STRING'), nullable: true, encoding },
  ];
  const compressors = { GZIP: (/** @type {Uint8Array} */ input) => gzipSync(input) };
  return new Uint8Array(parquetWriteBuffer({ columnData, codec, pageSize: page, rowGroupSize: group, compressors }));
}

/** @param {Uint8Array} bytes @param {string} [name] */
const read = (bytes, name) => readTextColumn(fileOfBytes(bytes), { column: name });

describe('pages of text', () => {
  const way = fc.constantFrom(...WAYS);
  const codec = fc.constantFrom(
    /** @type {const} */ ('UNCOMPRESSED'),
    /** @type {const} */ ('SNAPPY'),
    /** @type {const} */ ('GZIP'),
  );
  const shape = { way, codec, page: fc.constantFrom(64, 500, 1 << 20), group: fc.constantFrom(70, 1 << 20) };

  it('of Arrow’s Rust writer', async () => {
    const options = fc.record({
      ...shape,
      version: fc.constantFrom(/** @type {const} */ (1), /** @type {const} */ (2)),
      large: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(column, options, async (rows, wanted) => {
        assert.deepEqual(await read(byArrow(rows, wanted)), expected(rows));
      }),
      { numRuns: 400, seed: 17 },
    );
  });

  it('of hyparquet-writer', async () => {
    await fc.assert(
      fc.asyncProperty(column, fc.record(shape), async (rows, wanted) => {
        fc.pre(rows.length > 0);
        assert.deepEqual(await read(byHyparquet(rows, wanted)), expected(rows));
      }),
      { numRuns: 300, seed: 18 },
    );
  });

  it('give the same rows as hyparquet wherever it can read them', async () => {
    const rows = ['the', null, 'there', 'therefore', '', null, 'süß'];
    for (const way of WAYS) {
      for (const version of /** @type {const} */ ([1, 2])) {
        for (const list of [rows, [null, null], ['']]) {
          const bytes = byArrow(list, { way, version, codec: 'SNAPPY' });
          const file = bytes.slice().buffer;
          const theirs = await parquetReadObjects({ file });
          assert.deepEqual(
            await read(bytes),
            theirs.map((row) => row.text ?? ''),
          );
        }
      }
    }
  });

  it('that are null are counted', async () => {
    const intake = new Intake();
    await intake.inspect([
      { name: 'a.parquet', file: byArrow(['a', null, 'b', null], { way: 'PLAIN', version: 2, codec: 'SNAPPY' }) },
    ]);
    assert.equal(await (await intake.take({ field: 'text', encoding: 'detected' })).text(), 'a\n\nb');
    assert.equal(intake.nulls, 2);
  });
});

describe('what can’t be read is named', () => {
  it('other compression', async () => {
    for (const codec of /** @type {const} */ (['ZSTD', 'LZ4_RAW', 'BROTLI'])) {
      const bytes = byArrow(['some text'], { way: 'PLAIN', version: 1, codec });
      await assert.rejects(read(bytes), withReason(['unknown_packing', { codec }]));
    }
  });

  it('columns that are not text', async () => {
    const list = new arrow.List(arrow.Field.new('item', new arrow.Utf8(), true));
    const struct = new arrow.Struct([arrow.Field.new('text', new arrow.Utf8(), true)]);
    const table = new arrow.Table({
      n: arrow.vectorFromArray([1, 2], new arrow.Int32()),
      real: arrow.vectorFromArray([1.5, 2], new arrow.Float64()),
      words: arrow.vectorFromArray([['a', 'b'], ['c']], list),
      inner: arrow.vectorFromArray([{ text: 'a' }, { text: 'b' }], struct),
      text: arrow.vectorFromArray(['a', 'b'], new arrow.Utf8()),
    });
    const bytes = writeParquet(Table.fromIPCStream(arrow.tableToIPC(table, 'stream')));
    assert.deepEqual(await listTextColumns(fileOfBytes(bytes)), ['text']);
    await assert.rejects(read(bytes, 'n'), withReason(['column_type', { column: 'n', type: 'INT32' }]));
    await assert.rejects(read(bytes, 'real'), withReason(['column_type', { type: 'DOUBLE' }]));
    await assert.rejects(read(bytes, 'words'), withReason(['column_parts', { column: 'words' }]));
    await assert.rejects(read(bytes, 'inner'), withReason(['column_parts', { column: 'inner' }]));
    await assert.rejects(read(bytes, 'none'), withReason(['no_column', { column: 'none' }]));
    assert.deepEqual(await read(bytes, 'text'), ['a', 'b']);
  });
});

describe('Snappy', () => {
  it('is decompressed as hyparquet does it', () => {
    for (const packed of [
      [4, 4, 1, 2, (1 << 2) | 2, 2, 0],
      [3, 8, 1, 2, 3],
      [6, 4, 1, 2, 1, 2],
    ].map((list) => Uint8Array.from(list))) {
      const out = new Uint8Array(packed[0]);
      snappyUncompress(packed, out);
      assert.deepEqual(unpackSnappy(packed, packed[0]), out);
    }
  });
});
