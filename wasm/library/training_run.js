/** A training run that others can follow: how far it is, when it ends, and what its weights make of a text. */

/** @typedef {import('../engine/settings.js').Settings} Settings */
/** @typedef {import('../engine/config.js').BorderLevel} BorderLevel */
/** @typedef {import('../engine/protocol.js').TracePiece} TracePiece */

/** `decoderBpb`: bits per byte of the latest batch; NaN before the first. @typedef {{step: number, maxSteps: number, decoderBpb: number}} RunProgress */
/** `levels`: those that put borders, with the thresholds that they have now. @typedef {{settings: Settings, levels: readonly BorderLevel[]}} RunModel */

/**
 * The trainer behind a run.
 * @typedef {object} RunSource
 * @property {() => RunModel} model  asked for once the run has reported
 * @property {(text: Uint8Array, options: {thresholds: number[]}) => AsyncIterable<TracePiece>} trace  with the weights of that moment
 * @property {() => void} stop   ends training; the weights go on reading
 * @property {() => void} close  ends everything
 */

/**
 * Whoever trains reports to it; whoever watches listens for its events: `step` when it is further on, `end` when it is over.
 * An element `<border-hierarchy>` takes one as its property `run`.
 */
export class TrainingRun extends EventTarget {
  #source;
  #followers = 0;

  /** @param {RunSource} source */
  constructor(source) {
    super();
    this.#source = source;
    /** @type {RunProgress} */
    this.progress = { step: 0, maxSteps: 0, decoderBpb: Number.NaN };
    /** @type {'opening'|'training'|'ended'|'closed'} */
    this.state = 'opening';
    /** What went wrong, in one sentence; empty where nothing did. */
    this.problem = '';
  }

  /** @returns {RunModel} as it is now */
  get model() {
    return this.#source.model();
  }

  /**
   * Reads a text with the weights of this moment.
   * @param {Uint8Array} text
   * @param {{thresholds: number[]}} options  one a level that puts borders
   * @returns {AsyncIterable<TracePiece>}
   */
  trace(text, options) {
    return this.#source.trace(text, options);
  }

  /** For the trainer: reports how far it is. @param {RunProgress} progress */
  report(progress) {
    if (this.state === 'ended' || this.state === 'closed') return;
    this.progress = progress;
    this.state = 'training';
    this.dispatchEvent(new Event('step'));
  }

  /** For the trainer: reports the end. @param {string} [problem]  why, where something went wrong */
  end(problem = '') {
    if (this.state === 'ended' || this.state === 'closed') return;
    this.state = 'ended';
    this.problem = problem;
    this.dispatchEvent(new Event('end'));
  }

  /** Ends training after the current step. Texts can still be read. */
  stop() {
    if (this.state === 'opening' || this.state === 'training') this.#source.stop();
  }

  /** Ends everything, and gives the memory back. */
  close() {
    if (this.state === 'closed') return;
    this.end();
    this.state = 'closed';
    this.#source.close();
  }

  /**
   * Follows the run. Once nobody does any more, it is closed.
   * @returns {() => void} ends following
   */
  attach() {
    let attached = true;
    this.#followers++;
    return () => {
      if (!attached) return;
      attached = false;
      this.#followers--;
      // An element that is only moved to another place follows again at once.
      setTimeout(() => {
        if (this.#followers === 0) this.close();
      });
    };
  }
}
