/**
 * Starts and ends the replicas that a lead asks for. The page does it, not the lead: where workers start workers, Firefox
 * sometimes never comes back from starting one. Lead and replica speak through a channel of their own.
 */

/** @typedef {import('../../wasm/engine/protocol.js').Spawn} Spawn */
/** @typedef {import('../../wasm/engine/protocol.js').Dismiss} Dismiss */

/** What is needed of a replica's Worker. @typedef {Pick<Worker, 'postMessage'|'terminate'> & {onerror: ((e: ErrorEvent) => void)|null}} ReplicaWorker */

/**
 * @param {(name: string) => ReplicaWorker} spawn
 * @param {(event: import('../../wasm/engine/protocol.js').ReplicaEnded) => void} tell  tells the lead
 */
export function createReplicas(spawn, tell) {
  /** @type {Map<number, ReplicaWorker>} */
  const workers = new Map();

  /** @param {number} replica */
  function end(replica) {
    workers.get(replica)?.terminate();
    workers.delete(replica);
  }

  return {
    /** @param {Spawn|Dismiss} event  of the lead */
    receive(event) {
      const { replica } = event;
      if (event.type === 'dismiss') return end(replica);
      /** @param {string} why */
      const failed = (why) => tell({ type: 'replica-ended', replica, why });
      try {
        const worker = spawn('replica');
        worker.onerror = (e) => {
          e.preventDefault?.();
          failed(e.message);
        };
        worker.postMessage({ type: 'replica-port', port: event.port }, [event.port]);
        workers.set(replica, worker);
      } catch (error) {
        failed(/** @type {Error} */ (error).message);
      }
    },
    /** Their lead is gone. */
    endAll() {
      for (const replica of [...workers.keys()]) end(replica);
    },
  };
}
