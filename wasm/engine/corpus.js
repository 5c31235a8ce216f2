/**
 * A text cut for training: windows of T bytes back to back, the tail dropped; the end, or another text, held out.
 */

import { carriesState } from './kinds.js';
import { CoreError, Instance } from './module.js';

/** @typedef {import('./settings.js').Settings} Settings */

/** What is said of a text too short to evaluate on. */
export const NO_VALIDATION = 'The held-out text is shorter than one window, so there is no validation.';

/**
 * Windows of a batch, `bytes` [sequences][length], with their `marks` where the text has any. Where they go on from those of
 * the batch before, `next` [sequences] has the symbols that follow them, and `anew` says that nothing comes before.
 * @typedef {{bytes: Uint8Array, marks?: Uint8Array, next?: Int32Array, anew?: boolean}} Windows
 */

/** What is trained on and what is held out, with the marks of their bytes where these come with them, see marks.js. @typedef {{train: Uint8Array, heldOut: Uint8Array, marks?: {train: Uint8Array, heldOut: Uint8Array}}} Texts */

/**
 * Splits a text into what is trained on and what is held out: the last `val_fraction`, in whole bytes.
 * @param {Uint8Array} text
 * @param {number} fraction
 * @param {Uint8Array} [marks]  of its bytes
 * @returns {Texts} views
 */
export function splitText(text, fraction, marks) {
  const cut = text.length - Math.floor(text.length * fraction);
  const parts = (/** @type {Uint8Array} */ of) => ({ train: of.subarray(0, cut), heldOut: of.subarray(cut) });
  return marks ? { ...parts(text), marks: parts(marks) } : parts(text);
}

/** Windows to train on and to evaluate on, and the order in which an epoch visits them. */
export class Corpus {
  /**
   * @param {WebAssembly.Module} module  its shuffle is the core's
   * @param {Texts} texts
   * @param {Settings} settings
   * @throws {CoreError} `empty_text`, `short_text`
   */
  constructor(module, { train, heldOut, marks }, settings) {
    this.train = train;
    this.heldOut = heldOut;
    this.marks = marks;
    this.length = settings.sequence_length;
    this.batch = settings.batch_size;
    this.seed = settings.seed;
    this.shuffle = settings.shuffle !== false;
    /** Whether each window goes on from the one before. */
    this.carries = carriesState(settings);
    this.core = new Instance(module);
    /** Windows of the training text. */
    this.windows = Math.floor(train.length / this.length);
    this.heldOutWindows = Math.floor(heldOut.length / this.length);
    /** Windows that are read in order before the next segment comes. */
    this.segment = 1;
    if (this.carries) {
      const wanted = Math.round(settings.segment_length / this.length);
      const most = Math.max(1, Math.floor(this.windows / this.batch));
      this.segment = wanted > 0 ? Math.min(wanted, most) : most;
    }
    this.segments = Math.floor(this.windows / this.segment);
    /** Whole batches in an epoch. */
    this.stepsPerEpoch = Math.floor(this.segments / this.batch) * this.segment;
    if (train.length + heldOut.length === 0) {
      throw new CoreError('empty_text', 'This text is empty: choose a file with something in it, or paste some text.');
    }
    if (this.stepsPerEpoch === 0) {
      const least = this.length * this.batch;
      throw new CoreError(
        'short_text',
        `This text leaves ${train.length} bytes to train on, and one batch takes ${least} (${this.batch} windows of ${this.length}): choose a longer text, a smaller batch or a shorter sequence.`,
        { bytes: train.length, least },
      );
    }
  }

  /** Batches that a validation can have; the last may be short. */
  get heldOutBatches() {
    const { heldOutWindows } = this;
    // Parts of equal length; what is left over at the end is not looked at.
    if (this.carries) return Math.floor(heldOutWindows / Math.max(1, this.sequencesHeldOut));
    return Math.ceil(heldOutWindows / this.batch);
  }

  /** What is to be said of the texts, if anything. @returns {string|undefined} */
  get note() {
    return this.heldOutWindows > 0 ? undefined : NO_VALIDATION;
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
   * @returns {Windows} [batch][length]
   */
  trainingBatch(step) {
    const windows = Array.from({ length: this.batch }, (_, i) => this.#window(step, i));
    return this.#read('train', windows);
  }

  /**
   * Windows of a text.
   * @param {'train'|'heldOut'} part
   * @param {number[]} windows  their numbers
   * @returns {Windows}
   */
  #read(part, windows) {
    const { length, carries } = this;
    const [text, marks] = [this[part], this.marks?.[part]];
    const cut = (/** @type {Uint8Array} */ from) => {
      const out = new Uint8Array(windows.length * length);
      for (const [i, w] of windows.entries()) out.set(from.subarray(w * length, (w + 1) * length), i * length);
      return out;
    };
    const own = { bytes: cut(text), ...(marks && { marks: cut(marks) }) };
    if (!carries) return own;
    return { ...own, next: Int32Array.from(windows, (w) => text[(w + 1) * length] ?? this.core.constants.AC_EOS) };
  }

  /**
   * The window that a sequence of the batch reads at a step. With carried state it reads segment after segment, and the
   * sequences are out of step by even parts of a segment, so that not all come to a new one at once.
   * @param {number} step
   * @param {number} sequence
   */
  #window(step, sequence) {
    const { batch, segment } = this;
    const own = step + Math.floor((sequence * segment) / batch);
    const round = Math.floor(own / segment);
    const rounds = this.stepsPerEpoch / segment;
    const place = (round % rounds) * batch + sequence;
    const epoch = Math.floor(round / rounds);
    const chosen = this.shuffle ? this.core.call.acw_shuffled(this.seed, epoch, this.segments, place) >>> 0 : place;
    return chosen * segment + (own % segment);
  }

  /**
   * Batch i of the held-out text, in order. With carried state each sequence reads a part of its own.
   * @param {number} i  below `heldOutBatches`
   * @returns {Windows} [at most batch][length]
   */
  heldOutBatch(i) {
    const { batch, heldOutWindows, heldOutBatches, sequencesHeldOut: sequences } = this;
    if (this.carries) {
      const windows = Array.from({ length: sequences }, (_, s) => s * heldOutBatches + i);
      return { ...this.#read('heldOut', windows), anew: i === 0 };
    }
    const from = i * batch;
    const count = Math.min(batch, heldOutWindows - from);
    return this.#read(
      'heldOut',
      Array.from({ length: count }, (_, s) => from + s),
    );
  }

  /** Sequences of an evaluation with carried state: as many as the text has windows for. */
  get sequencesHeldOut() {
    return Math.min(this.batch, this.heldOutWindows);
  }
}
