/**
 * How workers that train one model together trade sums and gradients: each with every other one, at the same points of a
 * step. Gradients are cut into as many pieces as there are workers. Each worker gets the others' gradients of its own piece,
 * adds them up in the order of the workers, and hands the sums back: a number travels twice, however many workers there
 * are, and no worker adds up more than its share. The buffers go to and fro and are never made anew. Sparse gradients are
 * few: each worker's go behind the piece to every other one, and all add all of them up while the sums travel.
 */

import { piecesOf } from './pieces.js';

/** @typedef {Float32Array<ArrayBuffer>|Float64Array<ArrayBuffer>} Part */
/** What goes to or comes from every worker, by its place; null for the worker itself. @typedef {(any|null)[]} Parts */
/** Hands every other worker its part. @typedef {(parts: Parts) => void} Send */

const NO_NUMBERS = new Float32Array(0);

/** A model's sparse gradients. @param {import('./core.js').Model} model @returns {Float32Array} a view of a copy that stays until the next */
export function copySparse({ core, at, sparseCopy }) {
  return core.floats(sparseCopy, core.call.acw_copy_sparse(at, sparseCopy));
}

/** Adds another worker's sparse gradients. @param {import('./core.js').Model} model @param {Float32Array} values  as copied */
export function addSparse({ core, at, received }, values) {
  core.floats(received, values.length).set(values);
  core.check(core.call.acw_add_sparse(at, values.length, received));
}

/**
 * Adds the sparse gradients of all workers up, in the order of their places: the rows are in one order everywhere then, too.
 * @param {import('./core.js').Model} model
 * @param {number} place  of this worker
 * @param {number} copied  numbers of what was copied of its own
 * @param {Parts} theirs
 * @param {number} from  where they become sparse
 */
function addUpSparse(model, place, copied, theirs, from) {
  const { core, at, sparseCopy, widths } = model;
  // The first worker's are where they belong.
  if (place > 0) core.call.acw_clear_sparse(at);
  for (const [i, part] of theirs.entries()) {
    // A row has its number and its gradients.
    if (part) addSparse(model, part.subarray(from, from + 1 + part[from] * (1 + widths[0])));
    else if (i > 0) core.check(core.call.acw_add_sparse(at, copied, sparseCopy));
  }
}

/** The buffers of parts, to be transferred. @param {Parts} parts @returns {ArrayBuffer[]} */
export const buffersOf = (parts) => parts.flatMap((part) => (part ? [part.buffer] : []));

/** One worker's end of the exchange. */
export class Exchange {
  /** What each worker sent that nobody has read yet, in order. @type {any[][]} */
  #waiting;
  /** Whoever waits for a part of every other worker. @type {{resolve: (parts: Parts) => void, reject: (error: Error) => void}|null} */
  #reader = null;
  /** Why nothing comes any more. @type {Error|null} */
  #error = null;
  /** Buffers for the others' pieces with this worker's sparse gradients behind them, while they are here. @type {Parts} */
  #parts;
  /** Likewise for the sums of this worker's piece. @type {Parts} */
  #sums;

  /**
   * @param {number} place  of this worker among all, from 0
   * @param {number} count  workers, this one included
   * @param {Send} [send]  may be set later
   */
  constructor(place, count, send = () => {}) {
    this.place = place;
    this.count = count;
    this.send = send;
    this.#waiting = Array.from({ length: count }, () => []);
    this.#parts = Array(count).fill(null);
    this.#sums = Array(count).fill(null);
  }

  /** @returns {boolean} whether every other worker's part is here */
  get #complete() {
    return this.#waiting.every((queue, i) => i === this.place || queue.length > 0);
  }

  #shift() {
    return this.#waiting.map((queue) => queue.shift() ?? null);
  }

  /**
   * A part came.
   * @param {number} from  place of the worker that sent it
   * @param {Part} part
   */
  take(from, part) {
    this.#waiting[from].push(part);
    if (!this.#reader || !this.#complete) return;
    const { resolve } = this.#reader;
    this.#reader = null;
    resolve(this.#shift());
  }

  /**
   * Nothing comes any more.
   * @param {Error} error  what whoever waits, now or later, gets
   */
  fail(error) {
    this.#error ??= error;
    this.#reader?.reject(this.#error);
    this.#reader = null;
  }

  /**
   * Gives every other worker a part, and gets one of each.
   * @param {Parts} parts  transferred
   * @returns {Promise<Parts>}
   * @throws {Error} what the exchange failed with
   */
  async trade(parts) {
    if (this.#error) throw this.#error;
    this.send(parts);
    if (this.#complete) return this.#shift();
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /**
   * Adds sums up over all workers, in the order of their places.
   * @param {Float64Array<ArrayBuffer>} own
   * @returns {Promise<Float64Array<ArrayBuffer>>} the same everywhere, to the bit
   */
  async sums(own) {
    if (this.count === 1) return own;
    const { place } = this;
    const all = await this.trade(this.#waiting.map((_, i) => (i === place ? null : own.slice())));
    all[place] = own;
    const total = all[0].slice();
    for (const sums of all.slice(1)) for (let i = 0; i < total.length; i++) total[i] += sums[i];
    return total;
  }

  /**
   * Puts the sum of all workers' gradients, added up in the order of their places, into a model.
   * @param {import('./core.js').Model} model  with room for an exchange among so many
   */
  async gradients(model) {
    if (this.count === 1) return;
    const { place, count } = this;
    const pieces = piecesOf(model.denseSize, count);
    const others = pieces.map((_, i) => i).filter((i) => i !== place);
    const [parts, sums] = [this.#parts, this.#sums];
    const largest = pieces[0].to;
    const sparse = model.sparseRoom > 0 ? copySparse(model) : NO_NUMBERS;
    const copied = sparse.length;
    for (const i of others) {
      parts[i] ??= new Float32Array(largest + model.sparseRoom);
      parts[i].set(model.gradients.subarray(pieces[i].from, pieces[i].to));
      parts[i].set(sparse, largest);
    }
    const { from, to } = pieces[place];
    const size = to - from;
    const theirs = await this.trade(parts);
    // The sum over those before this worker, in the first one's buffer; then this worker's own; then those after it.
    for (let i = 1; i < place; i++) for (let n = 0; n < size; n++) theirs[0][n] += theirs[i][n];
    if (place > 0) model.addGradients(theirs[0].subarray(0, size), from);
    for (let i = place + 1; i < count; i++) model.addGradients(theirs[i].subarray(0, size), from);
    for (const i of others) {
      sums[i] ??= new Float32Array(largest);
      sums[i].set(model.gradients.subarray(from, to));
    }
    const trade = this.trade(sums);
    // Where adding up fails nobody waits for it any more.
    trade.catch(() => {});
    // While the sums travel.
    if (model.sparseRoom > 0) addUpSparse(model, place, copied, theirs, largest);
    const totals = await trade;
    for (const i of others) model.gradients.set(totals[i].subarray(0, pieces[i].to - pieces[i].from), pieces[i].from);
    this.#parts = theirs;
    this.#sums = totals;
  }
}

/**
 * Channels between every two of some workers.
 * @param {number} count
 * @returns {(MessagePort|null)[][]} [worker][worker]: the end that the first one has
 */
export function channels(count) {
  /** @type {(MessagePort|null)[][]} */
  const ports = Array.from({ length: count }, () => Array(count).fill(null));
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      const { port1, port2 } = new MessageChannel();
      [ports[i][j], ports[j][i]] = [port1, port2];
    }
  return ports;
}

/**
 * Connects an exchange with the others through channels.
 * @param {Exchange} exchange
 * @param {(MessagePort|null)[]} ports  by place
 * @returns {Send}
 */
export function overPorts(exchange, ports) {
  for (const [from, port] of ports.entries()) if (port) port.onmessage = ({ data }) => exchange.take(from, data);
  return (parts) => {
    for (const [i, port] of ports.entries()) port?.postMessage(parts[i], [parts[i].buffer]);
  };
}
