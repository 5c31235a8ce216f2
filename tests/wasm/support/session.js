/** The page's side of the worker, in Node: commands and events go through message ports, so they are copied and transferred. */
import assert from 'node:assert/strict';
import { surroundings } from '../../../wasm/engine/node/surroundings.js';
import { serve } from '../../../wasm/engine/worker/worker.js';
import { small } from './models.js';

/** @typedef {import('../../../wasm/engine/protocol.js').Command} Command */
/** @typedef {import('../../../wasm/engine/protocol.js').Event} Event */
/** @typedef {import('../../../wasm/engine/protocol.js').Failed} Failed */
/** @typedef {import('../../../wasm/engine/protocol.js').TracePiece} TracePiece */
/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../../wasm/engine/worker/worker.js').Surroundings} Surroundings */
/** @template T @template {PropertyKey} K @typedef {T extends unknown ? Omit<T, K> : never} Without */
/** @template {Event['type']} T @typedef {Extract<Event, {type: T}>} EventOf */

/** Milliseconds after which a missing answer is a failure. */
const PATIENCE = 20_000;

/** @type {Client[]} */
const clients = [];

/** Ends all workers made here; they would keep the process alive. */
export async function closeClients() {
  for (const client of clients.splice(0)) await client.close();
}

export class Client {
  /** @param {Partial<Surroundings>} [changes]  to the surroundings */
  constructor(changes = {}) {
    const { port1, port2 } = new MessageChannel();
    this.port = port2;
    this.run = 0;
    this.lastId = 0;
    /** Everything that came, in order. @type {Event[]} */
    this.events = [];
    /** @type {{matches: (event: Event) => boolean, resolve: (event: Event) => void, timer: NodeJS.Timeout}[]} */
    this.waiting = [];
    const answer = serve((event, transfer) => port1.postMessage(event, transfer ?? []), {
      ...surroundings(),
      ...changes,
    });
    port1.onmessage = ({ data }) => answer(data);
    port2.onmessage = ({ data }) => this.#receive(data);
    clients.push(this);
  }

  /** @param {Event} event */
  #receive(event) {
    this.events.push(event);
    const found = this.waiting.filter(({ matches }) => matches(event));
    this.waiting = this.waiting.filter((w) => !found.includes(w));
    for (const { resolve } of found) resolve(event);
  }

  /**
   * Sends a command about the open model, without waiting.
   * @param {Without<Command, 'run'>} command
   * @param {{run?: number, transfer?: Transferable[]}} [options]
   */
  send(command, { run = this.run, transfer = [] } = {}) {
    this.port.postMessage({ ...command, run }, transfer);
  }

  /**
   * The next event that matches, from now on.
   * @param {string} what  is waited for
   * @param {(event: Event) => boolean} matches
   * @returns {Promise<Event>}
   */
  #await(what, matches) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const last = this.events.slice(-5).map((event) => JSON.stringify(event).slice(0, 200));
        reject(new Error(`No ${what} came; the last events: ${last.join(' ') || 'none'}`));
      }, PATIENCE);
      const found = (/** @type {Event} */ event) => {
        clearTimeout(timer);
        resolve(event);
      };
      this.waiting.push({ matches, resolve: found, timer });
    });
  }

  /**
   * The next event of a type, from now on.
   * @template {Event['type']} T
   * @param {T} type
   * @param {(event: EventOf<T>) => boolean} [matches]
   * @returns {Promise<EventOf<T>>}
   */
  async next(type, matches = () => true) {
    const fits = (/** @type {Event} */ event) => event.type === type && matches(/** @type {EventOf<T>} */ (event));
    return /** @type {EventOf<T>} */ (await this.#await(type, fits));
  }

  /**
   * Sends a command and waits for an answer of a type; a failure instead is an error.
   * @template {Event['type']} T
   * @param {Without<Command, 'run'>} command
   * @param {T} type
   * @param {(event: EventOf<T>) => boolean} [matches]
   * @returns {Promise<EventOf<T>>}
   */
  async ask(command, type, matches = () => true) {
    const answer = this.#await(`${type} after ${command.type}`, (event) => {
      return event.type === 'failed' || (event.type === type && matches(/** @type {EventOf<T>} */ (event)));
    });
    this.send(command);
    const event = await answer;
    // Only a failure is printed: other events hold whole checkpoints.
    assert.equal(event.type, type, event.type === 'failed' ? JSON.stringify(event) : undefined);
    return /** @type {EventOf<T>} */ (event);
  }

  /** Opens a small model; its id is the present run from then on. @param {Partial<Settings>} [changes] @param {Uint8Array} [checkpoint] */
  open(changes, checkpoint) {
    this.run++;
    return this.ask(
      { type: 'open', settings: small(changes), checkpoint },
      'opened',
      (event) => event.run === this.run,
    );
  }

  /** @param {Uint8Array} text @param {Uint8Array} [heldOut] */
  data(text, heldOut) {
    return this.ask({ type: 'data', text, heldOut }, 'dataset', ({ gzipBpb }) => gzipBpb === null);
  }

  /** Trains until all steps are made. @param {Partial<Settings>} [settings] */
  train(settings) {
    const changes = /** @type {Settings|undefined} */ (settings);
    return this.ask({ type: 'train', settings: changes }, 'state', ({ state }) => state === 'finished');
  }

  /** The checkpoint as it is now. */
  async export(resumable = true) {
    const id = ++this.lastId;
    return (await this.ask({ type: 'export', id, resumable }, 'exported', (event) => event.id === id)).bytes;
  }

  /**
   * A whole trace.
   * @param {Uint8Array} text
   * @param {{thresholds?: number[], withoutParents?: boolean, top?: number, reader?: string, record?: boolean}} [options]
   * @returns {Promise<TracePiece[]>}
   */
  async trace(text, options = {}) {
    const id = ++this.lastId;
    const from = this.events.length;
    const last = await this.ask(
      { type: 'trace', id, text, ...options },
      'trace',
      (event) => event.id === id && event.done,
    );
    assert.equal(last.total, text.length);
    return this.events.slice(from).flatMap((event) => (event.type === 'trace' && event.id === id ? [event.piece] : []));
  }

  /**
   * A whole generation.
   * @param {Partial<import('../../../wasm/engine/protocol.js').Generate>} [options]
   */
  async generate(options = {}) {
    const id = ++this.lastId;
    const from = this.events.length;
    const prompt = new TextEncoder().encode('Call me ');
    const choice = { temperature: 1, top_k: 0, max_new_bytes: 40, stop_at_eos: false, seed: 3 };
    const command = /** @type {const} */ ({ type: 'generate', id, prompt, ...choice, ...options });
    const { reason } = await this.ask(command, 'generated', (event) => event.id === id && event.done);
    const pieces = this.events.slice(from).flatMap((e) => (e.type === 'generated' && e.id === id ? [e] : []));
    const bytes = pieces.flatMap((piece) => [...piece.bytes]);
    const borders = pieces.flatMap((piece) => [...piece.borders]);
    assert.equal(borders.length, bytes.length);
    return { reason, bytes, borders, pieces };
  }

  /** Sends a command that must fail. @param {Without<Command, 'run'>} command @param {string} code @param {{run?: number}} [options] */
  async refused(command, code, options) {
    const answer = this.next('failed');
    this.send(command, options);
    const event = await answer;
    assert.equal(event.code, code, event.message);
    assert.match(event.message, /^[A-Z“"].+[.!]$/su);
    return event;
  }

  /** Events of a type that came so far. @template {Event['type']} T @param {T} type @returns {EventOf<T>[]} */
  all(type) {
    return /** @type {EventOf<T>[]} */ (this.events.filter((event) => event.type === type));
  }

  /** Events of the next few turns, without the text's size under gzip, which is sent whenever it is known. @returns {Promise<Event[]>} */
  async overhear() {
    const from = this.events.length;
    await aWhile();
    return this.events.slice(from).filter(({ type }) => type !== 'dataset');
  }

  /** Ends the model and its workers by opening one that needs none; where none can be opened, there is none to end. */
  async close() {
    const run = ++this.run;
    const ended = this.#await('end', (event) => event.run === run && ['opened', 'failed'].includes(event.type));
    this.send({ type: 'open', settings: small({ workers: 1 }) });
    await ended;
    // An answer that no test waits for must not keep the process alive.
    for (const { timer } of this.waiting) clearTimeout(timer);
    this.port.close();
  }
}

/**
 * A client with a small model and a text, some thirty steps from its end.
 * @param {Uint8Array} text
 * @param {Partial<Settings>} [changes]
 * @param {Uint8Array} [checkpoint]
 */
export async function clientWith(text, changes, checkpoint) {
  const client = new Client();
  const opened = await client.open({ max_steps: 30, log_every: 1, eval_every: 10, ...changes }, checkpoint);
  await client.data(text);
  return { client, opened };
}

/** Some turns of the event loop, in which work under way continues. */
export async function aWhile(turns = 30) {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}
