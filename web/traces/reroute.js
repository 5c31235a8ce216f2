/**
 * Borders for other thresholds, as far as scores that are known already decide them: exactly what the worker will say,
 * without waiting for it. A level's states do not depend on thresholds of its own or higher levels.
 */
import { Pyramid } from './pyramid.js';
import { emptyLevel } from './trace.js';

/** @typedef {import('./trace.js').Trace} Trace */
/** @typedef {import('./trace.js').LevelTrace} LevelTrace */

/**
 * A level of a trace with its borders for a threshold.
 * @param {Trace} trace
 * @param {number} l
 * @param {number} threshold
 * @param {import('../../wasm/engine/rerouting.js').Route} route
 * @returns {LevelTrace}
 */
function withBorders({ text, levels }, l, threshold, route) {
  const level = levels[l];
  const { known, score } = level;
  const symbols = Uint8Array.from({ length: known }, (_, i) => text[l === 0 ? i : level.end[i]]);
  const routed = route(l, threshold, score.subarray(0, known), symbols);
  const sum = new Float32Array(score.length).fill(Number.NaN, known);
  const border = new Uint8Array(score.length);
  sum.set(routed.sum);
  border.set(routed.border);
  return { ...level, sum, border };
}

/** The tokens that borders of the level below make; nothing is known of their scores. @param {LevelTrace} below @param {boolean} bytes  whether that is level 0 @returns {LevelTrace} */
function tokensFrom(below, bytes) {
  let count = 0;
  for (let i = 0; i < below.known; i++) count += below.border[i];
  const source = new Uint32Array(count);
  const end = new Uint32Array(count);
  for (let i = 0, j = 0; i < below.known; i++) {
    if (below.border[i] === 0) continue;
    source[j] = i;
    end[j++] = bytes ? i : below.end[i];
  }
  const unknown = () => new Float32Array(count).fill(Number.NaN);
  return {
    count,
    known: 0,
    source,
    end,
    score: unknown(),
    sum: unknown(),
    border: new Uint8Array(count),
    realised: unknown(),
  };
}

/**
 * The trace that the worker will make of the same text and weights with other thresholds, as far as that follows: levels
 * up to the lowest whose threshold moved, the spans above it, and nothing that a decoder said. Pieces of the real trace
 * then overwrite it.
 * @param {Trace} trace
 * @param {number[]} thresholds
 * @param {number} id  of the worker's job
 * @param {import('../../wasm/engine/rerouting.js').Route} route  the model's
 * @returns {Trace|null} null where nothing follows
 */
export function reroute(trace, thresholds, id, route) {
  const moved = thresholds.findIndex((threshold, level) => threshold !== trace.thresholds[level]);
  if (moved < 0 || trace.count < trace.text.length || trace.levels.length !== thresholds.length + 1) return null;
  const changed = withBorders(trace, moved, thresholds[moved], route);
  const levels = trace.levels.map((level, l) => {
    if (l < moved) return level;
    if (l === moved) return changed;
    return l === moved + 1 ? tokensFrom(changed, moved === 0) : emptyLevel();
  });
  const n = trace.text.length;
  return {
    ...trace,
    id,
    thresholds,
    traced: 0,
    done: false,
    paid: { encoder: 0, decoder: 0, counted: 0 },
    decoderEntropy: new Float32Array(n).fill(Number.NaN),
    decoderBits: new Float32Array(n).fill(Number.NaN),
    decoderTop: new Uint16Array(trace.decoderTop.length),
    decoderProbability: new Float32Array(trace.decoderProbability.length),
    levels,
    sketch: {
      entropy: trace.sketch.entropy,
      bits: new Pyramid(),
      sums: levels.map((_, l) => (l < moved ? (trace.sketch.sums[l] ?? new Pyramid()) : new Pyramid())),
    },
  };
}
