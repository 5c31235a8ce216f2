import assert from 'node:assert/strict';
import test from 'node:test';
import { unzipSync, zipSync } from 'fflate';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { CheckpointError } from '../../wasm/files/checkpoint/error.js';
import { Call, unpickle } from '../../wasm/files/checkpoint/pickle.js';
import { prefixNote, WEIGHTS_ALONE } from '../../wasm/files/checkpoint/plain.js';
import { parsePt } from '../../wasm/files/checkpoint/pt.js';
import { floats } from '../../wasm/files/checkpoint/safetensors.js';
import fc from '../random_cases.js';
import { golden, pickle, pickledTensor, ptFile, push, survives } from './checkpoint_files.js';
import { module } from './support/models.js';
import { assertReason } from './support/refusals.js';

/** @param {Uint8Array} file */
const refusal = (file) => {
  const result = survives(() => parsePt(file));
  assert.ok(result instanceof CheckpointError, 'is refused');
  return result;
};

/** A checkpoint with one tensor "w" of 6 numbers. */
const NUMBERS = Float32Array.of(1, 2, 3, 4, 5, 6);
/** @param {object} changes  to the tensor */
const withTensor = (changes) => {
  const w = pickledTensor({ count: 6, shape: [2, 3], strides: [3, 1], ...changes });
  return ptFile(pickle(push.dict({ model_state: push.dict({ w }) })), { 0: NUMBERS });
};

/** @param {object} changes  to the tensor */
const read = (changes) => {
  const tensor = parsePt(withTensor(changes)).tensors.get('w');
  assert.ok(tensor);
  return { shape: tensor.shape, values: [...floats(tensor)] };
};

for (const [name, H, count] of /** @type {const} */ ([
  ['adaptive', 32, 59],
  ['baseline', 32, 52],
])) {
  test(`golden ${name}: every tensor has the bytes of its storage`, () => {
    const bytes = golden(`checkpoints/prototype-${name}-h32.pt`);
    const { tensors } = parsePt(bytes);
    const files = unzipSync(bytes);
    assert.equal(tensors.size, count);
    let key = 0; // torch.save numbers storages in the order in which it meets them
    for (const [tensor, { dtype, data }] of tensors) {
      assert.equal(dtype, 'F32');
      assert.equal(Buffer.compare(data, files[`prototype-${name}-h32/data/${key++}`]), 0, tensor);
    }
    assert.deepEqual(tensors.get('byte_embedding.weight')?.shape, [257, H]);
  });
}

test('golden adaptive: config and arguments', () => {
  const { config, args, tensors } = parsePt(golden('checkpoints/prototype-adaptive-h32.pt'));
  assert.deepEqual(tensors.get('decoder_blocks.1.gru.gru.weight_hh_l1')?.shape, [96, 32]);
  assert.deepEqual(config, {
    vocab_size: 257,
    byte_eos_id: 256,
    hidden_size: 32,
    num_levels: 3,
    threshold: 0.1,
    border_mode: 'uncertainty',
    byte_entropy_threshold: 20,
    meta_uncertainty_threshold: 1,
    entropy_floor: 0,
    entropy_reg_weight: 0.001,
    dropout: 0,
    encoder_loss_weight: 1,
    decoder_loss_weight: 1,
    meta_loss_weight: 1,
    uncertainty_loss_weight: 0.1,
    level_thresholds: [],
  });
  assert.deepEqual(args, {
    model_type: 'adaptive',
    border_mode: 'uncertainty',
    sequence_length: 64,
    batch_size: 8,
    hidden_size: 32,
    num_levels: 3,
    max_steps: 120,
  });
});

test('tensors that are not stored densely', () => {
  assert.deepEqual(read({}), { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] });
  assert.deepEqual(read({ shape: [3, 2], strides: [1, 3] }), { shape: [3, 2], values: [1, 4, 2, 5, 3, 6] });
  assert.deepEqual(read({ shape: [2, 2], strides: [3, 2], offset: 0 }).values, [1, 3, 4, 6]);
  assert.deepEqual(read({ shape: [2], strides: [2], offset: 3 }).values, [4, 6]);
  assert.deepEqual(read({ shape: [2, 1, 2], strides: [2, 99, 1], offset: 1 }).values, [2, 3, 4, 5]);
  assert.deepEqual(read({ shape: [6], strides: [0] }).values, [1, 1, 1, 1, 1, 1]);
  assert.deepEqual(read({ shape: [], strides: [], offset: 5 }), { shape: [], values: [6] });
  assert.deepEqual(read({ shape: [0], strides: [1], offset: 6 }), { shape: [0], values: [] });
});

test('tensors that share a storage, and parameters', () => {
  const half = (/** @type {number} */ offset) => pickledTensor({ count: 6, offset, shape: [3], strides: [1] });
  const parameter = [...push.global('torch._utils', '_rebuild_parameter'), ...push.tuple(half(3), [0x88]), 0x52];
  const file = ptFile(pickle(push.dict({ model_state: push.dict({ a: half(0), b: parameter }) })), { 0: NUMBERS });
  const { tensors, config, args } = parsePt(file);
  assert.deepEqual(
    [...tensors].map(([name, t]) => [name, ...floats(t)]),
    [
      ['a', 1, 2, 3],
      ['b', 4, 5, 6],
    ],
  );
  assert.deepEqual([config, args], [{}, {}]);
});

/** @type {[name: string, changes: object, says: import('./support/refusals.js').Reason][]} */
const BAD_TENSORS = [
  ['offset past the storage', { offset: 1 }, 'past_storage'],
  ['strides past the storage', { strides: [4, 1] }, 'past_storage'],
  ['expanded far beyond its storage', { shape: [1 << 20, 1 << 20], strides: [0, 0] }, 'past_storage'],
  ['shape overflows', { shape: [1 << 30, 1 << 30], strides: [0, 0] }, 'huge_shape'],
  ['negative offset', { offset: -1 }, 'layout'],
  ['negative stride', { strides: [-3, 1] }, 'layout'],
  ['negative size', { shape: [-2, -3] }, 'not_a_size'],
  ['strides of another rank', { strides: [1] }, 'layout'],
  ['other element count', { count: 5 }, 'storage_size'],
  ['64-bit floats', { type: 'DoubleStorage' }, ['storage_type', { name: 'w', type: 'torch.DoubleStorage' }]],
  ['storage missing', { key: '1' }, 'lacks'],
  ['storage elsewhere', { key: '../data.pkl' }, 'lacks'],
];
for (const [name, changes, says] of BAD_TENSORS) {
  test(`hostile tensor: ${name}`, () => assertReason(refusal(withTensor(changes)), says));
}

test('many tensors that share a storage must not add up to more than the file', () => {
  /** @type {Record<string, number[]>} */
  const state = {};
  for (let i = 0; i < 2000; i++) state[`t${i}`] = pickledTensor({ count: 40000, shape: [200, 200], strides: [1, 200] });
  const file = ptFile(pickle(push.dict({ model_state: push.dict(state) })), { 0: new Float32Array(40000) });
  assertReason(refusal(file), 'larger_than_file');
});

test('globals and calls are read as data', () => {
  const system = [...push.global('os', 'system'), ...push.tuple(push.text('echo hacked')), 0x52];
  const called = unpickle(pickle(system));
  assert.ok(called instanceof Call);
  assert.equal(called.callee.name, 'os.system');
  assert.deepEqual(called.args, ['echo hacked']);
  const w = pickledTensor({ count: 6, shape: [6], strides: [1] });
  const namespace = [
    ...push.global('argparse', 'Namespace'),
    0x29,
    0x81,
    ...push.dict({ seed: push.int(7), output: system }),
    0x62,
  ];
  const file = ptFile(pickle(push.dict({ model_state: push.dict({ w }), args: namespace })), { 0: NUMBERS });
  assert.deepEqual(parsePt(file).args, { seed: 7 });
});

test('numbers of all widths', () => {
  const value = (/** @type {(string|number[])[]} */ ...parts) => unpickle(pickle(...parts));
  assert.equal(value([0x4b, 255]), 255);
  assert.equal(value([0x4d, 1, 2]), 513);
  assert.equal(value(push.int(-2)), -2);
  assert.equal(value([0x8a, 0]), 0);
  assert.equal(value([0x8a, 1, 0xff]), -1);
  assert.equal(value([0x8a, 5, 0, 0, 0, 0, 1]), 2 ** 32);
  assert.equal(value([0x8b, 2, 0, 0, 0, 0, 1]), 256);
  assert.equal(value('G', [0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]), 0.1);
  assert.deepEqual(value('(N\x88\x89t'), [null, true, false]);
  assert.deepEqual(value(push.int(1), push.int(2), push.int(3), [0x87]), [1, 2, 3]);
  assert.deepEqual(value(']', push.int(1), 'a(', push.int(2), push.int(3), 'e'), [1, 2, 3]);
  assert.deepEqual(value('}', push.text('k'), push.int(1), 's'), new Map([['k', 1]]));
});

/** @type {[name: string, data: Uint8Array, says: import('./support/refusals.js').Reason][]} */
const BAD_PICKLES = [
  ['empty', new Uint8Array(0), 'cut_pickle'],
  ['protocol 4', Uint8Array.of(0x80, 4, 0x4e, 0x2e), ['pickle_protocol', { protocol: 4 }]],
  ['nothing on the stack', pickle(''), 'damaged_pickle'],
  ['no mark', pickle('Nt'), 'damaged_pickle'],
  ['mark as a value', pickle('(q\x00'), 'damaged_pickle'],
  ['unknown memo', pickle('h\x07'), 'damaged_pickle'],
  ['call of a text', pickle(push.text('f'), ')R'), 'damaged_pickle'],
  ['arguments that are no tuple', pickle(push.global('a', 'b'), 'NR'), 'damaged_pickle'],
  ['items set on a number', pickle('NNNs'), 'damaged_pickle'],
  ['odd items', pickle('}(Nu'), 'damaged_pickle'],
  ['appended to a dict', pickle('}Na'), 'damaged_pickle'],
  ['state of a list', pickle(']Nb'), 'damaged_pickle'],
  ['text past the end', pickle([0x58, 255, 255, 255, 255]), 'cut_pickle'],
  ['text not UTF-8', pickle([0x58, 1, 0, 0, 0, 0xff]), 'pickle_text'],
  ['global cut off', pickle('cos\nsystem'), 'cut_pickle'],
  ['number of 255 bytes', pickle([0x8a, 255]), 'long_number'],
  ['instance opcode', pickle('(ios\nsystem\n'), 'foreign_opcode'],
  ['same name twice', pickle('}', push.text('k'), 'Ns', push.text('k'), 'Ns'), ['name_twice', { name: 'k' }]],
  ['same list as a name twice', pickle(']q\x00}h\x00Nsh\x00Ns'), 'name_twice'],
  ['millions of tuples', new Uint8Array(7 << 20).fill(0x29), 'too_many_values'],
  ['millions of dicts', new Uint8Array(7 << 20).fill(0x7d), 'too_many_values'],
  ['millions of marks', new Uint8Array(7 << 20).fill(0x28), 'too_many_values'],
  ['too large', new Uint8Array(9 << 20).fill(0x29), 'large_pickle'],
];
for (const [name, data, says] of BAD_PICKLES) {
  test(`hostile pickle: ${name}`, () => {
    const result = survives(() => unpickle(data));
    assert.ok(result instanceof CheckpointError, 'is refused');
    assertReason(result, says);
    assertReason(refusal(ptFile(data, {})), says);
  });
}

test('values that contain themselves, or double again and again, take no time', () => {
  const cyclic = push.dict({ model_state: [...Buffer.from('}q\x05'), ...push.text('self'), ...Buffer.from('h\x05s')] });
  assertReason(refusal(ptFile(pickle(cyclic), {})), ['not_a_tensor', { name: 'self' }]);
  let doubled = '';
  for (let i = 0; i < 200; i++) doubled += `q${String.fromCharCode(i)}h${String.fromCharCode(i)}\x86`;
  const file = pickle('}', push.text('model_state'), ')', doubled, 's');
  assertReason(refusal(ptFile(file, {})), 'no_model_state');
});

test('what is not a checkpoint', () => {
  assertReason(refusal(ptFile(pickle('N'), {})), 'no_model_state');
  assertReason(refusal(ptFile(pickle(push.dict({ config: push.dict({}) })), {})), 'no_model_state');
  assertReason(refusal(ptFile(pickle(push.dict({ model_state: push.dict({}), config: push.int(1) })), {})), [
    'unreadable_part',
    { what: 'config' },
  ]);
  assertReason(refusal(zipSync({ 'notes.txt': new Uint8Array(3) })), 'not_torch');
  const other = { 'other/data.pkl': pickle('N') };
  assertReason(refusal(ptFile(pickle('N'), {}, other)), 'not_torch');
  const big = { 'model/byteorder': new TextEncoder().encode('big') };
  assertReason(refusal(ptFile(pickle('N'), {}, big)), 'big_endian');
});

test('a zip bomb is refused before anything is unpacked', () => {
  const zeros = new Uint8Array(64 << 20);
  const bomb = zipSync({ 'm/data.pkl': pickle('N'), 'm/data/0': zeros }, { level: 9 });
  assert.ok(bomb.length < 1 << 20);
  assertReason(refusal(bomb), 'large_zip');
  const packed = zipSync({
    'm/data.pkl': [new Uint8Array(100), { level: 9 }],
    pad: [new Uint8Array(400), { level: 0 }],
  });
  assertReason(refusal(packed), 'compressed');
});

test('truncations and changes of a checkpoint are refused or harmless', () => {
  const file = withTensor({});
  const harmless = (/** @type {Uint8Array} */ bytes) => {
    const result = survives(() => parsePt(bytes));
    if (result instanceof CheckpointError) return;
    for (const { shape, data } of result.tensors.values()) {
      assert.equal(data.length, 4 * shape.reduce((a, b) => a * b, 1));
      assert.ok(data.length <= bytes.length);
    }
  };
  for (let length = 0; length < file.length; length++) refusal(file.subarray(0, length));
  const changes = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const changed = changes.map((list) => {
    const copy = file.slice();
    for (const [at, byte] of list) copy[at] = byte;
    return copy;
  });
  fc.assert(fc.property(changed, harmless), { numRuns: 2000 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), harmless), { numRuns: 500 });
});

test('a changed byte in the weights is noticed', () => {
  const file = withTensor({});
  const at = Buffer.from(file).indexOf(Buffer.from(NUMBERS.buffer));
  file[at + 5] ^= 1;
  assertReason(refusal(file), 'damaged_zip');
});

test('random opcodes are refused or give a value', () => {
  const opcode = fc.constantFrom(...Buffer.from('(01N\x88\x89KMJ\x8aGX)]}t\x85\x86\x87aesuqrhjcR\x81bQ', 'latin1'));
  const byte = fc.oneof({ weight: 6, arbitrary: opcode }, fc.constantFrom(0, 0, 1, 2, 10), fc.nat(255));
  const program = fc.array(byte, { maxLength: 60 }).map((bytes) => pickle(bytes));
  fc.assert(
    fc.property(program, (data) => void survives(() => unpickle(data))),
    { numRuns: 5000 },
  );
  const changed = fc.tuple(fc.nat(), fc.nat(255)).map(([at, value]) => {
    const data = pickle(
      push.dict({ model_state: push.dict({ w: pickledTensor({ count: 6, shape: [6], strides: [1] }) }) }),
    );
    data[at % data.length] = value;
    return data;
  });
  fc.assert(
    fc.property(changed, (data) => void survives(() => parsePt(ptFile(data, { 0: NUMBERS })))),
    { numRuns: 2000 },
  );
});

test('a prefix that a wrapper put before every name is dropped, and a note says so', () => {
  const { notes, tensors, settings } = readCheckpoint(module, golden('checkpoints/compiled-adaptive.pt'));
  assert.deepEqual(notes, [prefixNote('_orig_mod.')]);
  assert.ok(tensors.has('byte_embedding.weight'));
  assert.equal(settings.model_type, 'adaptive');
});

test('a state dict alone is read, bare or under a usual name; a note says what it leaves open', () => {
  const { tensors } = readCheckpoint(module, golden('checkpoints/prototype-adaptive-h32.pt'));
  /** @type {Record<string, number[]>} */
  const state = {};
  /** @type {Record<string, Float32Array>} */
  const storages = {};
  for (const [i, [name, { shape, data }]] of [...tensors].entries()) {
    const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
    state[name] = pickledTensor({ key: String(i), count: data.length, shape, strides });
    storages[i] = data.slice();
  }
  for (const root of [state, { state_dict: push.dict(state) }, { model: push.dict(state), epoch: push.int(3) }]) {
    const read = readCheckpoint(module, ptFile(pickle(push.dict(root)), storages));
    assert.deepEqual(read.tensors, tensors);
    assert.deepEqual(read.settings, { model_type: 'adaptive', hidden_size: 32, num_levels: 3 });
    assert.deepEqual(read.notes, [WEIGHTS_ALONE]);
  }
  assertReason(refusal(ptFile(pickle(push.dict({ ...state, step: push.int(3) })), storages)), 'no_model_state');
});

test('weights of half precision are read', () => {
  const halves = new Uint16Array([0x3c00, 0xc000, 0x3800, 0, 0x7bff, 0x0001]);
  const w = pickledTensor({ count: 6, shape: [6], strides: [1], type: 'HalfStorage' });
  const file = ptFile(
    pickle(push.dict({ model_state: push.dict({ w }) })),
    {},
    { 'model/data/0': new Uint8Array(halves.buffer) },
  );
  assert.deepEqual([...floats(/** @type {any} */ (parsePt(file).tensors.get('w')))], [1, -2, 0.5, 0, 65504, 2 ** -24]);
});
