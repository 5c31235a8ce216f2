import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { csvRows } from '../../wasm/files/formats/csv.js';
import { FormatError } from '../../wasm/files/formats/error.js';
import { joinDocuments, kindOf, listFields, readDocuments } from '../../wasm/files/formats/text.js';
import { survives, text, utf8 } from './formats_files.js';

/**
 * Documents as text.
 * @param {Uint8Array|string} file
 * @param {import('../../wasm/files/formats/text.js').ReadOptions} [options]
 */
async function read(file, options) {
  const documents = await readDocuments(typeof file === 'string' ? utf8(file) : file, options);
  return documents.map((document) => (typeof document === 'string' ? document : text(document)));
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

test('what a file is', () => {
  assert.equal(kindOf(gzipSync(utf8('x')), 'a.txt'), 'gzip');
  assert.equal(kindOf(zipSync({ a: utf8('x') })), 'zip');
  assert.equal(kindOf(utf8('PAR1...')), 'parquet');
  assert.equal(kindOf(utf8('{}'), 'a.JSONL'), 'jsonl');
  assert.equal(kindOf(utf8('{}'), 'a.ndjson'), 'jsonl');
  assert.equal(kindOf(utf8('a,b'), 'a.csv'), 'csv');
  assert.equal(kindOf(utf8('# a'), 'a.md'), 'text');
  assert.equal(kindOf(new Uint8Array(0)), 'text');
});

test('plain text is one document; marks of its encoding are taken off', async () => {
  assert.deepEqual(await read('one\n\ntwo', { name: 'a.txt' }), ['one\n\ntwo']);
  assert.deepEqual(await read('\ufeffÄ'), ['Ä']);
  const [little, big] = [
    Buffer.from('\ufeffÄ\u{1f600}', 'utf16le'),
    Buffer.from('\ufeffÄ\u{1f600}', 'utf16le').swap16(),
  ];
  assert.deepEqual(await read(new Uint8Array(little)), ['Ä\u{1f600}']);
  assert.deepEqual(await read(new Uint8Array(big)), ['Ä\u{1f600}']);
  const latin = Uint8Array.of(0xe4, 0x20, 0xff);
  assert.deepEqual(await readDocuments(latin, { name: 'latin.txt' }), [latin]);
});

test('JSON Lines: the field of each line', async () => {
  const file = '{"text":"a\\nb","n":1}\r\n\n{"text":""}\n{"text":"ü","title":"t"}';
  assert.deepEqual(await read(file, { name: 'a.jsonl' }), ['a\nb', '', 'ü']);
  assert.deepEqual(await read(file, { name: 'a.jsonl', maxDocuments: 1 }), ['a\nb']);
  assert.deepEqual(await read('{"body":"x"}', { name: 'a.jsonl', field: 'body' }), ['x']);
  assert.deepEqual(await listFields(utf8('{"n":1,"title":"t","body":"b"}\n{'), 'a.jsonl'), ['title', 'body']);
  await assert.rejects(
    read(file, { name: 'a.jsonl', field: 'title' }),
    /^FormatError: Line 1 has no text in the field "title"\.$/,
  );
  await assert.rejects(
    read('{"text":"a"}\n\n{"text":3}', { name: 'a.jsonl' }),
    /Line 3 has no text in the field "text"/,
  );
  await assert.rejects(read('{"text":"a"}\nnonsense', { name: 'a.jsonl' }), /Line 2 is not JSON/);
  await assert.rejects(read('null', { name: 'a.jsonl' }), /Line 1 has no text/);
  await assert.rejects(read('{}', { name: 'a.jsonl', field: '__proto__' }), /Line 1 has no text/);
  await assert.rejects(read('{}', { name: 'a.jsonl', field: 'constructor' }), /Line 1 has no text/);
});

test('CSV: whole, or one column', async () => {
  const file = 'id,text\r\n1,"a, ""b""\nc"\r\n2,\r\n3\r\n4,d';
  assert.deepEqual(await read(file, { name: 'a.csv' }), [file]);
  assert.deepEqual(await read(file, { name: 'a.csv', field: 'text' }), ['a, "b"\nc', '', '', 'd']);
  assert.deepEqual(await listFields(utf8(file), 'a.csv'), ['id', 'text']);
  assert.deepEqual(await listFields(utf8(''), 'a.csv'), []);
  await assert.rejects(read(file, { name: 'a.csv', field: 'body' }), /no column called "body"/);
  await assert.rejects(read('text\n"open', { name: 'a.csv', field: 'text' }), /not closed/);
  await assert.rejects(read('text\n"a"b', { name: 'a.csv', field: 'text' }), /goes on after its closing quote/);
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
  assert.deepEqual(await read(gzipSync(lines), { name: 'x.jsonl.gz' }), ['a', 'b']);
  const archive = zipSync({
    'folder/': new Uint8Array(0),
    'folder/one.txt': utf8('one'),
    'folder/two.jsonl.gz': gzipSync(lines),
    'photo.png': utf8('no'),
    '.hidden.txt': utf8('no'),
    '__MACOSX/folder/one.txt': utf8('no'),
    'README.MD': utf8('three'),
  });
  assert.deepEqual(await read(archive), ['one', 'a', 'b', 'three']);
  assert.deepEqual(await read(archive, { maxDocuments: 2 }), ['one', 'a']);
  assert.deepEqual(await listFields(archive, 'x.zip'), []);
  await assert.rejects(read(zipSync({ 'a.png': utf8('x') })), /no text files/);
  const nested = zipSync({ 'a.txt': zipSync({ 'b.txt': utf8('x') }) });
  await assert.rejects(read(nested), /packed too many times/);
  await assert.rejects(read(gzipSync(gzipSync(gzipSync(utf8('x'))))), /packed too many times/);
});

test('the limit on unpacked bytes holds for all files together', async () => {
  const packed = gzipSync(new Uint8Array(1000));
  const archive = zipSync({ 'a.txt.gz': packed, 'b.txt.gz': packed });
  assert.equal((await read(archive, { maxBytes: 2000 + 2 * packed.length })).length, 2);
  await assert.rejects(read(archive, { maxBytes: 1999 + 2 * packed.length }), /holds more than/);
  await assert.rejects(read(archive, { maxBytes: packed.length }), /holds more than/);
});

test('random bytes by every name are read or refused', async () => {
  const starts = [[], [0x1f, 0x8b, 8, 0], [0x50, 0x4b, 3, 4], [0x50, 0x41, 0x52, 0x31]];
  const file = fc
    .tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 100 }))
    .map(([a, b]) => Uint8Array.of(...a, ...b));
  const name = fc.constantFrom('a.txt', 'a.jsonl', 'a.csv', 'a.gz', '');
  await fc.assert(
    fc.asyncProperty(file, name, async (bytes, given) => {
      const documents = await survives(() => readDocuments(bytes, { name: given, field: 'text' }));
      assert.ok(documents instanceof FormatError || documents.length <= bytes.length + 1);
      await survives(() => listFields(bytes, given));
    }),
    { numRuns: 500 },
  );
});
