/** The training loop of a session: one step a turn, figures at most once a frame, evaluations, pause and stop. */
import { forwardFlops } from '../flops.js';
import { CoreError } from '../module.js';
import { tick } from './tick.js';

/** @typedef {import('../trainer.js').Trainer} Trainer */
/** @typedef {import('../protocol.js').Progress} Progress */
/** @typedef {'idle'|'training'|'paused'|'finished'} TrainingState */

/** Milliseconds between two messages with figures: a frame at 30 Hz is enough for a curve. */
const FRAME = 33;
/** Weight of the latest step in the running mean of step times. */
const FRESH = 0.1;

export class TrainingLoop {
  /**
   * @param {Trainer} trainer
   * @param {(event: import('../protocol.js').Event) => void} post
   * @param {number} run
   */
  constructor(trainer, post, run) {
    this.trainer = trainer;
    this.post = post;
    this.run = run;
    /** @type {TrainingState} */
    this.state = trainer.step > 0 ? 'paused' : 'idle';
    this.stopping = false;
    this.evaluating = false;
    this.elapsed = 0;
    this.stepTime = 0;
    this.lastPost = 0;
    /** The loop under way. @type {Promise<void>|null} */
    this.running = null;
  }

  /** Starts or goes on. */
  start() {
    if (this.running) {
      // A pause that has not taken effect yet is taken back; nobody has heard of it.
      this.state = 'training';
      return;
    }
    if (this.trainer.finished) {
      this.#become('finished');
      return;
    }
    this.stopping = false;
    this.#become('training');
    this.running = this.#loop().finally(() => {
      this.running = null;
    });
  }

  /** Takes effect, and is told, after the step under way. */
  pause() {
    if (this.state === 'training') this.state = 'paused';
  }

  /** Ends training with a last evaluation. */
  async stop() {
    if (this.state !== 'training' && this.state !== 'paused') return;
    this.stopping = true;
    if (!this.running) {
      this.running = this.#loop().finally(() => {
        this.running = null;
      });
    }
    await this.running;
  }

  /** Stops without a word; nothing is posted afterwards. */
  abandon() {
    this.post = () => {};
    this.state = 'paused';
  }

  /** An evaluation now, or after the step under way. */
  async evaluate() {
    if (this.running && this.state === 'training') this.evaluating = true;
    else {
      await this.running;
      await this.#guard(() => this.#evaluate());
    }
  }

  /** @param {TrainingState} state */
  #become(state) {
    this.state = state;
    this.post({ type: 'state', run: this.run, state, step: this.trainer.step });
  }

  async #loop() {
    const { trainer } = this;
    await this.#guard(async () => {
      if (trainer.step === 0 && !this.stopping) await this.#evaluate();
      while (this.state === 'training' && !this.stopping && !trainer.finished) {
        await this.#step();
        const due = trainer.step % Number(trainer.settings.eval_every) === 0;
        if ((due && !trainer.finished) || this.evaluating) await this.#evaluate();
        await tick();
      }
      if (this.stopping || (this.state === 'training' && trainer.finished)) {
        await this.#evaluate();
        this.#become('finished');
      } else this.#become('paused');
    });
  }

  /**
   * Runs a part of the work; what fails is told, and training pauses.
   * @param {() => Promise<void>} work
   */
  async #guard(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      this.post({
        type: 'failed',
        run: this.run,
        code: error.code,
        message: error.message,
        fatal: error.code === 'worker',
      });
      this.#become('paused');
    }
  }

  async #step() {
    const { trainer } = this;
    const start = performance.now();
    const result = await trainer.advance();
    const now = performance.now();
    this.elapsed += now - start;
    this.stepTime = this.stepTime === 0 ? now - start : this.stepTime + FRESH * (now - start - this.stepTime);
    const logged = trainer.step % Number(trainer.settings.log_every) === 0 || trainer.step === 1 || trainer.finished;
    if (!logged && now - this.lastPost < FRAME) return;
    this.lastPost = now;
    const maxSteps = Number(trainer.settings.max_steps);
    this.post({
      type: 'progress',
      run: this.run,
      step: trainer.step,
      maxSteps,
      epoch: trainer.corpus.epochOf(trainer.step - 1),
      bytesSeen: trainer.bytesSeen,
      losses: result.losses,
      encoderBpb: result.encoderBpb,
      decoderBpb: result.decoderBpb,
      borders: result.borders,
      learningRate: result.learningRate,
      gradientNorm: result.gradientNorm,
      stepsPerSecond: 1000 / this.stepTime,
      gflops: (3 * forwardFlops(trainer.settings, result.tokens, trainer.group.lead.blocks)) / this.stepTime / 1e6,
      elapsedMs: this.elapsed,
      remainingMs: (maxSteps - trainer.step) * this.stepTime,
      logged,
    });
  }

  async #evaluate() {
    this.evaluating = false;
    const start = performance.now();
    const result = await this.trainer.evaluate(tick);
    this.elapsed += performance.now() - start;
    if (result) this.post({ type: 'validation', run: this.run, step: this.trainer.step, ...result });
  }
}
