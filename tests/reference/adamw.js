/**
 * AdamW: Adam with the weight decay taken off the parameters directly (Loshchilov and Hutter 2019,
 * https://arxiv.org/abs/1711.05101), in PyTorch's order.
 */

import { isSparse } from './tensors.js';

/** @typedef {import('./tensors.js').Parameters} Parameters */
/** @typedef {import('./model.js').Gradients} Gradients */

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

export class AdamW {
  /** @type {Map<string, {step: number, m: Float64Array, v: Float64Array}>} */
  #moments = new Map();

  /**
   * One update, in place. A parameter without a gradient stays as it is, and its step count k too:
   *   p ← p − lr·wd·p,  m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,
   *   p ← p − lr · m/(1 − β₁ᵏ) / (√(v/(1 − β₂ᵏ)) + ε)
   * Of a sparse parameter that holds for its rows whose gradient is not all zero, with wd = 0; the others stay as they are.
   * @param {Parameters} parameters
   * @param {Gradients} gradients
   * @param {{learning_rate: number, weight_decay: number}} settings
   * @param {(name: string) => number} [factor]  of a parameter's learning rate
   */
  update(parameters, gradients, { learning_rate, weight_decay }, factor = () => 1) {
    for (const [name, { data, shape }] of parameters) {
      const g = gradients.get(name);
      if (!g) continue;
      const empty = () => new Float64Array(data.length);
      const moments = this.#moments.get(name) ?? { step: 0, m: empty(), v: empty() };
      this.#moments.set(name, moments);
      moments.step += 1;
      const rate = learning_rate * factor(name);
      const { step, m, v } = moments;
      const [width, decay] = isSparse(name) ? [shape[1], 0] : [data.length, weight_decay];
      for (let i = 0; i < data.length; i++) {
        const row = i - (i % width);
        if (isSparse(name) && g.subarray(row, row + width).every((x) => x === 0)) continue;
        m[i] = BETA_1 * m[i] + (1 - BETA_1) * g[i];
        v[i] = BETA_2 * v[i] + (1 - BETA_2) * g[i] * g[i];
        const mean = m[i] / (1 - BETA_1 ** step);
        const deviation = Math.sqrt(v[i] / (1 - BETA_2 ** step));
        data[i] -= rate * decay * data[i];
        data[i] -= (rate * mean) / (deviation + EPSILON);
      }
    }
  }
}
