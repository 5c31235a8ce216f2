/** `npm run evaluate`: what a checkpoint's model makes of a text, as one JSON object. */
import { availableParallelism } from 'node:os';
import { loadModule, spawnReplica } from '../engine/node/surroundings.js';
import { Probe } from '../engine/probe.js';
import { Group, workersFor } from '../engine/replicas.js';
import { readStreamed } from '../engine/streamed.js';
import { tick } from '../engine/worker/tick.js';
import { BORDERS, marksOf, takesBorders } from './borders.js';
import { RunError, UsageError } from './errors.js';
import { settingOptions, settingsOf } from './options.js';
import { standardOutput } from './output.js';
import { runProgram, warn } from './program.js';
import { READING, readingOf, readTexts } from './texts.js';
import { mayLeak, openForReading, weightsFor } from './weights.js';

/** @typedef {import('../engine/settings.js').Settings} Settings */

const NOTES = `The answer is one JSON object on standard output:
  checkpoint, model_type, parameter_count
  text_bytes          bytes of the text
  bytes, windows      bytes that were predicted, in windows of sequence_length; the tail is left out
  encoder_bpb, decoder_bpb    bits per byte; each window's last byte predicts the end of the text
  loss, meta_loss, uncertainty_loss, entropy_reg_loss   means over all positions of all windows
  tokens              positions that each level had, bytes first
  bytes_per_token     bytes for each of them

With --stream, the text is read from one state, as generation reads:
  bytes               bytes that were predicted: all but the first
  encoder_bpb, decoder_bpb    bits per byte
  decoder_bpb_error   standard error over blocks of 4,096 bytes; null with fewer than two
  without_parents_bpb         of the same weights with every parent set to zero, and the embeddings of spans
                      that come with it; null where there are no levels above
  without_level_bpb   likewise with only one level’s parents set to zero, a list from level 0 up
  tokens, bytes_per_token     as above
  borders_at_words    share of level 0’s borders at the first letter of a word or at the space before it`;

/**
 * Sums of a text's windows.
 * @param {Group} group
 * @param {Uint8Array} text  whole windows
 * @param {Uint8Array} [marks]
 * @returns {Promise<Float64Array>}
 */
async function sumsOf(group, text, marks) {
  const step = group.batch * group.length;
  /** @type {Float64Array} */
  let total = new Float64Array();
  for (let at = 0; at < text.length; at += step) {
    const sums = await group.sums({ bytes: text.slice(at, at + step), marks: marks?.slice(at, at + step) });
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
 * @param {Uint8Array} [marks]  of the text
 */
async function figures(group, text, checkpoint, settings, marks) {
  const windows = Math.min(Math.floor(text.length / group.length), settings.val_max_batches * group.batch);
  if (windows === 0) {
    throw new RunError('short_text', { bytes: text.length, window: group.length });
  }
  const bytes = windows * group.length;
  const total = await sumsOf(group, text.subarray(0, bytes), marks);
  const { losses } = group.lead.result(total);
  if (!Number.isFinite(losses.total)) throw new RunError('not_finite');
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

/** JSON has no NaN. @param {number} x */
const orNull = (x) => (Number.isFinite(x) ? x : null);

/**
 * What the model makes of a text that it reads from one state.
 * @param {string} file  for messages
 * @param {import('../files/checkpoint/checkpoint.js').Checkpoint} checkpoint
 * @param {Settings} settings
 * @param {Uint8Array} text
 * @param {Uint8Array} [marks]
 */
async function streamed(file, checkpoint, settings, text, marks) {
  if (text.length < 2) throw new RunError('two_bytes');
  const probe = new Probe(await loadModule(), settings);
  probe.copyFrom((await weightsFor(file, checkpoint, probe.model)).state.parameters);
  const read = await readStreamed(probe, text, tick, marks);
  if (!Number.isFinite(read.decoderBpb)) throw new RunError('not_finite');
  const without = [];
  for (const parents of probe.levels > 1 ? [false, ...read.tokens.keys()].slice(0, -1) : []) {
    probe.configure([], parents);
    without.push((await readStreamed(probe, text, tick, marks)).decoderBpb);
  }
  return {
    checkpoint: file,
    model_type: settings.model_type,
    parameter_count: probe.model.size,
    text_bytes: text.length,
    bytes: read.bytes,
    encoder_bpb: read.encoderBpb,
    decoder_bpb: read.decoderBpb,
    decoder_bpb_error: orNull(read.error),
    without_parents_bpb: without[0] ?? null,
    without_level_bpb: without.slice(1),
    tokens: read.tokens,
    bytes_per_token: read.tokens.map((n) => orNull(text.length / n)),
    borders_at_words: orNull(read.bordersAtWords),
  };
}

/** @param {import('./options.js').Arguments} args */
async function evaluate(args) {
  const [file] = args.operands;
  if (!args.has('text-file')) throw new UsageError('text_missing');
  const { checkpoint, settings } = await openForReading(file, {
    val_max_batches: Number.POSITIVE_INFINITY,
    ...args.settings,
  });
  if (await mayLeak(settings)) warn('leaks');
  const marked = await takesBorders(args, settings);
  const text = await readTexts(args.all('text-file'), [], Infinity, readingOf(args));
  const marks = marked ? await marksOf(args, text) : undefined;
  if (args.has('stream')) {
    await standardOutput.write(`${JSON.stringify(await streamed(file, checkpoint, settings, text, marks))}\n`);
    return;
  }
  const group = await Group.open(
    await loadModule(),
    settings,
    workersFor(settings, availableParallelism()),
    spawnReplica,
    { reads: true },
  );
  try {
    group.restore((await weightsFor(file, checkpoint, group.lead)).state);
    await standardOutput.write(`${JSON.stringify(await figures(group, text, file, settings, marks))}\n`);
  } finally {
    group.close();
  }
}

await runProgram({
  name: 'evaluate',
  summary: 'Says how well a model predicts a text.',
  operands: ['CHECKPOINT'],
  groups: [
    [
      'Text',
      [
        { name: 'text-file', value: 'FILE', many: true, help: 'The text: plain text, or what train takes.' },
        BORDERS,
        ...READING,
      ],
    ],
    [
      'Evaluation',
      [
        { name: 'stream', help: 'Reads the text from one state, byte by byte, rather than in windows.' },
        { name: 'json', help: 'The answer as JSON, which is its only form.' },
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
