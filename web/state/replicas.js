/**
 * Starts and ends the replicas that a lead asks for. The page does it, not the lead: where workers start workers, Firefox
 * sometimes never comes back from starting one. Lead and replica speak through a channel of their own; what workers trade
 * goes through the page where the lead found that to be faster.
 */
import { buffersOf } from '../../wasm/engine/exchange.js';

/** @typedef {import('../../wasm/engine/protocol.js').Spawn} Spawn */
/** @typedef {import('../../wasm/engine/protocol.js').Dismiss} Dismiss */
/** @typedef {import('../../wasm/engine/protocol.js').Meet} Meet */
/** @typedef {import('../../wasm/engine/protocol.js').Trade} Trade */
/** @typedef {import('../../wasm/engine/protocol.js').Traded} Traded */
/** @typedef {import('../../wasm/engine/exchange.js').Parts} Parts */

/** What is needed of a replica's Worker. @typedef {Pick<Worker, 'postMessage'|'terminate'> & {onmessage: ((e: MessageEvent) => void)|null, onerror: ((e: ErrorEvent) => void)|null}} ReplicaWorker */

/** Workers that trade: the lead is in place 0. `traded`: what each has sent in this round. @typedef {{replicas: number[], traded: (Parts|null)[]}} Meeting */

/**
 * @param {(name: string) => ReplicaWorker} spawn
 * @param {(event: import('../../wasm/engine/protocol.js').ReplicaEnded|Traded, transfer?: Transferable[]) => void} report  to the lead
 */
export function createReplicas(spawn, report) {
  /** @type {Map<number, ReplicaWorker>} */
  const workers = new Map();
  /** @type {Map<number, Meeting>} */
  const meetings = new Map();

  /** @param {number} replica */
  function end(replica) {
    workers.get(replica)?.terminate();
    workers.delete(replica);
    for (const [meeting, { replicas }] of meetings) if (replicas.includes(replica)) meetings.delete(meeting);
  }

  /** @param {Spawn} event */
  function start({ replica, port }) {
    /** @param {string} why */
    const failed = (why) => report({ type: 'replica-ended', replica, why });
    try {
      const worker = spawn('replica');
      worker.onerror = (e) => {
        e.preventDefault?.();
        failed(e.message);
      };
      worker.onmessage = ({ data }) => {
        if (data.type === 'trade') trade(data);
      };
      worker.postMessage({ type: 'replica-port', port }, [port]);
      workers.set(replica, worker);
    } catch (error) {
      failed(/** @type {Error} */ (error).message);
    }
  }

  /** Hands out the parts once all have sent theirs. @param {Trade} event */
  function trade({ meeting, place, parts }) {
    const met = meetings.get(meeting);
    if (!met) return;
    met.traded[place] = parts;
    const round = met.traded.filter((each) => each !== null);
    if (round.length <= met.replicas.length) return;
    met.traded.fill(null);
    for (let to = 0; to < round.length; to++) {
      const theirs = round.map((each) => each[to]);
      /** @type {Traded} */
      const traded = { type: 'traded', meeting, parts: theirs };
      if (to === 0) report(traded, buffersOf(theirs));
      else workers.get(met.replicas[to - 1])?.postMessage(traded, buffersOf(theirs));
    }
  }

  return {
    /** @param {Spawn|Dismiss|Meet|Trade} event  of the lead */
    receive(event) {
      switch (event.type) {
        case 'spawn':
          return start(event);
        case 'dismiss':
          return end(event.replica);
        case 'meet': {
          const { meeting, replicas } = event;
          return void meetings.set(meeting, { replicas, traded: Array(replicas.length + 1).fill(null) });
        }
        case 'trade':
          return trade(event);
      }
    },
    /** Whether an event of the lead is about its replicas. @param {{type: string}} event */
    about: ({ type }) => ['spawn', 'dismiss', 'meet', 'trade'].includes(type),
    /** Their lead is gone. */
    endAll() {
      for (const replica of [...workers.keys()]) end(replica);
      meetings.clear();
    },
  };
}
