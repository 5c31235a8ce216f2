/**
 * The baseline's forward pass: an embedding, K residual GRU blocks and a head.
 */

import { namedLinear, nextSymbols } from './adaptive.js';
import { dropsOf, keepAll } from './dropout.js';
import { block } from './gru.js';
import { crossEntropy } from './losses.js';
import { gather, stack } from './rows.js';
import { baselineSize } from './tensors.js';

/** @typedef {import('./tape.js').Tape} Tape */
/** @typedef {import('./tape.js').Matrix} Matrix */
/** @typedef {import('./tensors.js').ModelSettings} ModelSettings */

/**
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {(name: string) => Matrix} parameter
 * @param {ArrayLike<number>[]} batch  [B][T], bytes
 * @param {number|null} [step]  as in adaptiveForward
 * @returns {{total: Matrix, logits: Matrix[]}}  the mean cross-entropy in nats; [B] of [T][V]
 */
export function baselineForward(tape, settings, parameter, batch, step = null) {
  const { blocks } = baselineSize(settings.hidden_size, settings.num_levels);
  const logits = batch.map((bytes, b) => {
    const drops = step === null ? keepAll : dropsOf(settings, step, b);
    let x = gather(tape, parameter('byte_embedding.weight'), bytes);
    for (let k = 0; k < blocks; k++) x = tape.add(x, block(tape, parameter, `blocks.${k}.gru_block.gru`, x, drops(k)));
    return namedLinear(tape, parameter, 'byte_head', x);
  });
  const losses = logits.map((m, b) => crossEntropy(tape, m, nextSymbols(batch[b])));
  return { total: tape.mean(stack(tape, losses)), logits };
}
