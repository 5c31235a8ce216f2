/**
 * A replica's side: holds a model, computes its share of each batch, makes the same updates as all others.
 */
import { Model } from './core.js';
import { CoreError } from './module.js';

/** @typedef {import('./protocol.js').ReplicaCommand} ReplicaCommand */
/** @typedef {import('./protocol.js').ReplicaEvent} ReplicaEvent */

/**
 * A training or evaluation pass whose loss may not be finite; the sums then say so.
 * @param {Model} model
 * @param {Uint8Array} bytes
 * @param {number} length
 * @param {boolean} training
 * @param {Int32Array} [next]  as in `Model.forward`
 * @returns {Float64Array} a copy of the sums
 */
export function pass(model, bytes, length, training, next) {
  try {
    model.forward(bytes, length, { training, next });
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'not_finite') throw error;
  }
  return model.sums.slice();
}

/**
 * An update that is not made where the gradient is not finite. The lead has the same gradient, so it knows, and sends a
 * state to go on from.
 * @param {Model} model
 * @param {number} learningRate
 */
function update(model, learningRate) {
  try {
    model.update(learningRate);
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'not_finite') throw error;
  }
}

/**
 * Answers a lead's commands.
 * @param {WebAssembly.Module} module
 * @param {(event: ReplicaEvent, transfer?: Transferable[]) => void} post
 * @returns {(command: ReplicaCommand) => void}
 */
export function serveReplica(module, post) {
  /** @type {Model} */
  let model;
  /** The gradient buffer, while it is here. @type {Float32Array<ArrayBuffer>|null} */
  let buffer = null;

  /** @param {ReplicaCommand} command */
  function act(command) {
    switch (command.type) {
      case 'replica-open':
        model = new Model(module, command.settings, command);
        post({ type: 'replica-opened', memoryBytes: model.memoryBytes });
        break;
      case 'replica-state':
        model.restore(command);
        break;
      case 'replica-pass':
        model.setStep(command.step);
        if (command.anew) model.forget();
        post({
          type: 'replica-sums',
          sums: pass(model, command.bytes, command.length, command.training, command.next),
          carried: command.training && model.carries ? model.carried : undefined,
        });
        break;
      case 'replica-backward': {
        model.backward(command.total);
        const gradients = buffer ?? new Float32Array(model.size);
        buffer = null;
        gradients.set(model.gradients);
        post({ type: 'replica-gradients', gradients }, [gradients.buffer]);
        break;
      }
      case 'replica-update':
        model.gradients.set(command.gradients);
        buffer = command.gradients;
        update(model, command.learningRate);
        break;
      case 'replica-optimiser':
        model.setOptimiser(command.settings);
        break;
    }
  }

  return (command) => {
    try {
      act(command);
    } catch (error) {
      const { code, message } = /** @type {CoreError} */ (error);
      post({ type: 'replica-failed', code: code ?? 'worker', message });
    }
  };
}
