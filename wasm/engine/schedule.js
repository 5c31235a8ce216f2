/** @typedef {import('./settings.js').Settings} Settings */

/**
 * The learning rate of a step: constant, or a linear warm-up over `warmup_steps` and then a half cosine that reaches 0
 * after the last step (Loshchilov and Hutter 2017, without restarts).
 * @param {Settings} settings
 * @param {number} step  from 0
 * @returns {number}
 */
export function learningRate(settings, step) {
  const rate = settings.learning_rate;
  if (settings.schedule !== 'cosine') return rate;
  const warmup = settings.warmup_steps;
  if (step < warmup) return (rate * (step + 1)) / (warmup + 1);
  const progress = Math.min(1, (step - warmup) / Math.max(1, settings.max_steps - warmup));
  return rate * 0.5 * (1 + Math.cos(Math.PI * progress));
}
