/** The lead's side of replicas that the page starts: a channel to each of them, and word of its end. */

/** @typedef {import('../replicas.js').Link} Link */

/**
 * @param {(event: import('../protocol.js').Spawn|import('../protocol.js').Dismiss, transfer?: Transferable[]) => void} post  to the page
 * @param {(lock: string, ended: () => void) => void} watch  calls when the replica that holds a lock is gone
 * @returns {{spawn: () => Link, ended: (event: import('../protocol.js').ReplicaEnded) => void}} `spawn` asks the page for a
 *   replica; `ended` takes what the page says of one
 */
export function createLinks(post, watch) {
  /** Hears that a replica ended, by its number. @type {Map<number, (why: string) => void>} */
  const ends = new Map();
  let last = 0;
  return {
    spawn() {
      const replica = ++last;
      const { port1, port2 } = new MessageChannel();
      post({ type: 'spawn', replica, port: port2 }, [port2]);
      return {
        post: (command, transfer = []) => port1.postMessage(command, transfer),
        listen: (listener) => {
          const failed = (/** @type {string} */ why) =>
            listener({
              type: 'replica-failed',
              code: 'worker',
              message: `A training worker stopped (${why}): start training again.`,
            });
          ends.set(replica, failed);
          port1.onmessage = ({ data }) => {
            if (data.type === 'replica-alive') watch(data.lock, () => failed('it was ended'));
            else listener(data);
          };
        },
        close: () => {
          ends.delete(replica);
          port1.close();
          post({ type: 'dismiss', replica });
        },
      };
    },
    ended({ replica, why }) {
      ends.get(replica)?.(why);
    },
  };
}
