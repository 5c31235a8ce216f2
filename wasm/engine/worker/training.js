/** The training loop of a session: one step a turn, figures a few times a second, evaluations, pause and stop. */
import { forwardFlops } from '../flops.js';
import { CoreError } from '../module.js';
import { Readers } from '../readers.js';
import { evaluationsUpTo } from '../stopping.js';
import { failureOf } from './failure.js';
import { Pace } from './pace.js';
import { tick } from './tick.js';

/** @typedef {import('../trainer.js').Trainer} Trainer */
/** @typedef {import('../protocol.js').Progress} Progress */
/** @typedef {import('../protocol.js').StopReason} StopReason */
/** @typedef {'idle'|'training'|'paused'|'finished'} TrainingState */

/** Milliseconds between two messages with figures, about as often as an eye reads them; points of the curve come besides. */
const FRAME = 250;

/** Makes steps as fast as it can, until pause, stop, or the last one. */
export class TrainingLoop {
  /**
   * @param {Trainer} trainer
   * @param {(event: import('../protocol.js').Event) => void} post
   * @param {number} run
   * @param {() => number} [now]  milliseconds, never going back
   */
  constructor(trainer, post, run, now = () => performance.now()) {
    this.trainer = trainer;
    this.post = post;
    this.run = run;
    /** @type {TrainingState} */
    this.state = trainer.step > 0 ? 'paused' : 'idle';
    /** The state that was posted last. @type {TrainingState} */
    this.posted = this.state;
    /** Requests besides steps: to stop after a last evaluation, to evaluate. */
    this.stopping = false;
    this.evaluating = false;
    /** Milliseconds of work, without time that the machine slept; see pace.js. */
    this.elapsed = 0;
    /** Why training ended last. @type {StopReason|undefined} */
    this.ended = undefined;
    /** The part of `elapsed` that the time limit does not count. */
    this.limited = 0;
    this.now = now;
    this.pace = { step: new Pace(now), batch: new Pace(now), sample: new Pace(now), settling: new Pace(now) };
    this.lastPost = 0;
    /** The model's readers; one of them writes samples. */
    this.readers = new Readers(trainer.group, trainer.settings);
    /** The loop while it runs. @type {Promise<void>|null} */
    this.running = null;
    /** Finds the number of workers before the first step, where that is still to be found. @type {(() => Promise<void>)|null} */
    this.settle = null;
    /** Starts what trains beside this worker, where that is still to be started. */
    this.prepare = async () => {};
    /** Whether something that a reader waits for goes first. @type {() => boolean} */
    this.waits = () => false;
  }

  /** Starts or goes on; takes back a pause that has not taken effect and was not posted. */
  start() {
    const { trainer } = this;
    if (this.state === 'finished') {
      if (trainer.finished) {
        this.#become('finished', 'steps');
        return;
      }
      // A run that goes on although a rule ended it counts anew.
      if (this.ended !== 'steps' && this.ended !== 'stopped') {
        trainer.rules.startOver();
        this.limited = this.elapsed;
      }
    }
    this.state = 'training';
    if (this.posted !== 'training') this.#become('training');
    // Also where training was saved between a step and its evaluation.
    const due = trainer.step === 0 || trainer.rules.isDue(trainer.step, trainer.settings);
    if (!this.running && this.evaluates && due) this.evaluating = true;
    this.#run();
  }

  /** Takes effect, and is posted, after the current step. */
  pause() {
    if (this.state === 'training') this.state = 'paused';
  }

  /** Ends training with a last evaluation. */
  async stop() {
    if (this.state !== 'training' && this.state !== 'paused') return;
    this.stopping = true;
    await this.#run();
  }

  /**
   * An evaluation now, or after the current step.
   * @throws {CoreError} `short_text` where nothing is held out
   */
  async evaluate() {
    if (this.trainer.corpus.heldOutBatches === 0)
      throw new CoreError(
        'short_text',
        'Nothing is held out to evaluate on: hold out more of the text, or take a longer one.',
        { heldOut: 0 },
      );
    this.evaluating = true;
    await this.#run();
  }

  /** Stops silently: nothing is posted afterwards. */
  abandon() {
    this.post = () => {};
    this.state = 'paused';
    this.stopping = false;
    this.evaluating = false;
  }

  /** @param {TrainingState} state @param {StopReason} [reason] */
  #become(state, reason) {
    this.state = state;
    this.posted = state;
    this.ended = reason;
    this.post({ type: 'state', run: this.run, state, step: this.trainer.step, ...(reason && { reason }) });
  }

  /** Whether it evaluates by itself. */
  get evaluates() {
    return this.trainer.settings.eval_every > 0;
  }

  /** Why training ends before the next step. @returns {StopReason|null} */
  get reason() {
    if (this.stopping) return 'stopped';
    const { step, rules, settings } = this.trainer;
    return rules.reason({ step, elapsedMs: this.elapsed - this.limited }, settings);
  }

  /** One loop does whatever is asked for, so that no two passes ever run at once. */
  #run() {
    this.running ??= this.#loop();
    return this.running;
  }

  async #loop() {
    while (this.state === 'training' || this.stopping || this.evaluating) {
      await this.#guard(() => this.#turn());
      do await tick();
      while (this.waits());
    }
    this.running = null;
    if (this.state !== this.posted) this.#become(this.state);
  }

  /** Does one of the things that are asked for. */
  async #turn() {
    const { trainer, reason, settle, pace } = this;
    await this.#prepare();
    if (settle && this.state === 'training') {
      this.settle = null;
      pace.settling.begin();
      await settle();
      this.elapsed += pace.settling.lap();
    } else if (this.evaluating) await this.#evaluate();
    else if (reason) {
      this.stopping = false;
      // An evaluation that was due at this step was the last one.
      const last = reason === 'stopped' || trainer.rules.memory.counted !== trainer.step;
      if (this.evaluates && last) await this.#evaluate();
      this.#become('finished', reason);
    } else {
      await this.#step();
      if (trainer.rules.isDue(trainer.step, trainer.settings)) this.evaluating = true;
    }
  }

  async #prepare() {
    try {
      await this.prepare();
    } catch (error) {
      this.stopping = false;
      this.evaluating = false;
      throw error;
    }
  }

  /**
   * Runs a part of the work; failures are posted, and training pauses.
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
    const { trainer, pace } = this;
    pace.step.begin();
    const result = await trainer.advance();
    this.elapsed += pace.step.lap();
    const now = this.now();
    const logged = trainer.step % trainer.settings.log_every === 0 || trainer.step === 1 || trainer.finished;
    if (!logged && now - this.lastPost < FRAME) return;
    this.lastPost = now;
    const stepTime = pace.step.usual;
    const maxSteps = trainer.settings.max_steps;
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
      thresholds: trainer.group.lead.borderLevels.map(({ threshold }) => threshold),
      stepsPerSecond: 1000 / stepTime,
      gflops: (3 * forwardFlops(trainer.settings, result.tokens, trainer.group.lead.blocks)) / stepTime / 1e6,
      elapsedMs: this.elapsed,
      remainingMs: (maxSteps - trainer.step) * stepTime + this.#evaluationsLeft,
      logged,
    });
  }

  /** Milliseconds of the evaluations that are still to come, and of their samples. */
  get #evaluationsLeft() {
    const { trainer, pace } = this;
    const { settings, corpus, step } = trainer;
    const left = evaluationsUpTo(settings.max_steps, settings) - evaluationsUpTo(step, settings);
    const batches = Math.min(corpus.heldOutBatches, settings.val_max_batches);
    return left * (batches * pace.batch.usual + pace.sample.usual);
  }

  async #evaluate() {
    this.evaluating = false;
    const { trainer, run, pace } = this;
    pace.batch.begin();
    const result = await trainer.evaluate(async () => {
      this.elapsed += pace.batch.lap();
      await tick();
    });
    if (result) this.post({ type: 'validation', run, step: trainer.step, ...result });
    pace.sample.begin();
    await this.#write();
    this.elapsed += pace.sample.lap();
  }

  /** Lets the model write, so that what it learned can be read. */
  async #write() {
    const { trainer, run } = this;
    const { settings, step, group } = trainer;
    // Borders that look at the next byte can't be placed before it is written.
    if (settings.sample_bytes === 0 || group.lead.borderLevels.some(({ leaks }) => leaks)) return;
    const { writeSample } = await import('./samples.js');
    const { prompt, bytes } = await writeSample(this.readers, settings);
    this.post({ type: 'sample', run, step, prompt, bytes });
  }
}
