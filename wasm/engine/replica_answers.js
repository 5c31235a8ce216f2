/** A replica as the lead sees it: a worker with a share of each batch, whose answers come one by one. */
import { NOTHING_CARRIED } from './carried.js';
import { CoreError } from './module.js';

/** @typedef {import('./carried.js').Carried} Carried */
/** @typedef {import('./protocol.js').ReplicaCommand} ReplicaCommand */
/** @typedef {import('./protocol.js').ReplicaEvent} ReplicaEvent */

/**
 * A way to a worker that serves as replica (see replica_serving.js).
 * @typedef {object} Link
 * @property {(command: ReplicaCommand, transfer?: Transferable[]) => void} post
 * @property {(listener: (event: ReplicaEvent) => void) => void} listen  called for every event; also a synthetic
 *   `replica-failed` when the worker dies
 * @property {() => void} close
 */

/** A replica: what it is sent goes through `link`, and its answers are read in their order. */
export class Replica {
  /**
   * @param {Link} link
   * @param {number} first  number of its first sequence
   * @param {number} sequences
   * @param {(failure: import('./protocol.js').ReplicaFailed) => void} failed  called with what the replica failed with
   */
  constructor(link, first, sequences, failed) {
    this.link = link;
    this.first = first;
    this.sequences = sequences;
    /** What its sequences carry. @type {Carried} */
    this.carried = NOTHING_CARRIED;
    /** @type {ReplicaEvent[]} */
    this.waiting = [];
    /** @type {((event: ReplicaEvent) => void)|null} */
    this.reader = null;
    /** Why no more answers are waited for. @type {ReplicaEvent|null} */
    this.failure = null;
    link.listen((event) => {
      if (event.type === 'replica-failed') failed(event);
      else if (this.reader) this.#read(event);
      else this.waiting.push(event);
    });
  }

  /** @param {ReplicaEvent} event */
  #read(event) {
    const { reader } = this;
    this.reader = null;
    reader?.(event);
  }

  /** This replica failed, or another, without which this one cannot finish. @param {ReplicaEvent} failure */
  fail(failure) {
    this.failure ??= failure;
    this.#read(this.failure);
  }

  /**
   * @template {ReplicaEvent['type']} T
   * @param {T} type  the only answer that is right here
   * @returns {Promise<Extract<ReplicaEvent, {type: T}>>}
   * @throws {CoreError} what the replica failed with
   */
  async answer(type) {
    /** @type {ReplicaEvent} */
    const event =
      this.waiting.shift() ??
      this.failure ??
      (await new Promise((resolve) => {
        this.reader = resolve;
      }));
    if (event.type === 'replica-failed') throw new CoreError(event.code, event.message);
    if (event.type !== type)
      throw new CoreError('worker', 'A training worker answered out of turn: start training again.');
    return /** @type {Extract<ReplicaEvent, {type: T}>} */ (event);
  }
}
