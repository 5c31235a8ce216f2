/** What training took in arithmetic, from a run's points: the border counts of each say how much its levels had to do. */
import { forwardFlops } from '../../../wasm/engine/flops.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */

const TERA = 1e12;

/**
 * Arithmetic up to a step, forward and backward pass, in 10¹² operations.
 * @param {import('./points.js').Points} points
 * @param {Settings} settings
 * @param {number} gflopPerStep  of a model without levels, and where a run has no points
 * @returns {(step: number) => number}
 */
export function arithmeticOf({ train }, settings, gflopPerStep) {
  const usual = gflopPerStep / 1000;
  if (settings.model_type !== 'adaptive' || train.length === 0) return (step) => step * usual;
  const sequences = settings.batch_size;
  const bytes = sequences * settings.sequence_length;
  let [step, spent] = [0, 0];
  const known = train.map(({ step: at, borders }) => {
    const tokens = [bytes, ...borders.map((count) => count * sequences)];
    const each = (3 * forwardFlops(settings, tokens, 0)) / TERA;
    spent += (at - step) * (Number.isFinite(each) ? each : usual);
    step = at;
    return { at, spent };
  });
  return (wanted) => {
    const next = known.findIndex(({ at }) => at >= wanted);
    const [low, high] = next < 0 ? known.slice(-2) : [known[next - 1] ?? { at: 0, spent: 0 }, known[next]];
    if (!high) return (wanted * low.spent) / Math.max(1, low.at);
    return low.spent + ((wanted - low.at) * (high.spent - low.spent)) / Math.max(1, high.at - low.at);
  };
}
