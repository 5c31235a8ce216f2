/** The training loop of a session: one step a turn, figures at most once a frame, evaluations, pause and stop. */
import { forwardFlops } from '../flops.js';
import { failureOf } from './failure.js';
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
    /** The state that was told last. @type {TrainingState} */
    this.told = this.state;
    /** What is asked for besides steps: a last evaluation and the end, an evaluation. */
    this.stopping = false;
    this.evaluating = false;
    this.elapsed = 0;
    this.stepTime = 0;
    this.lastPost = 0;
    /** The loop under way. @type {Promise<void>|null} */
    this.running = null;
  }

  /** Starts or goes on; takes back a pause that has not taken effect and that nobody has heard of. */
  start() {
    if (this.state === 'finished' && this.trainer.finished) {
      this.#become('finished');
      return;
    }
    this.state = 'training';
    if (this.told !== 'training') this.#become('training');
    if (this.trainer.step === 0 && !this.running) this.evaluating = true;
    this.#run();
  }

  /** Takes effect, and is told, after the step under way. */
  pause() {
    if (this.state === 'training') this.state = 'paused';
  }

  /** Ends training with a last evaluation. */
  async stop() {
    if (this.state !== 'training' && this.state !== 'paused') return;
    this.stopping = true;
    await this.#run();
  }

  /** An evaluation now, or after the step under way. */
  async evaluate() {
    this.evaluating = true;
    await this.#run();
  }

  /** Stops without a word; nothing is posted afterwards. */
  abandon() {
    this.post = () => {};
    this.state = 'paused';
    this.stopping = false;
    this.evaluating = false;
  }

  /** @param {TrainingState} state */
  #become(state) {
    this.state = state;
    this.told = state;
    this.post({ type: 'state', run: this.run, state, step: this.trainer.step });
  }

  /** Whatever is asked for is done by one loop, so that no two passes are ever under way at once. */
  #run() {
    this.running ??= this.#loop();
    return this.running;
  }

  async #loop() {
    while (this.state === 'training' || this.stopping || this.evaluating) {
      await this.#guard(() => this.#turn());
      await tick();
    }
    this.running = null;
    if (this.state !== this.told) this.#become(this.state);
  }

  /** One thing of those that are asked for. */
  async #turn() {
    const { trainer } = this;
    if (this.evaluating) await this.#evaluate();
    else if (this.stopping || trainer.finished) {
      this.stopping = false;
      await this.#evaluate();
      this.#become('finished');
    } else {
      await this.#step();
      if (trainer.step % Number(trainer.settings.eval_every) === 0 && !trainer.finished) this.evaluating = true;
    }
  }

  /**
   * Runs a part of the work; what fails is told, and training pauses.
   * @param {() => Promise<void>} work
   */
  async #guard(work) {
    try {
      await work();
    } catch (error) {
      this.post({ type: 'failed', run: this.run, ...failureOf(error) });
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
