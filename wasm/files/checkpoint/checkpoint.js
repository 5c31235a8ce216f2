/**
 * Checkpoints of both kinds: those of plain.js, and the `.pt` files of the PyTorch prototype, which take a reader of
 * zip archives and pickles.
 *
 * @typedef {import('./plain.js').Weights} Weights
 * @typedef {import('./plain.js').Settings} Settings
 * @typedef {import('./plain.js').Resume} Resume
 * @typedef {import('./plain.js').Checkpoint} Checkpoint
 */

import { readSetting, settingOf } from '../../engine/settings.js';
import { isZip } from '../formats/zip_start.js';
import { checkedSetting, fitting, MODEL_GROUPS, readPlain, weightsOf } from './plain.js';
import { parsePt } from './pt.js';

export { matchTensors } from './plain.js';
export { writeCheckpoint } from './writer.js';

/**
 * Settings of a prototype's checkpoint. Its `config` decides over its `args`, the arguments of the training script; those
 * that are out of range here and do not concern the model are left out.
 * @param {Record<string, unknown>} config
 * @param {Record<string, unknown>} args
 * @returns {Partial<Settings>}
 */
function settingsOfPt(config, args) {
  /** @type {Partial<Settings>} */
  const settings = {};
  for (const [name, raw] of Object.entries({ ...args, ...config })) {
    const setting = settingOf(name);
    if (!setting || raw === null) continue;
    if (name in config || MODEL_GROUPS.has(setting.group)) {
      Object.assign(settings, { [name]: checkedSetting(name, raw) });
    } else if (typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean') {
      const { value } = readSetting(name, raw);
      if (value !== undefined) Object.assign(settings, { [name]: value });
    }
  }
  // The prototype looks at the list in this mode alone.
  if (settings.border_mode !== 'teacher_forced') delete settings.level_thresholds;
  return settings;
}

/**
 * @param {Uint8Array} bytes
 * @returns {{settings: Partial<Settings>, tensors: Map<string, Weights>, resume: null}}
 */
function readPt(bytes) {
  const file = parsePt(bytes);
  /** @type {Map<string, Weights>} */
  const tensors = new Map();
  for (const [name, tensor] of file.tensors) tensors.set(name, weightsOf(name, tensor));
  return { settings: settingsOfPt(file.config, file.args), tensors, resume: null };
}

/**
 * Reads a checkpoint: a safetensors file (also one with the plain tensors and no metadata), or a `.pt` file of the
 * PyTorch prototype. The bytes show which one it is. Values are views of `bytes` where they are aligned to 4.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} bytes
 * @returns {Checkpoint}
 * @throws {CheckpointError} whatever is wrong with the file
 */
export function readCheckpoint(module, bytes) {
  return isZip(bytes) ? fitting(module, readPt(bytes)) : readPlain(module, bytes);
}
