/** Compares the core's numbers with those of the reference in double precision. */
import assert from 'node:assert/strict';
import { rateFactor } from '../../reference/tensors.js';
import { assertClose, gradientsOf, named } from './models.js';

/** @typedef {import('../../../wasm/engine/core.js').Model} Model */
/** @typedef {import('../../reference/adamw.js').AdamW} AdamW */
/** @typedef {import('../../reference/model.js').ForwardResult} ForwardResult */
/** @typedef {import('../../reference/model.js').Gradients} Gradients */
/** @typedef {import('../../reference/tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('../../reference/tensors.js').Parameters} Parameters */

const LOSS = { absolute: 1e-6, relative: 1e-5 };
export const LOGITS = { absolute: 5e-5 };
const GRADIENT = { absolute: 2e-5, relative: 2e-4 };
const PARAMETER = { absolute: 1e-6, relative: 1e-6 };
const RATE = 1e-3;

/**
 * Border marks of the latest pass.
 * @param {Model} model
 * @param {ForwardResult} reference
 */
export function assertBorders(model, { borderMasks, borderCounts }) {
  for (const [l, masks] of borderMasks.entries()) {
    const { positions, mask } = model.borderMask(l);
    assert.equal(positions, Math.max(...masks.map((m) => m.length)), `positions of level ${l}`);
    for (const [b, expected] of masks.entries()) {
      const padded = [...expected, ...new Array(positions - expected.length).fill(0)];
      assert.deepEqual(
        [...mask.subarray(b * positions, (b + 1) * positions)],
        padded,
        `borders of level ${l}, sequence ${b}`,
      );
    }
  }
  assertClose(model.result().borders, borderCounts, { absolute: 1e-12 }, 'border counts');
}

/**
 * Updates a model, and compares its parameters with what the reference's optimiser makes of the model's own gradients:
 * Adam divides a gradient by its size, so the rounding error of one near 0 would count in full.
 * @param {Model} model  after a backward pass
 * @param {AdamW} optimiser
 * @param {ModelSettings} settings
 */
export function assertUpdate(model, optimiser, settings) {
  const before = [...model.optimiser.updates];
  const [expected, gradients] = [named(model, model.parameters), named(model, gradientsOf(model))];
  model.update(RATE);
  const reached = model.tensors.filter((_, i) => model.optimiser.updates[i] > before[i]).map(({ name }) => name);
  const found = new Map(reached.map((name) => [name, gradients.get(name)?.data ?? new Float64Array()]));
  optimiser.update(expected, found, { ...settings, learning_rate: RATE }, (name) => rateFactor(settings, name));
  for (const [name, { data }] of named(model, model.parameters)) {
    assertClose(data, expected.get(name)?.data ?? [], PARAMETER, `${name} after an update`);
  }
}

/**
 * Losses of the latest pass.
 * @param {Model} model
 * @param {ForwardResult} reference
 */
export function assertLosses(model, reference) {
  const { losses } = model.result();
  assert.deepEqual(Object.keys(losses).sort(), Object.keys(reference.losses).sort());
  for (const [name, expected] of Object.entries(reference.losses)) {
    assertClose([losses[/** @type {keyof typeof losses} */ (name)]], [expected], LOSS, `${name} loss`);
  }
}

/**
 * Gradients of a backward pass, and which of the tensors its update changed.
 * @param {Model} model  after the update
 * @param {Parameters} gradients  before the update, which may clip them
 * @param {{gradients: Gradients}} reference
 * @param {number[]} [before]  updates that each tensor had had before; default none
 */
export function assertGradients(model, gradients, reference, before = []) {
  for (const [i, { name, size }] of model.tensors.entries()) {
    const expected = reference.gradients.get(name);
    assertClose(gradients.get(name)?.data ?? [], expected ?? new Float64Array(size), GRADIENT, `gradient of ${name}`);
    assert.equal(model.optimiser.updates[i], (before[i] ?? 0) + (expected ? 1 : 0), `whether ${name} is updated`);
  }
}
