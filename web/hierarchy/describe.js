/** What there is to say about a byte or a token, as plain values. */
import { clusterAt, excerpt, spoken } from '../format/bytes.js';
import { fixed } from '../format/numbers.js';
import {
  bytesConditionedBy,
  childrenOf,
  conditionedBy,
  conditionsOf,
  firstAtLeast,
  firstByte,
  lastByte,
  pathOf,
} from '../traces/spans.js';
import { measureOf } from '../traces/trace.js';

/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {import('../traces/spans.js').Place} Place */
/** @typedef {import('../traces/spans.js').Ends} Ends */
/** @typedef {import('../state/windows.js').Predictions} Predictions */
/** @typedef {{trace: Trace, ends: Ends}} Passage */

/** @typedef {{symbol: number, probability: number, actual: boolean}} Prediction */
/**
 * What a head expected in place of a byte, and what the byte cost; `predictions` are null while they are not here.
 * @typedef {{bits: number, predictions: Prediction[]|null}} Forecast
 */

/**
 * @param {Trace} trace
 * @param {'encoder'|'decoder'} head
 * @param {number} byte
 * @param {Predictions|null} predictions
 * @returns {Forecast|null} null for the first byte, which nothing predicts
 */
function forecast(trace, head, byte, predictions) {
  if (byte === 0) return null;
  const said = predictions?.[head];
  return {
    bits: trace[`${head}Bits`][byte - 1],
    predictions:
      said === undefined
        ? null
        : Array.from(said.symbols, (symbol, i) => ({
            symbol,
            probability: said.probabilities[i],
            actual: symbol === trace.text[byte],
          })),
  };
}

/**
 * @param {Passage} passage
 * @param {number} byte
 * @param {Predictions|null} [predictions]  made after the byte before
 * @returns what there is to say about it; entropies in nats
 */
export function describeByte({ trace }, byte, predictions = null) {
  const cluster = clusterAt(trace.text, byte);
  const bottom = trace.levels[0];
  const borders = trace.levels.length > 1;
  return {
    byte,
    value: trace.text[byte],
    cluster,
    encoder: forecast(trace, 'encoder', byte, predictions),
    decoder: forecast(trace, 'decoder', byte, predictions),
    /** After it, in nats. */
    entropy: trace.encoderEntropy[byte],
    decoderEntropy: trace.decoderEntropy[byte],
    sum: borders ? bottom.sum[byte] : Number.NaN,
    /** The name of that. */
    measure: measureOf(trace, 0),
    threshold: trace.thresholds[0] ?? Number.NaN,
    border: borders && bottom.border[byte] === 1,
    path: pathOf(trace, { level: 0, index: byte }).slice(1),
    conditions: conditionsOf(trace, { level: 0, index: byte }),
  };
}

/** @param {Passage} passage @param {Place} place  a token @returns what there is to say about it */
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
    measure: top ? '' : measureOf(trace, level),
    measureBelow: measureOf(trace, below),
    threshold: trace.thresholds[level] ?? Number.NaN,
    border: !top && tokens.border[index] === 1,
    path: pathOf(trace, place).slice(1),
    conditions: conditionsOf(trace, place),
    /** Bytes that its state reaches, through the levels between. */
    bytesReached: bytesConditionedBy(trace, place),
    reached: reached && {
      ...reached,
      level: below,
      fromByte: firstByte(ends, { level: below, index: reached.from }),
      toByte: lastByte(ends, { level: below, index: reached.to }),
    },
  };
}

/** A place in one sentence, for a screen reader. @param {Passage} passage @param {Place} place @returns {string} */
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
 * Tokens of a level that end in a part of the text, as rows of a table.
 * @param {Passage} passage
 * @param {number} level
 * @param {{from: number, to: number}} part  bytes, `to` exclusive
 * @returns {{index: number, from: number, bytes: number, text: string, collected: number, parent: number}[]}
 */
export function tokenRows({ trace, ends }, level, part) {
  const first = firstAtLeast(ends[level], part.from);
  const end = firstAtLeast(ends[level], part.to);
  return Array.from({ length: end - first }, (_, i) => {
    const place = { level, index: first + i };
    const [from, to] = [firstByte(ends, place), lastByte(ends, place)];
    return {
      index: place.index,
      from,
      bytes: to - from + 1,
      text: excerpt(trace.text.subarray(from, to + 1), 80),
      collected: trace.levels[level - 1].sum[trace.levels[level].source[place.index]],
      parent: level + 1 < ends.length ? firstAtLeast(ends[level + 1], to) : -1,
    };
  });
}
