/** `npm run bench -- --memory`: bytes of memory that models take by what they are for. They are counted, not measured. */
import { Model } from '../../engine/core.js';
import { Probe } from '../../engine/probe.js';
import { defaults } from '../../engine/settings.js';

/**
 * Bytes of the module's memory, its own stack and tables included. `more`: what another reader of the same weights adds.
 * @typedef {{hidden: number, parameters: number, train: number, evaluate: number, read: number, more: number}} Memory
 */

const WIDTHS = [128, 512];

/**
 * @param {WebAssembly.Module} module
 * @returns {Memory[]} at the default settings but for the width
 */
export function memoryOf(module) {
  return WIDTHS.map((hidden) => {
    const settings = defaults({ hidden_size: hidden });
    const trainer = new Model(module, settings);
    const { memoryBytes: evaluate } = new Model(module, settings, { reads: true });
    const { core, model } = new Probe(module, settings);
    const read = core.used;
    new Probe(module, settings, model);
    return {
      hidden,
      parameters: trainer.size,
      train: trainer.memoryBytes,
      evaluate,
      read,
      more: core.used - read,
    };
  });
}

/** @param {readonly Memory[]} rows @returns {string} a table in Markdown */
export function memoryTable(rows) {
  const count = (/** @type {number} */ n) => n.toLocaleString('en-US');
  return [
    '| H | parameters | training | evaluating | reading | each further reader |',
    '| ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${Object.values(row).map(count).join(' | ')} |`),
  ].join('\n');
}
