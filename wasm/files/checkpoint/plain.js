/**
 * Checkpoints: weights, the settings they were made with, and what it takes to go on training.
 *
 * A checkpoint written here is a safetensors file whose tensors have the names and shapes of PyTorch's state_dict. Each
 * setting is in its `__metadata__` under its own name as JSON text. A resumable one also has, under a prefix of their
 * own, AdamW's moments of every tensor, `adaptive_compressor.exp_avg.<name>` and `adaptive_compressor.exp_avg_sq.<name>`,
 * where weights are averaged the latest ones that training goes on from, `adaptive_compressor.latest.<name>`,
 * where state is carried `adaptive_compressor.carried`, and in the metadata `adaptive_compressor.state`, the JSON of whatever else the trainer needs.
 *
 * @typedef {import('./which_model.js').Weights} Weights  `data` is [product of shape], row-major
 * @typedef {import('../../engine/settings.js').Settings} Settings
 * @typedef {object} Resume
 * @property {Record<string, unknown>} state  the trainer's own: step, bytes seen, place in the epoch, generator…
 * @property {Map<string, Weights>} expAvg    AdamW's first moments, by the name of the tensor they are of
 * @property {Map<string, Weights>} expAvgSq  and its second moments, none negative
 * @property {Map<string, Weights>} [latest]  the latest weights, where the checkpoint's tensors are an average of those before
 * @property {Weights} [carried]  [batch][numbers] what each sequence carries from window to window
 * @typedef {object} Checkpoint
 * @property {Partial<Settings>} settings  always with `model_type`, `hidden_size` and `num_levels`, which fit the tensors
 * @property {Map<string, Weights>} tensors  without those under the own prefix; all finite
 * @property {Resume|null} resume  null where the file has weights only
 * @property {string[]} notes  sentences on what was assumed
 */

import { usualBlocks } from '../../engine/flops.js';
import { entriesOf } from '../../engine/lists.js';
import { readSetting, settingOf } from '../../engine/settings.js';
import { CheckpointError, quoted } from './error.js';
import { floats, parse } from './safetensors.js';
import { inferModel } from './which_model.js';

const PREFIX = 'adaptive_compressor.';
/** What a resumable checkpoint's own tensors and metadata are called. */
export const EXP_AVG = `${PREFIX}exp_avg.`;
export const EXP_AVG_SQ = `${PREFIX}exp_avg_sq.`;
export const LATEST = `${PREFIX}latest.`;
export const CARRIED = `${PREFIX}carried`;
export const STATE = `${PREFIX}state`;

/** Groups of settings that say what the weights mean, so that a wrong value must not pass for the default. */
export const MODEL_GROUPS = new Set(['model', 'borders', 'losses']);

/** The baseline's pad, which is absent where it would be empty. */
const PAD = 'parameter_match_pad';

/**
 * @param {string} text
 * @param {string} name  whose JSON it is
 * @returns {unknown}
 */
function parseJson(text, name) {
  try {
    return JSON.parse(text);
  } catch {
    throw new CheckpointError(`What this checkpoint says about ${quoted(name)} is not JSON.`, 'not_json', { name });
  }
}

/**
 * @param {string} name
 * @param {unknown} raw
 * @returns {string|number|boolean}
 * @throws {CheckpointError}
 */
export function checkedSetting(name, raw) {
  const list = settingOf(name)?.type === 'list' && Array.isArray(raw);
  if (!list && typeof raw !== 'string' && typeof raw !== 'number' && typeof raw !== 'boolean') {
    throw new CheckpointError(`What this checkpoint says about ${quoted(name)} is not a value.`, 'not_a_value', {
      name,
    });
  }
  const { value, error } = readSetting(name, /** @type {string} */ (raw));
  if (error !== undefined)
    throw new CheckpointError(`This checkpoint has a wrong setting: ${error}`, 'wrong_setting', { name });
  return value;
}

/**
 * @param {Record<string, string>} metadata
 * @returns {Partial<Settings>}
 */
function settingsOfMetadata(metadata) {
  /** @type {Partial<Settings>} */
  const settings = {};
  for (const [name, text] of Object.entries(metadata)) {
    if (settingOf(name)) Object.assign(settings, { [name]: checkedSetting(name, parseJson(text, name)) });
  }
  return settings;
}

/**
 * @param {string} name
 * @param {import('./safetensors.js').Tensor} tensor
 * @returns {Weights}
 * @throws {CheckpointError} where its numbers are not all finite, or of another type
 */
export function weightsOf(name, tensor) {
  const data = floats(tensor, name);
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]))
      throw new CheckpointError(`${quoted(name)} holds a value that is not a finite number.`, 'not_finite', { name });
  }
  return { shape: tensor.shape, data };
}

/**
 * @param {Record<string, unknown>|null} state
 * @param {Resume} found  its `state` is not looked at
 * @param {Map<string, Weights>} tensors
 * @returns {Resume|null}
 */
function checkedResume(state, { expAvg, expAvgSq, latest = new Map(), carried }, tensors) {
  if (state === null) {
    if (expAvg.size > 0 || expAvgSq.size > 0 || latest.size > 0 || carried) {
      throw new CheckpointError('This checkpoint has the optimiser’s moments but not where training was.', 'no_place');
    }
    return null;
  }
  for (const moments of [expAvg, expAvgSq]) {
    for (const [name, { shape }] of moments) {
      if (!sameShape(shape, tensors.get(name)?.shape)) {
        throw new CheckpointError(
          `The optimiser’s moments of ${quoted(name)} do not fit the weights.`,
          'moments_shape',
          { name },
        );
      }
    }
  }
  for (const [name, { data }] of expAvgSq) {
    if (data.some((v) => v < 0))
      throw new CheckpointError(`A second moment of ${quoted(name)} is negative.`, 'negative_moment', { name });
  }
  for (const [name, { shape }] of latest) {
    if (!sameShape(shape, tensors.get(name)?.shape))
      throw new CheckpointError(`The latest weights of ${quoted(name)} do not fit their average.`, 'latest_shape', {
        name,
      });
  }
  return { state, expAvg, expAvgSq, ...(latest.size > 0 && { latest }), ...(carried && { carried }) };
}

/**
 * @param {Uint8Array} bytes
 * @returns {{settings: Partial<Settings>, tensors: Map<string, Weights>, resume: Resume|null}}
 */
function readSafetensors(bytes) {
  const file = parse(bytes);
  /** @type {Map<string, Weights>} */
  const tensors = new Map();
  /** @type {Required<Omit<Resume, 'carried'>> & Pick<Resume, 'carried'>} */
  const own = { state: {}, expAvg: new Map(), expAvgSq: new Map(), latest: new Map() };
  for (const [name, tensor] of file.tensors) {
    const weights = weightsOf(name, tensor);
    if (name.startsWith(EXP_AVG)) own.expAvg.set(name.slice(EXP_AVG.length), weights);
    else if (name.startsWith(EXP_AVG_SQ)) own.expAvgSq.set(name.slice(EXP_AVG_SQ.length), weights);
    else if (name.startsWith(LATEST)) own.latest.set(name.slice(LATEST.length), weights);
    else if (name === CARRIED) own.carried = weights;
    else tensors.set(name, weights);
  }
  const text = file.metadata[STATE];
  const state = text === undefined ? null : parseJson(text, STATE);
  if (typeof state !== 'object' || Array.isArray(state)) {
    throw new CheckpointError(
      'This checkpoint does not say where training was in a way that can be read.',
      'odd_place',
    );
  }
  const resume = checkedResume(/** @type {Record<string, unknown>|null} */ (state), own, tensors);
  return { settings: settingsOfMetadata(file.metadata), tensors, resume };
}

/** What is said of names with a prefix. @param {string} prefix @returns {string} */
export const prefixNote = (prefix) =>
  `All names of its weights begin with “${prefix}”, which a wrapper added: it is left out.`;
/** What is said of a file without settings. */
export const WEIGHTS_ALONE =
  'It holds weights alone: the model’s size follows from their shapes, and all else is as set here.';

/** A tensor that every model has. */
const EVERYWHERE = 'byte_embedding.weight';

/**
 * Names without a prefix that all of them share: wrappers of a model add one, `module.` or `_orig_mod.`.
 * @param {Map<string, Weights>} tensors
 * @returns {{prefix: string, tensors: Map<string, Weights>}} `prefix`: empty where there is none
 */
function withoutPrefix(tensors) {
  const name = [...tensors.keys()].find((each) => each.endsWith(`.${EVERYWHERE}`)) ?? '';
  const prefix = name.slice(0, -EVERYWHERE.length);
  if (prefix === '' || ![...tensors.keys()].every((each) => each.startsWith(prefix))) return { prefix: '', tensors };
  return { prefix, tensors: new Map([...tensors].map(([each, weights]) => [each.slice(prefix.length), weights])) };
}

/**
 * Whether settings give the levels the sizes that the weights have, though in other words: missing entries follow from
 * other settings.
 * @param {string} name
 * @param {Partial<Settings>} settings
 * @param {import('./which_model.js').Model} model
 */
function sameOfLevels(name, settings, { level_widths: widths, level_blocks: blocks }) {
  if (name === 'level_blocks' && blocks !== undefined) {
    const own = entriesOf(settings.level_blocks ?? '').map(Number);
    return entriesOf(blocks).every((count, l, all) => Number(count) === (own[l] || usualBlocks(l, all.length - 1)));
  }
  const wide = entriesOf(settings.level_widths ?? '').map(Number);
  if ((name !== 'level_widths' && name !== 'hidden_size') || widths === undefined) return false;
  return entriesOf(widths).every((width, l) => Number(width) === (wide[l] || settings.hidden_size));
}

/**
 * What a file says about its model, which must fit its weights.
 * @param {WebAssembly.Module} module
 * @param {Omit<Checkpoint, 'notes'>} read
 * @returns {Checkpoint}
 * @throws {CheckpointError}
 */
export function fitting(module, { settings, tensors: found, resume }) {
  const { prefix, tensors } = withoutPrefix(found);
  const model = inferModel(module, tensors);
  const wiring = model.model_type === 'adaptive' ? { wiring: model.wiring ?? 'mirror' } : {};
  /** @type {Record<string, string|number|boolean|undefined>} */
  const said = settings;
  for (const [name, value] of Object.entries({ ...model, ...wiring })) {
    if (said[name] !== undefined && !sameOfLevels(name, settings, model) && said[name] !== value) {
      throw new CheckpointError(
        `This checkpoint says that its ${name} is ${said[name]}, but its weights have ${value}.`,
        'other_model',
        { name, said: said[name], weights: value },
      );
    }
  }
  const notes = [];
  if (prefix) notes.push(prefixNote(prefix));
  if (Object.keys(settings).length === 0) notes.push(WEIGHTS_ALONE);
  return { settings: { ...settings, ...model, ...settings }, tensors, resume, notes };
}

/**
 * Reads a safetensors file, also one with the plain tensors and no metadata. Values are views of `bytes` where they are
 * aligned to 4.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} bytes
 * @returns {Checkpoint}
 * @throws {CheckpointError} whatever is wrong with the file
 */
export function readPlain(module, bytes) {
  if (bytes[0] === 0x80 && bytes[1] === 2) {
    throw new CheckpointError(
      'This checkpoint is in PyTorch’s format from before 1.6; save it with a newer PyTorch.',
      'old_pytorch',
    );
  }
  return fitting(module, readSafetensors(bytes));
}

/**
 * @param {number[]} a
 * @param {number[]} [b]
 */
function sameShape(a, b) {
  return b !== undefined && a.length === b.length && a.every((size, i) => size === b[i]);
}

/**
 * The values of every tensor that a model has, in the order of its table.
 * @param {readonly {name: string, shape: number[]}[]} table  the core's own
 * @param {Map<string, Weights>} tensors
 * @returns {Float32Array[]}
 * @throws {CheckpointError} which tensor is missing, wrongly shaped, or one too many
 */
export function matchTensors(table, tensors) {
  const known = new Set(table.map(({ name }) => name));
  for (const name of tensors.keys()) {
    if (!known.has(name))
      throw new CheckpointError(`This checkpoint has a tensor that the model lacks: ${quoted(name)}.`, 'extra_tensor', {
        name,
      });
  }
  return table.map(({ name, shape }) => {
    const found = tensors.get(name);
    if (!found && name === PAD && shape[0] === 0) return new Float32Array(0);
    if (!found) throw new CheckpointError(`This checkpoint lacks the tensor ${quoted(name)}.`, 'no_tensor', { name });
    if (!sameShape(shape, found.shape)) {
      const [want, got] = [shape.join(', '), found.shape.join(', ')];
      throw new CheckpointError(`${quoted(name)} has the shape [${got}] where the model has [${want}].`, 'shape', {
        name,
        shape: found.shape,
        wanted: shape,
      });
    }
    return found.data;
  });
}
