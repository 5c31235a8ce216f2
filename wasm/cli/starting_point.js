/** Where training starts from: fresh weights, another model's, or where it was. */
import { readPreset } from '../engine/presets.js';
import { defaults } from '../engine/settings.js';
import { RunError, UsageError } from './errors.js';
import { loadCheckpoint, placeOf, settingsWith, weightsFor } from './weights.js';

/** @typedef {import('../engine/settings.js').Settings} Settings */
/** @typedef {import('../files/checkpoint/checkpoint.js').Checkpoint} Checkpoint */

/**
 * @typedef {object} Start
 * @property {Settings} settings
 * @property {number} step               steps made
 * @property {Checkpoint} [checkpoint]   with the weights; fresh ones without it
 * @property {string} file               it came from
 * @property {boolean} exact             whether training goes on where the checkpoint was
 * @property {number} [elapsedMs]        time that training took so far, where that is known
 * @property {unknown} [text]            digest of the text that it was trained on, where that is known
 */

/** What must stay as it was for training to go on exactly. */
const DATA_ORDER = new Set(['sequence_length', 'batch_size', 'seed', 'shuffle', 'carry_state', 'segment_length']);
/** What another model's weights bring with them. */
const MODEL_GROUPS = new Set(['model', 'borders', 'losses']);

/**
 * Changes to the defaults that a preset names.
 * @param {string|undefined} name  with underscores or hyphens
 * @returns {Partial<Settings>}
 * @throws {UsageError}
 */
function presetOf(name) {
  if (name === undefined) return {};
  const { changes, error } = readPreset(name);
  if (error !== undefined) throw new UsageError('preset', { error });
  return changes;
}

/**
 * @param {import('./options.js').Arguments} args
 * @returns {Promise<Start>}
 * @throws {UsageError|RunError}
 */
export async function startOf(args) {
  const [init, resume] = [args.get('init'), args.get('resume')];
  const given = { ...presetOf(args.get('preset')), ...args.settings };
  if (init && resume) throw new UsageError('two_starts');
  if (resume) return resumed(resume, given);
  if (!init) return { settings: defaults(given), step: 0, file: '', exact: false };
  const checkpoint = await loadCheckpoint(init);
  const settings = settingsWith(checkpoint, given, (_, group) => MODEL_GROUPS.has(group));
  return { settings, step: 0, checkpoint, file: init, exact: false };
}

/**
 * @param {string} file
 * @param {Partial<Settings>} given
 * @returns {Promise<Start>}
 */
async function resumed(file, given) {
  const checkpoint = await loadCheckpoint(file);
  const place = placeOf(file, checkpoint);
  const fixed = (/** @type {string} */ name, /** @type {string} */ group) => group === 'model' || DATA_ORDER.has(name);
  const settings = settingsWith(checkpoint, given, () => true, fixed);
  if (place.step >= settings.max_steps) {
    throw new RunError('all_steps', { file, step: place.step, most: settings.max_steps });
  }
  return { settings, checkpoint, file, exact: true, ...place };
}

/**
 * Puts a group of replicas where training starts.
 * @param {Start} start
 * @param {import('../engine/replicas.js').Group} group
 * @returns {Promise<import('../engine/stopping.js').Memory|null>} what the stop rules remember
 * @throws {RunError} where the checkpoint does not fit, or does not say where training was
 */
export async function putAtStart({ checkpoint, file, exact, step }, group) {
  if (!checkpoint) return null;
  const found = await weightsFor(file, checkpoint, group.lead);
  if (exact && found.step !== step) throw new RunError('no_place', { file });
  const { state } = found;
  group.restore(exact ? state : { ...group.state(), parameters: state.average?.weights ?? state.parameters });
  return exact ? found.memory : null;
}
