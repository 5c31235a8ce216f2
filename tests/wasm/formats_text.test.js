import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync, zipSync } from 'fflate';
import { csvRows } from '../../wasm/files/formats/csv.js';
import { FormatError } from '../../wasm/files/formats/error.js';
import { joinDocuments, kindOf, listFields, readRecords } from '../../wasm/files/formats/records.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import fc from '../random_cases.js';
import { survives, text, utf8 } from './formats_files.js';
import { withReason } from './support/refusals.js';

/** @typedef {import('../../wasm/files/formats/records.js').ReadOptions} ReadOptions */

/** @param {string} file @param {string} [field] @param {ReadOptions} [options] */
const jsonl = (file, field = 'text', options = {}) => readRecords(utf8(file), 'jsonl', field, options);
/** @param {string} file @param {string} field */
const csv = (file, field) => readRecords(utf8(file), 'csv', field);

/**
 * The text of a file of any kind.
 * @param {Uint8Array} file
 * @param {string} name
 * @param {{maxDocuments?: number, maxBytes?: number}} [limits]  `maxBytes`: that packed files may unpack to
 */
async function read(file, name, { maxDocuments, maxBytes } = {}) {
  const intake = new Intake(undefined, undefined, maxBytes);
  const { field } = await intake.inspect([{ name, file }]);
  return (await intake.take({ field, encoding: 'detected' }, maxDocuments)).text();
}

test('documents are joined by two newlines, empty ones left out', () => {
  assert.equal(text(joinDocuments(['', 'a', '', utf8('bä'), new Uint8Array(0), ' ', 'c', ''])), 'a\n\nbä\n\n \n\nc');
  assert.equal(joinDocuments([]).length, 0);
  assert.equal(joinDocuments(['', '']).length, 0);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (documents) => {
      const expected = documents.filter((document) => document !== '').join('\n\n');
      assert.equal(text(joinDocuments(documents)), expected);
      assert.equal(text(joinDocuments(documents.map(utf8).values())), expected);
    }),
  );
});

test('the format of a file is recognised', () => {
  assert.equal(kindOf(gzipSync(utf8('x')), 'a.txt'), 'gzip');
  assert.equal(kindOf(zipSync({ a: utf8('x') })), 'zip');
  assert.equal(kindOf(utf8('PAR1...')), 'parquet');
  assert.equal(kindOf(utf8('{}'), 'a.JSONL'), 'jsonl');
  assert.equal(kindOf(utf8('{}'), 'a.ndjson'), 'jsonl');
  assert.equal(kindOf(utf8('a,b'), 'a.csv'), 'csv');
  assert.equal(kindOf(utf8('# a'), 'a.md'), 'text');
  assert.equal(kindOf(new Uint8Array(0)), 'text');
});

test('plain text loses its byte order mark', async () => {
  assert.equal(await read(utf8('one\n\ntwo'), 'a.txt'), 'one\n\ntwo');
  assert.equal(await read(utf8('\ufeffÄ'), ''), 'Ä');
  const [little, big] = [
    Buffer.from('\ufeffÄ\u{1f600}', 'utf16le'),
    Buffer.from('\ufeffÄ\u{1f600}', 'utf16le').swap16(),
  ];
  assert.equal(await read(new Uint8Array(little), ''), 'Ä\u{1f600}');
  assert.equal(await read(new Uint8Array(big), ''), 'Ä\u{1f600}');
});

test('JSON Lines: the field of each line', async () => {
  const file = '{"text":"a\\nb","n":1}\r\n\n{"text":""}\n{"text":"ü","title":"t"}';
  assert.deepEqual(await jsonl(file), ['a\nb', '', 'ü']);
  assert.deepEqual(await jsonl(file, 'text', { maxDocuments: 1 }), ['a\nb']);
  assert.deepEqual(await jsonl('{"body":"x"}', 'body'), ['x']);
  assert.deepEqual(await listFields(utf8('{"n":1,"title":"t","body":"b"}\n{'), 'jsonl'), ['title', 'body']);
  await assert.rejects(jsonl(file, 'title'), withReason(['no_text', { line: 1, field: 'title' }]));
  await assert.rejects(jsonl('{"text":"a"}\n\n{"text":3}'), withReason(['no_text', { line: 3, field: 'text' }]));
  await assert.rejects(jsonl('{"text":"a"}\nnonsense'), withReason(['line_json', { line: 2 }]));
  await assert.rejects(jsonl('null'), withReason(['no_text', { line: 1 }]));
  await assert.rejects(jsonl('{}', '__proto__'), withReason(['no_text', { line: 1 }]));
  await assert.rejects(jsonl('{}', 'constructor'), withReason(['no_text', { line: 1 }]));
});

test('CSV: one column', async () => {
  const file = 'id,text\r\n1,"a, ""b""\nc"\r\n2,\r\n3\r\n4,d';
  assert.deepEqual(await csv(file, 'text'), ['a, "b"\nc', '', '', 'd']);
  assert.deepEqual(await listFields(utf8(file), 'csv'), ['id', 'text']);
  assert.deepEqual(await listFields(utf8(''), 'csv'), []);
  await assert.rejects(csv(file, 'body'), withReason(['no_csv_column', { column: 'body' }]));
  await assert.rejects(csv('text\n"open', 'text'), withReason('open_quote'));
  await assert.rejects(csv('text\n"a"b', 'text'), withReason('after_quote'));
});

test('CSV rows of any cells', () => {
  const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[",\r\n a]{0,5}$/));
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (table, lineBreak, last) => {
      const quote = (/** @type {string} */ c) => (/[",\r\n]/.test(c) || c === '' ? `"${c.replaceAll('"', '""')}"` : c);
      const lines = table.map((row) => row.map(quote).join(','));
      const file = lines.join(lineBreak) + (last && lines.length > 0 ? lineBreak : '');
      assert.deepEqual([...csvRows(file)], table);
    }),
  );
  assert.deepEqual([...csvRows('a,\n,b\n\n')], [['a', ''], ['', 'b'], ['']]);
});

test('gzip, zip and gzip in zip', async () => {
  const lines = utf8('{"text":"a"}\n{"text":"b"}');
  assert.equal(await read(gzipSync(lines), 'x.jsonl.gz'), 'a\n\nb');
  const archive = zipSync({
    'folder/': new Uint8Array(0),
    'folder/one.txt': utf8('one'),
    'folder/two.jsonl.gz': gzipSync(lines),
    'photo.png': utf8('no'),
    '.hidden.txt': utf8('no'),
    '__MACOSX/folder/one.txt': utf8('no'),
    'README.MD': utf8('three'),
  });
  assert.equal(await read(archive, 'x.zip'), 'one\n\na\n\nb\n\nthree');
  assert.equal(await read(archive, 'x.zip', { maxDocuments: 2 }), 'one\n\na');
  await assert.rejects(read(zipSync({ 'a.png': utf8('x') }), ''), withReason('no_text_files'));
  const nested = zipSync({ 'a.txt': zipSync({ 'b.txt': utf8('x') }) });
  await assert.rejects(read(nested, ''), withReason('packed_too_often'));
  await assert.rejects(read(gzipSync(gzipSync(gzipSync(utf8('x')))), ''), withReason('packed_too_often'));
});

test('the limit on unpacked bytes holds for all files together', async () => {
  const packed = gzipSync(utf8('x'.repeat(1000)));
  const archive = zipSync({ 'a.txt.gz': packed, 'b.txt.gz': packed });
  assert.equal((await read(archive, '', { maxBytes: 2000 + 2 * packed.length })).length, 2002);
  const intake = new Intake(undefined, undefined, 1999 + 2 * packed.length);
  const found = await intake.inspect([{ name: 'x.zip', file: archive }]);
  assert.deepEqual([found.left[0].name, found.left[0].reason], ['b.txt.gz', 'too_large']);
  await assert.rejects(read(archive, '', { maxBytes: packed.length }), withReason('large_zip'));
});

test('random bytes by every name are read or refused', async () => {
  const starts = [[], [0x1f, 0x8b, 8, 0], [0x50, 0x4b, 3, 4], [0x50, 0x41, 0x52, 0x31]];
  const file = fc
    .tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 100 }))
    .map(([a, b]) => Uint8Array.of(...a, ...b));
  const name = fc.constantFrom('a.txt', 'a.jsonl', 'a.csv', 'a.gz', '');
  await fc.assert(
    fc.asyncProperty(file, name, async (bytes, given) => {
      const found = await survives(() => read(bytes, given));
      // UTF-8 takes up to three bytes for one of another encoding.
      assert.ok(found instanceof FormatError || found.length <= 3 * bytes.length + 1);
    }),
    { numRuns: 500 },
  );
});
