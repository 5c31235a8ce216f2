/** `npm run evaluate`: what a checkpoint's model makes of a text, as one JSON object. */
import { availableParallelism } from 'node:os';
import { loadModule, spawnReplica } from '../engine/node/surroundings.js';
import { Group, workersFor } from '../engine/replicas.js';
import { tick } from '../engine/worker/tick.js';
import { RunError, UsageError } from './errors.js';
import { settingOptions, settingsOf } from './options.js';
import { LEAK_WARNING, runProgram, warn } from './program.js';
import { readTexts } from './texts.js';
import { mayLeak, openForReading, weightsFor } from './weights.js';

/** @typedef {import('../engine/settings.js').Settings} Settings */

const NOTES = `The answer is one JSON object on standard output:
  checkpoint, model_type, parameter_count
  text_bytes          bytes of the text
  bytes, windows      bytes that were predicted, in windows of sequence_length; the tail is left out
  encoder_bpb, decoder_bpb    bits per byte; each window's last byte predicts the end of the text
  loss, meta_loss, uncertainty_loss, entropy_reg_loss   means over all positions of all windows
  tokens              positions that each level had, bytes first
  bytes_per_token     bytes for each of them`;

/**
 * Sums of a text's windows.
 * @param {Group} group
 * @param {Uint8Array} text  whole windows
 * @returns {Promise<Float64Array>}
 */
async function sumsOf(group, text) {
  const step = group.batch * group.length;
  /** @type {Float64Array} */
  let total = new Float64Array();
  for (let at = 0; at < text.length; at += step) {
    const sums = await group.sums(text.slice(at, at + step));
    total = total.length === 0 ? sums : total.map((sum, i) => sum + sums[i]);
    await tick();
  }
  return total;
}

/**
 * @param {Group} group
 * @param {Uint8Array} text
 * @param {string} checkpoint
 * @param {Settings} settings
 */
async function figures(group, text, checkpoint, settings) {
  const windows = Math.min(Math.floor(text.length / group.length), Number(settings.val_max_batches) * group.batch);
  if (windows === 0) {
    throw new RunError(
      `This text has ${text.length} bytes, and one window takes ${group.length}: choose a longer text or a smaller --sequence-length.`,
    );
  }
  const bytes = windows * group.length;
  const total = await sumsOf(group, text.subarray(0, bytes));
  const { losses } = group.lead.result(total);
  if (!Number.isFinite(losses.total)) throw new RunError('The loss on this text is not a finite number.');
  const tokens = group.lead.tokens(total);
  return {
    checkpoint,
    model_type: settings.model_type,
    parameter_count: group.lead.size,
    text_bytes: text.length,
    bytes,
    windows,
    sequence_length: group.length,
    encoder_bpb: losses.byte_encoder / Math.LN2,
    decoder_bpb: losses.byte_decoder / Math.LN2,
    loss: losses.total,
    meta_loss: losses.meta,
    uncertainty_loss: losses.uncertainty,
    entropy_reg_loss: losses.entropy_reg,
    tokens,
    bytes_per_token: tokens.map((n) => bytes / n),
  };
}

/** @param {import('./options.js').Arguments} args */
async function evaluate(args) {
  const [file] = args.operands;
  if (!args.has('text-file')) throw new UsageError('A text is missing: --text-file.');
  const { checkpoint, settings } = await openForReading(file, {
    val_max_batches: Number.POSITIVE_INFINITY,
    ...args.settings,
  });
  if (mayLeak(settings)) warn(LEAK_WARNING);
  const text = await readTexts(args.all('text-file'), []);
  const group = await Group.open(
    await loadModule(),
    settings,
    workersFor(settings, availableParallelism()),
    spawnReplica,
  );
  try {
    group.restore((await weightsFor(file, checkpoint, group.lead)).state);
    process.stdout.write(`${JSON.stringify(await figures(group, text, file, settings))}\n`);
  } finally {
    group.close();
  }
}

await runProgram({
  name: 'evaluate',
  summary: 'Says how well a model predicts a text.',
  operands: ['CHECKPOINT'],
  groups: [
    ['Text', [{ name: 'text-file', value: 'FILE', many: true, help: 'The text: plain text, or what train takes.' }]],
    [
      'Evaluation',
      [
        ...settingOptions(['sequence_length', 'batch_size'], 'the checkpoint’s'),
        ...settingOptions(['val_max_batches'], 'all'),
        ...settingOptions(['workers']),
      ],
    ],
    ['Borders', settingOptions(settingsOf('borders'), 'the checkpoint’s')],
    ['Losses', settingOptions(settingsOf('losses'), 'the checkpoint’s')],
  ],
  notes: NOTES,
  run: evaluate,
});
