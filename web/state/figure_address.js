/** The explanation's figures in the page's address: place, thresholds, chosen part. Never the sentence. */

/** @typedef {import('./store.js').FigureView} FigureView */

/** What an address without any of it means. @type {Readonly<FigureView>} */
export const FIRST_FIGURES = Object.freeze({ part: null, read: null, rule: null });

/**
 * @param {URLSearchParams} params
 * @param {string[]} errors  gets a sentence for each thing that is wrong, which is then left out
 * @returns {FigureView|null} null where the address has none of these
 */
export function readFigures(params, errors) {
  const view = { ...FIRST_FIGURES };
  const part = params.get('part');
  if (part !== null && /^[a-z]+(?:-[a-z0-9]+)*$/.test(part) && part.length <= 40) view.part = part;
  else if (part !== null) errors.push('The address names a part of the model that does not exist.');
  const read = params.get('step');
  if (read !== null && /^\d{1,3}$/.test(read)) view.read = Number(read);
  else if (read !== null) errors.push('The address’s step must be a whole number from 0.');
  const rule = params.get('rule');
  const numbers = rule?.split('_').map(Number) ?? [];
  if (numbers.length === 2 && numbers.every((n) => Number.isFinite(n) && n >= 0)) view.rule = numbers;
  else if (rule !== null) errors.push('The address’s rule must be two thresholds from 0, as in rule=10_0.3.');
  return part === null && read === null && rule === null ? null : view;
}

/** @param {FigureView} view @param {URLSearchParams} params  gets what differs from the first view */
export function writeFigures({ part, read, rule }, params) {
  if (part !== null) params.set('part', part);
  if (read !== null) params.set('step', String(read));
  if (rule !== null) params.set('rule', rule.join('_'));
}
