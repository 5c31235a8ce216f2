/**
 * Borders of a level whose scores are known, by the core's own rules: what a page shows while it waits for a trace. It needs
 * the core alone, which the worker hands over with a model.
 */

/** @typedef {import('./config.js').BorderLevel} BorderLevel */

/**
 * Routes a level: `scores` [n] and `symbols` [n], the byte at each position (of a higher level, the last that its token had
 * seen), give what the rule compared with the threshold, `sum` [n], and `border` [n].
 * @typedef {(level: number, threshold: number, scores: Float32Array, symbols: Uint8Array) =>
 *   {sum: Float32Array, border: Uint8Array}} Route
 */

const PAGE = 65536;

/**
 * @param {WebAssembly.Module} module  the core
 * @param {readonly BorderLevel[]} levels  that put borders
 * @param {number} seed  the model's
 * @returns {Route} throws a `RangeError` where a rule cannot route, or there is no memory
 */
export function createRouting(module, levels, seed) {
  const { exports } = new WebAssembly.Instance(module, {});
  const { acw_heap, acw_reroute } = /** @type {Record<string, (...args: number[]) => number>} */ (
    /** @type {unknown} */ (exports)
  );
  const memory = /** @type {WebAssembly.Memory} */ (exports.memory);
  const start = Math.ceil(acw_heap() / 16) * 16;
  return (level, threshold, scores, symbols) => {
    const n = scores.length;
    const [sumAt, symbolAt, borderAt, end] = [4 * n, 8 * n, 9 * n, 10 * n].map((bytes) => start + bytes);
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    new Float32Array(memory.buffer, start, n).set(scores);
    new Uint8Array(memory.buffer, symbolAt, n).set(symbols);
    const status = acw_reroute(levels[level].number, level, threshold, seed, n, start, symbolAt, borderAt, sumAt);
    if (status !== 0) throw new RangeError(`Level ${level} cannot be routed.`);
    return {
      sum: new Float32Array(memory.buffer, sumAt, n).slice(),
      border: new Uint8Array(memory.buffer, borderAt, n).slice(),
    };
  };
}
