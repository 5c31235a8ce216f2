/** What every worker that trains does with its share of a batch. */
import { CoreError } from './module.js';

/** @typedef {import('./core.js').Model} Model */
/** @typedef {import('./exchange.js').Exchange} Exchange */
/** @typedef {import('./corpus.js').Windows} Windows */

/**
 * A training or evaluation pass whose loss may not be finite; the sums then say so.
 * @param {Model} model
 * @param {Windows} windows  those that are this worker's
 * @param {number} length
 * @param {boolean} training
 * @returns {Float64Array<ArrayBuffer>} a copy of the sums
 */
export function pass(model, { bytes, next, marks }, length, training) {
  try {
    model.forward(bytes, length, { training, next, marks });
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'not_finite') throw error;
  }
  return new Float64Array(model.sums);
}

/**
 * The rest of a training step after the pass, update included, of one worker among those of an exchange.
 * @param {Model} model
 * @param {Exchange} exchange
 * @param {Float64Array<ArrayBuffer>} sums  of the pass
 * @param {number} learningRate
 * @returns {Promise<{total: Float64Array, gradientNorm: number}>} sums over all workers before the update; the gradient's
 *   length before clipping
 * @throws {CoreError} `not_finite`, in all workers alike: the parameters are as before the step
 */
export async function learn(model, exchange, sums, learningRate) {
  const total = await exchange.sums(sums);
  if (!Number.isFinite(model.result(total).losses.total))
    throw new CoreError('not_finite', 'The loss is no longer a finite number.');
  model.backward(total);
  await exchange.gradients(model);
  return { total, gradientNorm: model.update(learningRate) };
}
