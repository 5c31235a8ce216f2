/**
 * Both models behind one door: forward pass, losses and gradients of a batch.
 *
 * A reference in double precision, written to be read beside the description of the model and to be compared with:
 * slow, without any optimisation.
 */

import { adaptiveForward } from './adaptive.js';
import { baselineForward } from './baseline.js';
import { Tape } from './tape.js';
import { tensorTable } from './tensors.js';

/** @typedef {import('./tape.js').Matrix} Matrix */
/** @typedef {import('./tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('./tensors.js').Parameters} Parameters */

/**
 * The losses of a batch in nats (`meta` and `uncertainty` in squared units of the states); `total` is what training
 * minimises.
 * @typedef {{total: number, byte_encoder: number, byte_decoder: number, meta: number, uncertainty: number,
 *   entropy_reg: number}} Losses
 *
 * @typedef {object} ForwardResult
 * @property {Losses} losses
 * @property {Float64Array[]} encoderLogits  [B] of [T · 257]
 * @property {Float64Array[]} decoderLogits  [B] of [T · 257]; the baseline's only logits stand in both places
 * @property {Uint8Array[][]} borderMasks  [L − 1][B] of [T_l], 1 at a border; none for the baseline
 * @property {number[]} borderCounts  [L − 1], mean number of borders a sequence
 * @property {Float64Array[][]} scores  [L][B] of [T_l]: entropies (nats) at level 0, predicted squared errors above;
 *   none for the baseline
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
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {(name: string) => Matrix} parameter
 * @param {ArrayLike<number>[]} batch
 * @param {number|null} step
 * @returns {{total: Matrix, result: ForwardResult}}
 */
function forwardOnTape(tape, settings, parameter, batch, step) {
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
  const borderMasks = Array.from({ length: settings.num_levels - 1 }, (_, l) =>
    sequences.map(({ levels }) => /** @type {Uint8Array} */ (levels[l].mask)),
  );
  const result = {
    losses: /** @type {Losses} */ (Object.fromEntries(entries)),
    encoderLogits: sequences.map(({ encoderLogits }) => encoderLogits.data),
    decoderLogits: sequences.map(({ decoderLogits }) => decoderLogits.data),
    borderMasks,
    borderCounts: borderMasks.map((masks) => masks.flatMap((mask) => [...mask]).filter(Boolean).length / batch.length),
    scores: Array.from({ length: settings.num_levels }, (_, l) => sequences.map(({ levels }) => levels[l].scores)),
  };
  return { total, result };
}

/**
 * The forward pass of a batch.
 * @param {ModelSettings} settings
 * @param {Parameters} parameters  unchanged
 * @param {ArrayLike<number>[]} batch  [B][T], bytes
 * @returns {ForwardResult}
 * @throws {Error} where parameters or bytes do not fit
 */
export function forward(settings, parameters, batch) {
  requireParameters(settings, parameters);
  requireBatch(batch);
  const tape = new Tape();
  return forwardOnTape(tape, settings, lookup(parameterLeaves(tape, parameters)), batch, null).result;
}

/**
 * The forward pass of a batch and the gradients of its total loss.
 * @param {ModelSettings} settings
 * @param {Parameters} parameters  unchanged
 * @param {ArrayLike<number>[]} batch  [B][T], bytes
 * @param {number} [step]  of training, which dropout's masks follow
 * @returns {ForwardResult & {gradients: Gradients}}
 * @throws {Error} where parameters or bytes do not fit
 */
export function forwardBackward(settings, parameters, batch, step = 0) {
  requireParameters(settings, parameters);
  requireBatch(batch);
  const tape = new Tape();
  const leaves = parameterLeaves(tape, parameters);
  const { total, result } = forwardOnTape(tape, settings, lookup(leaves), batch, step);
  tape.backward(total);
  /** @type {Gradients} */
  const gradients = new Map();
  for (const [name, { grad }] of leaves) if (grad) gradients.set(name, grad);
  return { ...result, gradients };
}
