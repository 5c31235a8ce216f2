/** The page's end of the worker: starts it, starts it again when it died, numbers runs and jobs, drops stale events. */
import { watching } from '../../wasm/engine/watching.js';
import { createReplicas } from './replicas.js';
import { spawnWorker } from './surroundings.js';

/** @typedef {import('../../wasm/engine/protocol.js').Command} Command */
/** @typedef {import('../../wasm/engine/protocol.js').Event} Event */
/** @typedef {import('../../wasm/engine/protocol.js').Failed} Failed */
/** @template T @template {PropertyKey} K @typedef {T extends unknown ? Omit<T, K> : never} Without */

/** What the client needs of a Worker. @typedef {Pick<Worker, 'postMessage'|'terminate'> & {onmessage: ((e: MessageEvent) => void)|null, onerror: ((e: ErrorEvent) => void)|null, onmessageerror: ((e: MessageEvent) => void)|null}} WorkerLike */

/** An answer that was a failure; the event itself was delivered as well. */
export class Refusal extends Error {
  /** @param {Failed} event */
  constructor(event) {
    super(event.message);
    this.event = event;
  }
}

const DIED =
  'The model’s worker stopped, most likely for want of memory. Your text is still here: open the weights you downloaded last, or start training again, perhaps with a smaller model.';
const NEVER_STARTED =
  'The model’s worker could not be started. Reload the page; if that does not help, try another browser. In a frame, its page must allow workers: “worker-src blob:”, or “self” from its own site.';

const NONE_OPEN = 'The model that was asked is not open any more: ask again.';

/**
 * @param {(event: Event) => void} deliver  gets every event that is not stale
 * @param {(name?: string) => WorkerLike} [spawn]
 * @param {import('../../wasm/engine/watching.js').Watch} [watch]
 */
export function createClient(deliver, spawn = spawnWorker, watch = watching) {
  /** @type {WorkerLike|null} */
  let worker = null;
  const replicas = createReplicas(spawn, (event, transfer = []) => worker?.postMessage(event, transfer));
  /** Whether the present worker ever said something. */
  let spoke = false;
  let [run, opening, lastRun, lastId] = [0, 0, 0, 0];
  /** Who is called with the answers to a job, by its id. @type {Map<number, {run: number, onEvent: (event: any) => void}>} */
  const jobs = new Map();
  /** Ids of cancelled jobs: whatever still comes for them, failures too, is dropped. @type {Set<number>} */
  const cancelled = new Set();
  /** @type {{type: string, run: number, id: number|undefined, resolve: (event: any) => void, reject: (error: Refusal) => void}[]} */
  let waiting = [];

  /** @param {Event} event */
  function receive(event) {
    spoke = true;
    if (event.run !== run && event.run !== opening) return;
    // A worker in which something broke is not relied on any more, nor is one of which a replica ended.
    if (event.type === 'failed' && event.fatal && event.code === 'worker' && event.id === undefined) {
      die(event.message);
      return;
    }
    if (event.type === 'opened') {
      run = event.run;
      cancelled.clear();
      endJobs(NONE_OPEN);
      // Requests to a model that is gone are refused in its name, and nobody waits for them any more.
      const late = { type: /** @type {const} */ ('failed'), code: 'no_model', message: NONE_OPEN, fatal: false };
      for (const { run: of } of waiting) if (of < run) settle({ ...late, run: of });
    }
    const id = ('id' in event && event.id) || 0;
    if (cancelled.has(id)) return;
    const job = jobs.get(id);
    if (job) {
      // After its last answer there is nothing to cancel, and nothing to remember.
      if (!('done' in event) || event.done) jobs.delete(id);
      job.onEvent(event);
      return;
    }
    deliver(event);
    // What gzip needs for a text comes later, and may come when another text was already handed over: it answers nobody.
    if (event.type !== 'dataset' || event.gzipBpb === null) settle(event);
  }

  /** @param {Event} event */
  function settle(event) {
    const id = 'id' in event ? event.id : undefined;
    const found = waiting.filter(
      (w) =>
        w.run === event.run && (w.type === event.type || event.type === 'failed') && (id === undefined || w.id === id),
    );
    waiting = waiting.filter((w) => !found.includes(w));
    for (const w of found) {
      if (event.type === 'failed') w.reject(new Refusal(event));
      else w.resolve(event);
    }
  }

  /** @param {number} id @param {string} message  why there is no answer */
  function endJob(id, message) {
    const job = jobs.get(id);
    jobs.delete(id);
    job?.onEvent({ type: 'failed', run: job.run, id, code: 'no_model', message, fatal: false });
  }

  /** Tells those who wait for jobs of another model than the open one. @param {string} message */
  function endJobs(message) {
    for (const [id, job] of [...jobs]) if (job.run !== run) endJob(id, message);
  }

  /** @param {string} [message]  what went wrong, where the worker said it */
  function die(message = spoke ? DIED : NEVER_STARTED) {
    worker?.terminate();
    worker = null;
    replicas.endAll();
    const runs = new Set([run, opening, ...waiting.map((w) => w.run)]);
    run = 0;
    /** @type {Failed} */
    const event = { type: 'failed', run: opening, code: 'worker', message, fatal: true };
    deliver(event);
    endJobs(message);
    for (const each of runs) settle({ ...event, run: each });
  }

  /** A worker; where the browser allows none, one that is dead. @returns {WorkerLike} */
  function spawned() {
    try {
      return spawn();
    } catch {
      /** @type {WorkerLike} */
      const dead = { postMessage() {}, terminate() {}, onmessage: null, onerror: null, onmessageerror: null };
      setTimeout(() => dead.onerror?.(/** @type {any} */ ({})));
      return dead;
    }
  }

  function start() {
    spoke = false;
    const started = spawned();
    const gone = () => {
      if (worker === started) die();
    };
    const speaks = watch.word(gone);
    /** @param {string} [lock]  that it holds, where the browser has any */
    const lives = (lock) => lock && watch.lock(lock, gone);
    started.onmessage = ({ data }) => {
      if (worker !== started) return;
      speaks();
      if (data.type === 'alive') lives(data.lock);
      else if (replicas.about(data)) replicas.receive(data);
      else receive(data);
    };
    started.onerror = (e) => {
      e.preventDefault?.();
      speaks();
      gone();
    };
    started.onmessageerror = gone;
    worker = started;
    return started;
  }

  /**
   * @param {Command} command
   * @param {Transferable[]} transfer
   */
  function post(command, transfer) {
    (worker ?? start()).postMessage(command, transfer);
  }

  /** @param {number} id */
  function cancel(id) {
    if (run === 0) return;
    cancelled.add(id);
    post({ type: 'cancel', id, run }, []);
  }

  /** @param {string} type @param {number} of @param {number} [id] @returns {Promise<any>} */
  function answer(type, of, id) {
    return new Promise((resolve, reject) => waiting.push({ type, run: of, id, resolve, reject }));
  }

  return {
    /** The id of the open model; 0 for none. */
    get run() {
      return run;
    },
    /** Starts the worker before it is needed. */
    warm() {
      if (!worker) start();
    },
    /** A new id for a job. */
    nextId() {
      return ++lastId;
    },
    /**
     * Sends a command about the open model.
     * @param {Without<Exclude<Command, {type: 'open'}>, 'run'>} command
     * @param {Transferable[]} [transfer]
     */
    send(command, transfer = []) {
      if (run !== 0) post(/** @type {Command} */ ({ ...command, run }), transfer);
    },
    /** Ends what was sent with an id; what still comes of it is dropped. @param {number} id */
    cancel,
    /**
     * Sends a command whose answers go to `onEvent` alone, until `end` is called.
     * @param {Without<Extract<Command, {id: number}>, 'run'|'id'>} command
     * @param {Transferable[]} transfer
     * @param {(event: Event) => void} onEvent  a failure is its last event
     * @returns {{id: number, end: () => void}} `end` cancels what is still under way
     */
    job(command, transfer, onEvent) {
      const id = ++lastId;
      jobs.set(id, { run, onEvent });
      // Later, so that whoever asks knows the job before its first event.
      if (run === 0) queueMicrotask(() => endJob(id, NONE_OPEN));
      else post(/** @type {Command} */ ({ ...command, id, run }), transfer);
      return {
        id,
        end() {
          if (jobs.delete(id)) cancel(id);
        },
      };
    },
    /**
     * Opens a model. Events about the former one are stale once this one is there.
     * @param {import('../../wasm/engine/protocol.js').Settings} settings
     * @param {Uint8Array} [checkpoint]  transferred
     * @returns {Promise<import('../../wasm/engine/protocol.js').Opened>} rejects with a `Refusal`
     */
    open(settings, checkpoint) {
      opening = ++lastRun;
      const opened = answer('opened', opening);
      /** @type {Command} */
      const command = { type: 'open', run: opening, settings, ...(checkpoint && { checkpoint }) };
      post(command, checkpoint ? [checkpoint.buffer] : []);
      return opened;
    },
    /**
     * Hands over a text.
     * @param {Uint8Array|Blob} text  bytes are transferred
     * @param {Blob} [heldOut]  default the end of the text
     * @returns {Promise<import('../../wasm/engine/protocol.js').Dataset>} rejects with a `Refusal`
     */
    data(text, heldOut) {
      const dataset = answer('dataset', run);
      post({ type: 'data', run, text, ...(heldOut && { heldOut }) }, text instanceof Uint8Array ? [text.buffer] : []);
      return dataset;
    },
    /**
     * @param {boolean} resumable
     * @returns {Promise<import('../../wasm/engine/protocol.js').Exported>} rejects with a `Refusal`
     */
    export(resumable) {
      const id = ++lastId;
      const exported = answer('exported', run, id);
      post({ type: 'export', run, id, resumable }, []);
      return exported;
    },
  };
}

/** @typedef {ReturnType<typeof createClient>} Client */
