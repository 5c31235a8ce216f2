/** Weights written by other programs (PyTorch, Python's standard library, ruvllm): each number keeps its bits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SafeTensorsReader, SafeTensorsWriter } from '@ruvector/ruvllm';
import { parsePt } from '../../wasm/files/checkpoint/pt.js';
import { floats, parse, tensorOf } from '../../wasm/files/checkpoint/safetensors.js';
import { serialize } from '../../wasm/files/checkpoint/writer.js';
import fc from '../random_cases.js';
import { fromBase64, python, toBase64 } from '../wasm/support/programs.js';

/** @typedef {{shape: number[], data: Float32Array}} Weights */

const PYTORCH = 'python3-torch';

const name = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_ü世]{1,9}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'));
const tensor = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }).chain((shape) => {
  const length = shape.reduce((a, b) => a * b, 1);
  return fc.record({ shape: fc.constant(shape), data: fc.float32Array({ minLength: length, maxLength: length }) });
});
const state = fc.uniqueArray(fc.tuple(name, tensor), { minLength: 1, maxLength: 6, selector: ([each]) => each });
const cases = fc.sample(state, { numRuns: 120, seed: 17 });

/** The cases as scripts get them: names, shapes, and the numbers' bytes. */
const given = cases.map((list) =>
  list.map(([each, { shape, data }]) => [
    each,
    shape,
    toBase64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]),
);

/** @param {Map<string, import('../../wasm/files/checkpoint/safetensors.js').Tensor>} read @param {number} i  of the case */
function same(read, i) {
  const bits = (/** @type {Float32Array} */ data) => [...new Uint32Array(data.slice().buffer)];
  const found = [...read].map(([each, found]) => [each, found.shape, bits(floats(found))]);
  const wanted = cases[i].map(([each, { shape, data }]) => [each, shape, bits(data)]);
  const order = (/** @type {any[]} */ a, /** @type {any[]} */ b) => (a[0] < b[0] ? -1 : 1);
  assert.deepEqual(found.sort(order), wanted.sort(order));
}

/** Tensors of `value`, some of them with another layout in memory: transposed twice, a slice of a longer one, half of a pair. */
const TORCH = `
import collections, random, torch
def tensor(shape, data):
  numbers = torch.frombuffer(bytearray(data), dtype=torch.float32) if data else torch.zeros(0)
  return numbers.reshape(shape).clone()
def otherwise(t, way):
  if way == 1 and t.dim() > 1: return t.transpose(0, 1).contiguous().transpose(0, 1)
  if way == 2 and t.dim() > 0: return torch.cat([t, t])[t.shape[0]:]
  if way == 3: return torch.stack([t, t + 1], -1)[..., 0] if torch.isfinite(t).all() else t
  if way == 4: return torch.nn.Parameter(t)
  return t
result = []
for n, entries in enumerate(value):
  state = collections.OrderedDict((k, otherwise(tensor(s, unpacked(d)), (n + i) % 5)) for i, (k, s, d) in enumerate(entries))
  whole = [state, {'model_state': dict(state), 'step': 3}, {'state_dict': state, 'args': {'seed': 1}}][n % 3]
  file = io.BytesIO()
  torch.save(whole, file)
  result.append(packed(file.getvalue()))
`;

/** A file like PyTorch's, made with Python's pickle and zipfile alone: stand-ins have the names of PyTorch's functions. */
const PICKLED = `
import collections, pickle, sys, types, zipfile
torch, utils = types.ModuleType('torch'), types.ModuleType('torch._utils')
sys.modules.update({'torch': torch, 'torch._utils': utils})
class FloatStorage: pass
FloatStorage.__module__ = 'torch'
torch.FloatStorage = FloatStorage
def _rebuild_tensor_v2(*args): pass
_rebuild_tensor_v2.__module__ = 'torch._utils'
utils._rebuild_tensor_v2 = _rebuild_tensor_v2
class Storage:
  def __init__(self, key, data): self.key, self.data = key, data
class Tensor:
  def __init__(self, key, shape, data): self.storage, self.shape = Storage(key, data), shape
  def __reduce__(self):
    strides, step = [], 1
    for size in reversed(self.shape): strides, step = [step] + strides, step * size
    return _rebuild_tensor_v2, (self.storage, 0, tuple(self.shape), tuple(strides), False, collections.OrderedDict())
class Pickler(pickle.Pickler):
  def persistent_id(self, thing):
    if isinstance(thing, Storage): return ('storage', FloatStorage, thing.key, 'cpu', len(thing.data) // 4)
result = []
for entries in value:
  tensors = {k: Tensor(str(i), s, unpacked(d)) for i, (k, s, d) in enumerate(entries)}
  body = io.BytesIO()
  Pickler(body, 2).dump({'model_state': tensors, 'config': {'hidden_size': 4}})
  file = io.BytesIO()
  with zipfile.ZipFile(file, 'w') as archive:
    archive.writestr('archive/data.pkl', body.getvalue())
    for tensor in tensors.values(): archive.writestr('archive/data/' + tensor.storage.key, tensor.storage.data)
    archive.writestr('archive/version', '3\\n')
  result.append(packed(file.getvalue()))
`;

/** Safetensors made by hand: names in another order, a padded header, other metadata. */
const SAFETENSORS = `
import struct
result = []
for n, entries in enumerate(value):
  header, data = {'__metadata__': {'format': 'pt', 'note': 'süß'}} if n % 2 else {}, b''
  for name, shape, numbers in entries:
    bytes = unpacked(numbers)
    header[name] = {'data_offsets': [len(data), len(data) + len(bytes)], 'dtype': 'F32', 'shape': shape}
    data += bytes
  if n % 3 == 0: header = dict(reversed(header.items()))
  text = json.dumps(header, ensure_ascii=n % 5 == 0, indent=n % 7 or None).encode()
  text += b' ' * (-len(text) % 8)
  result.append(packed(struct.pack('<Q', len(text)) + text + data))
`;

/** The contents of safetensors files, read with Python's standard library. */
const READ_SAFETENSORS = `
import struct
result = []
for each in map(unpacked, value):
  length, = struct.unpack('<Q', each[:8])
  header = json.loads(each[8:8 + length])
  header.pop('__metadata__', None)
  result.append([[k, v['shape'], packed(each[8 + length:][slice(*v['data_offsets'])])] for k, v in header.items()])
`;

describe('PyTorch’s files', () => {
  it('of torch.save, whatever the layout of tensors in memory', () => {
    for (const [i, file] of python(TORCH, given, PYTORCH).map(fromBase64).entries()) same(parsePt(file).tensors, i);
  });

  it('of Python’s pickle and zipfile', () => {
    for (const [i, file] of python(PICKLED, given).map(fromBase64).entries()) {
      const { tensors, config } = parsePt(file);
      same(tensors, i);
      assert.deepEqual(config, { hidden_size: 4 });
    }
  });
});

describe('safetensors files', () => {
  it('of Python’s json and struct', () => {
    for (const [i, file] of python(SAFETENSORS, given).map(fromBase64).entries()) same(parse(file).tensors, i);
  });

  it('of ruvllm, which pads headers with zeros', () => {
    for (const [i, list] of cases.entries()) {
      const writer = new SafeTensorsWriter();
      if (i % 2) writer.addMetadata('note', 'süß');
      // It writes all the memory beneath an array.
      for (const [each, { shape, data }] of list) writer.addTensor(each, data.slice(), shape);
      const { tensors, metadata } = parse(writer.build());
      assert.deepEqual({ ...metadata }, i % 2 ? { note: 'süß' } : {});
      same(tensors, i);
    }
  });

  const written = cases.map((list) => {
    const tensors = new Map(list.map(([each, { shape, data }]) => [each, tensorOf(shape, data)]));
    return serialize({ metadata: { format: 'pt' }, tensors });
  });

  it('of this project, which ruvllm reads to the same bytes', () => {
    for (const [i, list] of cases.entries()) {
      const reader = new SafeTensorsReader(written[i]);
      assert.deepEqual(reader.getMetadata(), { format: 'pt' });
      assert.deepEqual(reader.getTensorNames().sort(), list.map(([each]) => each).sort());
      for (const [each, { shape, data }] of list) {
        const found = reader.getTensor(each);
        assert.deepEqual(found?.shape, shape);
        assert.deepEqual(new Uint32Array(found?.data.slice().buffer ?? []), new Uint32Array(data.slice().buffer));
      }
    }
  });

  it('of this project, which Python reads to the same bytes', () => {
    for (const [i, file] of written.entries()) same(parse(file).tensors, i);
    const order = (/** @type {any[]} */ a, /** @type {any[]} */ b) => (a[0] < b[0] ? -1 : 1);
    const read = python(READ_SAFETENSORS, written.map(toBase64));
    for (const [i, list] of read.entries()) assert.deepEqual(list.sort(order), given[i].slice().sort(order));
  });
});
