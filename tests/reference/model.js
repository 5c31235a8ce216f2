/**
 * One interface to all models: forward pass, losses and gradients of a batch.
 *
 * A reference in double precision, written to be read next to the description of the model and to be compared with:
 * slow, without any optimisation.
 */

import { adaptiveForward } from './adaptive.js';
import { baselineForward } from './baseline.js';
import { dropsOf, keepAll } from './dropout.js';
import { residualForward } from './residual.js';
import { Tape } from './tape.js';
import { isResidual, tensorTable } from './tensors.js';

/** @typedef {import('./tape.js').Matrix} Matrix */
/** @typedef {import('./tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('./tensors.js').Parameters} Parameters */
/** @typedef {import('./residual.js').Window} Window */

/**
 * The losses of a batch in nats (`meta` and `uncertainty` in squared units of the states); `total` is what training
 * minimises.
 * @typedef {{total: number, byte_encoder: number, byte_decoder: number, meta: number, uncertainty: number,
 *   entropy_reg: number}} Losses
 *
 * @typedef {object} ForwardResult
 * @property {Losses} losses
 * @property {Float64Array[]} encoderLogits  [B] of [T · 257]
 * @property {Float64Array[]} decoderLogits  [B] of [T · 257]; only logits stand in both places
 * @property {Uint8Array[][]} borderMasks  [L − 1][B] of [T_l], 1 at a border; none for the baseline
 * @property {number[]} borderCounts  [L − 1], mean number of borders a sequence
 * @property {Float64Array[][]} scores  [L][B] of [T_l]: entropies (nats) at level 0, predicted squared errors above;
 *   none for the baseline
 * @property {import('./residual.js').Carried[]} [carried]  [B] of a residual stream, what the next windows start from
 * @property {number} [margin]  of a residual stream, how close the closest decision about a border was
 *
 * @typedef {Map<string, Float64Array>} Gradients  by parameter name, shaped like the parameter; absent where the total
 *   loss does not depend on the parameter
 */

/**
 * Parameters as leaves of a tape, looked up by name. A vector becomes a matrix of one row.
 * @param {Tape} tape
 * @param {Parameters} parameters
 * @returns {Map<string, Matrix>}
 */
export function parameterLeaves(tape, parameters) {
  return new Map(
    Array.from(parameters, ([name, { shape, data }]) => {
      const cols = shape[shape.length - 1];
      return [name, tape.leaf(shape.length === 1 ? 1 : shape[0], cols, data)];
    }),
  );
}

/**
 * A lookup that fails on an unknown name.
 * @param {Map<string, Matrix>} leaves
 * @returns {(name: string) => Matrix}
 */
export function lookup(leaves) {
  return (name) => {
    const leaf = leaves.get(name);
    if (!leaf) throw new Error(`The model has no parameter ${name}.`);
    return leaf;
  };
}

/**
 * Checks that the parameters are exactly those of the model.
 * @param {ModelSettings} settings
 * @param {Parameters} parameters
 */
function requireParameters(settings, parameters) {
  const table = tensorTable(settings);
  for (const { name, shape } of table) {
    const found = parameters.get(name)?.shape;
    if (String(found) !== String(shape)) throw new Error(`Parameter ${name} should be [${shape}] but is [${found}].`);
  }
  if (parameters.size !== table.length) throw new Error('There are parameters that the model does not have.');
}

/** @param {ArrayLike<number>[]} batch */
function requireBatch(batch) {
  if (batch.length === 0 || batch.some((bytes) => bytes.length === 0 || bytes.length !== batch[0].length)) {
    throw new Error('A batch is one or more sequences of the same length, of one byte or more.');
  }
  if (batch.some((bytes) => Array.from(bytes).some((byte) => !(byte >= 0 && byte <= 255)))) {
    throw new Error('A batch holds bytes, 0 to 255.');
  }
}

/**
 * Border masks, and the mean number of borders in a sequence.
 * @param {{mask: Uint8Array|null}[][]} sequences  [B][L], the last of each without a mask
 */
function bordersOf(sequences) {
  const borderMasks = sequences[0]
    .slice(0, -1)
    .map((_, l) => sequences.map((levels) => /** @type {Uint8Array} */ (levels[l].mask)));
  const count = (/** @type {Uint8Array[]} */ masks) => masks.flatMap((mask) => [...mask]).filter(Boolean).length;
  return { borderMasks, borderCounts: borderMasks.map((masks) => count(masks) / sequences.length) };
}

/**
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {(name: string) => Matrix} parameter
 * @param {Window[]} windows
 * @returns {{total: Matrix, result: ForwardResult}}
 */
function residualOnTape(tape, settings, parameter, windows) {
  const { total, decoder, encoder, uncertainty, sequences } = residualForward(tape, settings, parameter, windows);
  const logits = sequences.map((sequence) => sequence.logits.data);
  const scores = sequences[0].levels.slice(0, -1).map((_, l) => sequences.map(({ levels }) => levels[l].scores.data));
  const result = {
    losses: {
      byte_encoder: encoder.data[0],
      byte_decoder: decoder.data[0],
      meta: 0,
      uncertainty: uncertainty.data[0],
      entropy_reg: 0,
      total: total.data[0],
    },
    encoderLogits: sequences.map((sequence) => (sequence.encoder ?? sequence).logits.data),
    decoderLogits: logits,
    ...bordersOf(sequences.map(({ levels }) => levels)),
    scores,
    carried: sequences.map(({ carried }) => carried),
    margin: Math.min(...sequences.map(({ margin }) => margin)),
  };
  return { total, result };
}

/**
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {(name: string) => Matrix} parameter
 * @param {ArrayLike<number>[]} batch
 * @param {number|null} step
 * @param {Omit<Window, 'bytes'>[]} beside
 * @returns {{total: Matrix, result: ForwardResult}}
 */
function forwardOnTape(tape, settings, parameter, batch, step, beside) {
  if (isResidual(settings)) {
    const windows = batch.map((bytes, b) => ({
      drops: step === null ? keepAll : dropsOf(settings, step, b),
      ...beside[b],
      bytes,
    }));
    return residualOnTape(tape, settings, parameter, windows);
  }
  if (settings.model_type === 'baseline') {
    const { total, logits } = baselineForward(tape, settings, parameter, batch, step);
    const loss = total.data[0];
    const losses = { total: loss, byte_encoder: loss, byte_decoder: loss, meta: 0, uncertainty: 0, entropy_reg: 0 };
    const data = logits.map((m) => m.data);
    const noLevels = { borderMasks: [], borderCounts: [], scores: [] };
    return { total, result: { losses, encoderLogits: data, decoderLogits: data, ...noLevels } };
  }
  const { total, terms, sequences } = adaptiveForward(tape, settings, parameter, batch, step);
  const entries = Object.entries({ total, ...terms }).map(([name, term]) => [name, term.data[0]]);
  const result = {
    losses: /** @type {Losses} */ (Object.fromEntries(entries)),
    encoderLogits: sequences.map(({ encoderLogits }) => encoderLogits.data),
    decoderLogits: sequences.map(({ decoderLogits }) => decoderLogits.data),
    ...bordersOf(sequences.map(({ levels }) => levels)),
    scores: Array.from({ length: settings.num_levels }, (_, l) => sequences.map(({ levels }) => levels[l].scores)),
  };
  return { total, result };
}

/**
 * The forward pass of a batch.
 * @param {ModelSettings} settings
 * @param {Parameters} parameters  unchanged
 * @param {ArrayLike<number>[]} batch  [B][T], bytes
 * @param {Omit<Window, 'bytes'>[]} [beside]  [B] the other fields of a residual stream's windows
 * @returns {ForwardResult}
 * @throws {Error} where parameters or bytes do not fit
 */
export function forward(settings, parameters, batch, beside = []) {
  requireParameters(settings, parameters);
  requireBatch(batch);
  const tape = new Tape();
  return forwardOnTape(tape, settings, lookup(parameterLeaves(tape, parameters)), batch, null, beside).result;
}

/**
 * The forward pass of a batch and the gradients of its total loss.
 * @param {ModelSettings} settings
 * @param {Parameters} parameters  unchanged
 * @param {ArrayLike<number>[]} batch  [B][T], bytes
 * @param {number} [step]  of training, which dropout's masks follow
 * @param {Omit<Window, 'bytes'>[]} [beside]  as in `forward`
 * @returns {ForwardResult & {gradients: Gradients}}
 * @throws {Error} where parameters or bytes do not fit
 */
export function forwardBackward(settings, parameters, batch, step = 0, beside = []) {
  requireParameters(settings, parameters);
  requireBatch(batch);
  const tape = new Tape();
  const leaves = parameterLeaves(tape, parameters);
  const { total, result } = forwardOnTape(tape, settings, lookup(leaves), batch, step, beside);
  tape.backward(total);
  /** @type {Gradients} */
  const gradients = new Map();
  for (const [name, { grad }] of leaves) if (grad) gradients.set(name, grad);
  return { ...result, gradients };
}
