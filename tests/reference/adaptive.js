/**
 * The adaptive model's forward pass, one sequence at a time: no padding, no batching. Shapes are of one sequence; level
 * l of it has T_l positions, T_0 = T.
 */

import { accumulatedBorders, borderPositions, exceedingBorders, mistakenBorders, parentIndices } from './borders.js';
import { dropsOf, keepAll } from './dropout.js';
import { block } from './gru.js';
import { crossEntropy, entropy } from './losses.js';
import { gather, rowMeans, stack } from './rows.js';
import { EOS } from './tensors.js';

/** @typedef {import('./tape.js').Tape} Tape */
/** @typedef {import('./tape.js').Matrix} Matrix */
/** @typedef {import('./tensors.js').ModelSettings} ModelSettings */
/** @typedef {(name: string) => Matrix} Lookup */
/** @typedef {import('./dropout.js').Drops} Drops */

/** A level's decoder block has the number of its encoder block plus this. */
const DECODERS = 8;

/**
 * A level's way up.
 * @typedef {object} Level
 * @property {Matrix} inputs  x^l, [T_l][H]
 * @property {Matrix} states  h^l, [T_l][H]
 * @property {Uint8Array|null} mask  [T_l], 1 at a border; null at the top level
 * @property {Float64Array} scores  [T_l], entropies in nats at level 0, predicted squared errors above
 *
 * @typedef {object} SequenceResult
 * @property {Level[]} levels  from the bytes up
 * @property {Matrix} encoderLogits  [T][V]
 * @property {Matrix} decoderLogits  [T][V]
 * @property {Matrix} encoderLosses  [T][1], nats
 * @property {Matrix} decoderLosses  [T][1], nats
 * @property {Matrix} entropies  [T][1], nats
 * @property {Matrix[]} squaredErrors  s of levels 1 … L−1, each [T_l][1]
 * @property {Matrix[]} uncertaintyErrors  (u − s)² of levels 1 … L−1, each [T_l][1]
 */

/**
 * y = x·Wᵀ + b with the layer's weight and bias looked up.
 * @param {Tape} tape
 * @param {Lookup} parameter
 * @param {string} name  of the layer
 * @param {Matrix} x  [N][I]
 * @returns {Matrix} [N][O]
 */
export function namedLinear(tape, parameter, name, x) {
  return tape.linear(x, parameter(`${name}.weight`), parameter(`${name}.bias`));
}

/**
 * The symbol after each byte: the next byte, EOS at the end.
 * @param {ArrayLike<number>} bytes  [T]
 * @returns {number[]} [T]
 */
export function nextSymbols(bytes) {
  return [...Array.from(bytes).slice(1), EOS];
}

/**
 * Level 0's way up.
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {Lookup} parameter
 * @param {ArrayLike<number>} bytes  [T]
 * @param {Drops} drops
 */
function encodeBytes(tape, settings, parameter, bytes, drops) {
  const targets = nextSymbols(bytes);
  const inputs = gather(tape, parameter('byte_embedding.weight'), bytes);
  const states = block(tape, parameter, 'encoder_blocks.0.gru', inputs, drops(0));
  const encoderLogits = namedLinear(tape, parameter, 'byte_encoder_head', states);
  const encoderLosses = crossEntropy(tape, encoderLogits, targets);
  const entropies = entropy(tape, encoderLogits);
  let mask = null;
  if (settings.num_levels > 1 && settings.border_mode === 'teacher_forced') {
    mask = mistakenBorders(encoderLogits, targets);
  } else if (settings.num_levels > 1) {
    mask = accumulatedBorders(entropies.data, settings.byte_entropy_threshold);
  }
  /** @type {Level} */
  const level = { inputs, states, mask, scores: entropies.data };
  return { level, encoderLogits, encoderLosses, entropies };
}

/**
 * A higher level's way up, from the states that the level below promoted.
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {Lookup} parameter
 * @param {number} l  1 … L − 1
 * @param {Matrix} inputs  x^l, [T_l][H]
 * @param {Drops} drops
 */
function encodeTokens(tape, settings, parameter, l, inputs, drops) {
  const states = block(tape, parameter, `encoder_blocks.${l}.gru`, inputs, drops(l));
  const predictions = namedLinear(tape, parameter, `meta_predictors.${l - 1}`, states);
  const following = Array.from({ length: inputs.rows }, (_, i) => i + 1);
  const targets = gather(tape, stack(tape, [inputs, parameter(`meta_eos_embeddings.${l - 1}`)]), following);
  const squaredErrors = rowMeans(tape, tape.square(tape.subtract(predictions, targets)));
  const uncertainties = tape.softplus(namedLinear(tape, parameter, `meta_uncertainty_heads.${l - 1}`, states));
  const uncertaintyErrors = tape.square(tape.subtract(uncertainties, tape.constant(squaredErrors)));
  let mask = null;
  if (l < settings.num_levels - 1 && settings.border_mode === 'teacher_forced') {
    mask = exceedingBorders(squaredErrors.data, settings.threshold);
  } else if (l < settings.num_levels - 1) {
    mask = accumulatedBorders(uncertainties.data, settings.meta_uncertainty_threshold);
  }
  /** @type {Level} */
  const level = { inputs, states, mask, scores: uncertainties.data };
  return { level, squaredErrors, uncertaintyErrors };
}

/**
 * The way down, from the top level's states to outputs at the bytes.
 * @param {Tape} tape
 * @param {Lookup} parameter
 * @param {Level[]} levels
 * @param {Drops} drops
 * @returns {Matrix} y⁰, [T][H]
 */
function decode(tape, parameter, levels, drops) {
  let outputs = levels[levels.length - 1].states;
  for (let l = levels.length - 2; l >= 0; l--) {
    const mask = /** @type {Uint8Array} */ (levels[l].mask);
    const parents = gather(tape, outputs, parentIndices(mask));
    const conditions = namedLinear(tape, parameter, `decoder_blocks.${l}.parent_projection`, parents);
    const inputs = tape.add(levels[l].inputs, conditions);
    outputs = block(tape, parameter, `decoder_blocks.${l}.gru.gru`, inputs, drops(DECODERS + l));
  }
  return outputs;
}

/**
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {Lookup} parameter
 * @param {ArrayLike<number>} bytes  [T]
 * @param {Drops} drops
 * @returns {SequenceResult}
 */
function sequenceForward(tape, settings, parameter, bytes, drops) {
  const { level, ...first } = encodeBytes(tape, settings, parameter, bytes, drops);
  const levels = [level];
  const squaredErrors = [];
  const uncertaintyErrors = [];
  for (let l = 1; l < settings.num_levels; l++) {
    const below = levels[l - 1];
    const inputs = gather(tape, below.states, borderPositions(/** @type {Uint8Array} */ (below.mask)));
    const encoded = encodeTokens(tape, settings, parameter, l, inputs, drops);
    levels.push(encoded.level);
    squaredErrors.push(encoded.squaredErrors);
    uncertaintyErrors.push(encoded.uncertaintyErrors);
  }
  const decoderLogits = namedLinear(tape, parameter, 'byte_decoder_head', decode(tape, parameter, levels, drops));
  const decoderLosses = crossEntropy(tape, decoderLogits, nextSymbols(bytes));
  return { levels, ...first, decoderLogits, decoderLosses, squaredErrors, uncertaintyErrors };
}

/**
 * The mean over levels 1 … L−1 of each level's mean over all positions of the batch; 0 with one level.
 * @param {Tape} tape
 * @param {Matrix[][]} perSequence  [B][L − 1], each [T_l][1]
 * @returns {Matrix} [1][1]
 */
function meanOverLevels(tape, perSequence) {
  const count = perSequence[0].length;
  if (count === 0) return tape.leaf(1, 1);
  const means = Array.from({ length: count }, (_, i) =>
    tape.mean(
      stack(
        tape,
        perSequence.map((levels) => levels[i]),
      ),
    ),
  );
  return tape.mean(stack(tape, means));
}

/**
 * The forward pass of a batch.
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {Lookup} parameter
 * @param {ArrayLike<number>[]} batch  [B][T], bytes
 * @param {number|null} [step]  of training, which dropout's masks follow; null: no dropout
 */
export function adaptiveForward(tape, settings, parameter, batch, step = null) {
  const sequences = batch.map((bytes, b) => {
    return sequenceForward(tape, settings, parameter, bytes, step === null ? keepAll : dropsOf(settings, step, b));
  });
  const meanOf = (/** @type {'encoderLosses'|'decoderLosses'} */ key) => {
    return tape.mean(
      stack(
        tape,
        sequences.map((sequence) => sequence[key]),
      ),
    );
  };
  const shortfall = (/** @type {Matrix} */ entropies) => {
    const floor = tape.leaf(entropies.rows, 1, new Float64Array(entropies.rows).fill(settings.entropy_floor));
    return tape.square(tape.positivePart(tape.subtract(floor, entropies)));
  };
  const terms = {
    byte_encoder: meanOf('encoderLosses'),
    byte_decoder: meanOf('decoderLosses'),
    meta: meanOverLevels(
      tape,
      sequences.map((sequence) => sequence.squaredErrors),
    ),
    uncertainty: meanOverLevels(
      tape,
      sequences.map((sequence) => sequence.uncertaintyErrors),
    ),
    entropy_reg: tape.leaf(1, 1),
  };
  if (settings.entropy_floor > 0) {
    terms.entropy_reg = tape.mean(
      stack(
        tape,
        sequences.map((sequence) => shortfall(sequence.entropies)),
      ),
    );
  }
  const total = [
    tape.scale(terms.byte_encoder, settings.encoder_loss_weight),
    tape.scale(terms.byte_decoder, settings.decoder_loss_weight),
    tape.scale(terms.meta, settings.meta_loss_weight),
    tape.scale(terms.uncertainty, settings.uncertainty_loss_weight),
    tape.scale(terms.entropy_reg, settings.entropy_reg_weight),
  ].reduce((a, b) => tape.add(a, b));
  return { total, terms, sequences };
}
