/** What there is to say about a byte or a token, as plain values. */
import { excerpt, spoken } from '../format/bytes.js';
import { fixed } from '../format/numbers.js';
import { childrenOf, conditionedBy, conditionOf, firstAtLeast, firstByte, lastByte, pathOf } from './spans.js';

/** @typedef {import('../state/trace.js').Trace} Trace */
/** @typedef {import('./spans.js').Place} Place */
/** @typedef {import('./spans.js').Ends} Ends */
/** @typedef {import('../format/bytes.js').Cluster} Cluster */
/** @typedef {{trace: Trace, ends: Ends, clusters: Cluster[]}} Passage */

/** @typedef {{symbol: number, probability: number, actual: boolean}} Prediction */
/** @typedef {{bits: number, predictions: Prediction[]}} Forecast  what a head expected in place of a byte, and what the byte cost */

/** @param {Cluster[]} clusters @param {number} byte @returns {Cluster} the one that the byte is part of */
export function clusterAt(clusters, byte) {
  let [low, high] = [0, clusters.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (clusters[middle].from <= byte) low = middle;
    else high = middle - 1;
  }
  return clusters[low];
}

/**
 * @param {Trace} trace
 * @param {'encoder'|'decoder'} head
 * @param {number} byte
 * @returns {Forecast|null} null for the first byte, which nothing predicts
 */
function forecast(trace, head, byte) {
  if (byte === 0) return null;
  const { top, text } = trace;
  const at = byte - 1;
  const symbols = trace[`${head}Top`].subarray(at * top, at * top + top);
  const probabilities = trace[`${head}Probability`].subarray(at * top, at * top + top);
  return {
    bits: trace[`${head}Bits`][at],
    predictions: Array.from(symbols, (symbol, i) => ({
      symbol,
      probability: probabilities[i],
      actual: symbol === text[byte],
    })),
  };
}

/** @param {Passage} passage @param {number} byte */
export function describeByte({ trace, clusters }, byte) {
  const cluster = clusterAt(clusters, byte);
  const bottom = trace.levels[0];
  const borders = trace.levels.length > 1;
  return {
    byte,
    value: trace.text[byte],
    cluster,
    encoder: forecast(trace, 'encoder', byte),
    decoder: forecast(trace, 'decoder', byte),
    /** After it, in nats. */
    entropy: trace.encoderEntropy[byte],
    decoderEntropy: trace.decoderEntropy[byte],
    sum: borders ? bottom.sum[byte] : Number.NaN,
    threshold: trace.thresholds[0] ?? Number.NaN,
    border: borders && bottom.border[byte] === 1,
    path: pathOf(trace, { level: 0, index: byte }).slice(1),
    condition: conditionOf(trace, { level: 0, index: byte }),
  };
}

/** @param {Passage} passage @param {Place} place  a token */
export function describeToken({ trace, ends }, place) {
  const { level, index } = place;
  const tokens = trace.levels[level];
  const [from, to] = [firstByte(ends, place), lastByte(ends, place)];
  const children = childrenOf(trace, place);
  const reached = conditionedBy(trace, place);
  const below = level - 1;
  const top = level === trace.levels.length - 1;
  return {
    ...place,
    from,
    to,
    text: trace.text.subarray(from, to + 1),
    children,
    /** The sum at which the border below was put. */
    collected: trace.levels[below].sum[tokens.source[index]],
    /** Threshold of the level below. */
    collectedThreshold: trace.thresholds[below] ?? Number.NaN,
    top,
    score: tokens.score[index],
    realised: tokens.realised[index],
    sum: top ? Number.NaN : tokens.sum[index],
    threshold: trace.thresholds[level] ?? Number.NaN,
    border: !top && tokens.border[index] === 1,
    path: pathOf(trace, place).slice(1),
    condition: conditionOf(trace, place),
    reached: reached && {
      ...reached,
      level: below,
      fromByte: firstByte(ends, { level: below, index: reached.from }),
      toByte: lastByte(ends, { level: below, index: reached.to }),
    },
  };
}

/** A place in one sentence, for a screen reader. @param {Passage} passage @param {Place} place */
export function sentence(passage, place) {
  const { trace, ends } = passage;
  if (place.level === 0) {
    const d = describeByte(passage, place.index);
    const cost = d.decoder ? `${fixed(d.decoder.bits, 1)} bits` : 'given';
    return `${spoken(trace.text, d.cluster)}, byte ${place.index + 1}, ${cost}${d.border ? ', border after it' : ''}`;
  }
  const [from, to] = [firstByte(ends, place), lastByte(ends, place)];
  const label = excerpt(trace.text.subarray(from, to + 1), 60);
  const border = trace.levels[place.level].border[place.index] === 1 && place.level < trace.levels.length - 1;
  return `level ${place.level} token ${place.index + 1}: ${label}, ${to - from + 1} bytes${border ? ', border after it' : ''}`;
}

/**
 * Tokens of a level as rows of a table.
 * @param {Passage} passage
 * @param {number} level
 */
export function tokenRows({ trace, ends }, level) {
  return Array.from(ends[level], (_, index) => {
    const place = { level, index };
    const [from, to] = [firstByte(ends, place), lastByte(ends, place)];
    return {
      index,
      from,
      bytes: to - from + 1,
      text: excerpt(trace.text.subarray(from, to + 1), 80),
      collected: trace.levels[level - 1].sum[trace.levels[level].source[index]],
      parent: level + 1 < ends.length ? firstAtLeast(ends[level + 1], to) : -1,
    };
  });
}
