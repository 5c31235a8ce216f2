/** The table of tensors that a model has. */
import { configured } from './config.js';

/** @typedef {import('./settings.js').Settings} Settings */

/**
 * Rows of a table of tensors.
 * @param {import('./module.js').Instance} core
 * @param {number} first  address of the first
 * @param {number} count
 * @returns {{name: string, shape: number[], offset: number, size: number, sparse: boolean}[]} `sparse`: a step changes only what it read
 */
export function readTensors(core, first, count) {
  const k = core.constants;
  return Array.from({ length: count }, (_, i) => {
    const row = first + i * k['sizeof ac_tensor'];
    const rank = core.ints(row + k['ac_tensor.rank'], 1)[0];
    const [offset, size] = [k['ac_tensor.offset'], k['ac_tensor.size']].map((o) =>
      Number(new BigInt64Array(core.memory.buffer, row + o, 1)[0]),
    );
    const sparse = core.bytes(row + k['ac_tensor.sparse'], 1)[0] !== 0;
    return { name: core.text(row), shape: [...core.ints(row + k['ac_tensor.shape'], rank)], offset, size, sparse };
  });
}

/**
 * The table of tensors that a model of these settings has, without making one.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @returns {{name: string, shape: number[], offset: number, size: number, sparse: boolean}[]} empty where the settings are not valid
 */
export function tensorsOf(module, settings) {
  const { core, config } = configured(module, settings);
  const k = core.constants;
  const bytes = core.call.acw_table_bytes(config);
  if (bytes === 0) return [];
  const table = core.take(k['sizeof ac_tensor_table']);
  core.call.acw_table_build(config, core.take(bytes), table);
  const [first] = core.ints(table + k['ac_tensor_table.rows'], 1);
  return readTensors(core, first, core.ints(table + k['ac_tensor_table.count'], 1)[0]);
}
