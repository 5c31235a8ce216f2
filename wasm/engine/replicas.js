/**
 * The lead's side of data-parallel training: a model of its own, and replicas in other workers that hold the same
 * weights. Each computes a share of every batch; sums and gradients are added up in a fixed order (the lead's first, then
 * by number), so the same number of replicas gives the same bits. Without replicas everything happens here.
 */
import { NOTHING_CARRIED } from './carried.js';
import { Model } from './core.js';
import { CoreError } from './module.js';
import { pass } from './replica.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./corpus.js').Windows} Windows */
/** @typedef {import('./carried.js').Carried} Carried */
/** @typedef {import('./core.js').ModelState} ModelState */
/** @typedef {import('./protocol.js').ReplicaCommand} ReplicaCommand */
/** @typedef {import('./protocol.js').ReplicaEvent} ReplicaEvent */

/**
 * A way to a worker that serves as replica (see replica.js).
 * @typedef {object} Link
 * @property {(command: ReplicaCommand, transfer?: Transferable[]) => void} post
 * @property {(listener: (event: ReplicaEvent) => void) => void} listen  called for every event; also a made-up
 *   `replica-failed` when the worker dies
 * @property {() => void} close
 */

/**
 * How many workers a setting of `workers` means.
 * @param {Settings} settings
 * @param {number} cores  what the machine has
 * @returns {number} at least 1, at most the batch size
 */
export function workersFor(settings, cores) {
  const wanted = Number(settings.workers) || Math.max(1, cores);
  return Math.min(wanted, Number(settings.batch_size));
}

/**
 * The part of some sequences, where each has as many numbers.
 * @template {Float32Array|Float64Array} T
 * @param {T} all
 * @param {number} from   first sequence
 * @param {number} count  of sequences
 * @param {number} batch  sequences of all
 * @returns {T}
 */
function part(all, from, count, batch) {
  const each = all.length / batch;
  return /** @type {T} */ (all.slice(from * each, (from + count) * each));
}

/** One replica as the lead sees it: answers come one by one. */
class Replica {
  /**
   * @param {Link} link
   * @param {number} first  number of its first sequence
   * @param {number} sequences
   */
  constructor(link, first, sequences) {
    this.link = link;
    this.first = first;
    this.sequences = sequences;
    /** What its sequences carry. @type {Carried} */
    this.carried = NOTHING_CARRIED;
    /** @type {ReplicaEvent[]} */
    this.waiting = [];
    /** @type {((event: ReplicaEvent) => void)|null} */
    this.reader = null;
    /** What the replica failed with, after which it answers no more. @type {ReplicaEvent|null} */
    this.failure = null;
    link.listen((event) => {
      if (event.type === 'replica-failed') this.failure ??= event;
      if (this.reader) {
        const reader = this.reader;
        this.reader = null;
        reader(event);
      } else this.waiting.push(event);
    });
  }

  /**
   * @template {ReplicaEvent['type']} T
   * @param {T} type  the only answer that is right now
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

/** The lead's model and its replicas, as if they were one model. */
export class Group {
  /**
   * @param {WebAssembly.Module} module
   * @param {Settings} settings
   * @param {number} workers  this one included
   * @param {() => Link} [spawn]  starts a worker that serves as replica
   * @returns {Promise<Group>}
   * @throws {CoreError} `bad_setting`, `too_big`, `worker`
   */
  static async open(module, settings, workers, spawn) {
    const batch = Number(settings.batch_size);
    const count = spawn ? Math.min(workers, batch) : 1;
    const shares = Array.from(
      { length: count },
      (_, i) => Math.floor((batch * (i + 1)) / count) - Math.floor((batch * i) / count),
    );
    const lead = new Model(module, settings, { sequences: shares[0], exchange: count > 1 });
    const group = new Group(lead, settings);
    try {
      let firstSequence = shares[0];
      for (const sequences of shares.slice(1)) {
        const replica = new Replica(/** @type {() => Link} */ (spawn)(), firstSequence, sequences);
        group.replicas.push(replica);
        replica.link.post({ type: 'replica-open', settings, sequences, firstSequence });
        firstSequence += sequences;
      }
      for (const replica of group.replicas) group.memoryBytes += (await replica.answer('replica-opened')).memoryBytes;
    } catch (error) {
      group.close();
      throw error;
    }
    return group;
  }

  /**
   * @param {Model} lead
   * @param {Settings} settings
   */
  constructor(lead, settings) {
    this.lead = lead;
    this.length = Number(settings.sequence_length);
    this.batch = Number(settings.batch_size);
    /** @type {Replica[]} */
    this.replicas = [];
    this.memoryBytes = lead.memoryBytes;
  }

  /** Workers that compute, this one included. */
  get workers() {
    return this.replicas.length + 1;
  }

  /**
   * A pass over a batch, shared out; returns the sums of all.
   * @param {Windows} windows
   * @param {boolean} training
   * @param {number} step
   * @returns {Promise<Float64Array>}
   */
  async #pass({ bytes, next, anew }, training, step) {
    const { lead, length } = this;
    const sequences = bytes.length / length;
    const busy = this.replicas.filter((r) => r.first < sequences);
    for (const { link, first, sequences: share } of busy) {
      const part = bytes.slice(first * length, Math.min(first + share, sequences) * length);
      const after = next?.slice(first, first + share);
      link.post({ type: 'replica-pass', bytes: part, length, training, step, next: after, anew }, [part.buffer]);
    }
    lead.setStep(step);
    if (anew) lead.forget();
    const total = pass(lead, bytes.subarray(0, Math.min(lead.sequences, sequences) * length), length, training, next);
    for (const replica of busy) {
      const { sums, carried } = await replica.answer('replica-sums');
      if (carried) replica.carried = carried;
      sums.forEach((sum, i) => {
        total[i] += sum;
      });
    }
    return total;
  }

  /**
   * A training step, update included.
   * @param {Windows} windows  [batch][length]
   * @param {number} step  from 0
   * @param {number} learningRate
   * @returns {Promise<import('./core.js').PassResult & {tokens: number[], gradientNorm: number}>} losses before the update
   * @throws {CoreError} `not_finite`: the parameters are as before the step
   */
  async step(windows, step, learningRate) {
    const { lead } = this;
    const total = await this.#pass(windows, true, step);
    const result = lead.result(total);
    if (!Number.isFinite(result.losses.total)) {
      throw new CoreError('not_finite', 'The loss is no longer a finite number.');
    }
    for (const { link } of this.replicas) link.post({ type: 'replica-backward', total });
    lead.backward(total);
    /** @type {Float32Array<ArrayBuffer>[]} */
    const answers = [];
    for (const replica of this.replicas) answers.push((await replica.answer('replica-gradients')).gradients);
    for (const gradients of answers) lead.addGradients(gradients);
    this.replicas.forEach(({ link }, i) => {
      answers[i].set(lead.gradients);
      link.post({ type: 'replica-update', gradients: answers[i], learningRate }, [answers[i].buffer]);
    });
    const gradientNorm = lead.update(learningRate);
    return { ...result, tokens: lead.tokens(total), gradientNorm };
  }

  /**
   * Sums of a batch as the model is; those of several batches may be added up, field by field.
   * @param {Windows} windows  [at most batch][length]
   * @returns {Promise<Float64Array>} the fields of `ac_sums`, see c/model.h
   * @throws {CoreError} `worker`, `bad_input`
   */
  sums(windows) {
    return this.#pass(windows, false, 0);
  }

  /**
   * Losses of a batch as the model is.
   * @param {Windows} windows  [at most batch][length]
   * @returns {Promise<import('./core.js').PassResult>}
   * @throws {CoreError} `worker`, `bad_input`
   */
  async evaluate(windows) {
    return this.lead.result(await this.sums(windows));
  }

  /** What all sequences of the batch carry, in their order. @returns {Carried} */
  get carried() {
    const all = [this.lead.carried, ...this.replicas.map(({ carried }) => carried)];
    // Before the first step replicas have not said anything, and nothing is carried.
    if (all.some(({ states }) => states.length === 0)) return NOTHING_CARRIED;
    return {
      states: Float32Array.from(all.flatMap(({ states }) => [...states])),
      rules: Float64Array.from(all.flatMap(({ rules }) => [...rules])),
    };
  }

  /**
   * A copy of everything that training changes.
   * @param {ModelState} [into]  a former copy that nobody needs any more; default a new one
   * @returns {ModelState}
   */
  state(into) {
    const state = this.lead.state(into);
    state.carried = this.carried;
    return state;
  }

  /**
   * Puts every replica into a state.
   * @param {ModelState} state
   */
  restore(state) {
    const { batch } = this;
    /** @param {number} from @param {number} count @returns {Carried} */
    const share = (from, count) => ({
      states: part(state.carried.states, from, count, batch),
      rules: part(state.carried.rules, from, count, batch),
    });
    this.lead.restore({ ...state, carried: share(0, this.lead.sequences) });
    for (const replica of this.replicas) {
      replica.carried = share(replica.first, replica.sequences);
      replica.link.post({ type: 'replica-state', ...state, carried: replica.carried });
    }
  }

  /** Fresh parameters from the seed, everywhere. */
  reset() {
    this.lead.reset();
    this.restore({ ...this.lead.state(), carried: NOTHING_CARRIED });
  }

  /** @param {Settings} settings  with weight decay and clipping that hold from now on */
  setOptimiser(settings) {
    this.lead.setOptimiser(settings);
    for (const { link } of this.replicas) link.post({ type: 'replica-optimiser', settings });
  }

  /** Ends the replicas. */
  close() {
    for (const { link } of this.replicas) link.close();
    this.replicas = [];
  }
}
