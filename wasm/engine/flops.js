/** Floating-point operations that a model's mathematics takes: one multiply-add counts as two. */

/** @typedef {import('./settings.js').Settings} Settings */

const SYMBOLS = 257;

/**
 * Operations of a forward pass, by the model's own matrix products and nothing else. A GRU block is 12 H² multiply-adds
 * a position; a level's predictor and a decoder's projection are H² each, a byte head is 257 H. Training takes three
 * times as many: forward, data gradients, weight gradients.
 * @param {Settings} settings
 * @param {number[]} tokens  positions of each level; the baseline has one level
 * @param {number} blocks    of the baseline; see `Model.blocks`
 * @returns {number}
 */
export function forwardFlops(settings, tokens, blocks) {
  const h = Number(settings.hidden_size);
  if (settings.model_type === 'baseline') {
    return 2 * tokens[0] * (12 * h * h * blocks + SYMBOLS * h);
  }
  const top = Number(settings.num_levels) - 1;
  const macs = tokens.map((n, level) => {
    const encoder = 12 + (level > 0 ? 1 : 0);
    const decoder = level < top ? 13 : 0;
    return n * ((encoder + decoder) * h * h + (level === 0 ? 2 * SYMBOLS * h : 0));
  });
  return 2 * macs.reduce((sum, n) => sum + n, 0);
}
