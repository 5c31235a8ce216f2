/**
 * The one list of settings: names, defaults, ranges, units and help texts.
 *
 * The page's forms, the command line's flags (`byte_entropy_threshold` is `--byte-entropy-threshold`), environment
 * variables, addresses and checkpoints all read it. Defaults are the prototype's. What the core itself needs to know
 * has the same name in `ac_config` (c/config.h); the core checks again whatever its memory safety rests on.
 *
 * @typedef {'model'|'borders'|'losses'|'training'|'stopping'|'samples'|'data'|'generation'} SettingGroup
 * @typedef {object} Setting
 * @property {string} name      snake_case, unique
 * @property {SettingGroup} group
 * @property {'int'|'float'|'choice'|'flag'|'text'|'list'} type  a list has an entry for each level, as text with commas between
 * @property {number|string|boolean} default
 * @property {number} [min]     smallest value allowed (inclusive)
 * @property {number} [max]     largest value allowed (inclusive); for `text` its characters
 * @property {boolean} [positive] true where the value must be greater than 0 although `min` is 0
 * @property {readonly string[]} [choices]  for `choice`; the core numbers them in this order
 * @property {'int'|'float'|'rule'} [entries]  for `list`: what an entry is; `min` and `max` are its limits, and rules those of `RULES`
 * @property {string} [unit]
 * @property {string} label     a few words for a form
 * @property {string} help      one or two sentences
 * @property {boolean} [hidden] true where the page's form does not offer it
 * @property {boolean} [core]   true where `ac_config` has a field of this name
 * @property {readonly string[]} [only]  the kinds or types of model it matters to, where not all; see kinds.js
 */
/**
 * What follows from the list itself: names, and the type of each value.
 * @typedef {typeof LIST[number]} Listed
 * @typedef {Listed['name']} SettingName
 * @typedef {Setting & {name: SettingName}} NamedSetting
 * @typedef {{[S in Listed as S['name']]: S extends {choices: readonly (infer C)[]} ? C : S extends {type: 'int'|'float'} ? number : S extends {type: 'flag'} ? boolean : string}} Settings
 */
import { RULES, readList } from './lists.js';

const LIST = /** @satisfies {readonly Setting[]} */ (/** @type {const} */ ([
  {
    name: 'model_type', group: 'model', type: 'choice', default: 'adaptive', choices: ['adaptive', 'baseline', 'flat'], core: true,
    label: 'Model', help: 'The adaptive hierarchy; the baseline, a GRU stack with as many parameters; or flat, the residual stream’s lowest level alone.',
  },
  {
    name: 'wiring', group: 'model', type: 'choice', default: 'mirror', choices: ['mirror', 'residual'], core: true, only: ['adaptive'],
    label: 'Wiring', help: 'How levels connect. Mirror: a decoder mirrors the encoder, as in the prototype. Residual: one stream a level, to which layers and parents add.',
  },
  {
    name: 'hidden_size', group: 'model', type: 'int', default: 128, min: 1, max: 1024, unit: 'units', core: true,
    label: 'Hidden size', help: 'Width of every state. Cost and parameters grow with its square.',
  },
  {
    name: 'num_levels', group: 'model', type: 'int', default: 3, min: 1, max: 8, unit: 'levels', core: true,
    label: 'Levels', help: 'Levels of the hierarchy, bytes included. The baseline takes its parameter count from it.',
  },
  {
    name: 'border_mode', group: 'borders', type: 'choice', default: 'uncertainty', choices: ['uncertainty', 'teacher_forced'], core: true, only: ['mirror', 'residual'],
    label: 'Border rule', help: 'Uncertainty: a border where accumulated uncertainty crosses the threshold. Teacher forced: where the prediction was wrong, which leaks the future.',
  },
  {
    name: 'byte_entropy_threshold', group: 'borders', type: 'float', default: 20, min: 0, max: 1e9, unit: 'nats', core: true, only: ['mirror', 'residual'],
    label: 'Byte threshold', help: 'Entropy that bytes accumulate before level 0 puts a border. Higher means longer tokens.',
  },
  {
    name: 'meta_uncertainty_threshold', group: 'borders', type: 'float', default: 1, min: 0, max: 1e9, unit: 'squared error', core: true, only: ['mirror', 'residual'],
    label: 'Upper threshold', help: 'Predicted squared error that tokens accumulate before a higher level puts a border.',
  },
  {
    name: 'threshold', group: 'borders', type: 'float', default: 0.1, min: 0, max: 1e9, unit: 'squared error', core: true, only: ['mirror', 'residual'],
    label: 'Teacher-forced threshold', help: 'In teacher-forced mode, higher levels put a border where the squared error exceeds this.',
  },
  {
    name: 'encoder_scores', group: 'borders', type: 'flag', default: false, core: true, only: ['residual'],
    label: 'Encoder scores', help: 'Bytes are scored by the entropy of a byte head on the encoder, not by an estimate of the final entropy. Needs levels.',
  },
  {
    name: 'level_rules', group: 'borders', type: 'list', default: '', entries: 'rule', core: true, only: ['mirror', 'residual'],
    label: 'Border rule of each level', help: `One for each level, with commas between: ${Object.keys(RULES).join(', ')}. Without an entry: what Border rule says.`,
  },
  {
    name: 'level_thresholds', group: 'borders', type: 'list', default: '', entries: 'float', min: 0, max: 1e9, core: true, only: ['mirror', 'residual'],
    label: 'Threshold of each level', help: 'One for each level, with commas between, in the unit of the level’s rule. Without an entry: the threshold above that goes with the rule.',
  },
  {
    name: 'level_widths', group: 'model', type: 'list', default: '', entries: 'int', min: 0, max: 1024, unit: 'units', core: true, only: ['residual', 'flat'],
    label: 'Width of each level', help: 'Of the residual wiring: one for each level, with commas between. 0, or no entry, is the hidden size.',
  },
  {
    name: 'level_blocks', group: 'model', type: 'list', default: '', entries: 'int', min: 0, max: 64, unit: 'blocks', core: true, only: ['residual', 'flat'],
    label: 'Blocks of each level', help: 'Of the residual wiring: GRU layers behind each level’s encoder, with commas between. Without: two below the top, none at the top.',
  },
  {
    name: 'level_target_rates', group: 'borders', type: 'list', default: '', entries: 'float', min: 0, max: 1e6, unit: 'positions a token', core: true, only: ['residual'],
    label: 'Token length of each level', help: 'Of the residual wiring: positions that a token should have; training steers the threshold to it. 0, or no entry, leaves it as it is.',
  },
  {
    name: 'level_learning_rate_factors', group: 'training', type: 'list', default: '', entries: 'float', min: 0, max: 1000, core: true, only: ['residual', 'flat'],
    label: 'Learning rate of each level', help: 'Of the residual wiring: factors of the learning rate, one for each level, with commas between. No entry is 1 for bytes and 0.2 above.',
  },
  {
    name: 'entropy_floor', group: 'losses', type: 'float', default: 0, min: 0, max: 6, unit: 'nats', core: true, only: ['mirror'],
    label: 'Entropy floor', help: 'Encoder entropies below this are penalised, so that borders do not die out. 0 turns it off.',
  },
  {
    name: 'entropy_reg_weight', group: 'losses', type: 'float', default: 0.001, min: 0, max: 1000, core: true, only: ['mirror'],
    label: 'Entropy floor weight', help: 'Weight of the entropy-floor penalty in the total loss.',
  },
  {
    name: 'encoder_loss_weight', group: 'losses', type: 'float', default: 1, min: 0, max: 1000, core: true, only: ['mirror', 'residual'],
    label: 'Encoder loss weight', help: 'Weight of the encoder’s next-byte cross-entropy in the total loss.',
  },
  {
    name: 'decoder_loss_weight', group: 'losses', type: 'float', default: 1, min: 0, max: 1000, core: true, only: ['mirror', 'residual'],
    label: 'Decoder loss weight', help: 'Weight of the decoder’s next-byte cross-entropy in the total loss.',
  },
  {
    name: 'meta_loss_weight', group: 'losses', type: 'float', default: 1, min: 0, max: 1000, core: true, only: ['mirror'],
    label: 'Meta loss weight', help: 'Weight of the higher levels’ prediction error, averaged over levels.',
  },
  {
    name: 'uncertainty_loss_weight', group: 'losses', type: 'float', default: 0.1, min: 0, max: 1000, core: true, only: ['mirror', 'residual'],
    label: 'Uncertainty loss weight', help: 'Weight of the error of the predicted uncertainty, averaged over levels.',
  },
  {
    name: 'sequence_length', group: 'training', type: 'int', default: 128, min: 1, max: 8192, unit: 'bytes', core: true,
    label: 'Sequence length', help: 'Bytes in one training window.',
  },
  {
    name: 'batch_size', group: 'training', type: 'int', default: 8, min: 1, max: 256, unit: 'sequences', core: true,
    label: 'Batch size', help: 'Windows in one training step.',
  },
  {
    name: 'ngram_order', group: 'model', type: 'int', default: 0, min: 0, max: 8, unit: 'bytes', core: true, only: ['residual', 'flat'],
    label: 'Longest n-gram', help: 'The last 2, 3, … bytes, up to this many, each choose a row of a hashed table, which is added to the stream. Costs memory, hardly time.',
  },
  {
    name: 'ngram_rows', group: 'model', type: 'int', default: 4096, min: 1, max: 1048576, unit: 'rows', core: true, only: ['residual', 'flat'],
    label: 'Rows of tables', help: 'Of each table of n-grams, spans or tokens. With few, several share a row.',
  },
  {
    name: 'token_embeddings', group: 'model', type: 'flag', default: false, core: true, only: ['residual'],
    label: 'Token embeddings', help: 'A token of level 1 begins with a row of a hashed table, too, which its bytes choose: so the level knows the word. Costs memory, hardly time.',
  },
  {
    name: 'recall', group: 'model', type: 'flag', default: false, core: true, only: ['residual', 'flat'],
    label: 'Recall', help: 'Each n-gram and span that has a table also recalls which byte followed it the last time, and how often in a row: names and phrases are known from their second time on. Costs memory, and a tenth more time.',
  },
  {
    name: 'span_order', group: 'model', type: 'int', default: 0, min: 0, max: 4, unit: 'spans', core: true, only: ['residual'],
    label: 'Spans remembered', help: 'The bytes since the last border, and up to so many spans in all, each choose a row of a hashed table, which comes down with the parent. Costs memory, hardly time.',
  },
  {
    name: 'carry_state', group: 'training', type: 'flag', default: false, core: true, only: ['residual', 'flat'],
    label: 'Carry state', help: 'Of the residual wiring: each window starts from the states in which the one before it ended.',
  },
  {
    name: 'segment_length', group: 'training', type: 'int', default: 0, min: 0, max: 1e9, unit: 'bytes', only: ['residual', 'flat'],
    label: 'Segment length', help: 'Where state is carried: bytes read in a row before the next segment, in shuffled order. 0 gives each sequence one long part.',
  },
  {
    name: 'dropout', group: 'training', type: 'float', default: 0, min: 0, max: 0.9, core: true,
    label: 'Dropout', help: 'Share of GRU outputs dropped in training.',
  },
  {
    name: 'learning_rate', group: 'training', type: 'float', default: 3e-4, min: 0, max: 1, core: true,
    label: 'Learning rate', help: 'AdamW’s step size. Small models on small texts learn faster at 0.002 to 0.005.',
  },
  {
    name: 'weight_decay', group: 'training', type: 'float', default: 0.01, min: 0, max: 1, core: true,
    label: 'Weight decay', help: 'AdamW’s decoupled decay, times the learning rate each step.',
  },
  {
    name: 'weight_averaging', group: 'training', type: 'float', default: 0, min: 0, max: 0.5,
    label: 'Weight averaging', help: 'Mean age of the averaged weights, as a share of the steps so far; the average is shown, evaluated and saved. 0: the latest weights. Suits a constant learning rate.',
  },
  {
    name: 'schedule', group: 'training', type: 'choice', default: 'constant', choices: ['constant', 'cosine'],
    label: 'Schedule', help: 'Constant learning rate, or linear warm-up and then cosine decay to 0 at the last step.',
  },
  {
    name: 'warmup_steps', group: 'training', type: 'int', default: 0, min: 0, max: 1e6, unit: 'steps',
    label: 'Warm-up', help: 'Steps over which the cosine schedule first raises the learning rate.',
  },
  {
    name: 'clip_norm', group: 'training', type: 'float', default: 0, min: 0, max: 1e6, core: true,
    label: 'Gradient clip', help: 'Largest norm of the whole gradient; longer ones are scaled down. 0 turns it off.',
  },
  {
    name: 'max_steps', group: 'stopping', type: 'int', default: 10000, min: 1, max: 1e9, unit: 'steps',
    label: 'Steps', help: 'Training stops after this many steps.',
  },
  {
    name: 'max_minutes', group: 'stopping', type: 'float', default: 0, min: 0, max: 100000, unit: 'minutes',
    label: 'Time limit', help: 'Training stops after this much work time; pauses do not count. 0 turns it off.',
  },
  {
    name: 'patience', group: 'stopping', type: 'int', default: 0, min: 0, max: 1e6, unit: 'evaluations',
    label: 'Patience', help: 'Training stops after this many evaluations in a row with no lower bits per byte (decoder). 0 turns it off.',
  },
  {
    name: 'target_bpb', group: 'stopping', type: 'float', default: 0, min: 0, max: 16, unit: 'bits per byte',
    label: 'Target', help: 'Training stops when an evaluation needs no more bits per byte (decoder) than this. 0 turns it off.',
  },
  {
    name: 'log_every', group: 'training', type: 'int', default: 10, min: 1, max: 1e6, unit: 'steps',
    label: 'Log every', help: 'Steps between two points of the training curve.',
  },
  {
    name: 'eval_every', group: 'training', type: 'int', default: 100, min: 0, max: 1e6, unit: 'steps',
    label: 'Evaluate every', help: 'Steps between two evaluations on the held-out text. 0 turns them off, and samples with them.',
  },
  {
    name: 'eval_early', group: 'training', type: 'flag', default: false,
    label: 'Evaluate early', help: 'Evaluate after 1, 2, 4, 8, … steps, too, until evaluations come regularly. Patience does not count these.',
  },
  {
    name: 'val_max_batches', group: 'training', type: 'int', default: 20, min: 1, max: 1e6, unit: 'batches',
    label: 'Evaluation batches', help: 'Held-out batches that one evaluation looks at.',
  },
  {
    name: 'sample_bytes', group: 'samples', type: 'int', default: 0, min: 0, max: 4096, unit: 'bytes',
    label: 'Sample length', help: 'Bytes that the model writes after each evaluation, always with the same seed. 0 turns it off.',
  },
  {
    name: 'sample_prompt', group: 'samples', type: 'text', default: 'The ', max: 200,
    label: 'Sample prompt', help: 'What samples go on from. It is never part of the page’s address.',
  },
  {
    name: 'seed', group: 'training', type: 'int', default: 1, min: 0, max: 4294967295, core: true,
    label: 'Seed', help: 'Same seed, settings and text give the same bits.',
  },
  {
    name: 'shuffle', group: 'training', type: 'flag', default: true,
    label: 'Shuffle', help: 'Visit the windows in a new random order each epoch.',
  },
  {
    name: 'workers', group: 'training', type: 'int', default: 0, min: 0, max: 64, unit: 'workers',
    label: 'Workers', help: 'Replicas that share each batch. 0: as many as the machine has and the batch allows, or one where that is faster; a longer run measures that first.',
  },
  {
    name: 'val_fraction', group: 'data', type: 'float', default: 0.1, min: 0, max: 0.5,
    label: 'Held out', help: 'Share of the text’s end that is kept for validation.',
  },
  {
    name: 'max_documents', group: 'data', type: 'int', default: 5000, min: 1, max: 1e9, unit: 'documents',
    label: 'Documents', help: 'Documents read for training, where the data has documents.',
  },
  {
    name: 'val_max_documents', group: 'data', type: 'int', default: 1000, min: 1, max: 1e9, unit: 'documents',
    label: 'Validation documents', help: 'Documents read for validation, where the data has documents.',
  },
  {
    name: 'temperature', group: 'generation', type: 'float', default: 1, min: 0, max: 100, positive: true,
    label: 'Temperature', help: 'Logits are divided by it. Below 1 the model plays safe, above 1 it gambles.',
  },
  {
    name: 'top_k', group: 'generation', type: 'int', default: 0, min: 0, max: 257,
    label: 'Top k', help: 'Only the k likeliest bytes may be drawn. 0 allows all.',
  },
  {
    name: 'max_new_bytes', group: 'generation', type: 'int', default: 256, min: 1, max: 1e6, unit: 'bytes',
    label: 'Length', help: 'Bytes to write at most.',
  },
  {
    name: 'stop_at_eos', group: 'generation', type: 'flag', default: true,
    label: 'Stop at the end symbol', help: 'Stop where the model draws the end of a text. Every training window ends with it, so it comes about once a window; off leaves it out.',
  },
]));

/** @type {readonly NamedSetting[]} */
export const SETTINGS = Object.freeze(LIST);

/** @type {Map<string, NamedSetting>} */
const BY_NAME = new Map(SETTINGS.map((s) => [s.name, s]));

/**
 * @param {string} name
 * @returns {NamedSetting|undefined}
 */
export function settingOf(name) {
  return BY_NAME.get(name);
}

/** Settings that may change while a model is trained; all others are fixed when it is opened. */
export const CHANGEABLE = Object.freeze(/** @type {SettingName[]} */ ([
  'learning_rate', 'weight_decay', 'schedule', 'warmup_steps', 'clip_norm', 'max_steps', 'log_every', 'eval_every', 'eval_early',
  'val_max_batches', 'max_minutes', 'patience', 'target_bpb', 'sample_bytes', 'sample_prompt',
]));

/**
 * Every setting at its default, with some replaced.
 * @param {Partial<Settings>} [changes]
 * @returns {Settings}
 */
export function defaults(changes = {}) {
  const usual = Object.fromEntries(SETTINGS.map((s) => [s.name, s.default]));
  return /** @type {Settings} */ ({ ...usual, ...changes });
}

/**
 * The value of a setting from text (a flag, an address, a form), or what is wrong with it.
 * @param {string} name
 * @param {string|number|boolean} raw
 * @returns {{value: number|string|boolean, error?: undefined}|{error: string, value?: undefined}}
 */
export function readSetting(name, raw) {
  const s = BY_NAME.get(name);
  if (!s) return { error: `There is no setting called ${name}.` };
  const shown = `${s.label} (${name})`;
  if (s.type === 'flag') {
    if (raw === true || raw === 'true' || raw === '1' || raw === 'on') return { value: true };
    if (raw === false || raw === 'false' || raw === '0' || raw === 'off') return { value: false };
    return { error: `${shown} is on or off.` };
  }
  if (s.type === 'choice') {
    if (typeof raw === 'string' && s.choices?.includes(raw)) return { value: raw };
    return { error: `${shown} is one of ${s.choices?.join(', ')}.` };
  }
  if (s.type === 'list') return readList(s, raw);
  const { min = 0, max = 0 } = s;
  if (s.type === 'text') {
    if (typeof raw !== 'string') return { error: `${shown} must be text.` };
    if (raw === '') return { error: `${shown} is empty: it needs at least one character.` };
    return raw.length > max ? { error: `${shown} has more than ${max} characters.` } : { value: raw };
  }
  // Number() would take null, booleans and lists for numbers.
  const number = typeof raw === 'number' || (typeof raw === 'string' && raw.trim() !== '');
  const value = number ? Number(raw) : Number.NaN;
  if (!Number.isFinite(value)) return { error: `${shown} must be a number.` };
  if (s.type === 'int' && !Number.isInteger(value)) return { error: `${shown} must be a whole number.` };
  if (value < min || value > max || (s.positive && value <= 0)) {
    return { error: `${shown} must be ${s.positive ? 'above' : 'from'} ${min} ${s.positive ? 'and at most' : 'to'} ${max}.` };
  }
  return { value };
}

/**
 * Checks a whole set; unknown names and bad values are listed, one sentence each. Missing names take their default.
 * @param {Record<string, unknown>} raw
 * @returns {{settings: Settings, errors: string[]}}
 */
export function readSettings(raw) {
  const settings = defaults();
  const errors = [];
  for (const [name, given] of Object.entries(raw)) {
    const read = readSetting(name, /** @type {string} */ (given));
    if (read.error !== undefined) errors.push(read.error);
    else Object.assign(settings, { [name]: read.value });
  }
  return { settings, errors };
}

/** @param {Settings} settings @param {Settings} base @returns {(keyof Settings & string)[]} names of what differs */
export function differences(settings, base) {
  return SETTINGS.map(({ name }) => name).filter((name) => settings[name] !== base[name]);
}

/**
 * The prototype's name of a run: `{model_type}_L{T}_B{B·T // 1000}k`.
 * @param {Settings} s
 * @returns {string}
 */
export function runName(s) {
  return `${s.model_type}_L${s.sequence_length}_B${Math.floor((s.batch_size * s.sequence_length) / 1000)}k`;
}
