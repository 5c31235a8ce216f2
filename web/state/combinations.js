/** Settings that are each in their range and still do not go together, or do not do what they seem to: one sentence each. */
import { applies, kindOf, levelCount, recalls, SYMBOLS, scoresByEncoder } from '../../wasm/engine/kinds.js';
import { entriesOf } from '../../wasm/engine/lists.js';
import { settingOf } from '../../wasm/engine/settings.js';
import { byteSize, count, integer } from '../format/numbers.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../wasm/engine/protocol.js').EstimateEvent} Estimate */
/** `problem`: training can't begin so. @typedef {{kind: 'problem'|'note', names: string[], message: string}} Finding */

/** The most memory that a worker can have: WebAssembly's addresses have 32 bits. */
const MOST_MEMORY = 4 * 2 ** 30;

/** @param {number} left  bytes to train on @param {number} batch  windows @param {number} length  of a window, in bytes @returns {string} */
export const batchTooLarge = (left, batch, length) =>
  `The text leaves ${integer(left)} bytes to train on, and one batch takes ${integer(length * batch)} (${batch} windows of ${length}): choose a longer text, a smaller batch or a shorter sequence.`;

/** @param {number} patience  evaluations @param {number} every  steps between two @param {number} steps  of the run @returns {string} */
export const patienceTooLong = (patience, every, steps) =>
  `Patience of ${count(patience, 'evaluation')}, one every ${count(every, 'step')}, is longer than the ${count(steps, 'step')} of the run, so it can’t end it.`;

/** @param {Settings} s @param {{size: number, heldOut: number}} text  bytes of the whole, and of its held-out part @returns {Finding[]} */
function textFindings(s, { size, heldOut }) {
  const [length, batch] = [s.sequence_length, s.batch_size];
  /** @type {Finding[]} */
  const found = [];
  const names = ['sequence_length', 'batch_size', 'val_fraction'];
  if (size - heldOut < length * batch) {
    found.push({
      kind: 'problem',
      names,
      message: batchTooLarge(size - heldOut, batch, length),
    });
  }
  if (heldOut < length) {
    const dead = [s.patience > 0 && 'patience', s.target_bpb > 0 && 'the target'].filter(Boolean);
    const rules = dead.length > 0 ? `, and ${dead.join(' and ')} can never end training` : '';
    found.push({
      kind: 'note',
      names: ['val_fraction', 'sequence_length', ...(dead.length > 0 ? ['patience', 'target_bpb'] : [])],
      message: `Less than one window is held out, so nothing is evaluated${rules}: hold out more, or shorten the sequence.`,
    });
  }
  return found;
}

/** @param {Settings} s @returns {Finding[]} */
function trainingFindings(s) {
  const [steps, every] = [s.max_steps, s.eval_every];
  /** @type {Finding[]} */
  const found = [];
  if (s.schedule === 'cosine' && s.warmup_steps >= steps) {
    found.push({
      kind: 'note',
      names: ['warmup_steps', 'max_steps'],
      message: `The warm-up takes all ${count(steps, 'step')}, so the learning rate never reaches its value: shorten the warm-up.`,
    });
  }
  if (s.schedule === 'constant' && s.warmup_steps > 0) {
    found.push({
      kind: 'note',
      names: ['warmup_steps', 'schedule'],
      message: 'Warm-up is part of the cosine schedule: with a constant learning rate it does nothing.',
    });
  }
  if (s.patience > 0 && s.patience * every >= steps) {
    found.push({
      kind: 'note',
      names: ['patience', 'eval_every', 'max_steps'],
      message: patienceTooLong(s.patience, every, steps),
    });
  }
  if (every === 0 && (s.patience > 0 || s.target_bpb > 0)) {
    found.push({
      kind: 'note',
      names: ['patience', 'target_bpb', 'eval_every'],
      message: 'Evaluation is off, so patience and the target can’t end training.',
    });
  }
  if (s.workers > s.batch_size) {
    found.push({
      kind: 'note',
      names: ['workers', 'batch_size'],
      message: `A batch of ${s.batch_size} keeps ${count(s.batch_size, 'worker')} busy, so ${count(s.workers - s.batch_size, 'worker')} of ${s.workers} will not be started.`,
    });
  }
  if (s.learning_rate === 0) {
    found.push({ kind: 'note', names: ['learning_rate'], message: 'With a learning rate of 0 nothing is learned.' });
  }
  return found;
}

/** What is wrong with recall, if anything. @param {Settings} s @returns {Finding[]} */
function recallFindings(s) {
  const setting = settingOf('recall');
  if (!s.recall || !setting || !applies(setting, s)) return [];
  if (!recalls(s)) {
    const message = 'Recall goes by the n-grams and spans that have tables. There are none, so nothing is recalled.';
    return [{ kind: 'note', names: ['recall', 'ngram_order', 'span_order'], message }];
  }
  const message = 'State is not carried, so what is recalled is forgotten at the end of each window.';
  return s.carry_state ? [] : [{ kind: 'note', names: ['recall', 'carry_state'], message }];
}

/** What encoder scores do not do, if anything. @param {Settings} s @returns {Finding[]} */
function scoreFindings(s) {
  if (!s.encoder_scores || kindOf(s) !== 'residual' || scoresByEncoder(s)) return [];
  const message = 'With one level there are no borders, so the encoder scores nothing.';
  return [{ kind: 'note', names: ['encoder_scores', 'num_levels'], message }];
}

/** @param {Settings} s @returns {Finding[]} */
function modelFindings(s) {
  if (s.model_type === 'baseline') return [];
  /** @type {Finding[]} */
  const found = [];
  if (s.border_mode === 'teacher_forced') {
    const samples = s.sample_bytes > 0 ? ', and no samples are written' : '';
    found.push({
      kind: 'note',
      names: ['border_mode', ...(samples ? ['sample_bytes'] : [])],
      message: `Teacher-forced borders look at the byte that they precede: figures are better than they should be${samples}.`,
    });
  }
  if (
    entriesOf(s.level_rules)
      .slice(0, levelCount(s) - 1)
      .includes('given')
  ) {
    found.push({
      kind: 'problem',
      names: ['level_rules'],
      message:
        'The rule given reads a list of borders, which the command line takes (--borders) and this page does not: choose another rule.',
    });
  }
  const nats = s.byte_entropy_threshold;
  // No byte is more uncertain than all symbols alike.
  if (s.num_levels > 1 && s.border_mode === 'uncertainty' && nats > s.sequence_length * Math.log(SYMBOLS)) {
    found.push({
      kind: 'note',
      names: ['byte_entropy_threshold', 'sequence_length'],
      message: `A window of ${s.sequence_length} bytes can’t collect ${nats} nats, so upper levels see one token a window: lower the byte threshold.`,
    });
  }
  return found;
}

/** @param {Estimate} estimate @param {number|undefined} deviceMemory  GiB, where the browser says @returns {Finding[]} */
function memoryFindings({ memoryBytes, workerBytes, workers }, deviceMemory) {
  const names = ['hidden_size', 'num_levels', 'batch_size', 'sequence_length', 'workers'];
  const remedy = 'choose a smaller hidden size, batch or sequence';
  if (workerBytes >= MOST_MEMORY) {
    const message = `A worker would need ${byteSize(workerBytes)}, more than the 4 GiB that one can have: ${remedy}.`;
    return [{ kind: 'problem', names, message }];
  }
  if (deviceMemory !== undefined && memoryBytes > deviceMemory * 2 ** 30 * 0.5) {
    const fewer = workers > 1 ? ', or fewer workers' : '';
    const message = `This needs ${byteSize(memoryBytes)}, more than half of what this machine seems to have: ${remedy}${fewer}.`;
    return [{ kind: 'note', names, message }];
  }
  return [];
}

/**
 * @param {Settings} settings
 * @param {{text?: {size: number, heldOut: number}|null, estimate?: Estimate|null, deviceMemory?: number}} [known]
 * @returns {Finding[]} problems first
 */
export function findings(settings, { text, estimate, deviceMemory } = {}) {
  return [
    ...(text ? textFindings(settings, text) : []),
    ...(estimate ? memoryFindings(estimate, deviceMemory) : []),
    ...trainingFindings(settings),
    ...modelFindings(settings),
    ...recallFindings(settings),
    ...scoreFindings(settings),
  ].sort((a, b) => Number(b.kind === 'problem') - Number(a.kind === 'problem'));
}
