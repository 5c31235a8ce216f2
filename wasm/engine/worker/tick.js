/**
 * Gives messages a turn. In a browser a MessageChannel's tick comes at once, also in a hidden tab, where timers are
 * throttled; `await null` would not let messages in at all. Node runs up to a thousand ticks of a channel before it
 * looks at signals and workers, so there it is setImmediate.
 */
const channel = typeof setImmediate === 'function' ? null : new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
if (channel) channel.port1.onmessage = () => waiting.shift()?.();

/** @returns {Promise<void>} after the messages that are waiting were handled */
export function tick() {
  return new Promise((resolve) => {
    if (!channel) return void setImmediate(resolve);
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
