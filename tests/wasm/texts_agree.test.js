/** The page and the command line read a file into the same bytes; tables, long records, null texts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { RunError } from '../../wasm/cli/errors.js';
import { readTexts, streamText } from '../../wasm/cli/texts.js';
import { guessDelimiter, tableRows } from '../../wasm/files/formats/csv.js';
import { FormatError } from '../../wasm/files/formats/error.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import { workFolder } from './support/cli.js';
import { utf8 } from './support/models.js';
import { withReason } from './support/refusals.js';

const { at, remove } = workFolder();
after(remove);

/** @param {string} text @returns {Uint8Array} */
const latin = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** @param {string} name @param {Uint8Array} bytes @param {string} [delimiter] */
async function onThePage(name, bytes, delimiter) {
  const intake = new Intake();
  const file = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]);
  const found = await intake.inspect([{ name, file }], delimiter);
  const choice = { field: found.field, encoding: 'detected' };
  const preview = await intake.preview(choice);
  const text = new Uint8Array(await (await intake.take(choice)).arrayBuffer());
  return { found, preview, text, nulls: intake.nulls };
}

const PROSE = 'Ein süßer Käse, ein gutes Brot; und dazu ein großer Becher Milch. ';
const broken = utf8(PROSE.repeat(40));
broken[broken.indexOf(0xbc)] = 0x41;
const LONG = PROSE.repeat(2000);
const semicolons = `id;text\n${Array.from({ length: 300 }, (_, i) => `${i};"${PROSE}""${i}"""\n`).join('')}`;

/** @type {Record<string, Uint8Array>} */
const FILES = {
  'plain.txt': utf8(PROSE),
  'mark.txt': utf8(`\ufeff${PROSE}`),
  'latin.txt': latin(PROSE),
  'broken.txt': broken,
  'bytes.bin': Uint8Array.from({ length: 300 }, (_, i) => i & 255),
  'latin.jsonl': latin(`${JSON.stringify({ id: 1, text: PROSE })}\n`.repeat(30)),
  'long.jsonl': utf8(`${JSON.stringify({ text: LONG })}\n{"text":"short"}\n`),
  'one.jsonl': utf8(JSON.stringify({ text: LONG })),
  'null.jsonl': utf8('{"text":null}\n{"text":"a"}\n{"text":null}\n{"text":"b"}\n'),
  'comma.csv': utf8('title,body\nOne,"First, with a comma"\nTwo,Second\n'),
  'semicolon.csv': utf8(semicolons),
  'latin.csv': latin(semicolons),
  'named.csv': utf8('sep=|\nid|text\n1|a, b; c\n'),
  'tabs.tsv': utf8('id\ttext\n1\ta, b\n2\tc, d\n'),
  'long.csv': utf8(`text\n"${LONG.replaceAll('. ', '.\n')}"\nend\n`),
  'two.txt.gz': Uint8Array.from([...gzipSync(utf8(PROSE)), ...gzipSync(latin(PROSE))]),
  'latin.jsonl.gz': gzipSync(latin('{"text":"süß und größer, für alle Gäste"}\n')),
  'all.zip': zipSync({ 'a.txt': utf8('one'), 'b.csv': utf8('id;text\n1;two, three\n'), 'c.txt': latin(PROSE) }),
  'joiners.txt': utf8('می‌خواهم 👨‍👩‍👧 ❤️'),
  'odd.zip': oddArchive(),
  'rows.parquet': new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: 'text', data: ['First ü', null, 'Second'], type: 'STRING' }] }),
  ),
};

/** An archive with a name in code page 866, and one entry that says that it is encrypted. */
function oddArchive() {
  const archive = Buffer.from(
    zipSync({ 'xxxx.txt': utf8('june'), 'yyyy.txt': utf8('july'), 'zzzz.txt': utf8('locked') }),
  );
  for (const [plain, code] of [
    ['xxxx', [0xa8, 0xee, 0xad, 0xec]],
    ['yyyy', [0xa8, 0xee, 0xab, 0xec]],
  ])
    for (let at = archive.indexOf(String(plain)); at >= 0; at = archive.indexOf(String(plain)))
      archive.set(/** @type {number[]} */ (code), at);
  archive[archive.lastIndexOf('PK\x01\x02') + 8] |= 1;
  return new Uint8Array(Buffer.concat([archive, new Uint8Array(1000)]));
}

/** Files with nothing to read, each with what is wrong. @type {Record<string, [bytes: Uint8Array, reason: string]>} */
const REFUSED = {
  'middle.txt.gz': [
    (() => {
      const members = ['one ', 'two ', 'three '].map((text) => Buffer.from(gzipSync(utf8(text.repeat(99)))));
      members[1][members[1].length - 8] ^= 1;
      return new Uint8Array(Buffer.concat(members));
    })(),
    'damaged_packing',
  ],
  'cut.zip': [FILES['all.zip'].subarray(0, 60), 'damaged_zip'],
  'pictures.zip': [zipSync({ 'a.png': utf8('x') }), 'no_text_files'],
  'bad.jsonl': [utf8('{"text":"a"}\nnonsense\n'), 'line_json'],
  'open.csv': [utf8('a,text\n1,"open\n'), 'open_quote'],
  'cut.parquet': [FILES['rows.parquet'].subarray(0, 100), 'damaged_parquet'],
};

/** More files, from a folder that the environment names. */
const folder = process.env.TEXT_CASES;
const others = folder ? readdirSync(folder).filter((name) => statSync(path.join(folder, name)).isFile()) : [];

/** The result of reading: bytes, or the reason why not. @param {() => Promise<Uint8Array>} read @returns {Promise<Uint8Array|string>} */
const outcomeOf = (read) =>
  read().catch((error) => {
    const found = error instanceof RunError ? error.fields.error : error;
    assert.ok(found instanceof FormatError, error.message);
    return found.reason;
  });

describe('the page and the command line', () => {
  for (const [name, bytes] of [
    ...Object.entries(REFUSED).map(([name, [bytes]]) => /** @type {const} */ ([name, bytes])),
    ...others.map(
      (name) => /** @type {const} */ ([name, new Uint8Array(readFileSync(path.join(String(folder), name)))]),
    ),
  ]) {
    it(`get the same result from ${name}`, async () => {
      writeFileSync(at(name), bytes);
      const page = await outcomeOf(async () => (await onThePage(name, bytes)).text);
      assert.deepEqual(await outcomeOf(() => readTexts([at(name)], [])), page);
      if (Object.hasOwn(REFUSED, name)) assert.equal(page, REFUSED[name][1]);
    });
  }

  it('read what they can of an archive, whatever its names', async () => {
    const { text, found } = await onThePage('odd.zip', FILES['odd.zip']);
    assert.equal(new TextDecoder().decode(text), 'june\n\njuly');
    assert.deepEqual(
      found.files.map(({ name }) => name),
      ['июнь.txt', 'июль.txt'],
    );
    assert.deepEqual(
      found.left.map(({ name, reason }) => [name, reason]),
      [['zzzz.txt', 'encrypted']],
    );
  });

  for (const [name, bytes] of Object.entries(FILES)) {
    it(`read the same bytes from ${name}`, async () => {
      writeFileSync(at(name), bytes);
      const { text } = await onThePage(name, bytes);
      assert.ok(text.length > 0);
      assert.deepEqual(await readTexts([at(name)], []), text);
      const streamed = [];
      for await (const piece of streamText(at(name))) streamed.push(Buffer.from(piece));
      assert.deepEqual(new Uint8Array(Buffer.concat(streamed)), text);
    });
  }

  it('convert structured files that are not UTF-8', async () => {
    const { text, found } = await onThePage('latin.csv', FILES['latin.csv']);
    assert.equal(found.files[0].encoding, 'windows-1252');
    assert.match(
      new TextDecoder().decode(text),
      /^Ein süßer Käse, ein gutes Brot; und dazu ein großer Becher Milch\. "0"\n\n/,
    );
  });

  it('use the field, the encoding and the delimiter that are named', async () => {
    writeFileSync(at('choose.csv'), utf8('a,b;c\nd,e;f\n'));
    const read = async (/** @type {import('../../wasm/cli/texts.js').Reading} */ reading) =>
      new TextDecoder().decode(await readTexts([at('choose.csv')], [], Number.POSITIVE_INFINITY, reading));
    assert.equal(await read({ delimiter: 'comma', field: 'b;c' }), 'e;f');
    assert.equal(await read({ delimiter: 'semicolon', field: 'a,b' }), 'd,e');
    assert.equal(await read({ field: null }), 'a,b;c\nd,e;f\n');
    await assert.rejects(
      read({ field: 'none' }),
      (error) => error instanceof RunError && withReason(['no_text_field', { field: 'none' }])(error.fields.error),
    );
    writeFileSync(at('choose.txt'), latin('süß, und dazu größer'));
    const text = await readTexts([at('choose.txt')], [], Number.POSITIVE_INFINITY, { encoding: 'bytes' });
    assert.deepEqual(text, latin('süß, und dazu größer'));
  });
});

describe('records', () => {
  it('longer than the part that is inspected first are listed, shown and read', async () => {
    for (const name of ['long.jsonl', 'one.jsonl', 'long.csv']) {
      const { found, preview, text } = await onThePage(name, FILES[name]);
      assert.equal(found.field, 'text');
      assert.ok(preview.startsWith('Ein süßer Käse'));
      assert.ok(text.length > LONG.length);
    }
  });

  it('whose text is null are skipped and counted', async () => {
    const { text, nulls } = await onThePage('null.jsonl', FILES['null.jsonl']);
    assert.deepEqual([new TextDecoder().decode(text), nulls], ['a\n\nb', 2]);
  });

  it('with NaN are refused by that name, but texts may contain the word', async () => {
    const nan = utf8('{"text":"NaN \\" NaN","x":1}\n{"text":"b","x":NaN}\n');
    await assert.rejects(onThePage('a.jsonl', nan), withReason(['line_json', { line: 2, word: 'NaN' }]));
    const cut = utf8('{"text":"a"}\n{"text":"NaN"');
    await assert.rejects(onThePage('a.jsonl', cut), withReason(['line_json', { line: 2, word: undefined }]));
  });
});

describe('tables', () => {
  it('show the delimiter that was guessed, and can be read by another', async () => {
    const { found } = await onThePage('semicolon.csv', FILES['semicolon.csv']);
    assert.deepEqual([found.delimiter, found.fields], ['semicolon', ['id', 'text']]);
    const other = await onThePage('x.csv', utf8('a,b;c\nd,e;f\n'), 'semicolon');
    assert.deepEqual([other.found.delimiter, other.found.fields], ['semicolon', ['a,b', 'c']]);
    assert.deepEqual([...tableRows('sep=;\r\na;b\r\n')], [['a', 'b']]);
    assert.equal(guessDelimiter('just words\nin lines'), ',');
  });
});
