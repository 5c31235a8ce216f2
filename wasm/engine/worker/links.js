/**
 * The lead's side of replicas that the page starts: a channel to each of them, word of its end, and the way over the page by
 * which workers trade where channels are slow.
 */
import { buffersOf } from '../exchange.js';

/** @typedef {import('../replica_answers.js').Link} Link */

/**
 * @param {(event: import('../protocol.js').Spawn|import('../protocol.js').Dismiss|import('../protocol.js').Meet|import('../protocol.js').Trade,
 *   transfer?: Transferable[]) => void} post  to the page
 * @param {import('../watching.js').Watch} watch
 * @returns {{spawn: () => Link, meet: import('../replicas.js').Meet,
 *   receive: (event: import('../protocol.js').ReplicaEnded|import('../protocol.js').Traded) => void}} `spawn` asks the page for
 *   a replica; `receive` takes what the page says of one, and hands on
 */
export function createLinks(post, watch) {
  /** Called when a replica ended, by its number. @type {Map<number, (why: string) => void>} */
  const ends = new Map();
  /** To be called when a replica spoke, by its number. @type {Map<number, () => void>} */
  const speaks = new Map();
  /** Numbers of replicas, by their links. @type {Map<Link, number>} */
  const numbers = new Map();
  /** Who gets what is traded, by meeting. @type {Map<number, (parts: import('../exchange.js').Parts) => void>} */
  const meetings = new Map();
  let [last, lastMeeting] = [0, 0];
  return {
    spawn() {
      const replica = ++last;
      const { port1, port2 } = new MessageChannel();
      post({ type: 'spawn', replica, port: port2 }, [port2]);
      /** @type {Link} */
      const link = {
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
          numbers.delete(link);
          ends.delete(replica);
          speaks.get(replica)?.();
          speaks.delete(replica);
          port1.close();
          post({ type: 'dismiss', replica });
        },
      };
      numbers.set(link, replica);
      return link;
    },
    meet(replicas) {
      const meeting = ++lastMeeting;
      post({ type: 'meet', meeting, replicas: replicas.map((link) => numbers.get(link) ?? 0) });
      return {
        meeting,
        send: (parts) => post({ type: 'trade', meeting, place: 0, parts }, buffersOf(parts)),
        listen: (listener) => void meetings.set(meeting, listener),
        end: () => void meetings.delete(meeting),
      };
    },
    receive(event) {
      if (event.type === 'traded') meetings.get(event.meeting)?.(event.parts);
      else ends.get(event.replica)?.(event.why);
    },
  };
}
