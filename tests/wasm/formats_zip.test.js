import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync as nodeGzip } from 'node:zlib';
import { deflateSync, gzipSync, zipSync } from 'fflate';
import { crc32, crc32c } from '../../wasm/files/formats/crc.js';
import { FormatError } from '../../wasm/files/formats/error.js';
import { gunzip, inflate } from '../../wasm/files/formats/inflate.js';
import { readDirectory, readZipEntry } from '../../wasm/files/formats/zip.js';
import fc from '../random_cases.js';
import { survives, text, utf8 } from './formats_files.js';
import { assertReason, withReason } from './support/refusals.js';

const LIMITS = { maxEntries: 100, maxBytes: 1 << 20 };

/** @param {Uint8Array} bytes */
const readAll = (bytes) =>
  new Map([...readDirectory(bytes, LIMITS)].map(([name, entry]) => [name, readZipEntry(entry, inflate)]));

/** @param {Uint8Array} bytes @param {import('./support/refusals.js').Reason} says */
const refused = (bytes, says) =>
  assert.throws(
    () => readAll(bytes),
    (error) => error instanceof FormatError && withReason(says)(error),
  );

/** Two entries, one of them compressed; `at` has the offsets of what the tests change. */
function small() {
  const bytes = zipSync({
    'a.txt': [utf8('stored text'), { level: 0 }],
    'd/b.txt': [utf8('packed '.repeat(50)), { level: 9 }],
  });
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  const directory = view.getUint32(end + 16, true);
  return { bytes, view, at: { end, first: directory, second: directory + 46 + 'a.txt'.length } };
}

test('check values of the CRC catalogue', () => {
  assert.equal(crc32(utf8('123456789')), 0xcbf43926);
  assert.equal(crc32c(utf8('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa); // RFC 3720, B.4
  assert.equal(crc32(new Uint8Array(0)), 0);
});

test('entries of any names and contents', () => {
  const archive = fc.dictionary(
    fc.stringMatching(/^[a-zäß/]{1,12}$/),
    fc.tuple(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(0, 6)),
    {
      maxKeys: 6,
      noNullPrototype: true,
    },
  );
  fc.assert(
    fc.property(archive, (files) => {
      const bytes = zipSync(
        Object.fromEntries(Object.entries(files).map(([name, [data, level]]) => [name, [data, { level }]])),
      );
      const read = readAll(bytes);
      assert.deepEqual(new Map(Object.entries(files).map(([name, [data]]) => [name, data])), read);
    }),
    { numRuns: 200 },
  );
});

test('a comment after the directory', () => {
  const { bytes, at } = small();
  const longer = new Uint8Array(bytes.length + 5);
  longer.set(bytes);
  longer.set(utf8('hello'), bytes.length);
  assert.equal(readAll(longer).size, 2, 'padding, where it is none');
  new DataView(longer.buffer).setUint16(at.end + 20, 5, true);
  assert.equal(readAll(longer).size, 2);
});

test('wrong fields of the directory', () => {
  /** @type {[change: (s: ReturnType<typeof small>) => void, says: import('./support/refusals.js').Reason][]} */
  const changes = [
    [({ view, at }) => view.setUint16(at.end + 10, 3, true), 'damaged_zip'], // one entry more
    [({ view, at }) => view.setUint16(at.end + 10, 101, true), ['too_many_entries', { maxEntries: 100 }]],
    [({ view, at }) => view.setUint32(at.end + 16, 0xfffffff0, true), 'damaged_zip'],
    [({ view, at }) => view.setUint32(at.end + 16, 3, true), 'damaged_zip'],
    // Of a directory that would begin before the file does.
    [
      ({ view, at }) => {
        view.setUint32(at.end + 12, at.end + 1, true);
        view.setUint32(at.end + 16, 0xffffffff, true);
      },
      'damaged_zip',
    ],
    [({ view, at }) => view.setUint16(at.first + 8, 1, true), 'encrypted'],
    [({ view, at }) => view.setUint16(at.second + 10, 12, true), ['unknown_method', { method: 'bzip2' }]],
    [({ view, at }) => view.setUint32(at.first + 16, 1, true), 'damaged_zip'], // CRC
    [({ view, at }) => view.setUint32(at.first + 24, 12, true), 'damaged_zip'], // size of a stored entry
    [({ view, at }) => view.setUint32(at.second + 24, 349, true), ['too_large', { limit: 349 }]],
    [({ view, at }) => view.setUint32(at.second + 24, 351, true), 'damaged_zip'],
    [({ view, at }) => view.setUint32(at.second + 24, 2 << 20, true), ['large_zip', { limit: 1 << 20 }]],
    [({ view, at }) => view.setUint32(at.second + 20, 0xfffffff0, true), 'damaged_zip'],
    [({ view, at }) => view.setUint32(at.second + 42, 0xfffffff0, true), 'damaged_zip'],
    [({ view, at }) => view.setUint32(at.second + 42, 1, true), 'damaged_zip'],
    [({ view, at }) => view.setUint16(at.second + 28, 0xffff, true), 'damaged_zip'],
  ];
  for (const [change, says] of changes) {
    const archive = small();
    change(archive);
    refused(archive.bytes, says);
  }
});

test('entries that share bytes, and equal names', () => {
  const { bytes, view, at } = small();
  const same = bytes.slice();
  // Both directory records point to the second file, as in a zip bomb of overlapping files.
  for (const field of [10, 12, 16, 20, 24, 42])
    new DataView(same.buffer).setUint32(at.first + field, view.getUint32(at.second + field, true), true);
  refused(same, 'damaged_zip');
  const twice = zipSync({ 'a.txt': utf8('1'), 'b.txt': utf8('2') }, { level: 0 });
  const second = Buffer.from(twice).lastIndexOf('b.txt');
  twice[second] = 0x61;
  refused(twice, 'name_twice');
});

test('a compressed entry needs an inflater', () => {
  const entry = readDirectory(small().bytes, LIMITS).get('d/b.txt');
  assert.ok(entry && !entry.stored);
  assert.throws(() => readZipEntry(entry), withReason('compressed'));
});

test('truncated, changed and random archives are refused or sound', async () => {
  const { bytes } = small();
  for (let length = 0; length < bytes.length; length++) refused(bytes.subarray(0, length), 'damaged_zip');
  const sound = async (/** @type {Uint8Array} */ archive) => {
    const entries = await survives(() => readAll(archive));
    if (entries instanceof FormatError) return;
    for (const data of entries.values()) assert.ok(data.length <= LIMITS.maxBytes);
  };
  const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const changed = changes.map((list) => {
    const copy = bytes.slice();
    for (const [at, byte] of list) copy[at] = byte;
    return copy;
  });
  await fc.assert(fc.asyncProperty(changed, sound), { numRuns: 2000 });
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), sound), { numRuns: 500 });
});

test('inflate and gunzip give back what was packed, up to the limit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30000 }), fc.nat(9), (data, level) => {
      const options = { level: /** @type {any} */ (level) };
      assert.deepEqual(inflate(deflateSync(data, options), data.length), data);
      assert.deepEqual(gunzip(gzipSync(data, options), data.length), data);
      if (data.length > 0) {
        assert.throws(() => inflate(deflateSync(data, options), data.length - 1), withReason('too_large'));
        assert.throws(() => gunzip(gzipSync(data, options), data.length - 1), withReason('too_large'));
      }
    }),
    { numRuns: 100 },
  );
});

test('a gzip file of several members', () => {
  const bytes = Buffer.concat([nodeGzip('one '), nodeGzip('two '), nodeGzip('three')]);
  assert.equal(text(gunzip(new Uint8Array(bytes), 100)), 'one two three');
});

test('a gzip bomb stops at the limit', async () => {
  const bomb = new Uint8Array(nodeGzip(new Uint8Array(200 << 20)));
  const before = process.memoryUsage().arrayBuffers;
  const result = await survives(() => gunzip(bomb, 1 << 20));
  assert.ok(result instanceof FormatError);
  assertReason(result, ['too_large', { limit: 1 << 20 }]);
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 << 20);
});

test('every truncation of a gzip file is noticed, and a changed byte of its text', () => {
  const bytes = new Uint8Array(nodeGzip('a small text, a small text, a small file'));
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => gunzip(bytes.subarray(0, length), 1000), FormatError, `${length} bytes`);
  }
  const stored = new Uint8Array(nodeGzip('text', { level: 0 }));
  stored[Buffer.from(stored).indexOf('text')] ^= 1;
  assert.throws(() => gunzip(stored, 1000), withReason('damaged_packing'));
});

test('each member of a gzip file is checked, and zeros after the last are ignored', () => {
  const member = fc.record({ data: fc.uint8Array({ maxLength: 9000 }), level: fc.nat(9) });
  fc.assert(
    fc.property(
      fc.array(member, { minLength: 1, maxLength: 6 }),
      fc.nat(700),
      fc.nat(5),
      fc.nat(7),
      (members, zeros, which, place) => {
        const packed = members.map(({ data, level }) => nodeGzip(data, { level }));
        const whole = Buffer.concat(members.map(({ data }) => data));
        const padding = Buffer.alloc(zeros);
        assert.deepEqual(Buffer.from(gunzip(new Uint8Array(Buffer.concat([...packed, padding])), 1e6)), whole);
        const damaged = packed[which % packed.length];
        // An empty member has no content for its checksum to protect.
        if (members[which % packed.length].data.length === 0) return;
        damaged[damaged.length - 8 + place] ^= 4;
        assert.throws(
          () => gunzip(new Uint8Array(Buffer.concat([...packed, padding])), 1e6),
          withReason('damaged_packing'),
        );
      },
    ),
    { numRuns: 150, seed: 7 },
  );
});
