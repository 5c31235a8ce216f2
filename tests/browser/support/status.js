/** What the core says of what it could not do. */
import { Instance } from '../../../wasm/engine/module.js';
import { module } from '../../wasm/support/models.js';

/** @param {string} name  of a status in c/status.h, in lower case @returns {string} its sentence */
export function sentenceOf(name) {
  const core = new Instance(module);
  for (let status = 1; status < 100; status++) {
    try {
      core.check(status);
    } catch (error) {
      const { code, message } = /** @type {import('../../../wasm/engine/module.js').CoreError} */ (error);
      if (code === name) return message;
    }
  }
  throw new Error(`The core has no status ${name}.`);
}
