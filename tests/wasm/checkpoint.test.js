import assert from 'node:assert/strict';
import test from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { defaults, SETTINGS } from '../../wasm/engine/settings.js';
import { tensorsOf } from '../../wasm/engine/tensors.js';
import { matchTensors, readCheckpoint, writeCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { CheckpointError } from '../../wasm/files/checkpoint/error.js';
import { parse, tensorOf } from '../../wasm/files/checkpoint/safetensors.js';
import { inferModel } from '../../wasm/files/checkpoint/which_model.js';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import fc from '../random_cases.js';
import { golden, pickle, pickledTensor, ptFile, push, survives } from './checkpoint_files.js';
import { module, small } from './support/models.js';
import { assertReason, withReason } from './support/refusals.js';

const CASES = ['adaptive-l1', 'adaptive-l2', 'adaptive-l3', 'adaptive-l4', 'baseline-l1', 'baseline-l3'];

/**
 * A golden case's initial weights as a state dict alone, and what its metadata says of the model.
 * @param {string} name
 */
function plainWeights(name) {
  const { metadata, tensors } = parse(golden(`${name}.safetensors`));
  const init = [...tensors].filter(([tensor]) => tensor.startsWith('init/'));
  const say = (/** @type {string} */ key) => JSON.parse(metadata[key]);
  return {
    bytes: serialize({ tensors: new Map(init.map(([tensor, value]) => [tensor.slice('init/'.length), value])) }),
    model: { model_type: say('model_type'), hidden_size: say('hidden_size'), num_levels: say('num_levels') },
    count: say('parameter_count'),
  };
}

/** A resumable checkpoint of a small model. */
function resumable() {
  const { tensors } = readCheckpoint(module, plainWeights('adaptive-l2').bytes);
  const moments = (/** @type {number} */ value) =>
    new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map(() => value) }]));
  const state = { step: 77, bytes_seen: 9856, generator: [1, 2, 3, 4294967295] };
  const settings = defaults({
    hidden_size: 16,
    num_levels: 2,
    learning_rate: 0.1 + 0.2,
    schedule: 'cosine',
    shuffle: false,
  });
  return { settings, tensors, resume: { state, expAvg: moments(-0.25), expAvgSq: moments(1e-12) } };
}

/** @param {Uint8Array} bytes */
const refusal = (bytes) => {
  const result = survives(() => readCheckpoint(module, bytes));
  assert.ok(result instanceof CheckpointError, 'is refused');
  return result;
};

/**
 * A safetensors file like the one given, with changes.
 * @param {Uint8Array} bytes
 * @param {{metadata?: Record<string, string>, tensors?: Record<string, {shape: number[], data: Float32Array}|null>}} changes
 */
function changed(bytes, changes) {
  const { metadata, tensors } = parse(bytes);
  for (const [name, value] of Object.entries(changes.tensors ?? {})) {
    if (value) tensors.set(name, tensorOf(value.shape, value.data));
    else tensors.delete(name);
  }
  return serialize({ metadata: { ...metadata, ...changes.metadata }, tensors });
}

/**
 * The weights of a new model as the core lays them out, all zero.
 * @param {Partial<import('../../wasm/engine/settings.js').Settings>} settings
 */
function zeroWeights(settings) {
  const table = tensorsOf(module, defaults(settings));
  return new Map(table.map(({ name, shape, size }) => [name, { shape, data: new Float32Array(size) }]));
}

/** @param {ReadonlyMap<string, {data: Float32Array}>} tensors */
const parametersIn = (tensors) => [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);

for (const name of CASES) {
  test(`plain weights of ${name}: the model is inferred from the shapes`, () => {
    const { bytes, model, count } = plainWeights(name);
    const checkpoint = readCheckpoint(module, bytes);
    assert.deepEqual(checkpoint.settings, model);
    assert.equal(checkpoint.resume, null);
    assert.equal(parametersIn(checkpoint.tensors), count);
  });
}

test('a baseline of every number of levels is recognised by its size', () => {
  for (let hidden_size = 1; hidden_size <= 40; hidden_size += 3) {
    for (let num_levels = 1; num_levels <= 8; num_levels++) {
      const model = { model_type: /** @type {const} */ ('baseline'), hidden_size, num_levels };
      assert.deepEqual(inferModel(module, zeroWeights(model)), model);
    }
  }
});

test('a baseline with one parameter more or fewer is refused', () => {
  for (const pad of [-1, 1]) {
    const tensors = zeroWeights({ model_type: 'baseline', hidden_size: 16, num_levels: 3 });
    const count = parametersIn(tensors) + pad;
    const head = /** @type {{shape: number[], data: Float32Array}} */ (tensors.get('byte_head.bias'));
    tensors.set('byte_head.bias', { shape: [257 + pad], data: new Float32Array(head.data.length + pad) });
    assert.throws(() => inferModel(module, tensors), withReason(['odd_count', { count }]));
  }
});

for (const kind of /** @type {const} */ ([
  { model_type: 'flat', level_blocks: '3' },
  { model_type: 'adaptive', wiring: 'residual', num_levels: 3, level_widths: '8,12,5', level_blocks: '1,2,0' },
]))
  for (const [ngram_order, span_order, token_embeddings, recall, encoder_scores] of /** @type {const} */ ([
    [0, 0, false, false, false],
    [0, 0, false, false, true],
    [4, 0, false, true, false],
    [0, 2, true, true, true],
    [3, 1, false, false, false],
    [0, 0, true, false, false],
  ]))
    test(`weights alone show a residual stream: ${JSON.stringify(kind)}, n-grams up to ${ngram_order}, ${span_order} spans, tokens: ${token_embeddings}, recall: ${recall}, encoder scores: ${encoder_scores}`, () => {
      const tables = { ngram_order, span_order, token_embeddings, recall, encoder_scores, ngram_rows: 30 };
      const model = new Model(module, small({ hidden_size: 8, ...kind, ...tables }));
      const tensors = new Map(
        model.tensors.map(({ name, shape, offset, size }) => [
          name,
          { shape, data: model.parameters.slice(offset, offset + size) },
        ]),
      );
      const found = inferModel(module, tensors);
      const again = new Model(module, small({ ...found }));
      assert.deepEqual(again.tensors, model.tensors);
      assert.equal(found.model_type, kind.model_type);
      assert.equal(found.ngram_order ?? 0, ngram_order);
      assert.equal(found.span_order ?? 0, kind.model_type === 'flat' ? 0 : span_order);
      assert.equal(found.token_embeddings ?? false, kind.model_type !== 'flat' && token_embeddings);
      assert.equal(found.encoder_scores ?? false, kind.model_type !== 'flat' && encoder_scores);
      assert.equal(found.recall ?? false, recall && (kind.model_type !== 'flat' || ngram_order > 1));
    });

for (const type of ['adaptive', 'baseline']) {
  test(`the prototype’s ${type} checkpoint: settings, and the same weights once written again`, () => {
    const checkpoint = readCheckpoint(module, golden(`checkpoints/prototype-${type}-h32.pt`));
    const { settings, tensors, resume } = checkpoint;
    assert.equal(resume, null);
    assert.deepEqual(settings, {
      model_type: type,
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
      sequence_length: 64,
      batch_size: 8,
      max_steps: 120,
    });
    const again = readCheckpoint(module, writeCheckpoint(checkpoint));
    assert.deepEqual(again, { settings, tensors, resume, notes: [] });
  });
}

test('a resumable checkpoint comes back to the same bits, and the same bytes once written again', () => {
  const checkpoint = resumable();
  const bytes = writeCheckpoint(checkpoint);
  const again = readCheckpoint(module, bytes);
  assert.deepEqual(again, { ...checkpoint, notes: [] });
  assert.deepEqual(writeCheckpoint(again), bytes);
});

test('every setting survives at its limits', () => {
  const { tensors } = resumable();
  for (const limit of /** @type {const} */ (['min', 'max', 'default'])) {
    const settings = defaults({ hidden_size: 16, num_levels: 2 });
    for (const s of SETTINGS) {
      if (['model_type', 'wiring', 'hidden_size', 'num_levels'].includes(s.name) || s.positive) continue;
      if (s.type === 'list') {
        const most = s.entries === 'rule' ? 'rise,whitespace' : `${s[limit]},${s[limit]}`;
        Object.assign(settings, { [s.name]: limit === 'default' ? '' : most });
        continue;
      }
      const text = s.type === 'text' ? 'ü'.repeat(limit === 'max' ? Number(s.max) : 1) : undefined;
      const value = text ?? s.choices?.at(limit === 'max' ? -1 : 0) ?? s[limit] ?? s.default;
      Object.assign(settings, { [s.name]: value });
    }
    assert.deepEqual(readCheckpoint(module, writeCheckpoint({ settings, tensors })).settings, settings);
  }
});

test('foreign metadata is ignored', () => {
  const bytes = changed(plainWeights('adaptive-l1').bytes, { metadata: { format: 'pt', author: 'me' } });
  assert.deepEqual(readCheckpoint(module, bytes).settings, { model_type: 'adaptive', hidden_size: 16, num_levels: 1 });
});

test('wrong settings are refused', () => {
  const { bytes } = plainWeights('adaptive-l2');
  const saying = (/** @type {Record<string, string>} */ metadata) => refusal(changed(bytes, { metadata }));
  assertReason(saying({ batch_size: '0' }), ['wrong_setting', { name: 'batch_size' }]);
  assertReason(saying({ learning_rate: '1e999' }), ['wrong_setting', { name: 'learning_rate' }]);
  assertReason(saying({ dropout: 'lots' }), ['not_json', { name: 'dropout' }]);
  assertReason(saying({ dropout: '[0.1]' }), ['not_a_value', { name: 'dropout' }]);
  assertReason(saying({ dropout: 'null' }), ['not_a_value', { name: 'dropout' }]);
  assertReason(saying({ hidden_size: '32' }), ['other_model', { name: 'hidden_size', said: 32, weights: 16 }]);
  assertReason(saying({ num_levels: '3' }), ['other_model', { name: 'num_levels', said: 3, weights: 2 }]);
  assertReason(saying({ model_type: '"baseline"' }), [
    'other_model',
    { name: 'model_type', said: 'baseline', weights: 'adaptive' },
  ]);
});

test('weights of an unknown model are refused', () => {
  const weights = (/** @type {Record<string, number[]>} */ shapes) =>
    serialize({
      tensors: new Map(
        Object.entries(shapes).map(([name, shape]) => {
          return [name, tensorOf(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)))];
        }),
      ),
    });
  assertReason(refusal(weights({})), 'no_embedding');
  assertReason(refusal(weights({ 'byte_embedding.weight': [256, 4] })), 'no_embedding');
  assertReason(refusal(weights({ 'byte_embedding.weight': [257, 4, 1] })), 'no_embedding');
  assertReason(refusal(weights({ 'byte_embedding.weight': [257, 0] })), 'no_embedding');
  assertReason(refusal(weights({ 'byte_embedding.weight': [257, 4] })), 'no_blocks');
  assertReason(refusal(weights({ 'byte_embedding.weight': [257, 1025] })), ['too_wide', { hidden_size: 1025 }]);
  assertReason(refusal(weights({ 'byte_embedding.weight': [257, 4], 'blocks.0.x': [7] })), [
    'odd_count',
    { count: 257 * 4 + 7 },
  ]);
  const nine = Object.fromEntries(Array.from({ length: 9 }, (_, l) => [`encoder_blocks.${l}.x`, [1]]));
  assertReason(refusal(weights({ 'byte_embedding.weight': [257, 4], ...nine })), ['too_many_levels', { levels: 9 }]);
});

test('weights and moments that are NaN or infinite, and weights that are not float32, are refused', () => {
  const bytes = writeCheckpoint(resumable());
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    for (const prefix of ['', 'adaptive_compressor.exp_avg.', 'adaptive_compressor.exp_avg_sq.']) {
      const name = `${prefix}byte_encoder_head.bias`;
      const data = new Float32Array(257);
      data[200] = bad;
      assertReason(refusal(changed(bytes, { tensors: { [name]: { shape: [257], data } } })), ['not_finite', { name }]);
    }
  }
  const { tensors } = parse(bytes);
  tensors.set('byte_encoder_head.bias', { dtype: 'BF16', shape: [257], data: new Uint8Array(514) });
  assertReason(refusal(serialize({ tensors })), ['stored_type', { name: 'byte_encoder_head.bias', dtype: 'BF16' }]);
});

test('moments and state that do not match are refused', () => {
  const bytes = writeCheckpoint(resumable());
  const { metadata, tensors } = parse(bytes);
  assertReason(refusal(serialize({ tensors })), 'no_place');
  const moment = (/** @type {string} */ kind, /** @type {string} */ name) => `adaptive_compressor.${kind}.${name}`;
  const other = { shape: [3], data: new Float32Array(3) };
  const fits = 'moments_shape';
  assertReason(refusal(changed(bytes, { tensors: { [moment('exp_avg', 'stranger')]: other } })), fits);
  assertReason(refusal(changed(bytes, { tensors: { [moment('exp_avg_sq', 'byte_encoder_head.bias')]: other } })), fits);
  const negative = { shape: [257], data: new Float32Array(257).fill(-1) };
  assertReason(
    refusal(changed(bytes, { tensors: { [moment('exp_avg_sq', 'byte_encoder_head.bias')]: negative } })),
    'negative_moment',
  );
  for (const state of ['7', '[]', '"x"', '{']) {
    const file = serialize({ metadata: { ...metadata, 'adaptive_compressor.state': state }, tensors });
    assertReason(refusal(file), state === '{' ? 'not_json' : 'odd_place');
  }
});

/**
 * A checkpoint as small as can be: the prototype's format around the tensors of the smallest adaptive model.
 * @param {Record<string, number[]>} parts  `config` and `args`, as opcodes
 */
function smallPt(parts) {
  const state = push.dict({
    'byte_embedding.weight': pickledTensor({ count: 257, shape: [257, 1], strides: [1, 1] }),
    'encoder_blocks.0.gru.bias_ih_l0': pickledTensor({ count: 257, shape: [3], strides: [1] }),
  });
  return ptFile(pickle(push.dict({ model_state: state, ...parts })), { 0: new Float32Array(257).fill(0.5) });
}

test('config wins over args; arguments out of range are dropped, unless the model depends on them', () => {
  const config = push.dict({ dropout: [0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0], num_levels: push.int(1) });
  const args = push.dict({
    dropout: push.int(0),
    batch_size: push.int(100000),
    max_steps: push.int(5),
    seed: [0x4e],
    device: push.text('cuda'),
  });
  const { settings } = readCheckpoint(module, smallPt({ config, args }));
  assert.deepEqual(settings, { dropout: 0.5, num_levels: 1, max_steps: 5, model_type: 'adaptive', hidden_size: 1 });
  assertReason(refusal(smallPt({ args: push.dict({ border_mode: push.text('magic') }) })), [
    'wrong_setting',
    { name: 'border_mode' },
  ]);
  assertReason(refusal(smallPt({ config: push.dict({ dropout: push.int(3) }) })), [
    'wrong_setting',
    { name: 'dropout' },
  ]);
  assertReason(refusal(smallPt({ config: push.dict({ num_levels: push.int(2) }) })), [
    'other_model',
    { name: 'num_levels', said: 2 },
  ]);
});

test('thresholds for each level count where the prototype reads them', () => {
  const config = (/** @type {string} */ mode) =>
    push.dict({ border_mode: push.text(mode), level_thresholds: [0x5d, ...push.int(1), 0x61] });
  const read = (/** @type {string} */ mode) => readCheckpoint(module, smallPt({ config: config(mode) })).settings;
  assert.equal(read('uncertainty').border_mode, 'uncertainty');
  assert.equal(read('uncertainty').level_thresholds, undefined);
  assert.equal(read('teacher_forced').level_thresholds, '1');
});

test('PyTorch’s old format, and other files, are refused', () => {
  assertReason(refusal(Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc)), 'old_pytorch');
  assertReason(refusal(new Uint8Array(0)), 'too_short');
  assertReason(refusal(new TextEncoder().encode('<!doctype html><title>Not found</title>')), 'not_safetensors');
});

test('random bytes, and a changed checkpoint, are refused or sound', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void survives(() => readCheckpoint(module, bytes))),
  );
  const { bytes } = plainWeights('adaptive-l1');
  const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const changes = fc.array(fc.tuple(fc.nat(header - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(changes, (list) => {
      const copy = bytes.slice();
      for (const [at, byte] of list) copy[at] = byte;
      const result = survives(() => readCheckpoint(module, copy));
      if (!(result instanceof CheckpointError)) assert.ok(result.tensors.size > 0);
    }),
    { numRuns: 500 },
  );
});

test('matchTensors gives the values in the table’s order, or says which tensor is wrong', () => {
  const table = [
    { name: 'b', shape: [2] },
    { name: 'a', shape: [1, 2] },
    { name: 'parameter_match_pad', shape: [0] },
  ];
  const a = { shape: [1, 2], data: Float32Array.of(1, 2) };
  const b = { shape: [2], data: Float32Array.of(3, 4) };
  const match = (/** @type {Record<string, any>} */ tensors) => matchTensors(table, new Map(Object.entries(tensors)));
  assert.deepEqual(match({ a, b }), [b.data, a.data, new Float32Array(0)]);
  const pad = { shape: [0], data: new Float32Array(0) };
  assert.deepEqual(match({ a, b, parameter_match_pad: pad }), [b.data, a.data, pad.data]);
  assert.throws(() => match({ a }), withReason(['no_tensor', { name: 'b' }]));
  assert.throws(() => match({ a, b, c: a }), withReason(['extra_tensor', { name: 'c' }]));
  assert.throws(() => match({ a: b, b }), withReason(['shape', { name: 'a', shape: [2], wanted: [1, 2] }]));
  assert.throws(() => match({ a, b: { ...b, shape: [3] } }), CheckpointError);
});

test('a model of the default size is read within a second', () => {
  const tensors = zeroWeights({ model_type: 'baseline', hidden_size: 128, num_levels: 3 });
  assert.equal(parametersIn(tensors), 1_156_484);
  const bytes = writeCheckpoint({ settings: {}, tensors });
  const read = survives(() => readCheckpoint(module, bytes));
  assert.ok(!(read instanceof CheckpointError));
  assert.equal(read.settings.num_levels, 3);
});
