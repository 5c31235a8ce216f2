/** A short text read one byte at a time, with everything that the stream remembers on the way. */
import { CoreError } from '../module.js';
import { passesWith } from './recomputing.js';
import { tick } from './tick.js';

/** @typedef {import('../core.js').Model} Model */
/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {import('../protocol.js').TimeStepsEvent} TimeStepsEvent */

/** Bytes of the text that are read: recomputing takes time that grows with their square. */
const MOST = 160;
/** Predictions kept a byte. */
const TOP = 10;

/**
 * Settings under which a full pass puts the borders that a stream with these thresholds puts.
 * @param {Model} model
 * @param {Settings} settings
 * @param {number[]} thresholds
 */
function withThresholds({ borderLevels }, settings, thresholds) {
  return { ...settings, level_thresholds: borderLevels.map((level, l) => thresholds[l] ?? level.threshold).join(',') };
}

/**
 * What the stream remembers: a vector of each layer of every encoder and decoder, and each level's projected parent; of the
 * baseline, two vectors of each block. Copies.
 * @param {import('../probe.js').Probe} probe
 * @returns {{kind: 'encoder'|'decoder'|'parent'|'block', level: number, layer: number, values: Float32Array}[]}
 */
function statesOf({ core, at: stream, model, levels }) {
  const k = core.constants;
  const kinds = /** @type {const} */ ([
    ['encoder', k.AC_STATE_ENCODER],
    ['decoder', k.AC_STATE_DECODER],
    ['parent', k.AC_STATE_PARENT],
    ['block', k.AC_STATE_BLOCK],
  ]);
  const states = [];
  for (let level = 0; level < Math.max(levels, model.blocks); level++) {
    for (const [kind, number] of kinds) {
      for (let layer = 0; ; layer++) {
        const at = core.call.acw_stream_state(stream, number, level, layer);
        if (at === 0) break;
        const width = model.widths[level] ?? model.widths[0];
        states.push({ kind, level, layer, values: core.floats(at, width).slice() });
      }
    }
  }
  return states;
}

/**
 * @param {Model} model  that reads
 * @param {Settings} settings
 * @param {import('../probe.js').Probe} probe  with its weights, at the start of a text
 * @param {import('../protocol.js').TimeSteps} command
 * @param {import('./reading.js').Job} job
 * @returns {Promise<Omit<TimeStepsEvent, 'type'|'run'|'id'>|null>} null where the job was cancelled
 * @throws {CoreError} `empty_text`
 */
export async function timeSteps(model, settings, probe, { text, thresholds = [] }, job) {
  const read = text.slice(0, MOST);
  const n = read.length;
  if (n === 0) throw new CoreError('empty_text', 'There is no text to read: type something.');
  const full = passesWith(model, withThresholds(model, settings, thresholds), n);
  probe.configure(thresholds);
  const piece = probe.tracePiece(read, 0, n, TOP, new Array(probe.levels).fill(0));
  probe.reset();
  const { AC_SYMBOLS } = probe.core.constants;
  const hidden = Math.max(...model.widths);
  const names = statesOf(probe).map(({ kind, level, layer }) => ({ kind, level, layer }));
  const states = new Float32Array(n * names.length * hidden);
  const [cached, recomputed] = [new Float32Array(n * AC_SYMBOLS), new Float32Array(n * AC_SYMBOLS)];
  const difference = new Float32Array(n);
  for (let t = 0; t < n; t++) {
    const { logits } = probe.feed(read[t], true);
    cached.set(probe.core.floats(logits, AC_SYMBOLS), t * AC_SYMBOLS);
    for (const [i, { values }] of statesOf(probe).entries()) states.set(values, (t * names.length + i) * hidden);
  }
  try {
    for (let t = 0; t < n; t++) {
      recomputed.set(full.logits(read.subarray(0, t + 1), t + 1, t).decoder, t * AC_SYMBOLS);
      for (let i = t * AC_SYMBOLS; i < (t + 1) * AC_SYMBOLS; i++)
        difference[t] = Math.max(difference[t], Math.abs(cached[i] - recomputed[i]));
      await tick();
      if (job.cancelled) return null;
    }
  } finally {
    full.close();
  }
  return { piece, hidden, names, states, cached, recomputed, difference };
}
