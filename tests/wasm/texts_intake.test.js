/** From files to one text: what is found in them, what is said of useless ones, what comes out. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { FormatError } from '../../wasm/files/formats/error.js';
import { serveTexts } from '../../wasm/files/texts/answering.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import { utf8 } from './support/models.js';
import { listen, rangeOf, sendRange } from './support/ranges.js';
import { assertReason } from './support/refusals.js';

/** @typedef {import('../../wasm/engine/protocol.js').TextsCommand} TextsCommand */
/** @typedef {import('../../wasm/engine/protocol.js').TextsEvent} TextsEvent */

const DETECTED = { field: null, encoding: 'detected' };

/** @param {Uint8Array} bytes */
const blob = (bytes) => new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]);

/** @param {Record<string, Uint8Array>} files */
const list = (files) => Object.entries(files).map(([name, bytes]) => ({ name, file: blob(bytes) }));

/** @param {Record<string, Uint8Array>} files */
async function inspected(files) {
  const intake = new Intake();
  return { intake, found: await intake.inspect(list(files)) };
}

/** @param {Record<string, Uint8Array>} files @param {Partial<import('../../wasm/engine/protocol.js').TextChoice>} [choice] */
async function taken(files, choice) {
  const { intake } = await inspected(files);
  return (await intake.take({ ...DETECTED, ...choice })).text();
}

/** @param {Record<string, Uint8Array>} files @param {import('./support/refusals.js').Reason} reason */
async function refused(files, reason) {
  await assert.rejects(inspected(files), (error) => {
    assert.ok(error instanceof FormatError);
    assertReason(error, reason);
    assert.match(error.message, /^[^\n]{10,300}\.$/);
    return true;
  });
}

/** @param {string} text */
const utf16 = (text) =>
  Uint8Array.from([...`\ufeff${text}`].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]));

const PARQUET = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'title', data: ['One', 'Two'], type: 'STRING' },
      { name: 'text', data: ['First ü', 'Second'], type: 'STRING' },
    ],
  }),
);
const CSV = utf8('title,body\nOne,"First, with a comma"\nTwo,Second\n');
const JSONL = utf8('{"id":1,"story":"First"}\n{"id":2,"story":"Second"}\n');

describe('files as a text', () => {
  it('are joined by two newlines; plain text stays as it is', async () => {
    assert.equal(await taken({ 'a.txt': utf8('One\n'), 'b.md': utf8('# Two') }), 'One\n\n\n# Two');
    const source = blob(utf8('\ufeffüber'));
    const intake = new Intake();
    await intake.inspect([{ name: 'a.txt', file: source }]);
    const text = await intake.take(DETECTED);
    assert.deepEqual(new Uint8Array(await text.arrayBuffer()), utf8('über'), 'without the byte order mark');
  });

  it('are unpacked', async () => {
    assert.equal(await taken({ 'a.txt.gz': gzipSync(utf8('packed ü')) }), 'packed ü');
    const zip = zipSync({
      'a.txt': utf8('one'),
      'b/c.md.gz': gzipSync(utf8('two')),
      'pic.png': utf8('x'),
      '.d.txt': utf8('y'),
    });
    assert.equal(await taken({ 'all.zip': zip }), 'one\n\ntwo');
  });

  it('with structured data offer fields to choose from, with a preview', async () => {
    const parquet = await inspected({ 'a.parquet': PARQUET });
    assert.deepEqual(
      [parquet.found.fields, parquet.found.field, parquet.found.whole],
      [['title', 'text'], 'text', false],
    );
    assert.equal(await parquet.intake.preview({ ...DETECTED, field: 'title' }), 'One\n\nTwo');
    assert.equal(await taken({ 'a.parquet': PARQUET }, { field: 'text' }), 'First ü\n\nSecond');
    const csv = await inspected({ 'a.csv': CSV });
    assert.deepEqual([csv.found.fields, csv.found.field, csv.found.whole], [['title', 'body'], 'body', true]);
    assert.equal(await csv.intake.preview({ ...DETECTED, field: 'body' }), 'First, with a comma\n\nSecond');
    assert.equal(await csv.intake.preview(DETECTED), new TextDecoder().decode(CSV));
    assert.equal(await taken({ 'a.csv': CSV }, { field: 'title' }), 'One\n\nTwo');
    assert.equal(await taken({ 'a.jsonl': JSONL }, { field: 'story' }), 'First\n\nSecond');
    assert.equal(await taken({ 'a.jsonl.gz': gzipSync(JSONL) }, { field: 'story' }), 'First\n\nSecond');
    await refused({ 'a.csv': CSV, 'b.jsonl': JSONL }, 'no_common_field');
  });

  it('with a few faults are still taken for UTF-8, which is said and can be changed', async () => {
    const text = new TextEncoder().encode('Über süße Früchte läßt sich nicht streiten. '.repeat(40));
    text[text.indexOf(0xbc)] = 0x41;
    const { intake, found } = await inspected({ 'german.txt': text });
    assert.deepEqual([found.files[0].encoding, found.files[0].faults], ['utf-8', 1]);
    const kept = new Uint8Array(await (await intake.take(DETECTED)).arrayBuffer());
    assert.deepEqual(kept, text, 'its bytes are kept');
    const other = await (await intake.take({ field: null, encoding: 'windows-1252' })).text();
    assert.match(other, /sÃ¼ÃŸe/);
    const latin = Uint8Array.from('Ein s\xfc\xdfer K\xe4se, sehr s\xfc\xdf', (c) => c.charCodeAt(0));
    assert.equal((await inspected({ 'l.txt': latin })).found.files[0].encoding, 'windows-1252');
  });

  it('in other encodings are noticed, converted, or kept', async () => {
    const files = { 'a.txt': utf16('Grüße, 世界') };
    const { found, intake } = await inspected(files);
    assert.equal(found.files[0].encoding, 'utf-16le');
    assert.equal(await intake.preview(DETECTED), 'Grüße, 世界');
    assert.equal(await taken(files), 'Grüße, 世界');
    const kept = await intake.take({ field: null, encoding: 'bytes' });
    assert.equal(kept.size, files['a.txt'].length);
    const latin = Uint8Array.from([...'Ein süßer Käse und ein gutes Brot'].map((c) => c.charCodeAt(0)));
    assert.equal((await inspected({ 'l.txt': latin })).found.files[0].encoding, 'windows-1252');
    assert.equal(await taken({ 'l.txt': latin }), 'Ein süßer Käse und ein gutes Brot');
    assert.equal(await taken({ 'l.txt': latin }, { encoding: 'iso-8859-2' }), 'Ein süßer Käse und ein gutes Brot');
    assert.equal(
      await taken({ 'l.csv': Uint8Array.from([...'a,b\nä,ö\n'].map((c) => c.charCodeAt(0))) }, { field: 'b' }),
      'ö',
    );
  });

  it('that are useless are reported in a sentence, and left out where there are others', async () => {
    await refused({ 'a.txt': new Uint8Array() }, ['empty', { file: 'a.txt' }]);
    const cut = gzipSync(utf8('some text that is packed')).subarray(0, 25);
    await refused({ 'a.gz': cut }, ['damaged_packing', { file: 'a.gz' }]);
    await refused({ 'a.zip': zipSync({ 'a.txt': utf8('one') }).subarray(0, 60) }, ['damaged_zip', { file: 'a.zip' }]);
    await refused({ 'a.zip': zipSync({ 'a.png': utf8('x') }) }, 'no_text_files');
    await refused({ 'a.parquet': PARQUET.slice(0, PARQUET.length - 9) }, ['damaged_parquet', { file: 'a.parquet' }]);
    await refused({ 'a.jsonl': utf8('{"a": 1\n') }, ['line_json', { file: 'a.jsonl', line: 1 }]);
    await refused({}, 'no_files');
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]);
    const { found, intake } = await inspected({
      'p.png': png,
      'e.txt': new Uint8Array(),
      'a.txt': utf8('text'),
      'b.gz': cut,
    });
    assert.deepEqual(found.left.map(({ name }) => name).sort(), ['b.gz', 'e.txt', 'p.png']);
    assert.equal(await (await intake.take(DETECTED)).text(), 'text');
    const alone = await inspected({ 'p.png': png });
    assert.deepEqual([alone.found.files[0].encoding, alone.found.files[0].what], ['binary', 'a PNG picture']);
    assert.equal((await alone.intake.take(DETECTED)).size, png.length, 'its bytes, on request');
  });
});

describe('the worker for texts', () => {
  /** @type {Awaited<ReturnType<typeof listen>>} */
  let server;
  const rows = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? '' : ` = Line ${i} ü \n`));
  const file = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'text', data: rows, type: 'STRING' }] }));

  before(async () => {
    server = await listen((request, response) => {
      const range = rangeOf(request, file);
      if (!range || !/wikitext.*\.parquet$/.test(request.url ?? '')) return void response.writeHead(404).end();
      sendRange(response, file, range);
    });
  });
  after(() => server.close());

  /** @param {TextsCommand} command */
  async function ask(command) {
    /** @type {TextsEvent[]} */
    const events = [];
    await serveTexts((event) => events.push(event))(command);
    const last = events.at(-1);
    assert.equal(last?.id, command.id);
    return /** @type {any} */ (last);
  }

  it('fetches WikiText-103, with its own held-out part', async () => {
    const { type, text, heldOut } = await ask({
      type: 'download',
      id: 1,
      host: server.origin,
      documents: 10,
      heldOutDocuments: 4,
    });
    assert.equal(type, 'taken');
    const whole = await text.text();
    const lines = rows.slice(0, 10).filter(Boolean);
    const held = rows.slice(0, 4).filter(Boolean).join('\n\n');
    assert.equal(whole, lines.join('\n\n') + held);
    assert.equal(heldOut, utf8(held).length);
  });

  it('says what is wrong in a sentence', async () => {
    const answer = await ask({
      type: 'download',
      id: 2,
      host: 'http://127.0.0.1:1',
      documents: 10,
      heldOutDocuments: 4,
    });
    assert.equal(answer.type, 'refused');
    assert.equal(answer.reason, 'no_answer');
  });

  it('counts the characters of a text', async () => {
    const answer = await ask({ type: 'statistics', id: 3, text: blob(utf8('Grüße 1 2 3')) });
    assert.equal(answer.statistics.characters, 11);
    assert.ok(answer.gzipBpb > 8);
  });
});
