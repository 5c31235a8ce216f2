/** Parquet pages built by hand: what no writer at hand makes, and what claims more than it holds. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { FormatError } from '../../wasm/files/formats/error.js';
import { readTextChunk } from '../../wasm/files/formats/parquet_pages.js';
import { survives, utf8 } from './formats_files.js';
import { withReason } from './support/refusals.js';

/** @param {number} value @returns {number[]} seven bits a byte */
const varint = (value) => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
/** @param {number} value @returns {number[]} */
const zigzag = (value) => varint(value >= 0 ? 2 * value : -2 * value - 1);

/**
 * A struct of whole numbers and structs, by the numbers of its fields.
 * @param {[id: number, value: number|number[]][]} fields  a list is a struct already
 * @returns {number[]}
 */
function struct(...fields) {
  let before = 0;
  const bytes = fields.flatMap(([id, value]) => {
    const head = (id - before) * 16 + (typeof value === 'number' ? 5 : 12);
    before = id;
    return [head, ...(typeof value === 'number' ? zigzag(value) : value)];
  });
  return [...bytes, 0];
}

const ENCODINGS = {
  PLAIN: 0,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
};

/** @param {number[]} content @param {number} values @param {keyof typeof ENCODINGS} [encoding] @param {number} [size] */
const dataPage = (content, values, encoding = 'PLAIN', size = content.length) => [
  ...struct([1, 0], [2, size], [3, content.length], [5, struct([1, values], [2, ENCODINGS[encoding]], [3, 3], [4, 3])]),
  ...content,
];
/** @param {number[]} content @param {number} values */
const dictionaryPage = (content, values) => [
  ...struct([1, 2], [2, content.length], [3, content.length], [7, struct([1, values], [2, 0])]),
  ...content,
];
const indexPage = [...struct([1, 1], [2, 3], [3, 3], [6, struct()]), 1, 2, 3];

/** @param {...string} texts @returns {number[]} */
const plain = (...texts) => texts.flatMap((text) => [utf8(text).length, 0, 0, 0, ...utf8(text)]);

/** @param {number[]} bytes @param {number} rows @param {boolean} [optional] */
const read = (bytes, rows, optional = false) =>
  readTextChunk({ bytes: Uint8Array.from(bytes), codec: 'UNCOMPRESSED', rows, optional, maxBytes: 1 << 20 });

test('index pages and pages without rows are skipped', () => {
  const empty = dataPage([], 0);
  const bytes = [
    ...indexPage,
    ...empty,
    ...dataPage(plain('a', 'ü'), 2),
    ...indexPage,
    ...empty,
    ...dataPage(plain(''), 1),
  ];
  assert.deepEqual(read(bytes, 3), ['a', 'ü', '']);
});

test('indices of zero bits all mean the dictionary’s first text, with runs or without', () => {
  const dictionary = dictionaryPage(plain('only'), 1);
  assert.deepEqual(read([...dictionary, ...dataPage([0], 3, 'RLE_DICTIONARY')], 3), ['only', 'only', 'only']);
  assert.deepEqual(read([...dictionary, ...dataPage([0, 6], 3, 'RLE_DICTIONARY')], 3), ['only', 'only', 'only']);
});

test('rows that are null need no values', () => {
  // Three levels of 0 in one run, behind the length of the levels.
  assert.deepEqual(read(dataPage([2, 0, 0, 0, 6, 0], 3, 'RLE_DICTIONARY'), 3, true), [null, null, null]);
});

test('encodings that are not for text are named', () => {
  const says = withReason(['unknown_encoding', { encoding: 'BYTE_STREAM_SPLIT' }]);
  assert.throws(() => read(dataPage([1, 2], 2, 'BYTE_STREAM_SPLIT'), 2), says);
});

const HUGE = 2 ** 31 - 1;
/** Delta-coded numbers: block, miniblocks, count, first. @param {...number} head */
const deltas = (...head) => head.flatMap((value, i) => (i === 3 ? zigzag(value) : varint(value)));

/** @type {[name: string, bytes: number[], rows: number, optional?: boolean][]} */
const HOSTILE = [
  ['more values than rows', dataPage(plain('a'), HUGE), 1],
  ['more values than the page holds', dataPage(plain('a'), 1000), 1000],
  ['a text longer than the page', dataPage([255, 255, 255, 255, 65], 1), 1],
  ['a page larger than its chunk', dataPage(plain('a'), 1, 'PLAIN', HUGE), 1],
  ['a negative size', dataPage(plain('a'), 1, 'PLAIN', -5), 1],
  ['a negative number of values', dataPage(plain('a'), -1), 1],
  ['a dictionary of a billion texts', dictionaryPage(plain('a'), HUGE), 1],
  [
    'an index behind the dictionary',
    [...dictionaryPage(plain('a'), 1), ...dataPage([1, 2, 1], 1, 'RLE_DICTIONARY')],
    1,
  ],
  ['indices of 255 bits', [...dictionaryPage(plain('a'), 1), ...dataPage([255, 2, 0], 1, 'RLE_DICTIONARY')], 1],
  ['an empty run', [...dictionaryPage(plain('a'), 1), ...dataPage([1, 0, 0], 1, 'RLE_DICTIONARY')], 1],
  ['levels longer than the page', dataPage([255, 255, 255, 127, 2, 1], 1), 1, true],
  ['no miniblocks', dataPage(deltas(128, 0, 2, 0), 2, 'DELTA_LENGTH_BYTE_ARRAY'), 2],
  ['millions of miniblocks', dataPage(deltas(HUGE, HUGE, 2, 0), 2, 'DELTA_LENGTH_BYTE_ARRAY'), 2],
  ['another number of lengths', dataPage(deltas(128, 4, 9, 0), 2, 'DELTA_LENGTH_BYTE_ARRAY'), 2],
  ['a negative length', dataPage(deltas(128, 4, 1, -1), 1, 'DELTA_LENGTH_BYTE_ARRAY'), 1],
  [
    'a prefix longer than the text before',
    dataPage([...deltas(128, 4, 1, 7), ...deltas(128, 4, 1, 0)], 1, 'DELTA_BYTE_ARRAY'),
    1,
  ],
  ['structs in structs without end', new Array(1000).fill(0x1c), 1],
  ['a list of a billion', [0x19, 0xf5, 255, 255, 255, 255, 7, 1], 1],
  ['a field of no type', [0x1e, 0], 1],
  ['no page', [], 1],
];
for (const [name, bytes, rows, optional] of HOSTILE) {
  test(`hostile page: ${name}`, async () => {
    assert.ok((await survives(() => read(bytes, rows, optional))) instanceof FormatError);
  });
}

test('texts that grow by their prefixes are bounded', async () => {
  const count = 3000;
  // Each text is the one before plus 1,000 bytes: 4.5 GB out of 3 MB.
  const growing = [
    ...deltas(128, 4, count, 0),
    ...Array.from({ length: Math.ceil((count - 1) / 128) }, () => [...zigzag(1000), 0, 0, 0, 0]).flat(),
  ];
  const rests = [
    ...deltas(128, 4, count, 1000),
    ...Array.from({ length: Math.ceil((count - 1) / 128) }, () => [0, 0, 0, 0, 0]).flat(),
  ];
  const content = new Uint8Array(growing.length + rests.length + count * 1000);
  content.set([...growing, ...rests]);
  const header = struct(
    [1, 0],
    [2, content.length],
    [3, content.length],
    [5, struct([1, count], [2, 7], [3, 3], [4, 3])],
  );
  const bytes = new Uint8Array(header.length + content.length);
  bytes.set(header);
  bytes.set(content, header.length);
  const chunk = { bytes, codec: 'UNCOMPRESSED', rows: count, optional: false, maxBytes: 16 << 20 };
  assert.ok((await survives(() => readTextChunk(chunk))) instanceof FormatError);
});
