/** Floating-point operations that a model's mathematics takes: one multiply-add counts as two. */

import { hasOneHead, isResidual, levelCount, SYMBOLS } from './kinds.js';
import { entriesOf } from './lists.js';

/** @typedef {import('./settings.js').Settings} Settings */

/**
 * GRU layers behind the encoder of a residual stream's level, where settings name no number; see c/residual.h.
 * @param {number} level
 * @param {number} top  the highest level
 * @returns {number}
 */
export const usualBlocks = (level, top) => (level < top || level === 0 ? 2 : 0);

/**
 * Multiply-adds of a residual stream: 3 (in + H) H a GRU layer and position, H H′ for each vector that comes down, 257 H for
 * each byte head.
 * @param {Settings} settings
 * @param {number[]} tokens
 * @returns {number}
 */
function residualProducts(settings, tokens) {
  const top = levelCount(settings) - 1;
  const [widths, blocks] = [settings.level_widths, settings.level_blocks].map((list) => entriesOf(list).map(Number));
  const heads = hasOneHead(settings) ? 1 : 2;
  const widthOf = (/** @type {number} */ level) => widths[level] || settings.hidden_size;
  return tokens.reduce((sum, n, level) => {
    const [h, below] = [widthOf(level), widthOf(Math.max(0, level - 1))];
    const layers = blocks[level] || usualBlocks(level, top);
    const out = level > 0 ? h * below : heads * SYMBOLS * h;
    return sum + n * (3 * h * (below + h) + 6 * h * h * layers + out);
  }, 0);
}

/**
 * Operations of a forward pass, by the model's own matrix products and nothing else. A GRU block is 12 H² multiply-adds
 * a position; a level's predictor and a decoder's projection are H² each, a byte head is 257 H. Training takes three
 * times as many: forward, data gradients, weight gradients.
 * @param {Settings} settings
 * @param {number[]} tokens  positions of each level; models without a hierarchy have one
 * @param {number} blocks    of the baseline; see `Model.blocks`
 * @returns {number}
 */
export function forwardFlops(settings, tokens, blocks) {
  const h = settings.hidden_size;
  if (settings.model_type === 'baseline') return 2 * tokens[0] * (12 * h * h * blocks + SYMBOLS * h);
  if (isResidual(settings)) return 2 * residualProducts(settings, tokens);
  const top = settings.num_levels - 1;
  const macs = tokens.map((n, level) => {
    const encoder = 12 + (level > 0 ? 1 : 0);
    const decoder = level < top ? 13 : 0;
    return n * ((encoder + decoder) * h * h + (level === 0 ? 2 * SYMBOLS * h : 0));
  });
  return 2 * macs.reduce((sum, n) => sum + n, 0);
}
