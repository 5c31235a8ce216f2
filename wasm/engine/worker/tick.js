/**
 * Gives messages a turn. In a browser a MessageChannel's tick comes at once, also in a hidden tab, where timers are
 * throttled; `await null` would not let messages in at all. WebKit passes the messages of channels through the page's own
 * thread, which may be busy for tens of milliseconds: there the end of a digest, which comes straight to the worker, comes
 * sooner. (In Chromium it would come before messages, which would never get a turn.) Node runs up to a thousand ticks of a
 * channel before it looks at signals and workers, so there it is setImmediate.
 */
const channel = typeof setImmediate === 'function' ? null : new MessageChannel();
/** In WebKit alone, and there only in pages from https, this machine or a file. */
const subtle = channel && /WebKit(?!.*Chrom)/.test(navigator.userAgent) && crypto.subtle;
/** @type {(() => void)[]} */
const waiting = [];
if (channel) channel.port1.onmessage = () => waiting.shift()?.();

/** @returns {Promise<void>} after the messages that are waiting were handled */
export function tick() {
  if (subtle) return /** @type {Promise<any>} */ (subtle.digest('SHA-1', new Uint8Array(1)));
  return new Promise((resolve) => {
    if (!channel) return void setImmediate(resolve);
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
