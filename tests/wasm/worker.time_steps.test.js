/** A text read one time step at a time: logits come from the state that the stream reports, and recomputing gives the same. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { tensorsOf } from '../../wasm/engine/tensors.js';
import { altered, LIVELY_TEXT, lively, openLively } from './support/lively_worker.js';
import { assertClose, module, small } from './support/models.js';
import { Client, closeClients } from './support/session.js';
import { joined } from './support/traces.js';

const TIMEOUT = { timeout: 60_000 };
const PASSAGE = LIVELY_TEXT.slice(3000, 3120);
const SYMBOLS = 257;

afterEach(closeClients);

/** @param {Client} client @param {Partial<import('../../wasm/engine/protocol.js').TimeSteps>} [changes] */
const timeSteps = (client, changes) =>
  client.ask({ type: 'time-steps', id: ++client.lastId, text: PASSAGE.slice(), ...changes }, 'time-steps');

/** @param {import('../../wasm/engine/protocol.js').TimeStepsEvent} event @param {number} t @param {string} kind @param {number} level @param {number} [layer] */
function stateOf({ names, states, hidden }, t, kind, level, layer = kind === 'parent' ? 0 : 1) {
  const i = names.findIndex((name) => name.kind === kind && name.level === level && name.layer === layer);
  assert.ok(i >= 0, `${kind} ${level} ${layer}`);
  const from = (t * names.length + i) * hidden;
  return states.subarray(from, from + hidden);
}

/** @param {string} name */
function parameter(name) {
  const found = lively.tensors.find((tensor) => tensor.name === name);
  assert.ok(found, name);
  return { values: lively.parameters.subarray(found.offset, found.offset + found.size), shape: found.shape };
}

/** weight · x + bias of a layer of the lively model. @param {string} name @param {ArrayLike<number>} x */
function linear(name, x) {
  const { values, shape } = parameter(`${name}.weight`);
  const bias = parameter(`${name}.bias`).values;
  return Array.from(bias, (b, row) => {
    let sum = b;
    for (let i = 0; i < shape[1]; i++) sum += values[row * shape[1] + i] * x[i];
    return sum;
  });
}

describe('time-steps', TIMEOUT, () => {
  it('give the trace of the text', async () => {
    const client = await openLively();
    const { piece } = await timeSteps(client);
    assert.deepEqual(joined([piece]), joined(await client.trace(PASSAGE.slice())));
  });

  it('give the states that logits and parents come from', async () => {
    const client = await openLively();
    const event = await timeSteps(client);
    const [, level1] = event.piece.levels;
    let parent = new Float32Array(event.hidden);
    let tokens = 0;
    for (let t = 0; t < PASSAGE.length; t++) {
      const logits = linear('byte_decoder_head', stateOf(event, t, 'decoder', 0));
      assertClose(event.cached.subarray(t * SYMBOLS, (t + 1) * SYMBOLS), logits, { absolute: 1e-4 }, `logits ${t}`);
      if (level1.source[tokens] === t) {
        if (tokens > 0) parent = stateOf(event, t, 'decoder', 1).slice();
        tokens++;
      }
      const projected = linear('decoder_blocks.0.parent_projection', parent);
      assertClose(stateOf(event, t, 'parent', 0), projected, { absolute: 1e-5 }, `parent ${t}`);
    }
    assert.ok(tokens > 5);
  });

  it('move a level’s states only where it got a token', async () => {
    const client = await openLively();
    const event = await timeSteps(client);
    for (const [level, { source }] of event.piece.levels.entries()) {
      // Bytes at which the level got a token.
      let bytes = [...source];
      for (let l = level - 1; l > 0; l--) bytes = bytes.map((t) => event.piece.levels[l].source[t]);
      for (let t = 1; t < PASSAGE.length; t++) {
        const moved = stateOf(event, t, 'encoder', level).some(
          (x, i) => x !== stateOf(event, t - 1, 'encoder', level)[i],
        );
        assert.equal(moved, bytes.includes(t), `level ${level}, byte ${t}`);
      }
    }
  });

  it('find recomputed logits equal to the cached ones, also with other thresholds', async () => {
    const client = await openLively();
    for (const thresholds of [undefined, [3, 0.2], [1e6, 1], [0, 0], [3]]) {
      const event = await timeSteps(client, { thresholds });
      assert.equal(event.difference.length, PASSAGE.length);
      for (let t = 0; t < PASSAGE.length; t++) {
        let most = 0;
        for (let i = t * SYMBOLS; i < (t + 1) * SYMBOLS; i++)
          most = Math.max(most, Math.abs(event.cached[i] - event.recomputed[i]));
        assert.equal(event.difference[t], Math.fround(most));
        assert.ok(most <= 1e-4, `byte ${t} with ${thresholds}: ${most}`);
      }
    }
  });

  it('recompute with a threshold for each level', async () => {
    const client = await openLively();
    await client.open({ num_levels: 4 });
    const event = await timeSteps(client, { thresholds: [1, 1, 2] });
    assert.ok(Math.max(...event.difference) <= 1e-4);
  });

  it('give something else with other weights', async () => {
    const one = await timeSteps(await openLively());
    const changed = altered((name) => name('byte_decoder_head.bias').fill(1));
    const other = await timeSteps(await openLively(changed));
    assert.notDeepEqual(one.cached, other.cached);
    assert.deepEqual(one.states, other.states);
  });

  it('read at most 160 bytes', async () => {
    const client = await openLively();
    assert.equal((await timeSteps(client, { text: LIVELY_TEXT.slice(0, 400) })).difference.length, 160);
  });

  it('work for the baseline, whose blocks all move at every byte', async () => {
    const client = new Client();
    await client.open({ model_type: 'baseline' });
    const event = await timeSteps(client, { text: PASSAGE.slice(0, 20) });
    const blocks = new Model(module, small({ model_type: 'baseline' })).blocks;
    assert.deepEqual(
      event.names,
      Array.from({ length: 2 * blocks }, (_, i) => ({ kind: 'block', level: i >> 1, layer: i & 1 })),
    );
    for (let k = 0; k < blocks; k++)
      assert.notDeepEqual(stateOf(event, 3, 'block', k), stateOf(event, 4, 'block', k), `block ${k}`);
    assert.ok(Math.max(...event.difference) <= 1e-4);
  });

  it('are refused where there is nothing to read, and where borders leak', async () => {
    const client = await openLively();
    const command = /** @type {const} */ ({ type: 'time-steps', id: 1 });
    await client.refused({ ...command, text: new Uint8Array() }, 'empty_text');
    await client.open({ border_mode: 'teacher_forced' });
    await client.refused({ ...command, text: PASSAGE.slice() }, 'leaks');
  });
});

describe('the counterpart of a model', TIMEOUT, () => {
  it('has the tensors of the other kind, and as many parameters', async () => {
    for (const num_levels of [1, 2, 3, 5]) {
      for (const model_type of /** @type {const} */ (['adaptive', 'baseline'])) {
        const client = new Client();
        const opened = await client.open({ model_type, num_levels });
        const other = model_type === 'adaptive' ? 'baseline' : 'adaptive';
        const model = new Model(module, small({ model_type: other, num_levels }));
        const named = model.tensors.map(({ name, shape }) => ({ name, shape }));
        assert.deepEqual(opened.counterpart, named);
        assert.equal(model.size, opened.parameterCount);
      }
    }
  });

  it('comes from the core, which refuses what is not valid', () => {
    assert.deepEqual(tensorsOf(module, small({ hidden_size: 0 })), []);
  });
});
