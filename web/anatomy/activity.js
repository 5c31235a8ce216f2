/** What went through the model: in the latest training step, or in the passage that is shown. */
import { kindOf, scoresByEncoder } from '../../wasm/engine/kinds.js';
import { integer } from '../format/numbers.js';

/** @typedef {import('../../wasm/engine/protocol.js').Losses} Losses */
/** @typedef {import('../../wasm/engine/protocol.js').Progress} Progress */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../traces/trace.js').Trace} Trace */

/**
 * @typedef {object} Activity
 * @property {'step'|'passage'} source
 * @property {string} title       what it describes
 * @property {number[]} tokens    positions of each level
 * @property {Losses} losses      nats and squared errors
 * @property {{meta: number, uncertainty: number}[]|null} perLevel  of levels ≥ 1 (index 0 unused), where it is known
 * @property {number|null} gradientNorm
 * @property {number|null} learningRate
 */

/** What the losses are called where there is little room. @type {Readonly<Record<Exclude<keyof Losses, 'total'>, string>>} */
export const LOSS_NAMES = Object.freeze({
  byte_encoder: 'encoder',
  byte_decoder: 'decoder',
  meta: 'meta',
  uncertainty: 'error',
  entropy_reg: 'floor',
});

/** @param {Iterable<number>} values @returns {number} mean of the finite ones */
function mean(values) {
  let [sum, n] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    n++;
  }
  return n === 0 ? Number.NaN : sum / n;
}

/**
 * The weighted sum that training minimises.
 * @param {Omit<Losses, 'total'>} losses
 * @param {Settings} settings
 * @returns {{name: Exclude<keyof Losses, 'total'>, weight: number, value: number}[]} its terms
 */
export function termsOf(losses, settings) {
  /** @param {Exclude<keyof Losses, 'total'>} name @param {keyof Settings & `${string}_weight`} weight */
  const term = (name, weight) => ({ name, weight: settings[weight], value: losses[name] });
  const kind = kindOf(settings);
  if (kind === 'baseline') return [{ name: 'byte_decoder', weight: 1, value: losses.byte_decoder }];
  const decoder = term('byte_decoder', 'decoder_loss_weight');
  if (kind === 'flat') return [decoder];
  const encoder = term('byte_encoder', 'encoder_loss_weight');
  if (kind === 'residual') {
    const uncertainty = term('uncertainty', 'uncertainty_loss_weight');
    if (!scoresByEncoder(settings)) return [decoder, uncertainty];
    return settings.num_levels > 2 ? [encoder, decoder, uncertainty] : [encoder, decoder];
  }
  const terms = [encoder, decoder];
  if (settings.num_levels > 1)
    terms.push(term('meta', 'meta_loss_weight'), term('uncertainty', 'uncertainty_loss_weight'));
  if (settings.entropy_floor > 0) terms.push(term('entropy_reg', 'entropy_reg_weight'));
  return terms;
}

/** What the activity of a training step is headed by. @param {number} step @returns {string} */
export const stepTitle = (step) => `Training step ${integer(step)}`;

/**
 * @param {Progress} progress
 * @param {Settings} settings
 * @returns {Activity}
 */
export function activityOfStep({ step, losses, borders, gradientNorm, learningRate }, settings) {
  const [batch, length] = [settings.batch_size, settings.sequence_length];
  return {
    source: 'step',
    title: `${stepTitle(step)}: ${integer(batch)} × ${integer(length)} bytes`,
    tokens: [batch * length, ...borders.map((mean) => mean * batch)],
    losses,
    perLevel: null,
    gradientNorm,
    learningRate,
  };
}

/**
 * Losses of a passage as training would count them, as far as a trace knows them: its very last targets are not there.
 * @param {Trace} trace
 * @param {Settings} settings
 * @returns {Activity}
 */
export function activityOfPassage(trace, settings) {
  const upper = trace.levels.slice(1).map(({ count, score, realised }) => ({
    meta: mean(realised.subarray(0, count)),
    uncertainty: mean(Array.from({ length: count }, (_, i) => (score[i] - realised[i]) ** 2)),
  }));
  const floor = settings.entropy_floor;
  const entropies = trace.encoderEntropy.subarray(0, trace.count);
  const losses = {
    byte_encoder: mean(trace.encoderBits.subarray(0, trace.count)) * Math.LN2,
    byte_decoder: mean(trace.decoderBits.subarray(0, trace.count)) * Math.LN2,
    meta: mean(upper.map(({ meta }) => meta)),
    uncertainty: mean(upper.map(({ uncertainty }) => uncertainty)),
    entropy_reg: floor > 0 ? mean(Array.from(entropies, (e) => Math.max(floor - e, 0) ** 2)) : 0,
  };
  const total = termsOf(losses, settings).reduce(
    (sum, t) => sum + (Number.isFinite(t.value) ? t.weight * t.value : 0),
    0,
  );
  return {
    source: 'passage',
    title: `The passage shown: ${integer(trace.count)} bytes`,
    tokens: trace.levels.map(({ count }) => count),
    losses: { total, ...losses },
    perLevel: [{ meta: Number.NaN, uncertainty: Number.NaN }, ...upper],
    gradientNorm: null,
    learningRate: null,
  };
}
