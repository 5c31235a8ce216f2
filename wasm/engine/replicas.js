/**
 * The lead's side of data-parallel training: a model of its own, and replicas in other workers that hold the same
 * weights. Each computes a share of every batch; sums and gradients are added up in a fixed order (the lead's first, then
 * by number), so the same number of replicas gives the same bits. Without replicas everything happens here.
 */

import { joined } from '../files/formats/joined.js';
import { WeightAverage } from './averaging.js';
import { NOTHING_CARRIED, updated } from './carried.js';
import { Model } from './core.js';
import { channels, Exchange, overPorts } from './exchange.js';
import { CoreError } from './module.js';
import { learn, pass } from './replica.js';
import { Replica } from './replica_answers.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./corpus.js').Windows} Windows */
/** @typedef {import('./carried.js').Carried} Carried */
/** @typedef {import('./core.js').ModelState} ModelState */
/** @typedef {import('./replica_answers.js').Link} Link */

/**
 * A way for workers to trade through the page, since some browsers copy whatever goes through a channel.
 * @typedef {(replicas: Link[]) => {meeting: number, send: import('./exchange.js').Send,
 *   listen: (listener: (parts: import('./exchange.js').Parts) => void) => void, end: () => void}} Meet
 */

/** Rehearsals of each way to trade; the fastest counts. */
const REHEARSALS = 3;
/** Channels that take this many times as long as the way through the page are not used. */
const MUCH_SLOWER = 1.5;

/**
 * How many workers a setting of `workers` means.
 * @param {Settings} settings
 * @param {number} cores  what the machine has
 * @returns {number} at least 1, at most the batch size
 */
export function workersFor(settings, cores) {
  const wanted = settings.workers || Math.max(1, cores);
  return Math.min(wanted, settings.batch_size);
}

/**
 * How many sequences of a batch each worker has.
 * @param {number} batch
 * @param {number} count  of workers
 * @returns {number[]}
 */
export function sharesOf(batch, count) {
  const upTo = (/** @type {number} */ worker) => Math.floor((batch * worker) / count);
  return Array.from({ length: count }, (_, i) => upTo(i + 1) - upTo(i));
}

/**
 * The part of some sequences, all of which have the same count of numbers.
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

/** The lead's model and its replicas, as if they were one model. */
export class Group {
  /**
   * What starts the replicas, until they are there. `carried`: what all sequences carry.
   * @type {{settings: Settings, shares: number[], spawn: () => Link, meet: Meet|undefined, carried: Carried}|null}
   */
  #unconnected = null;

  /**
   * @param {WebAssembly.Module} module
   * @param {Settings} settings
   * @param {number} workers  this one included
   * @param {() => Link} [spawn]  starts a worker that serves as replica
   * @param {{meet?: Meet, reads?: boolean, later?: boolean}} [options]  `reads`: nothing is trained, only evaluated; `later`:
   *   replicas start when `connect` is called, which comes before any step or evaluation
   * @returns {Promise<Group>}
   * @throws {CoreError} `bad_setting`, `too_big`, `worker`
   */
  static async open(module, settings, workers, spawn, { meet, reads = false, later = false } = {}) {
    const batch = settings.batch_size;
    const count = spawn ? Math.min(workers, batch) : 1;
    const shares = sharesOf(batch, count);
    const lead = new Model(module, settings, { sequences: shares[0], workers: reads ? 1 : count, reads });
    if (!reads && settings.weight_averaging > 0) {
      lead.average = new WeightAverage(lead.size, settings.weight_averaging);
      lead.memoryBytes += 4 * lead.size;
    }
    const group = new Group(lead, settings, count);
    if (spawn && count > 1) group.#unconnected = { settings, shares, spawn, meet, carried: NOTHING_CARRIED };
    if (!later) await group.connect();
    return group;
  }

  /**
   * @param {Model} lead
   * @param {Settings} settings
   * @param {number} count  of workers
   */
  constructor(lead, settings, count) {
    this.lead = lead;
    this.length = settings.sequence_length;
    this.batch = settings.batch_size;
    /** @type {Replica[]} */
    this.replicas = [];
    this.memoryBytes = lead.memoryBytes;
    this.exchange = new Exchange(0, count);
    /** Ends what the lead trades through. */
    this.disconnect = () => {};
    /** How workers trade, and the milliseconds that gradients took at a rehearsal. @type {import('./protocol.js').Trading|null} */
    this.trading = null;
  }

  /**
   * Starts the replicas, where they are still to be started, and puts them into the lead's state.
   * @returns {Promise<boolean>} whether there were any to start
   * @throws {CoreError} `too_big`, `worker`: none is started, and it may be tried again
   */
  async connect() {
    const todo = this.#unconnected;
    if (!todo) return false;
    const { settings, shares, spawn, meet, carried } = todo;
    try {
      let firstSequence = shares[0];
      for (const sequences of shares.slice(1)) {
        this.replicas.push(new Replica(spawn(), firstSequence, sequences, (failure) => this.#fail(failure)));
        firstSequence += sequences;
      }
      await this.#connect(settings, meet);
    } catch (error) {
      this.close();
      this.exchange = new Exchange(0, shares.length);
      this.memoryBytes = this.lead.memoryBytes;
      throw error;
    }
    this.#unconnected = null;
    // Fresh ones begin with the seed's parameters, as the lead did.
    if (this.lead.version > 0) this.#hand({ ...this.lead.state(), carried });
    return true;
  }

  /** A replica failed: no more answers are waited for. @param {import('./protocol.js').ReplicaFailed} failure */
  #fail(failure) {
    this.exchange.fail(new CoreError(failure.code, failure.message));
    for (const replica of this.replicas) replica.fail(failure);
  }

  /**
   * Opens the replicas, and finds the faster way to trade.
   * @param {Settings} settings
   * @param {Meet} [meet]
   */
  async #connect(settings, meet) {
    const { exchange, replicas } = this;
    if (replicas.length === 0) return;
    const ports = channels(replicas.length + 1);
    const meeting = meet?.(replicas.map(({ link }) => link));
    this.disconnect = () => {
      for (const port of ports[0]) port?.close();
      meeting?.end();
    };
    meeting?.listen((parts) => {
      for (const [from, part] of parts.entries()) if (part) exchange.take(from, part);
    });
    for (const [i, { link, sequences, first }] of replicas.entries()) {
      const share = { sequences, firstSequence: first, place: i + 1, ports: ports[i + 1] };
      const transferred = share.ports.filter((port) => port !== null);
      const { reads } = this.lead;
      link.post({ type: 'replica-open', settings, reads, meeting: meeting?.meeting ?? 0, ...share }, transferred);
    }
    for (const replica of replicas) this.memoryBytes += (await replica.answer('replica-opened')).memoryBytes;
    if (this.lead.reads) return;
    const ways = { channels: overPorts(exchange, ports[0]), page: meeting?.send ?? (() => {}) };
    /** @param {import('./protocol.js').Way} way @param {number} times @returns {Promise<import('./protocol.js').Trading>} of the fastest */
    const rehearse = async (way, times) => {
      exchange.send = ways[way];
      for (const { link } of replicas) link.post({ type: 'replica-rehearse', way, times });
      let ms = Number.POSITIVE_INFINITY;
      for (let i = 0; i < times; i++) {
        const from = performance.now();
        await exchange.gradients(this.lead);
        ms = Math.min(ms, performance.now() - from);
      }
      return { way, ms, size: this.lead.denseSize };
    };
    // Gradients are still all zero, and so is their sum.
    this.trading = await rehearse('channels', REHEARSALS);
    if (!meeting) return;
    const page = await rehearse('page', REHEARSALS);
    if (this.trading.ms >= MUCH_SLOWER * page.ms) this.trading = page;
    else await rehearse('channels', 0);
  }

  /** Workers that compute, this one included. */
  get workers() {
    return this.#unconnected?.shares.length ?? this.replicas.length + 1;
  }

  /**
   * The replicas that have a share of some sequences, with it.
   * @param {Windows} windows
   * @returns {{replica: Replica, windows: Windows}[]} copies
   */
  #shares({ bytes, next, marks, anew }) {
    const { length } = this;
    const sequences = bytes.length / length;
    return this.replicas
      .filter(({ first }) => first < sequences)
      .map((replica) => {
        const { first, sequences: most } = replica;
        const end = Math.min(first + most, sequences);
        const [from, to] = [first * length, end * length];
        const own = {
          bytes: bytes.slice(from, to),
          marks: marks?.slice(from, to),
          next: next?.slice(first, end),
          anew,
        };
        return { replica, windows: own };
      });
  }

  /** The lead's share of some windows. @param {Windows} windows @returns {Windows} */
  #own(windows) {
    return { ...windows, bytes: windows.bytes.subarray(0, this.lead.sequences * this.length) };
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
    const { lead, length, exchange } = this;
    const shares = this.#shares(windows);
    for (const { replica, windows: own } of shares)
      replica.link.post({ type: 'replica-step', windows: own, length, step, learningRate }, [own.bytes.buffer]);
    lead.setStep(step);
    const learnt = learn(lead, exchange, pass(lead, this.#own(windows), length, true), learningRate);
    // Where a replica fails, both do.
    learnt.catch(() => {});
    if (lead.carries)
      for (const { replica } of shares)
        replica.carried = updated(replica.carried, (await replica.answer('replica-carried')).news);
    const { total, gradientNorm } = await learnt;
    lead.average?.follow(lead.parameters, step + 1);
    return { ...lead.result(total), tokens: lead.tokens(total), gradientNorm };
  }

  /**
   * Sums of a batch as the model is; those of several batches may be added up, field by field.
   * @param {Windows} windows  [at most batch][length]
   * @returns {Promise<Float64Array>} the fields of `ac_sums`, see c/model.h
   * @throws {CoreError} `worker`, `bad_input`
   */
  async sums(windows) {
    const { lead, length } = this;
    const shares = this.#shares(windows);
    for (const { replica, windows: own } of shares)
      replica.link.post({ type: 'replica-pass', windows: own, length }, [own.bytes.buffer]);
    lead.setStep(0);
    if (windows.anew) lead.forget();
    const total = pass(lead, this.#own(windows), length, false);
    for (const { replica } of shares) {
      const { sums } = await replica.answer('replica-sums');
      sums.forEach((sum, i) => {
        total[i] += sum;
      });
    }
    return total;
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
    if (this.#unconnected) return this.#unconnected.carried;
    const all = [this.lead.carried, ...this.replicas.map(({ carried }) => carried)];
    // Before the first step replicas have not answered, and nothing is carried.
    if (all.some(({ states }) => states.length === 0)) return NOTHING_CARRIED;
    return {
      states: joined(
        all.map(({ states }) => states),
        Float32Array,
      ),
      rules: joined(
        all.map(({ rules }) => rules),
        Float64Array,
      ),
    };
  }

  /**
   * A copy of everything that training changes.
   * @param {ModelState} [into]  an earlier copy to write over; default a new one
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
    this.lead.restore({ ...state, carried: this.#share(state, 0, this.lead.sequences) });
    if (this.#unconnected) this.#unconnected.carried = state.carried;
    this.#hand(state);
  }

  /**
   * What some sequences carry.
   * @param {ModelState} state
   * @param {number} from
   * @param {number} count
   * @returns {Carried}
   */
  #share({ carried }, from, count) {
    const { batch } = this;
    return { states: part(carried.states, from, count, batch), rules: part(carried.rules, from, count, batch) };
  }

  /** Gives the replicas a state. @param {ModelState} state */
  #hand(state) {
    // They average nothing, since nobody reads with their weights.
    const { average: _, ...trained } = state;
    for (const replica of this.replicas) {
      replica.carried = this.#share(state, replica.first, replica.sequences);
      replica.link.post({ type: 'replica-state', ...trained, carried: replica.carried });
    }
  }

  /** Fresh parameters from the seed, everywhere. */
  reset() {
    this.lead.reset();
    this.restore({ ...this.lead.state(), carried: NOTHING_CARRIED, average: undefined });
  }

  /** @param {Settings} settings  with weight decay and clipping that hold from now on */
  setOptimiser(settings) {
    this.lead.setOptimiser(settings);
    if (this.#unconnected) this.#unconnected.settings = settings;
    for (const { link } of this.replicas) link.post({ type: 'replica-optimiser', settings });
  }

  /** Ends the replicas, and goes on with another group's model. @param {Group} one  of one worker, with the same state */
  become(one) {
    this.close();
    this.disconnect = () => {};
    this.lead = one.lead;
    this.exchange = one.exchange;
    this.memoryBytes = one.memoryBytes;
    this.trading = null;
  }

  /** Ends the replicas. */
  close() {
    for (const { link } of this.replicas) link.close();
    this.replicas = [];
    this.disconnect();
  }
}
