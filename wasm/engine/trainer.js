/**
 * Training: steps, evaluations, and the way back when numbers stop being finite. The same under Node and in a worker.
 */
import { evaluatorOf } from './evaluating.js';
import { SYMBOLS } from './kinds.js';
import { CoreError } from './module.js';
import { learningRate } from './schedule.js';
import { StopRules } from './stopping.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./protocol.js').Losses} Losses */
/** @typedef {import('./replicas.js').Group} Group */
/** @typedef {import('./corpus.js').Corpus} Corpus */

/**
 * @typedef {{losses: Losses, encoderBpb: number, decoderBpb: number, borders: number[]}} Figures
 *   Losses in nats, bits per byte of both heads, mean border count a sequence of each level below the top.
 */

/**
 * @param {{losses: Losses, borders: number[]}} result
 * @returns {Figures}
 */
function figures({ losses, borders }) {
  return { losses, encoderBpb: losses.byte_encoder / Math.LN2, decoderBpb: losses.byte_decoder / Math.LN2, borders };
}

/**
 * The mean of results, field by field.
 * @param {{losses: Losses, borders: number[]}[]} results  at least one
 */
function mean(results) {
  const losses = { ...results[0].losses };
  const borders = [...results[0].borders];
  for (const key of /** @type {(keyof Losses)[]} */ (Object.keys(losses))) {
    losses[key] = results.reduce((sum, r) => sum + r.losses[key], 0) / results.length;
  }
  borders.forEach((_, l) => {
    borders[l] = results.reduce((sum, r) => sum + r.borders[l], 0) / results.length;
  });
  return { losses, borders };
}

/** Training diverges where the loss, in nats a byte, is half as high again as that of guessing for so many steps in a row. */
const MUCH_WORSE = 1.5 * Math.log(SYMBOLS);
const STEPS_WORSE = 20;

/** A state from which training can go on. @typedef {{step: number, state: import('./core.js').ModelState}} Good */

/** Training of one model on one text, a step at a time. */
export class Trainer {
  /**
   * @param {Group} group
   * @param {Corpus} corpus
   * @param {Settings} settings
   * @param {number} [step]  steps already made
   * @param {import('./stopping.js').Memory|null} [memory]  of the stop rules, where training goes on
   * @param {Good} [good]  what to go back to, written over by later good states; default the present state
   */
  constructor(group, corpus, settings, step = 0, memory = null, good = { step, state: group.state() }) {
    this.group = group;
    this.corpus = corpus;
    this.settings = settings;
    this.step = step;
    this.good = good;
    /** Latest steps in a row that were much worse than guessing. */
    this.worse = 0;
    this.rules = new StopRules(memory);
  }

  /** What a resumable checkpoint keeps besides the model and the step. */
  get notes() {
    return { stopping: { ...this.rules.memory } };
  }

  /** The bytes trained on so far. */
  get bytesSeen() {
    return this.step * this.corpus.batch * this.corpus.length;
  }

  /** Whether all steps are made. */
  get finished() {
    return this.step >= this.settings.max_steps;
  }

  /**
   * Changes what may change during training.
   * @param {Settings} settings
   */
  configure(settings) {
    this.group.setOptimiser(settings);
    this.settings = settings;
  }

  /**
   * One training step.
   * @returns {Promise<Figures & {tokens: number[], learningRate: number, gradientNorm: number}>}
   * @throws {CoreError} `not_finite`, `diverges`: the model is back at its last good state, and so is `step`
   */
  async advance() {
    const rate = learningRate(this.settings, this.step);
    try {
      const result = await this.group.step(this.corpus.trainingBatch(this.step), this.step, rate);
      this.step++;
      this.worse = result.losses.byte_decoder > MUCH_WORSE ? this.worse + 1 : 0;
      if (this.worse === STEPS_WORSE)
        throw this.#goBack('diverges', this.step, 'had been far above that of guessing for a while');
      return { ...figures(result), tokens: result.tokens, learningRate: rate, gradientNorm: result.gradientNorm };
    } catch (error) {
      if (error instanceof CoreError && error.code === 'not_finite') throw this.#notFinite(this.step + 1);
      throw error;
    }
  }

  /** @param {number} failed  the step at which it showed @returns {CoreError} */
  #notFinite(failed) {
    return this.#goBack('not_finite', failed, 'stopped being a finite number');
  }

  /** @param {string} code @param {number} failed  the step at which it showed @param {string} what  the loss did @returns {CoreError} */
  #goBack(code, failed, what) {
    this.worse = 0;
    this.step = this.good.step;
    this.group.restore(this.good.state);
    return new CoreError(
      code,
      `At step ${failed} the loss ${what}. The model is back at step ${this.step}, its last good state; a smaller learning rate or gradient clipping should help.`,
      { failed, step: this.step },
    );
  }

  /**
   * Losses on the held-out text: the mean over its first `val_max_batches` batches of each batch's loss. Where they and
   * the model are finite, the present state becomes the one to go back to, and they count for the stop rules where due.
   * @param {() => Promise<void>} [pause]  called between batches
   * @returns {Promise<(Figures & {bytes: number})|null>} null where nothing is held out
   * @throws {CoreError} `not_finite`, as `advance`
   */
  async evaluate(pause = async () => {}) {
    const batches = Math.min(this.corpus.heldOutBatches, this.settings.val_max_batches);
    const results = [];
    const group = await evaluatorOf(this.group);
    let bytes = 0;
    for (let i = 0; i < batches; i++) {
      const batch = this.corpus.heldOutBatch(i);
      bytes += batch.bytes.length;
      results.push(await group.evaluate(batch));
      await pause();
    }
    // Weights that this text does not read, or all where nothing is held out, show in no loss.
    const finite = results.every((r) => Number.isFinite(r.losses.total)) && this.group.lead.finite;
    if (!finite) throw this.#notFinite(this.step);
    if (this.worse === 0) this.good = { step: this.step, state: this.group.state(this.good.state) };
    const result = results.length > 0 ? { ...figures(mean(results)), bytes } : null;
    this.rules.count(this.step, result?.decoderBpb ?? null, this.settings);
    return result;
  }
}
