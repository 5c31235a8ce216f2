/** The line that says which model is open. */
import { isolated } from '../../wasm/files/formats/names.js';
import { count, integer } from './numbers.js';

/** Whose model it is, apart from those that came from a file. */
export const EXAMPLE = 'The trained example';

/**
 * @param {Pick<import('../state/store.js').Model, 'origin'|'name'|'settings'|'parameterCount'>} model
 * @param {number} step
 * @returns {string}
 */
export function modelLine({ origin, name, settings, parameterCount }, step) {
  const kind = settings.model_type !== 'adaptive' ? settings.model_type : count(settings.num_levels, 'level');
  const who = {
    example: EXAMPLE,
    fresh: step > 0 ? 'Your model' : 'An untrained model',
    file: isolated(name),
  }[origin];
  return [who, `${kind}, ${integer(parameterCount)} parameters`, step > 0 ? `${integer(step)} steps` : null]
    .filter(Boolean)
    .join(' · ');
}
