/** The names of kinds of models in sentences. */

/** @type {Readonly<Record<string, string>>} */
const NAMES = Object.freeze({ adaptive: 'hierarchy', baseline: 'baseline', flat: 'flat model' });

/** @param {{model_type?: unknown}} settings @returns {string} */
export const modelName = ({ model_type }) => NAMES[String(model_type)];
