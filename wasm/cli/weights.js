/** Checkpoints on the command line: which settings hold, and the weights in a model. */

import { borderLevelsOf } from '../engine/config.js';
import { loadModule } from '../engine/node/surroundings.js';
import { stateOf } from '../engine/opening.js';
import { streamModel } from '../engine/probe.js';
import { defaults, settingOf } from '../engine/settings.js';
import { readCheckpoint } from '../files/checkpoint/checkpoint.js';
import { RunError, UsageError } from './errors.js';
import { readBytes, withFile } from './files.js';
import { warnSentence } from './program.js';
import { shown } from './sentences.js';

/** @typedef {import('../engine/core.js').Model} Model */
/** @typedef {import('../engine/settings.js').Settings} Settings */
/** @typedef {import('../engine/settings.js').SettingGroup} SettingGroup */
/** @typedef {import('../files/checkpoint/checkpoint.js').Checkpoint} Checkpoint */

/**
 * @param {string} file
 * @returns {Promise<Checkpoint>}
 * @throws {RunError} one sentence that names the file
 */
export async function loadCheckpoint(file) {
  const bytes = await readBytes(file);
  const checkpoint = await withFile(file, async () => readCheckpoint(await loadModule(), bytes));
  for (const note of checkpoint.notes) warnSentence(`${shown(file)}: ${note}`);
  return checkpoint;
}

/**
 * Whether the borders look at the byte to be predicted.
 * @param {Settings} settings
 * @returns {Promise<boolean>}
 */
export async function mayLeak(settings) {
  return borderLevelsOf(await loadModule(), settings).some(({ leaks }) => leaks);
}

/** @param {string} name */
const flag = (name) => `--${name.replaceAll('_', '-')}`;

/**
 * The settings that follow from a checkpoint and from what was given, which wins.
 * @param {Checkpoint} checkpoint
 * @param {Partial<Settings>} given
 * @param {(name: string, group: SettingGroup) => boolean} taken   whether the checkpoint's word counts
 * @param {(name: string, group: SettingGroup) => boolean} [fixed]  whether what is given must not differ from it
 * @returns {Settings}
 * @throws {UsageError}
 */
export function settingsWith(checkpoint, given, taken, fixed = (_, group) => group === 'model') {
  const settings = defaults();
  for (const [name, value] of Object.entries(checkpoint.settings)) {
    const setting = settingOf(name);
    if (!setting || value === undefined) continue;
    const { group } = setting;
    const own = given[setting.name];
    if (own !== undefined && own !== value && fixed(name, group)) {
      throw new UsageError('other_setting', { option: flag(name), own, value });
    }
    if (taken(name, group)) Object.assign(settings, { [name]: value });
  }
  return Object.assign(settings, given);
}

/**
 * A checkpoint to read with: the settings its weights were trained with, and generation settings as given.
 * @param {string} file
 * @param {Partial<Settings>} given
 * @returns {Promise<{checkpoint: Checkpoint, settings: Settings}>}
 */
export async function openForReading(file, given) {
  const checkpoint = await loadCheckpoint(file);
  const of = new Set(['model', 'borders', 'losses']);
  const settings = settingsWith(
    checkpoint,
    given,
    (name, group) => of.has(group) || name === 'sequence_length' || name === 'batch_size',
  );
  return { checkpoint, settings: { ...settings, dropout: 0 } };
}

/**
 * A model that streams read with, with a checkpoint's weights.
 * @param {string} file  for messages
 * @param {Checkpoint} checkpoint
 * @param {Settings} settings
 * @returns {Promise<Model>}
 */
export async function readModel(file, checkpoint, settings) {
  const model = streamModel(await loadModule(), settings);
  model.setParameters((await weightsFor(file, checkpoint, model)).state.parameters);
  return model;
}

/**
 * The state that a checkpoint puts a model in.
 * @param {string} file  for messages
 * @param {Checkpoint} checkpoint
 * @param {Model} model
 * @returns {Promise<{state: import('../engine/core.js').ModelState, step: number, memory: import('../engine/stopping.js').Memory|null}>}
 */
export function weightsFor(file, checkpoint, model) {
  return withFile(file, async () => stateOf(checkpoint, model));
}

/**
 * Where training was, so that it can go on exactly there.
 * @param {string} file
 * @param {Checkpoint} checkpoint
 * @returns {{step: number, text?: unknown, elapsedMs: number}}  `text`: digest of the training text, where it is known
 * @throws {RunError} where the file has weights only
 */
export function placeOf(file, { resume }) {
  if (!resume) {
    throw new RunError('weights_only', { file });
  }
  const { step, text_sha256: text, elapsed_ms: elapsed } = resume.state;
  if (!Number.isSafeInteger(step)) throw new RunError('no_step', { file });
  return { step: Number(step), text, elapsedMs: typeof elapsed === 'number' && elapsed > 0 ? elapsed : 0 };
}
