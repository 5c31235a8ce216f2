/** A checkpoint in which parents condition every level, and workers that have it open. */
import assert from 'node:assert/strict';
import { Model } from '../../../wasm/engine/core.js';
import { saveModel } from '../../../wasm/engine/saving.js';
import { livelyModel } from './lively.js';
import { module, realText } from './models.js';
import { Client } from './session.js';

export const LIVELY_TEXT = realText(12_000);

const { settings, parameters } = livelyModel({ num_levels: 3 }, LIVELY_TEXT);

/** Settings of the model. */
export const LIVELY = settings;

/** A copy of the model. */
function copy() {
  const model = new Model(module, settings);
  model.setParameters(parameters);
  return model;
}

/** The model itself, which must not be changed. */
export const lively = copy();

/**
 * A checkpoint of the model with some parameters changed.
 * @param {(parameter: (name: string) => Float32Array) => void} change
 */
export function altered(change) {
  const model = copy();
  change((name) => {
    const found = model.tensors.find((tensor) => tensor.name === name);
    assert.ok(found, name);
    return model.parameters.subarray(found.offset, found.offset + found.size);
  });
  return saveModel(model, settings, null);
}

/** A worker that has the model open. @param {Uint8Array} [checkpoint]  another one */
export async function openLively(checkpoint = saveModel(lively, settings, null)) {
  const client = new Client();
  await client.open({}, checkpoint);
  return client;
}
