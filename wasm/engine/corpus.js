/**
 * A text cut for training: windows of T bytes back to back, the tail dropped; the end, or another text, held out.
 */
import { CoreError, Instance } from './module.js';

/** @typedef {import('./settings.js').Settings} Settings */

/**
 * Splits a text into what is trained on and what is held out: the last `val_fraction`, in whole bytes.
 * @param {Uint8Array} text
 * @param {number} fraction
 * @returns {{train: Uint8Array, heldOut: Uint8Array}} views
 */
export function splitText(text, fraction) {
  const cut = text.length - Math.floor(text.length * fraction);
  return { train: text.subarray(0, cut), heldOut: text.subarray(cut) };
}

/** Windows to train on and to evaluate on, and the order in which an epoch visits them. */
export class Corpus {
  /**
   * @param {WebAssembly.Module} module  its shuffle is the core's
   * @param {{train: Uint8Array, heldOut: Uint8Array}} texts
   * @param {Settings} settings
   * @throws {CoreError} `empty_text`, `short_text`
   */
  constructor(module, { train, heldOut }, settings) {
    this.train = train;
    this.heldOut = heldOut;
    this.length = Number(settings.sequence_length);
    this.batch = Number(settings.batch_size);
    this.seed = Number(settings.seed);
    this.shuffle = settings.shuffle !== false;
    this.core = new Instance(module);
    /** Windows of the training text. */
    this.windows = Math.floor(train.length / this.length);
    this.heldOutWindows = Math.floor(heldOut.length / this.length);
    /** Whole batches in an epoch. */
    this.stepsPerEpoch = Math.floor(this.windows / this.batch);
    if (train.length + heldOut.length === 0) {
      throw new CoreError('empty_text', 'This text is empty: choose a file with something in it, or paste some text.');
    }
    if (this.stepsPerEpoch === 0) {
      const least = this.length * this.batch;
      throw new CoreError(
        'short_text',
        `This text leaves ${train.length} bytes to train on, and one batch takes ${least} (${this.batch} windows of ${this.length}): choose a longer text, a smaller batch or a shorter sequence.`,
      );
    }
  }

  /** Batches that a validation can have; the last may be short. */
  get heldOutBatches() {
    return Math.ceil(this.heldOutWindows / this.batch);
  }

  /**
   * The epoch, from 0, of a step, from 0.
   * @param {number} step
   * @returns {number}
   */
  epochOf(step) {
    return Math.floor(step / this.stepsPerEpoch);
  }

  /**
   * The batch of a training step. It follows from the seed and the step alone, so training can go on anywhere.
   * @param {number} step  from 0
   * @returns {Uint8Array} [batch][length]
   */
  trainingBatch(step) {
    const epoch = this.epochOf(step);
    const first = (step % this.stepsPerEpoch) * this.batch;
    const out = new Uint8Array(this.batch * this.length);
    for (let i = 0; i < this.batch; i++) {
      const window = this.shuffle
        ? this.core.call.acw_shuffled(this.seed, epoch, this.windows, first + i) >>> 0
        : first + i;
      out.set(this.train.subarray(window * this.length, (window + 1) * this.length), i * this.length);
    }
    return out;
  }

  /**
   * Batch i of the held-out text, in order.
   * @param {number} i  below `heldOutBatches`
   * @returns {Uint8Array} [at most batch][length]
   */
  heldOutBatch(i) {
    const end = Math.min((i + 1) * this.batch, this.heldOutWindows);
    return this.heldOut.slice(i * this.batch * this.length, end * this.length);
  }
}
