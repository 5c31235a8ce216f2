import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { gzipSync } from 'fflate';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { FormatError, UnreachableError } from '../../wasm/files/formats/error.js';
import { listTextColumns, readTextColumn } from '../../wasm/files/formats/parquet.js';
import { fileOfBytes, openRemoteFile } from '../../wasm/files/formats/random_access.js';
import { listFields, readRecords } from '../../wasm/files/formats/records.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import fc from '../random_cases.js';
import { survives } from './formats_files.js';
import { listen, rangeOf } from './support/ranges.js';
import { withReason } from './support/refusals.js';

/** Rows like WikiText’s: lines of many lengths, many of them empty. */
const ROWS = Array.from({ length: 5000 }, (_, i) => {
  let state = i + 1;
  const word = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state.toString(36);
  };
  return i % 3 === 0 ? '' : ` ${Array.from({ length: 5 + (i % 60) }, word).join(' ')} ü \n`;
});

/** WikiText’s schema, one column `text` of UTF-8, with 100 rows in a group. */
const FILE = new Uint8Array(
  parquetWriteBuffer({
    columnData: [{ name: 'text', data: ROWS, type: 'STRING' }],
    rowGroupSize: 100,
    codec: 'SNAPPY',
  }),
);

/** @type {Awaited<ReturnType<typeof listen>>} */
let server;
let origin = '';
/** Ranges asked for since a test cleared them. @type {[number, number][]} */
let ranges = [];

before(async () => {
  server = await listen((request, response) => {
    const range = rangeOf(request, FILE);
    if (request.url === '/missing') return void response.writeHead(404).end('no such file');
    if (request.url === '/whole' || !range) return void response.writeHead(200).end(FILE);
    const { start, end } = range;
    ranges.push([start, end]);
    const size = request.url === '/unknown' ? '*' : FILE.length;
    response.writeHead(206, { 'Content-Range': `bytes ${start}-${end - 1}/${size}`, 'Content-Length': end - start });
    if (request.url === '/broken' && end > 1)
      return void response.write(FILE.subarray(start, start + 1), () => response.destroy());
    response.end(FILE.subarray(start, end));
  });
  ({ origin } = server);
});
after(() => server.close());

test('the file has Snappy pages and many row groups', () => {
  const { row_groups } = parquetMetadata(FILE.buffer);
  assert.equal(row_groups.length, 50);
  for (const { columns } of row_groups) assert.equal(columns[0].meta_data?.codec, 'SNAPPY');
});

test('a remote file: only the row groups that are needed are fetched', async () => {
  let fetched = 0;
  const file = await openRemoteFile(`${origin}/file.parquet`, {
    onFetched: (bytes) => {
      fetched += bytes;
    },
  });
  assert.equal(file.byteLength, FILE.length);
  /** @type {number[]} */
  const progress = [];
  ranges = [];
  const documents = await readTextColumn(file, { maxDocuments: 250, onProgress: (n) => progress.push(n) });
  assert.deepEqual(documents, ROWS.slice(0, 250));
  assert.deepEqual(progress, [100, 200, 250]);
  const groups = parquetMetadata(FILE.buffer).row_groups.map(({ columns: [{ meta_data: chunk }] }) => {
    return Number(chunk?.dictionary_page_offset || chunk?.data_page_offset) + Number(chunk?.total_compressed_size);
  });
  const data = ranges.filter(([start]) => start < FILE.length - (1 << 19));
  assert.equal(data.length, 3);
  assert.ok(
    data.every(([, end]) => end <= groups[2]),
    'nothing behind the third row group',
  );
  assert.equal(
    fetched,
    ranges.reduce((sum, [start, end]) => sum + end - start, 0),
  );
});

test('a whole file, and rows to within a row group', async () => {
  const file = await openRemoteFile(`${origin}/file.parquet`);
  assert.deepEqual(await readTextColumn(file), ROWS);
  assert.deepEqual(await readTextColumn(file, { maxDocuments: 1 }), ROWS.slice(0, 1));
  assert.deepEqual(await readTextColumn(file, { maxDocuments: 0 }), []);
});

test('a server that is not there, has no such file, or does not serve ranges', async () => {
  const open = (/** @type {string} */ url) => openRemoteFile(url);
  await assert.rejects(
    open('http://127.0.0.1:9/x'),
    (e) => e instanceof UnreachableError && withReason(['no_answer', { host: '127.0.0.1:9' }])(e),
  );
  await assert.rejects(open('nonsense'), UnreachableError);
  await assert.rejects(open(`${origin}/missing`), withReason(['status', { status: 404 }]));
  await assert.rejects(open(`${origin}/whole`), withReason('no_parts'));
  await assert.rejects(open(`${origin}/unknown`), withReason('no_length'));
  const broken = await open(`${origin}/broken`);
  await assert.rejects(readTextColumn(broken), (e) => e instanceof UnreachableError && withReason('broke_off')(e));
});

test('a fetch can be cancelled', async () => {
  const controller = new AbortController();
  const file = await openRemoteFile(`${origin}/file.parquet`, { signal: controller.signal });
  controller.abort();
  await assert.rejects(async () => file.slice(0, 10), { name: 'AbortError' });
  await assert.rejects(openRemoteFile(`${origin}/file.parquet`, { signal: controller.signal }), { name: 'AbortError' });
});

test('columns: text, text with gaps, and others', async () => {
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'n', data: [1, 2], type: 'INT32' },
        { name: 'body', data: ['a', null], type: 'STRING', nullable: true },
        { name: 'text', data: ['x', 'y'], type: 'STRING' },
      ],
    }),
  );
  assert.deepEqual(await listTextColumns(fileOfBytes(bytes)), ['body', 'text']);
  assert.deepEqual(await listFields(bytes, 'parquet'), ['body', 'text']);
  assert.deepEqual(await readTextColumn(fileOfBytes(bytes), { column: 'body' }), ['a', '']);
  assert.deepEqual(await readRecords(bytes, 'parquet', 'text'), ['x', 'y']);
  assert.deepEqual(await readRecords(bytes, 'parquet', 'body', { maxDocuments: 1 }), ['a']);
  await assert.rejects(
    readTextColumn(fileOfBytes(bytes), { column: 'n' }),
    withReason(['column_type', { column: 'n', type: 'INT32' }]),
  );
  await assert.rejects(
    readTextColumn(fileOfBytes(bytes), { column: 'none' }),
    withReason(['no_column', { column: 'none' }]),
  );
});

test('pages that are not compressed, or compressed with gzip', async () => {
  const columnData = [{ name: 'text', data: ROWS.slice(0, 50), type: /** @type {const} */ ('STRING') }];
  const plain = new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED' }));
  assert.deepEqual(await readRecords(plain, 'parquet', 'text'), ROWS.slice(0, 50));
  const packed = new Uint8Array(
    parquetWriteBuffer({ columnData, codec: 'GZIP', compressors: { GZIP: (input) => gzipSync(input) } }),
  );
  assert.deepEqual(await readRecords(packed, 'parquet', 'text'), ROWS.slice(0, 50));
  const other = new Uint8Array(
    parquetWriteBuffer({ columnData, codec: 'ZSTD', compressors: { ZSTD: (input) => input } }),
  );
  await assert.rejects(readRecords(other, 'parquet', 'text'), withReason(['unknown_packing', { codec: 'ZSTD' }]));
});

test('any texts, with nulls, in small pages, plain or by a dictionary', async () => {
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('a', 'bb', '', 'ü') },
    fc.string({ unit: 'binary' }),
    fc.constant(null),
  );
  const settings = fc.record({
    data: fc.array(value, { minLength: 1, maxLength: 300 }),
    pageSize: fc.constantFrom(20, 100, 1 << 20),
    encoding: fc.constantFrom(undefined, /** @type {const} */ ('PLAIN'), /** @type {const} */ ('RLE_DICTIONARY')),
    codec: fc.constantFrom(/** @type {const} */ ('SNAPPY'), /** @type {const} */ ('UNCOMPRESSED')),
    nullable: fc.boolean(),
    rowGroupSize: fc.constantFrom(50, 1000),
  });
  await fc.assert(
    fc.asyncProperty(settings, async ({ data, pageSize, encoding, codec, nullable, rowGroupSize }) => {
      const texts = nullable ? data : data.map((text) => text ?? '');
      const column = { name: 'text', data: texts, type: /** @type {const} */ ('STRING'), nullable, encoding };
      const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [column], pageSize, codec, rowGroupSize }));
      const expected = texts.map((text) => Buffer.from(text ?? '').toString());
      assert.deepEqual(await readTextColumn(fileOfBytes(bytes)), expected);
    }),
    { numRuns: 200 },
  );
});

test('an encrypted file is called that', async () => {
  const bytes = new Uint8Array(Buffer.from(`PARE${'x'.repeat(40)}\x0a\0\0\0PARE`, 'latin1'));
  await assert.rejects(readTextColumn(fileOfBytes(bytes)), withReason('encrypted_parquet'));
  const intake = new Intake();
  await assert.rejects(
    intake.inspect([{ name: 'a.parquet', file: bytes }]),
    withReason(['encrypted_parquet', { file: 'a.parquet' }]),
  );
});

test('truncated and changed files are refused or read', async () => {
  const columnData = [{ name: 'text', data: ROWS.slice(0, 20), type: /** @type {const} */ ('STRING') }];
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
  for (let length = 0; length < bytes.length; length += 7) {
    const result = await survives(() => readTextColumn(fileOfBytes(bytes.subarray(0, length))));
    assert.ok(result instanceof FormatError, `${length} bytes`);
  }
  const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const copy = bytes.slice();
      for (const [at, byte] of list) copy[at] = byte;
      const result = await survives(() => readTextColumn(fileOfBytes(copy)));
      assert.ok(result instanceof FormatError || result.every((document) => typeof document === 'string'));
    }),
    { numRuns: 500 },
  );
});
