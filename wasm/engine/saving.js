/** A model as a checkpoint. Apart from opening.js, which opens one and which a page needs first. */
import { writeCheckpoint } from '../files/checkpoint/writer.js';
import { CoreError } from './module.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./core.js').Model} Model */

/**
 * Each tensor's part of a flat array, by name.
 * @param {Model['tensors']} table
 * @param {Float32Array} flat
 */
function parts(table, flat) {
  return new Map(
    table.map(({ name, shape, offset, size }) => [name, { shape, data: flat.subarray(offset, offset + size) }]),
  );
}

/**
 * What sequences carry, as a tensor.
 * @param {import('./carried.js').Carried} carried
 * @param {Settings} settings
 */
function carriedOf({ states }, { batch_size }) {
  const batch = Number(batch_size);
  return states.length > 0 ? { shape: [batch, states.length / batch], data: states } : undefined;
}

/**
 * @param {Model} model
 * @param {Settings} given
 * @param {number|null} step  steps made, to go on from; null for the weights alone
 * @param {Record<string, unknown>} [notes]  to be kept beside the step
 * @param {import('./carried.js').Carried} [carried]  what all sequences of the batch carry; default the model's
 * @returns {Uint8Array<ArrayBuffer>} a safetensors file
 * @throws {CoreError} `not_finite`, so that nothing good is ever replaced by what nobody can use
 */
export function saveModel(model, given, step, notes = {}, carried = model.carried) {
  if (!model.finite)
    throw new CoreError(
      'not_finite',
      'The model holds numbers that are not finite, so it was not saved: train on, which goes back to its last good state.',
    );
  const settings = model.reading(given);
  const tensors = parts(model.tensors, model.weights);
  if (step === null) return writeCheckpoint({ settings, tensors });
  if (model.reads)
    throw new CoreError('reads_only', 'This model only reads, so there is nothing to go on training from.');
  const { first, second, updates } = model.optimiser;
  const averaged = model.average?.count ?? 0;
  const resume = {
    state: {
      ...notes,
      step,
      updates: [...updates],
      ...(averaged > 0 && { averaged }),
      ...(carried.rules.length > 0 && { rules: [...carried.rules] }),
    },
    expAvg: parts(model.tensors, first),
    expAvgSq: parts(model.tensors, second),
    ...(averaged > 0 && { latest: parts(model.tensors, model.parameters) }),
    carried: carriedOf(carried, settings),
  };
  return writeCheckpoint({ settings, tensors, resume });
}
