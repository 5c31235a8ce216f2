/**
 * The gated recurrent unit in PyTorch's form (https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html):
 *
 *   r  = σ(W_ir x + b_ir + W_hr h + b_hr)
 *   z  = σ(W_iz x + b_iz + W_hz h + b_hz)
 *   n  = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
 *   h' = (1 − z) ⊙ n + z ⊙ h
 *
 * The weights of the three gates are stacked in the order r, z, n. A block is two layers on top of each
 * other. A block's states start at zero.
 */

import { keepAll } from './dropout.js';
import { columns, gather, stack } from './rows.js';

/** @typedef {import('./tape.js').Tape} Tape */
/** @typedef {import('./tape.js').Matrix} Matrix */

/**
 * One time step of one layer.
 * @param {Tape} tape
 * @param {(name: string) => Matrix} parameter  looks a parameter up by its full name
 * @param {string} prefix  of the block's names, up to `gru`
 * @param {number} layer  0 or 1
 * @param {Matrix} x  [1][I]
 * @param {Matrix} h  [1][H], the state before
 * @returns {Matrix} [1][H], the state after
 */
function layerStep(tape, parameter, prefix, layer, x, h) {
  const H = h.cols;
  const named = (/** @type {string} */ part) => parameter(`${prefix}.${part}_l${layer}`);
  const input = tape.linear(x, named('weight_ih'), named('bias_ih'));
  const recurrent = tape.linear(h, named('weight_hh'), named('bias_hh'));
  const gate = (/** @type {Matrix} */ m, /** @type {number} */ g) => columns(tape, m, g * H, H);
  const r = tape.sigmoid(tape.add(gate(input, 0), gate(recurrent, 0)));
  const z = tape.sigmoid(tape.add(gate(input, 1), gate(recurrent, 1)));
  const n = tape.tanh(tape.add(gate(input, 2), tape.multiply(r, gate(recurrent, 2))));
  return tape.add(tape.subtract(n, tape.multiply(z, n)), tape.multiply(z, h));
}

/**
 * One layer over a whole sequence.
 * @param {Tape} tape
 * @param {(name: string) => Matrix} parameter
 * @param {string} prefix  of the layer's names
 * @param {Matrix} x  [T][I], at least one row
 * @param {Matrix} h  [1][H], the state before
 * @returns {Matrix} [T][H], the state at each position
 */
export function singleLayer(tape, parameter, prefix, x, h) {
  const states = [h];
  for (let t = 0; t < x.rows; t++) {
    states.push(layerStep(tape, parameter, prefix, 0, gather(tape, x, [t]), states[t]));
  }
  return stack(tape, states.slice(1));
}

/**
 * The states of a block before its first step.
 * @param {Tape} tape
 * @param {number} H
 * @returns {Matrix[]} one [1][H] a layer
 */
export function initialStates(tape, H) {
  return [tape.leaf(1, H), tape.leaf(1, H)];
}

/**
 * One time step of a block.
 * @param {Tape} tape
 * @param {(name: string) => Matrix} parameter
 * @param {string} prefix
 * @param {Matrix} x  [1][H]
 * @param {Matrix[]} states  one [1][H] a layer
 * @param {(first: Matrix) => Matrix} [dropped]  what the second layer reads, given the first one's output; default all of it
 * @returns {Matrix[]} the states after; the last one is the block's output
 */
export function blockStep(tape, parameter, prefix, x, states, dropped = (first) => first) {
  const first = layerStep(tape, parameter, prefix, 0, x, states[0]);
  return [first, layerStep(tape, parameter, prefix, 1, dropped(first), states[1])];
}

/**
 * A block over a whole sequence.
 * @param {Tape} tape
 * @param {(name: string) => Matrix} parameter
 * @param {string} prefix
 * @param {Matrix} x  [T][H]
 * @param {import('./dropout.js').Drop} [drop]
 * @returns {Matrix} [T][H], the second layer's state at each position
 */
export function block(tape, parameter, prefix, x, drop = keepAll(0)) {
  let states = initialStates(tape, x.cols);
  const outputs = [];
  for (let t = 0; t < x.rows; t++) {
    states = blockStep(tape, parameter, prefix, gather(tape, x, [t]), states, (first) => drop(tape, first, t));
    outputs.push(states[1]);
  }
  return stack(tape, outputs);
}
