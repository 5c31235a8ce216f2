/**
 * Gives messages a turn. A MessageChannel's tick comes at once, also in a hidden tab, where timers are throttled;
 * `await null` would not let messages in at all.
 */
const channel = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
channel.port1.onmessage = () => waiting.shift()?.();
// Under Node an open port would keep the process alive.
/** @type {{unref?: () => void}} */ (channel.port1).unref?.();

/** @returns {Promise<void>} after the messages that are waiting were handled */
export function tick() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
