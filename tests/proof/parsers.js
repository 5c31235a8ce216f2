/**
 * Files changed at random, given to every file reader: it returns, or throws its own error with one
 * sentence, in a time that fits its input. Branches of these readers are not traced, so the changes are
 * chosen to hurt: lengths, counts, offsets, digits, pieces of other files.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { defaults } from '../../wasm/engine/settings.js';
import { readCheckpoint, writeCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { CheckpointError } from '../../wasm/files/checkpoint/error.js';
import { unpickle } from '../../wasm/files/checkpoint/pickle.js';
import { parsePt } from '../../wasm/files/checkpoint/pt.js';
import { parse, tensorOf } from '../../wasm/files/checkpoint/safetensors.js';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import { FormatError } from '../../wasm/files/formats/error.js';
import { gunzip } from '../../wasm/files/formats/inflate.js';
import { kindOf, listFields, readRecords } from '../../wasm/files/formats/records.js';
import { unpackSnappy } from '../../wasm/files/formats/snappy.js';
import { readBorders } from '../../wasm/files/texts/borders.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import { pickle, pickledTensor, ptFile, push } from '../wasm/checkpoint_files.js';
import { module } from '../wasm/support/models.js';
import { compressedReaders } from './compressed_files.js';

/**
 * @typedef {object} Reader
 * @property {string} name
 * @property {Uint8Array[]} files   good ones
 * @property {(bytes: Uint8Array) => unknown} read
 * @property {new (...args: any[]) => Error} error   what it may throw
 */

/** The most seconds of computing for a file of a few kilobytes. */
const PATIENCE = 1;
/** The most bytes that packed files may unpack to here. */
const MOST = 1 << 20;

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const WORDS = 'The rain in Spain stays mainly in the plain, "and" the sea,\nis blue. ü 𝄞 '.repeat(12);

/** An archive with the records of large archives, as Info-ZIP writes it. */
const WIDE_ZIP = new Uint8Array(
  Buffer.from(
    'UEsDBC0AAAAAAG5SfV3ijOOs//////////8FABQAdy50eHQBABAABAAAAAAAAAAEAAAAAAAAAHdpZGVQSwECHgMtAAAAAABuUn1d4ozjrAQAAAD/////' +
      'BQAMAAAAAAABAAAApIEAAAAAdy50eHQBAAgABAAAAAAAAABQSwYGLAAAAAAAAAAeAy0AAAAAAAAAAAABAAAAAAAAAAEAAAAAAAAAPwAAAAAAAAA7AAAA' +
      'AAAAAFBLBgcAAAAAegAAAAAAAAABAAAAUEsFBgAAAAABAAEAPwAAAP////8AAA==',
    'base64',
  ),
);

/** A model's file in the safetensors format, with moments. */
function checkpoint() {
  const prototype = readFileSync(new URL('../golden/checkpoints/prototype-adaptive-h32.pt', import.meta.url));
  const { tensors } = readCheckpoint(module, new Uint8Array(prototype));
  // The shapes of a model of four units, so that most bytes are the header's.
  const small = new Map(
    [...tensors].map(([name, { shape }]) => {
      const narrow = shape.map((n) => (n % 32 === 0 ? n / 8 : n));
      return [name, { shape: narrow, data: new Float32Array(narrow.reduce((a, b) => a * b, 1)).fill(0.25) }];
    }),
  );
  const settings = defaults({ hidden_size: 4 });
  const state = { step: 3, updates: [...small].map(() => 3) };
  return writeCheckpoint({ settings, tensors: small, resume: { state, expAvg: small, expAvgSq: small } });
}

/** As PyTorch would write it. */
function pytorch() {
  const weights = new Float32Array([1, 2, 3, 4, 5, 6]);
  const data = pickle(
    push.dict({
      weight: pickledTensor({ count: 6, shape: [2, 3], strides: [3, 1] }),
      bias: pickledTensor({ count: 6, offset: 2, shape: [2], strides: [1] }),
    }),
  );
  return { data, file: ptFile(data, { 0: weights }) };
}

/** @returns {Promise<Reader[]>} */
async function makeReaders() {
  const rows = WORDS.split(' ');
  /** @type {Parameters<typeof parquetWriteBuffer>[0]['columnData']} */
  const columnData = [{ name: 'text', data: rows, type: 'STRING' }];
  const parquet = (/** @type {'SNAPPY'|'UNCOMPRESSED'} */ codec) =>
    new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 50, pageSize: 200, codec }));
  const encodings = /** @type {const} */ (['PLAIN', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY']);
  const encoded = encodings.map((encoding) => {
    const data = rows.map((text, i) => (i % 5 === 0 ? null : text));
    const column = { name: 'text', data, type: /** @type {const} */ ('STRING'), nullable: true, encoding };
    return new Uint8Array(parquetWriteBuffer({ columnData: [column], codec: 'UNCOMPRESSED', pageSize: 300 }));
  });
  const json = utf8(rows.map((text, i) => JSON.stringify({ id: i, text })).join('\n'));
  const csv = utf8(`id,text\n${rows.map((text, i) => `${i},"${text.replaceAll('"', '""')}"`).join('\n')}`);
  const { data, file } = pytorch();
  const tensors = new Map([
    ['a', tensorOf([2, 3], new Float32Array(6))],
    ['b', tensorOf([4], new Float32Array(4))],
  ]);
  const plain = serialize({ metadata: { format: 'pt', note: 'ü' }, tensors });
  const whole = checkpoint();
  const text = (/** @type {string} */ name) => async (/** @type {Uint8Array} */ file) => {
    const intake = new Intake(undefined, undefined, MOST);
    const { field } = await intake.inspect([{ name, file }]).finally(() => {
      for (const { cause } of intake.left) if (cause && !(cause instanceof FormatError)) throw cause;
    });
    return intake.take({ field, encoding: 'detected' });
  };
  const records =
    (/** @type {import('../../wasm/files/formats/records.js').StructuredKind} */ kind) =>
    (/** @type {Uint8Array} */ bytes) =>
      readRecords(bytes, kind, 'text');
  const packed = [
    zipSync({ 'a.txt': utf8(WORDS), 'b.csv': csv, 'c.jsonl.gz': gzipSync(json) }),
    zipSync({ 'd.parquet': [parquet('SNAPPY'), { level: 0 }] }),
    WIDE_ZIP,
    gzipSync(utf8(WORDS)),
    gzipSync(json, { filename: 'x.jsonl' }),
  ];
  // 26 literal bytes, then copies of them.
  const snappy = Uint8Array.from([52, 100, ...utf8(WORDS.slice(0, 26)), 0x66, 26, 0]);
  return [
    { name: 'safetensors', files: [plain, whole], read: parse, error: CheckpointError },
    { name: 'checkpoint', files: [whole, file], read: (file) => readCheckpoint(module, file), error: CheckpointError },
    { name: 'PyTorch file', files: [file], read: parsePt, error: CheckpointError },
    { name: 'pickle', files: [data], read: unpickle, error: CheckpointError },
    { name: 'zip and gzip', files: packed, read: text('a.zip'), error: FormatError },
    { name: 'gzip', files: packed.slice(3), read: (bytes) => gunzip(bytes, MOST), error: FormatError },
    {
      name: 'Parquet',
      files: [parquet('SNAPPY'), parquet('UNCOMPRESSED'), ...encoded],
      read: records('parquet'),
      error: FormatError,
    },
    { name: 'CSV', files: [csv], read: records('csv'), error: FormatError },
    { name: 'JSON Lines', files: [json], read: records('jsonl'), error: FormatError },
    {
      name: 'fields',
      files: [csv, json, parquet('SNAPPY')],
      read: (bytes) => listFields(bytes, kindOf(bytes, 'a.csv') === 'parquet' ? 'parquet' : 'csv'),
      error: FormatError,
    },
    {
      name: 'borders',
      files: [utf8('# words\n0\n4 2\n9, 1\r\n30;7\n')],
      read: (bytes) => readBorders(bytes, 40),
      error: FormatError,
    },
    { name: 'Snappy', files: [snappy], read: (bytes) => unpackSnappy(bytes, 52), error: FormatError },
    ...(await compressedReaders(utf8(WORDS.slice(0, 120)))),
  ];
}

/* ---- changes ---- */

/**
 * Numbers below n, the same for a seed everywhere (mulberry32).
 * @param {number} seed
 */
function seeded(seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const SIZES = [0, 1, 2, 127, 128, 255, 256, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff];
const PHRASES = [
  '-1',
  '1e999',
  '9007199254740993',
  '[',
  ']',
  '{',
  '}',
  '"',
  '\\u0000',
  '\\',
  '__proto__',
  '"F32"',
  '\ud83d',
];

/** @param {Uint8Array} a @param {number} from @param {number} to @param {Uint8Array} middle */
function splice(a, from, to, middle) {
  const result = new Uint8Array(from + middle.length + a.length - to);
  result.set(a.subarray(0, from));
  result.set(middle, from);
  result.set(a.subarray(to), from + middle.length);
  return result;
}

/**
 * @param {Uint8Array} bytes
 * @param {(n: number) => number} below
 * @param {Uint8Array} other  to take pieces from
 * @returns {Uint8Array}
 */
function change(bytes, below, other) {
  const n = bytes.length;
  if (n < 9) return splice(bytes, 0, 0, other.subarray(0, below(64)));
  const at = below(n - 8);
  const length = 1 + below(1 + Math.min(64, n - at - 1));
  const view = new DataView(bytes.buffer, bytes.byteOffset, n);
  switch (below(9)) {
    case 0:
      bytes[at] ^= 1 << below(8);
      return bytes;
    case 1:
      bytes[at] = below(256);
      return bytes;
    case 2:
      view.setUint32(at, SIZES[below(SIZES.length)], true);
      return bytes;
    case 3:
      view.setUint16(at, SIZES[below(SIZES.length)], true);
      return bytes;
    case 4:
      return splice(bytes, at, at + length, new Uint8Array());
    case 5:
      return splice(bytes, at, at, bytes.slice(at, at + length));
    case 6:
      return splice(bytes, at, at + below(length), utf8(PHRASES[below(PHRASES.length)]));
    case 7: {
      const from = below(other.length);
      return splice(bytes, at, at + below(length), other.slice(from, from + length));
    }
    default:
      return below(4) === 0 ? bytes.slice(0, at) : splice(bytes, at, at, new Uint8Array(length).fill(below(256)));
  }
}

/**
 * Gives readers files with small changes, and checks how they respond.
 * @param {object} options
 * @param {number} options.seed
 * @param {number} [options.rounds]   files for each reader
 * @param {number} [options.seconds]  instead: for how long
 * @returns {Promise<{read: number, refused: number, slowest: number}>} how many were read and refused; seconds
 */
export async function fuzzParsers({ seed, rounds = Infinity, seconds = Infinity }) {
  const readers = await makeReaders();
  const below = seeded(seed);
  const end = performance.now() + seconds * 1000;
  const tally = { read: 0, refused: 0, slowest: 0 };
  for (let round = 0; round < rounds && performance.now() < end; round++) {
    for (const { name, files, read, error } of readers) {
      let bytes = /** @type {Uint8Array} */ (files[below(files.length)].slice());
      for (let n = 1 + below(4); n > 0; n--) bytes = change(bytes, below, files[below(files.length)]);
      const start = process.cpuUsage();
      try {
        await read(bytes);
        tally.read++;
      } catch (thrown) {
        const explained = thrown instanceof error && /^[^\n]{10,300}\.$/.test(thrown.message);
        const file = Buffer.from(bytes).toString('base64');
        assert.ok(
          explained,
          `${name}, seed ${seed}, round ${round}: ${thrown}\n${/** @type {Error} */ (thrown).stack}\nThe file: ${file}`,
        );
        tally.refused++;
      }
      const { user, system } = process.cpuUsage(start);
      const took = (user + system) / 1e6;
      tally.slowest = Math.max(tally.slowest, took);
      assert.ok(took < PATIENCE, `${name}, seed ${seed}, round ${round}: ${took} s for ${bytes.length} bytes`);
    }
  }
  return tally;
}
