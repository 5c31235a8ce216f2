// tier: slow
/** Archives written by other programs are read byte for byte, unusual features of zip included. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { gzipSync as nodeGzip } from 'node:zlib';
import { gzipSync, zipSync } from 'fflate';
import { FormatError } from '../../wasm/files/formats/error.js';
import { gunzip, inflate } from '../../wasm/files/formats/inflate.js';
import { readDirectory, readEntries, readZipEntry } from '../../wasm/files/formats/zip.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import fc from '../random_cases.js';
import { workFolder } from './support/cli.js';
import { utf8 } from './support/models.js';
import { fromBase64, program, python, toBase64, writeFiles } from './support/programs.js';
import { withReason } from './support/refusals.js';

const { at, remove } = workFolder();
after(remove);

const LIMITS = { maxEntries: 1000, maxBytes: 1 << 24 };

/** @param {Uint8Array} archive @returns {Record<string, Uint8Array>} what its files hold, by name; no folders */
function contents(archive) {
  const entries = [...readDirectory(archive, LIMITS)].filter(([name]) => !name.endsWith('/'));
  return Object.fromEntries(entries.map(([name, entry]) => [name, new Uint8Array(readZipEntry(entry, inflate))]));
}

/** Bytes that pack well, or not at all. */
const data = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc.array(fc.constantFrom('the ', 'whale ', 'süß '), { maxLength: 4000 }).map((words) => utf8(words.join(''))),
);

const name = fc
  .array(fc.stringMatching(/^[A-Za-z0-9äßж世_ -]{1,8}$/), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((part) => part.trim().replace(/^-/, '_') || 'x').join('/'));

/** No file's name is a folder of another. */
const files = fc
  .uniqueArray(fc.tuple(name, data), { minLength: 1, maxLength: 6, selector: ([each]) => each })
  .map((list) => Object.fromEntries(list.map(([each, bytes], i) => [`${each}-${i}.txt`, bytes])));

/** What may follow an archive: zeros, or anything that is not the end of one. */
const padding = fc.oneof(
  fc.constant(new Uint8Array(0)),
  fc.nat(70_000).map((length) => new Uint8Array(length)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte) => (byte === 0x50 ? 0 : byte))),
);

/** Kinds of archives that Python's zipfile writes, each from the files of `value`. */
const PYTHON_ZIPS = `
import zipfile
kinds = [('stored', {}), ('deflated', {'compression': zipfile.ZIP_DEFLATED}), ('wide', {}), ('wide', {'compression': zipfile.ZIP_DEFLATED})]
limits = (zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT)
result = []
for files in value:
  written = []
  for kind, options in kinds:
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = (0, 0) if kind == 'wide' else limits
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', **options) as archive:
      for name, data in files.items():
        with archive.open(name, 'w', force_zip64=kind == 'wide') as entry: entry.write(unpacked(data))
      archive.comment = b'a comment' if kind == 'deflated' else b''
    written.append(packed(file.getvalue()))
  result.append(written)
`;

describe('zip archives', () => {
  it('of Python, stored, compressed, and with the wide records of large archives', () => {
    const cases = fc.sample(fc.tuple(files, padding), { numRuns: 60, seed: 17 });
    const given = cases.map(([each]) =>
      Object.fromEntries(Object.entries(each).map(([key, bytes]) => [key, toBase64(bytes)])),
    );
    const written = python(PYTHON_ZIPS, given);
    for (const [i, [expected, behind]] of cases.entries()) {
      for (const archive of written[i].map(fromBase64)) {
        assert.deepEqual(contents(archive), expected);
        assert.deepEqual(contents(new Uint8Array(Buffer.concat([archive, behind]))), expected);
      }
    }
  });

  it('of Info-ZIP and 7-Zip', () => {
    const ways = /** @type {[string, string[]][]} */ ([
      ['zip', ['-q', '-r', '-0', '../a.zip', '.']],
      ['zip', ['-q', '-r', '-9', '../a.zip', '.']],
      ['zip', ['-q', '-r', '-fz', '-X', '../a.zip', '.']],
      ['7z', ['a', '-bd', '-tzip', '-mx=9', '../a.zip', '.']],
      ['7z', ['a', '-bd', '-tzip', '-mx=0', '../a.zip', '.']],
    ]);
    for (const expected of fc.sample(files, { numRuns: 8, seed: 18 })) {
      for (const [packer, args] of ways) {
        rmSync(at('in'), { recursive: true, force: true });
        rmSync(at('a.zip'), { force: true });
        mkdirSync(at('in'));
        writeFiles(at('in'), expected);
        program(packer, args, { cwd: at('in') });
        assert.deepEqual(contents(new Uint8Array(readFileSync(at('a.zip')))), expected, `${packer} ${args.join(' ')}`);
      }
    }
  });

  it('that are written as a stream', () => {
    const text = utf8('a stream of some words '.repeat(99));
    for (const args of [
      ['-q', '-'],
      ['-q', '-fz', '-'],
    ]) {
      const archive = new Uint8Array(program('zip', [...args, '-'], { input: text }));
      assert.deepEqual(contents(archive), { '-': text });
    }
  });

  it('that are cut off are refused, padded or not', () => {
    const wide = fromBase64(python(PYTHON_ZIPS, [{ 'a.txt': toBase64(utf8('some words')) }])[0][2]);
    assert.deepEqual(contents(wide), { 'a.txt': utf8('some words') });
    for (let length = 0; length < wide.length; length++) {
      const cut = new Uint8Array(Buffer.concat([wide.subarray(0, length), new Uint8Array(length % 2 ? 0 : 40)]));
      // The padding may stand in for zeros that were cut off.
      if (Buffer.from(cut).indexOf(wide) === 0) continue;
      assert.throws(() => contents(cut), FormatError, `${length} bytes`);
    }
  });
});

/** An archive with names in a code page: Python's zipfile uses UTF-8 only where it must. */
const CODE_PAGE_ZIP = `
import warnings, zipfile
warnings.simplefilter('ignore')
result = []
page = None
class Entry(zipfile.ZipInfo):
  def _encodeFilenameFlags(self): return self.filename.encode(page), self.flag_bits
for page, names in value:
  file = io.BytesIO()
  with zipfile.ZipFile(file, 'w') as archive:
    for name in names: archive.writestr(Entry(name), 'text of ' + name)
  result.append(packed(file.getvalue()))
`;

/** @param {...[page: string, names: string[]]} cases @returns {Uint8Array[]} an archive each */
const inCodePages = (...cases) => python(CODE_PAGE_ZIP, cases).map(fromBase64);

/** @param {Uint8Array} archive */
const namesOf = (archive) => readEntries(archive, 1000).map((entry) => entry.name);

describe('names in zip archives', () => {
  it('are read in the code page that is guessed', () => {
    const cases = /** @type {[string, string[]][]} */ ([
      ['cp437', ['Käse/Brötchen.txt', 'Käse/Plätzchen.txt', 'façade.txt']],
      ['cp850', ['größer.txt', 'süßer.txt']],
      ['cp866', ['июнь.txt', 'июль.txt', 'Письма/Май.txt']],
      ['cp1251', ['Война и мир.txt', 'Анна Каренина.txt']],
      ['shift_jis', ['こころ.txt', 'ぼっちゃん.txt', 'メモ.txt']],
    ]);
    for (const [i, archive] of inCodePages(...cases).entries()) {
      const names = cases[i][1];
      assert.deepEqual(namesOf(archive), names);
      const texts = readEntries(archive, 9).map((entry) => new TextDecoder().decode(readZipEntry(entry, inflate)));
      assert.deepEqual(
        texts,
        names.map((each) => `text of ${each}`),
      );
    }
  });

  it('stay distinct, whatever the code page', () => {
    const cases = Object.entries({
      cp437: 'äöüéàçñÄÖÜ',
      cp852: 'šžčřěůłąŐŰ',
      cp866: 'абвгдежзиюя',
      cp1250: 'šžčřěůłąŐŰ',
      cp1251: 'абвгдежзиюя',
      koi8_r: 'абвгдежзиюя',
      gbk: '中文字新闻小说世界',
      big5: '中文字新聞小說世界',
      euc_kr: '한국어소설글자',
      cp932: '日本語文字新聞',
    }).map(([page, letters]) => {
      const names = [...letters].flatMap((a) => [...letters].map((b) => `${a}${b}.txt`));
      return /** @type {[string, string[]]} */ ([page, names]);
    });
    for (const [i, archive] of inCodePages(...cases).entries()) {
      const read = namesOf(archive);
      assert.equal(new Set(read).size, cases[i][1].length, cases[i][0]);
      assert.ok(read.every((each) => each.endsWith('.txt')));
    }
  });

  it('in UTF-8 need not be marked as such, and may stand beside names in a code page', () => {
    const names = ['Größe.txt', '世界.txt'];
    assert.deepEqual(namesOf(inCodePages(['utf-8', names])[0]), names);
    const beside = `
import struct, zipfile, zlib
file = io.BytesIO()
class Entry(zipfile.ZipInfo):
  def _encodeFilenameFlags(self): return b'???.txt', 0
with zipfile.ZipFile(file, 'w') as archive:
  entry = Entry('x')
  entry.extra = struct.pack('<HHBL', 0x7075, 5 + len(value.encode()), 1, zlib.crc32(b'???.txt')) + value.encode()
  archive.writestr(entry, 'text')
result = packed(file.getvalue())`;
    assert.deepEqual(namesOf(fromBase64(python(beside, '世界.txt'))), ['世界.txt']);
  });

  it('may occur twice among texts: both texts are read', async () => {
    const [twice] = inCodePages(['ascii', ['a.txt', 'a.txt']]);
    assert.equal(await textOf(twice), 'text of a.txt\n\ntext of a.txt');
    assert.throws(() => readDirectory(twice, LIMITS), withReason('name_twice'));
  });
});

/** @param {Uint8Array} archive @returns {Promise<string>} of all its texts */
async function textOf(archive) {
  const intake = new Intake();
  const { field } = await intake.inspect([{ name: 'a.zip', file: archive }]);
  return (await intake.take({ field, encoding: 'detected' })).text();
}

describe('entries that can’t be read', () => {
  /** @param {[program: string, args: string[], files: Record<string, string>][]} steps  each adds files to the archive */
  function built(...steps) {
    rmSync(at('b.zip'), { force: true });
    for (const [packer, args, texts] of steps) {
      writeFiles(at('.'), Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, utf8(text)])));
      program(packer, [...args, 'b.zip', ...Object.keys(texts)], { cwd: at('.') });
    }
    return new Uint8Array(readFileSync(at('b.zip')));
  }

  it('leave the others readable, and say what they are', async () => {
    const words = 'words, words, words '.repeat(50);
    const archive = built(
      ['zip', ['-q'], { 'open.txt': 'open', 'more.txt': words }],
      ['zip', ['-q', '-P', 'secret'], { 'locked.txt': 'locked', 'locked.png': 'picture' }],
      ['7z', ['a', '-bd', '-tzip', '-mem=AES256', '-psecret'], { 'aes.txt': 'locked' }],
      ['7z', ['a', '-bd', '-tzip', '-mm=Deflate64'], { 'deflate64.txt': words }],
      ['7z', ['a', '-bd', '-tzip', '-mm=BZip2'], { 'bzip2.txt': words }],
      ['7z', ['a', '-bd', '-tzip', '-mm=LZMA'], { 'lzma.txt': words }],
      ['7z', ['a', '-bd', '-tzip', '-mm=PPMd'], { 'ppmd.txt': words }],
    );
    const intake = new Intake();
    const { files: read, left } = await intake.inspect([{ name: 'b.zip', file: archive }]);
    assert.deepEqual(read.map((each) => each.name).sort(), ['more.txt', 'open.txt']);
    const found = intake.left.map(({ name, reason, fields }) => [name, reason, fields.method]);
    assert.deepEqual(found.sort(), [
      ['aes.txt', 'encrypted', undefined],
      ['bzip2.txt', 'unknown_method', 'bzip2'],
      ['deflate64.txt', 'unknown_method', 'Deflate64'],
      ['locked.txt', 'encrypted', undefined],
      ['lzma.txt', 'unknown_method', 'LZMA'],
      ['ppmd.txt', 'unknown_method', 'PPMd'],
    ]);
    assert.deepEqual(
      left,
      intake.left.map(({ name, why, reason }) => ({ name, why, reason })),
    );
  });

  it('make the archive refused where there are no others', async () => {
    const locked = built(['zip', ['-q', '-P', 'secret'], { 'locked.txt': 'locked' }]);
    await assert.rejects(textOf(locked), withReason(['encrypted', { file: 'locked.txt' }]));
  });

  it('include one whose checksum is wrong', async () => {
    const archive = zipSync({ 'a.txt': utf8('good'), 'b.txt': utf8('spoiled') }, { level: 0 });
    archive[Buffer.from(archive).indexOf('spoiled')] ^= 1;
    const intake = new Intake();
    const { left } = await intake.inspect([{ name: 'c.zip', file: archive }]);
    assert.equal(await (await intake.take({ field: null, encoding: 'detected' })).text(), 'good');
    assert.deepEqual(
      left.map(({ name, reason }) => [name, reason]),
      [['b.txt', 'damaged_zip']],
    );
  });

  it('do not count towards the limit where they are not texts: it holds for what is read', async () => {
    const intake = new Intake(undefined, undefined, 1000);
    const archive = zipSync({ 'a.txt': utf8('text'), 'film.mp4': new Uint8Array(5000) });
    await intake.inspect([{ name: 'd.zip', file: archive }]);
    assert.equal(await (await intake.take({ field: null, encoding: 'detected' })).text(), 'text');
  });
});

describe('gzip files', () => {
  it('of gzip, Python, Node and fflate, with any number of members', () => {
    const members = fc.array(fc.tuple(data, fc.nat(3), fc.nat(9)), { minLength: 1, maxLength: 4 });
    const cases = fc.sample(members, { numRuns: 25, seed: 19 });
    const byPython = python(
      'import gzip\nresult = [[packed(gzip.compress(unpacked(d), l)) for d, _, l in members] for members in value]',
      cases.map((list) => list.map(([bytes, ...rest]) => [toBase64(bytes), ...rest])),
    );
    const packers = [
      (/** @type {Uint8Array} */ bytes, /** @type {number} */ level) =>
        program('gzip', [`-${Math.max(1, level)}`, '-c'], { input: bytes }),
      (/** @type {Uint8Array} */ bytes, /** @type {number} */ level) => nodeGzip(bytes, { level }),
      (/** @type {Uint8Array} */ bytes, /** @type {number} */ level) =>
        gzipSync(bytes, { level: /** @type {any} */ (level), filename: 'a.txt' }),
    ];
    for (const [i, list] of cases.entries()) {
      const parts = list.map(([bytes, who, level], n) =>
        who === 3 ? fromBase64(byPython[i][n]) : packers[who](bytes, level),
      );
      const expected = new Uint8Array(Buffer.concat(list.map(([bytes]) => bytes)));
      assert.deepEqual(gunzip(new Uint8Array(Buffer.concat(parts)), 1 << 24), expected);
    }
  });

  it('with every optional header field, and the empty block at the end of a bgzip file', () => {
    const script = `
import random, struct, zlib
random.seed(20)
def member(data):
  flags, level = random.choice([0, 4, 8, 16, 2, 30, 12]), random.randint(0, 9)
  head = bytes([31, 139, 8, flags, 0, 0, 0, 0, 0, 255])
  extra = bytes(random.choice([0, 6, 4090, 9000]))
  if flags & 4: head += struct.pack('<H', len(extra)) + extra
  if flags & 8: head += b'n' * random.choice([0, 5, 4080]) + bytes(1)
  if flags & 16: head += b'c' * random.choice([0, 9000]) + bytes(1)
  if flags & 2: head += struct.pack('<H', zlib.crc32(head) & 65535)
  body = zlib.compressobj(level, zlib.DEFLATED, -15)
  return head + body.compress(data) + body.flush() + struct.pack('<II', zlib.crc32(data), len(data))
last = bytes.fromhex('1f8b08040000000000ff0600424302001b0003000000000000000000')
result = [packed(b''.join(member(unpacked(d)) for d in list) + last) for list in value]`;
    const lists = fc.sample(fc.array(data, { minLength: 1, maxLength: 4 }), { numRuns: 60, seed: 21 });
    const written = python(
      script,
      lists.map((list) => list.map(toBase64)),
    );
    for (const [i, list] of lists.entries())
      assert.deepEqual(gunzip(fromBase64(written[i]), 1 << 24), new Uint8Array(Buffer.concat(list)));
  });
});
