/** The lead's side of replicas that the page starts: a channel to each of them, and word of its end. */

/** @typedef {import('../replicas.js').Link} Link */

/**
 * @param {(event: import('../protocol.js').Spawn|import('../protocol.js').Dismiss, transfer?: Transferable[]) => void} post  to the page
 * @param {import('../watching.js').Watch} watch
 * @returns {{spawn: () => Link, ended: (event: import('../protocol.js').ReplicaEnded) => void}} `spawn` asks the page for a
 *   replica; `ended` takes what the page says of one
 */
export function createLinks(post, watch) {
  /** Hears that a replica ended, by its number. @type {Map<number, (why: string) => void>} */
  const ends = new Map();
  /** Says that a replica spoke. @type {Map<number, () => void>} */
  const speaks = new Map();
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
          const ended = () => failed('it was ended');
          speaks.set(replica, watch.word(ended));
          port1.onmessage = ({ data }) => {
            speaks.get(replica)?.();
            if (data.type !== 'replica-alive') listener(data);
            else if (data.lock) watch.lock(data.lock, ended);
          };
        },
        close: () => {
          ends.delete(replica);
          speaks.get(replica)?.();
          speaks.delete(replica);
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
