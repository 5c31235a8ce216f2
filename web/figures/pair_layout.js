/** Both models in one drawing: the adaptive one, and the baseline beside it, or below where there is little room. */
import { baselineLayout } from './baseline_layout.js';
import { modelLayout, WIDE } from './model_layout.js';
import { flatLayout, residualLayout } from './residual_layout.js';

/** @typedef {import('../anatomy/parts.js').Anatomy} Anatomy */
/** @typedef {import('./boxes.js').Drawing} Drawing */
/** @typedef {{x: number, y: number, type: 'adaptive'|'baseline', drawing: Drawing}} Placed */

/** Width from which the residual stream's figure has its baseline beside it. */
const RESIDUAL_WIDE = 420;
/** Width of the baseline's column and of the rule between them. */
const [BASELINE, BETWEEN] = [168, 20];

/**
 * @param {{adaptive: Anatomy, baseline: Anatomy}} models
 * @param {number} width
 * @returns {{width: number, height: number, models: Placed[]}}
 */
export function pairLayout({ adaptive, baseline }, width) {
  const beside = width - BASELINE - BETWEEN >= (adaptive.wiring === 'residual' ? RESIDUAL_WIDE : WIDE);
  const draw = adaptive.wiring === 'residual' ? residualLayout : modelLayout;
  const drawStack = baseline.wiring === 'residual' ? flatLayout : baselineLayout;
  const model = draw(adaptive, beside ? width - BASELINE - BETWEEN : width);
  if (beside) {
    const stack = drawStack(baseline, BASELINE, model.height);
    const height = Math.max(model.height, stack.height);
    return {
      width,
      height,
      models: [
        { type: 'adaptive', x: 0, y: height - model.height, drawing: model },
        { type: 'baseline', x: width - BASELINE, y: height - stack.height, drawing: stack },
      ],
    };
  }
  const stack = drawStack(baseline, Math.min(width, 320));
  return {
    width,
    height: model.height + BETWEEN + stack.height,
    models: [
      { type: 'adaptive', x: 0, y: 0, drawing: model },
      { type: 'baseline', x: 0, y: model.height + BETWEEN, drawing: stack },
    ],
  };
}
