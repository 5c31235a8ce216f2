import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';
import { CheckpointError } from '../../wasm/files/checkpoint/error.js';
import { floats, parse, tensorOf } from '../../wasm/files/checkpoint/safetensors.js';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import fc from '../random_cases.js';
import { golden, rawSafetensors, survives } from './checkpoint_files.js';
import { assertReason, withReason } from './support/refusals.js';

const GOLDEN = readdirSync(new URL('../golden/', import.meta.url)).filter((name) => name.endsWith('.safetensors'));
const ITEM_BYTES = { F64: 8, F32: 4, I32: 4, BF16: 2, U8: 1, BOOL: 1 };

/** @param {number[]} shape */
const product = (shape) => shape.reduce((a, b) => a * b, 1);

/** Two small tensors, and metadata. */
function small() {
  const tensors = new Map([
    ['a', tensorOf([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
    ['b', tensorOf([1], Float32Array.of(-0.5))],
  ]);
  return serialize({ metadata: { note: 'ü "quoted"' }, tensors });
}

test('golden files: as many parameters as their metadata says, and the same file once written again', () => {
  assert.ok(GOLDEN.length >= 10);
  for (const name of GOLDEN) {
    const file = parse(golden(name));
    let count = 0;
    for (const [tensor, { shape }] of file.tensors) if (tensor.startsWith('init/')) count += product(shape);
    assert.equal(count, JSON.parse(file.metadata.parameter_count), name);
    const again = parse(serialize(file));
    assert.deepEqual(again.metadata, file.metadata);
    assert.equal(again.tensors.size, file.tensors.size);
    for (const [tensor, { dtype, shape, data }] of file.tensors) {
      const found = again.tensors.get(tensor);
      assert.deepEqual([found?.dtype, found?.shape], [dtype, shape]);
      assert.equal(Buffer.compare(found?.data ?? new Uint8Array(1), data), 0, tensor);
    }
  }
});

test('values, types and shapes of a golden file', () => {
  const { tensors } = parse(golden('adaptive-l2.safetensors'));
  assert.deepEqual(tensors.get('init/byte_embedding.weight')?.shape, [257, 16]);
  const batch = tensors.get('batch/1');
  assert.equal(batch?.dtype, 'I32');
  assert.deepEqual(batch?.shape, [2, 16]);
  assert.equal(tensors.get('forward/border_mask/0')?.dtype, 'U8');
  const loss =
    tensors.get('trajectory/total_loss') ?? [...tensors].find(([name]) => name.startsWith('trajectory/'))?.[1];
  assert.ok(loss);
  assert.equal(floats(loss).length, 5);
  assert.throws(
    () => floats(/** @type {any} */ (batch), 'batch/1'),
    withReason(['stored_type', { name: 'batch/1', dtype: 'I32' }]),
  );
});

test('any tensors survive writing and reading', () => {
  const tensor = fc
    .tuple(fc.constantFrom(...Object.entries(ITEM_BYTES)), fc.array(fc.nat(4), { maxLength: 4 }), fc.nat(255))
    .map(([[dtype, item], shape, byte]) => ({ dtype, shape, data: new Uint8Array(product(shape) * item).fill(byte) }));
  const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__');
  const files = fc.record({
    metadata: fc.dictionary(fc.string(), fc.string()),
    tensors: fc.array(fc.tuple(name, tensor), { maxLength: 8 }).map((list) => new Map(list)),
  });
  fc.assert(
    fc.property(files, ({ metadata, tensors }) => {
      const bytes = serialize({ metadata, tensors });
      const file = parse(bytes);
      assert.deepEqual({ ...file.metadata }, { ...metadata });
      assert.deepEqual(new Set(file.tensors.keys()), new Set(tensors.keys()));
      for (const [key, { dtype, shape, data }] of tensors) {
        const found = file.tensors.get(key);
        assert.deepEqual([found?.dtype, found?.shape, Array.from(found?.data ?? [])], [dtype, shape, Array.from(data)]);
        const item = ITEM_BYTES[/** @type {keyof typeof ITEM_BYTES} */ (dtype)];
        assert.equal((found?.data.byteOffset ?? 1) % item, 0, 'aligned for its type');
      }
    }),
    { numRuns: 200 },
  );
});

test('floats of a misaligned file are copied, of an aligned one not', () => {
  const bytes = small();
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  const view = floats(/** @type {any} */ (parse(bytes).tensors.get('a')));
  const copy = floats(/** @type {any} */ (parse(shifted.subarray(1)).tensors.get('a')));
  assert.deepEqual([...copy], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(copy, view);
  assert.equal(view.buffer, bytes.buffer);
  assert.notEqual(copy.buffer, shifted.buffer);
});

test('every truncation and every extension is refused', () => {
  const bytes = small();
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => parse(bytes.subarray(0, length)), CheckpointError, `${length} bytes`);
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  assert.throws(() => parse(longer), withReason('extra_bytes'));
});

/** @param {unknown} entry */
const one = (entry, dataBytes = 4) => rawSafetensors({ t: entry }, dataBytes);
const good = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };

/** @type {[name: string, file: Uint8Array, says: import('./support/refusals.js').Reason][]} */
const HOSTILE = [
  ['empty', new Uint8Array(0), 'too_short'],
  ['header length past the end', rawSafetensors('{}', 0, 3n), 'not_safetensors'],
  ['largest header length', rawSafetensors('{}', 0, 2n ** 64n - 1n), 'not_safetensors'],
  ['header of 2 MiB', rawSafetensors(`{}${' '.repeat(2 << 20)}`), 'long_header'],
  ['header not UTF-8', rawSafetensors(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d)), 'header_utf8'],
  ['byte-order mark', rawSafetensors('\ufeff{}'), 'header_object'],
  ['array', rawSafetensors('[]'), 'header_object'],
  ['header not JSON', rawSafetensors('{"a":}'), 'header_json'],
  ['unclosed string', rawSafetensors('{"a\\"'), 'header_json'],
  ['two values', rawSafetensors('{}{}'), 'header_json'],
  ['zeros within the header', rawSafetensors('{\0}'), 'header_json'],
  ['nested', rawSafetensors(`{"a":${'['.repeat(1 << 19)}`), 'header_nesting'],
  [
    'same tensor twice',
    rawSafetensors(`{"t":${JSON.stringify(good)},"t":${JSON.stringify(good)}}`, 4),
    ['header_name_twice', { name: 't' }],
  ],
  ['same tensor twice, escaped', rawSafetensors(`{"t":1, "\\u0074" :1}`, 4), ['header_name_twice', { name: 't' }]],
  [
    'same field twice',
    rawSafetensors('{"t":{"dtype":"F32","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
    ['header_name_twice', { name: 'dtype' }],
  ],
  ['same metadata twice', rawSafetensors('{"__metadata__":{"a":"1","a":"2"}}'), ['header_name_twice', { name: 'a' }]],
  ['metadata not text', rawSafetensors({ __metadata__: { a: 1 } }), ['metadata_text', { name: 'a' }]],
  ['metadata not an object', rawSafetensors({ __metadata__: [] }), 'metadata_object'],
  ['entry not an object', one(null), 'entry'],
  ['unknown type', one({ ...good, dtype: 'F33' }), ['unknown_type', { name: 't', dtype: 'F33' }]],
  ['type not text', one({ ...good, dtype: ['F32'] }), 'unknown_type'],
  ['type missing', one({ shape: [1], data_offsets: [0, 4] }), 'unknown_type'],
  ['shape missing', one({ dtype: 'F32', data_offsets: [0, 4] }), 'shape_not_list'],
  ['negative shape', one({ ...good, shape: [-1] }), 'not_a_size'],
  ['fractional shape', one({ ...good, shape: [0.5] }), 'not_a_size'],
  ['shape of text', one({ ...good, shape: ['1'] }), 'not_a_size'],
  ['shape overflows', one({ ...good, shape: [2 ** 27, 2 ** 27] }), 'huge_shape'],
  ['shape overflows to 2^64', one({ ...good, shape: [2 ** 32, 2 ** 32] }), 'huge_shape'],
  ['shape of many dimensions', one({ ...good, shape: Array(9).fill(1) }), 'rank'],
  ['shape larger than the bytes', one({ ...good, shape: [2] }), 'size'],
  ['type wider than the bytes', one({ ...good, dtype: 'F64' }), 'size'],
  ['offsets missing', one({ dtype: 'F32', shape: [1] }), 'offsets'],
  ['three offsets', one({ ...good, data_offsets: [0, 4, 8] }), 'offsets'],
  ['offsets past the end', one({ ...good, data_offsets: [4, 8] }), 'outside'],
  ['offsets reversed', one({ ...good, data_offsets: [4, 0] }), 'outside'],
  ['negative offsets', one({ ...good, data_offsets: [-4, 0] }), 'outside'],
  ['offset of text', one({ ...good, data_offsets: ['0', 4] }), 'outside'],
  ['overlap', rawSafetensors({ a: good, b: { ...good, data_offsets: [2, 6] } }, 6), 'overlap'],
  ['same bytes twice', rawSafetensors({ a: good, b: good }, 4), 'overlap'],
  ['hole', rawSafetensors({ a: good, b: { ...good, data_offsets: [8, 12] } }, 12), 'hole'],
  ['hole in front', one({ ...good, data_offsets: [4, 8] }, 8), 'hole'],
];

for (const [name, file, says] of HOSTILE) {
  test(`hostile file: ${name}`, () => {
    const result = survives(() => parse(file));
    assert.ok(result instanceof CheckpointError, 'is refused');
    assertReason(result, says);
    assert.equal(result.code, 'bad_checkpoint');
  });
}

test('a header may be padded with zeros', () => {
  assert.deepEqual([...parse(rawSafetensors(`${JSON.stringify({ t: good })}\0\0\0`, 4)).tensors.keys()], ['t']);
});

test('names that every JavaScript object has are names like any other', () => {
  const entry = JSON.stringify(good);
  const { tensors, metadata } = parse(rawSafetensors(`{"__proto__":${entry},"__metadata__":{"__proto__":"x"}}`, 4));
  assert.deepEqual([...tensors.keys()], ['__proto__']);
  assert.deepEqual(Object.entries(metadata), [['__proto__', 'x']]);
});

test('what cannot be read back is not written', () => {
  const data = new Uint8Array(4);
  const write = (/** @type {string} */ name, /** @type {any} */ tensor) =>
    serialize({ tensors: new Map([[name, tensor]]) });
  assert.throws(() => write('__metadata__', { dtype: 'U8', shape: [4], data }), CheckpointError);
  assert.throws(() => write('t', { dtype: 'F32', shape: [2], data }), withReason('size'));
  assert.throws(() => write('t', { dtype: 'F99', shape: [1], data }), withReason('unknown_type'));
  assert.throws(
    () => serialize({ metadata: { big: 'x'.repeat(2 << 20) }, tensors: new Map() }),
    withReason('header_too_long'),
  );
});

/**
 * What parse() promises of a file that it accepts.
 * @param {Uint8Array} bytes
 */
function parsesSoundly(bytes) {
  const file = survives(() => parse(bytes));
  if (file instanceof CheckpointError) return;
  let total = 0;
  for (const { shape, data } of file.tensors.values()) {
    assert.ok(data.length === 0 || data.length % product(shape) === 0);
    assert.equal(data.buffer, bytes.buffer);
    total += data.length;
  }
  assert.ok(total <= bytes.length);
}

test('random bytes are refused or sound', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), parsesSoundly), { numRuns: 1000 });
  const framed = fc.uint8Array({ maxLength: 200 }).map((json) => rawSafetensors(json));
  fc.assert(fc.property(framed, parsesSoundly), { numRuns: 1000 });
});

test('a changed file is refused or sound', () => {
  const bytes = small();
  const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const changed = changes.map((list) => {
    const copy = bytes.slice();
    for (const [at, byte] of list) copy[at] = byte;
    return copy;
  });
  fc.assert(fc.property(changed, parsesSoundly), { numRuns: 3000 });
});

test('a header of random JSON is refused or sound', () => {
  const size = fc.oneof(fc.nat(16), fc.integer(), fc.double(), fc.constant(2 ** 53));
  const entry = fc.record({
    dtype: fc.constantFrom('F32', 'U8', 'F64', 'X'),
    shape: fc.array(size, { maxLength: 3 }),
    data_offsets: fc.tuple(size, size),
  });
  const header = fc.dictionary(fc.string(), fc.oneof({ weight: 9, arbitrary: entry }, fc.jsonValue()), { maxKeys: 4 });
  const file = fc.tuple(header, fc.nat(64)).map(([json, dataBytes]) => rawSafetensors(json, dataBytes));
  fc.assert(fc.property(file, parsesSoundly), { numRuns: 2000 });
});
