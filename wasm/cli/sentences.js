/**
 * What the command line says, except for its help: every sentence stands here once. Those of errors and warnings go by the
 * reason that is given for them. Each takes what it speaks of.
 */
import { NO_VALIDATION } from '../engine/corpus.js';

/**
 * A file's name for a message, on one line.
 * @param {string} file
 * @returns {string}
 */
export function shown(file) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return file.replace(/[\x00-\x1f\x7f]/g, '?');
}

/** @typedef {{file: string}} OfFile */
/** @typedef {{option: string}} OfOption */

/** The command line is wrong. */
export const USAGE = Object.freeze({
  no_command: (/** @type {{name: string, commands: readonly string[]}} */ { name, commands }) =>
    `There is no command ${JSON.stringify(name)}: choose one of ${commands.join(', ')}.`,
  command_missing: (/** @type {{commands: readonly string[]}} */ { commands }) =>
    `A command is missing: choose one of ${commands.join(', ')}.`,
  no_option: (/** @type {OfOption} */ { option }) => `There is no option ${option}.`,
  takes_no_value: (/** @type {OfOption} */ { option }) => `${option} takes no value.`,
  needs_value: (/** @type {OfOption} */ { option }) => `${option} needs a value.`,
  empty_value: (/** @type {OfOption} */ { option }) => `${option} is empty.`,
  setting: (/** @type {{option: string, error: string}} */ { option, error }) => `${option}: ${error}`,
  preset: (/** @type {{error: string}} */ { error }) => error,
  choice: (/** @type {{option: string, choices: readonly string[]}} */ { option, choices }) =>
    `${option} is one of ${choices.join(', ')}.`,
  whole: (/** @type {{option: string, least: number, most: number}} */ { option, least, most }) =>
    `${option} is a whole number from ${least} to ${most}.`,
  operand_missing: (/** @type {{operand: string}} */ { operand }) => `A ${operand} is missing.`,
  too_many: (/** @type {{word: string}} */ { word }) => `“${word}” is one argument too many.`,
  one_of_two: (/** @type {{one: string, other: string}} */ { one, other }) => `Either ${one} or ${other}, not both.`,
  two_starts: () => 'Either start from weights with --init or go on with --resume, not both.',
  two_held_out: () => 'Either name a text for validation or give --val-fraction, not both.',
  held_out_alone: () => 'A text for validation needs one for training: --text-file or --parquet.',
  text_missing: () => 'A text is missing: --text-file.',
  borders_missing: () =>
    'A level has the rule given, so a list of borders is missing: --borders. It names positions of the text.',
  borders_alone: () => 'A list of borders needs the text that it is about: --text-file or --parquet.',
  held_out_borders_missing: () => 'The text for validation needs a list of borders, too: --val-borders.',
  prompt_missing: () => 'A prompt is missing: --prompt or --prompt-file.',
  needs_model: (/** @type {OfOption} */ { option }) => `${option} needs a --model.`,
  counts_alone: (/** @type {OfOption} */ { option }) => `--mode counts takes no ${option}.`,
  mode_model: () => '--mode model needs a --model, or one that learns: --learn.',
  learns_from_nothing: (/** @type {{learn: string}} */ { learn }) =>
    `--learn ${learn} starts from nothing, and takes no --model.`,
  weights_learn: () => 'Weights that learn on can’t be put into the file.',
  terminal: () => 'Compressed bytes are not for a terminal: --force writes them there, --output to a file.',
  no_ending: (/** @type {{file: string, ending: string}} */ { file, ending }) =>
    `${shown(file)} does not end in ${ending}: name the original with --output.`,
  over_itself: (/** @type {OfFile} */ { file }) => `${shown(file)} is the input itself, which is never overwritten.`,
  over_input: (/** @type {{option: string, input: string, file: string}} */ { option, input, file }) =>
    `${option} would overwrite what ${input} reads: ${shown(file)}.`,
  over_output: (/** @type {{option: string, other: string, file: string}} */ { option, other, file }) =>
    `${other} and ${option} would be written to the same file: ${shown(file)}.`,
  other_setting: (/** @type {{option: string, own: unknown, value: unknown}} */ { option, own, value }) =>
    `${option} ${own} does not go with the checkpoint, where it is ${value}.`,
});

/** What was asked for could not be done. */
export const RUN = Object.freeze({
  about_file: (/** @type {{file: string, error: Error}} */ { file, error }) => `${shown(file)}: ${error.message}`,
  failed: (/** @type {{message: string}} */ { message }) => message,
  unexpected: (/** @type {{message: string}} */ { message }) => `Something unexpected went wrong: ${message}`,
  no_file: (/** @type {OfFile} */ { file }) => `There is no file ${shown(file)}.`,
  no_permission: (/** @type {OfFile} */ { file }) =>
    `${shown(file)} may not be opened: its permissions do not allow it.`,
  read_only: (/** @type {OfFile} */ { file }) => `${shown(file)} cannot be written: its disk is read-only.`,
  folder: (/** @type {OfFile} */ { file }) => `${shown(file)} is a folder, not a file.`,
  in_no_folder: (/** @type {OfFile} */ { file }) => `${shown(file)} lies inside something that is not a folder.`,
  in_the_way: (/** @type {OfFile} */ { file }) => `${shown(file)} is in the way of a folder of that name.`,
  no_room: (/** @type {OfFile} */ { file }) => `There is no room left on the disk for ${shown(file)}.`,
  long_name: (/** @type {OfFile} */ _) => 'A file name is too long.',
  large_file: (/** @type {OfFile} */ { file }) => `${shown(file)} is larger than 2 GiB.`,
  system: (/** @type {{file: string, code: string}} */ { file, code }) =>
    `${shown(file)} cannot be read or written (${code}).`,
  no_folder: (/** @type {OfFile} */ { file }) => `${shown(file)} is not a folder.`,
  folder_not_made: (/** @type {OfFile} */ { file }) => `The folder ${shown(file)} cannot be made.`,
  is_there: (/** @type {OfFile} */ { file }) => `${shown(file)} exists already: --force replaces it.`,
  changed: (/** @type {OfFile} */ { file }) => `${shown(file)} changed while it was read.`,
  input_twice: () => 'Standard input was named twice, but can be read only once.',
  prompt_empty: () => 'The prompt is empty: it needs at least one byte.',
  text_empty: () => 'The text is empty: there is nothing to trace.',
  two_bytes: () => 'A text of at least two bytes is needed, since nothing predicts the first.',
  short_text: (/** @type {{bytes: number, window: number}} */ { bytes, window }) =>
    `This text has ${bytes} bytes, and one window takes ${window}: choose a longer text or a smaller --sequence-length.`,
  not_finite: () => 'The loss on this text is not a finite number.',
  leaks: () =>
    'This checkpoint has teacher-forced borders, which look at the next byte, so it cannot write from a cache: use --inference-mode recompute.',
  weights_only: (/** @type {OfFile} */ { file }) =>
    `${shown(file)} has weights only, so training cannot go on exactly: --init starts from them.`,
  no_step: (/** @type {OfFile} */ { file }) => `${shown(file)} does not say at which step training was.`,
  no_place: (/** @type {OfFile} */ { file }) =>
    `${shown(file)} does not say where training was in a way that can be read.`,
  all_steps: (/** @type {{file: string, step: number, most: number}} */ { file, step, most }) =>
    `${shown(file)} is at step ${step} of ${most} already: a larger --max-steps goes on.`,
  other_text: (/** @type {OfFile} */ { file }) =>
    `${shown(file)} was trained on another text: name the same one to go on exactly, or start from its weights with --init.`,
  no_host: (/** @type {{host: string}} */ { host }) => `HF_ENDPOINT is not an address: ${shown(host)}.`,
  no_sample: (/** @type {{message: string}} */ { message }) =>
    `${message} The sample text is not there either: name a text with --text-file.`,
  not_built: () => 'The page has not been built yet: npm run build makes it.',
});

/** Nothing failed, but the reader should know. */
export const WARNINGS = Object.freeze({
  leaks: () =>
    'Teacher-forced borders look at the byte to be predicted and so leak the future: the decoder’s figures are not those of a model that could generate.',
  no_device: (/** @type {{device: string}} */ { device }) =>
    `There is no device ${shown(device)} here: the processor does the work.`,
  no_readers: () =>
    '--num-workers changes nothing: this process reads the text, and --workers says how many share its work.',
  no_effect: (/** @type {{option: string, kind: string}} */ { option, kind }) =>
    `${option} has no effect on a model of this kind (${kind}).`,
  borders_unused: () => '--borders has no effect: no level has the rule given, which reads it.',
  no_borders: () =>
    'This model has its borders from a list (rule given), and here there is none: its higher levels get one token, at the first byte.',
  no_validation: () => NO_VALIDATION,
  held_out_known: () =>
    'The held-out text is part of the training text: its bits per byte say nothing about new texts.',
  other_format: (/** @type {OfFile} */ { file }) =>
    `${shown(file)} will be a safetensors file, whatever its name says.`,
  saved_elsewhere: (/** @type {{message: string}} */ { message }) => `${message} The model was saved elsewhere.`,
  null_texts: (/** @type {{file: string, count: number}} */ { file, count }) =>
    count === 1
      ? `1 record of ${shown(file)} has no text (null), so it is skipped.`
      : `${count} records of ${shown(file)} have no text (null), so they are skipped.`,
  table: (/** @type {{file: string, cells: string, field: string}} */ { file, cells, field }) =>
    `${shown(file)} is a table with ${cells} between its cells: the text is its column ${shown(field)}. --field, --delimiter and --whole-tables choose otherwise.`,
  faults: (/** @type {{file: string, faults: number}} */ { file, faults }) =>
    `${file} is UTF-8 except in ${faults} place${faults === 1 ? '' : 's'}.`,
  encoding: (/** @type {{file: string, encoding: string}} */ { file, encoding }) =>
    `${file} is not UTF-8: it is read as ${encoding}. --encoding names another.`,
});

/** What the causality check comes to. */
const VERDICTS = Object.freeze({
  leaks: 'the future leaks',
  may_leak: 'no leak shows here',
  causal: 'that is rounding alone',
});

/** Neither an error nor a warning. */
export const NOTES = Object.freeze({
  sample_instead: (/** @type {{message: string}} */ { message }) =>
    `${message} Training on the sample text (Moby Dick) in its place.`,
  causality: (
    /** @type {{positions: number, worst: number, difference: number, verdict: keyof typeof VERDICTS}} */ found,
  ) =>
    `Causality: ${found.positions} positions, largest difference of a logit ${found.difference.toExponential(2)} at position ${found.worst}: ${VERDICTS[found.verdict]}.`,
  no_wikitext: (/** @type {{error: Error}} */ { error }) => `WikiText-103 is not available: ${error.message}`,
  interrupted: () => 'Interrupted: saving after the current step (Ctrl-C once more ends at once, without saving).',
  workers: (/** @type {import('../engine/choosing.js').Choice} */ { workers, all, aloneSpeed, allSpeed }) =>
    `Workers: ${workers}. On this text one makes ${aloneSpeed.toFixed(1)} steps a second, ${all} together ${allSpeed.toFixed(1)}.`,
  going_on: (/** @type {{file: string, step: number}} */ { file, step }) =>
    `Going on after step ${step} of ${shown(file)}.`,
  saved: (/** @type {{file: string, step: number, why?: string}} */ { file, step, why }) =>
    `Saved ${shown(file)} at step ${step}${why === undefined ? '' : `: ${why}`}.`,
  compressed: (/** @type {{file: string, from: number, to: number, seconds: number}} */ { file, from, to, seconds }) =>
    `${shown(file)}: ${from} bytes to ${to}${from > 0 ? `, ${((8 * to) / from).toFixed(3)} bits a byte` : ''}, in ${seconds.toFixed(1)} s.`,
  whole: (/** @type {{file: string, bytes: number}} */ { file, bytes }) => `${shown(file)} is whole: ${bytes} bytes.`,
  serving: (/** @type {{address: string}} */ { address }) => `The page is at ${address} (Ctrl-C ends it).`,
  output_lost: (/** @type {{code: string|undefined, goesOn: boolean}} */ { code, goesOn }) =>
    `Standard output can no longer be written (${code}).${goesOn ? ' The work goes on without it.' : ''}`,
});

/** @typedef {{losses: {total: number}, encoderBpb: number, decoderBpb: number}} Figures  loss in nats, the others in bits */

/** @param {Figures} figures */
const figures = ({ losses, encoderBpb, decoderBpb }) =>
  `loss ${losses.total.toFixed(4)}, encoder ${encoderBpb.toFixed(4)} bpb, decoder ${decoderBpb.toFixed(4)} bpb`;

/** Lines that are no whole sentences. */
export const LINES = Object.freeze({
  /** What the help begins with. `by` and `before` stand around the name as it was typed. */
  usage: (/** @type {{by: string, name: string, before: string, operands: readonly string[]}} */ command) =>
    `Usage: ${command.by} ${command.name}${command.before} ${[...command.operands, '[options]'].join(' ')}`,
  /** What the help of all commands begins with. */
  usage_of_all: (/** @type {{name: string}} */ { name }) => `Usage: ${name} COMMAND [arguments]`,
  see_help: (/** @type {{line: string}} */ { line }) => `${line} (See --help.)`,
  warning: (/** @type {{sentence: string}} */ { sentence }) => `Warning: ${sentence}`,
  reading: (/** @type {{documents: number, host: string}} */ { documents, host }) =>
    `Reading the first ${documents} documents of WikiText-103 from ${host} …`,
  model: (/** @type {{run: string, type: string, parameters: number, workers: number, mebibytes: number}} */ model) =>
    `${model.run}: ${model.type}, ${model.parameters} parameters, workers: ${model.workers}, memory: ${model.mebibytes} MiB`,
  texts: (
    /** @type {{name: string, bytes: number, steps: number, heldOut: number}} */ { name, bytes, steps, heldOut },
  ) => `${name}: ${bytes} bytes to train on (${steps} steps an epoch), ${heldOut} held out`,
  /** `left`: the time that is left, as text. */
  progress: (/** @type {Figures & {step: number, maxSteps: number, left: string}} */ event) =>
    `step ${event.step}/${event.maxSteps}: ${figures(event)}, ${event.left} left`,
  validation: (/** @type {Figures & {step: number}} */ event) => `step ${event.step}, validation: ${figures(event)}`,
  /** `text`: in quotes, on one line. */
  sample: (/** @type {{step: number, text: string}} */ { step, text }) => `step ${step}, sample: ${text}`,
  to_go_on: (/** @type {{file: string}} */ { file }) => `To go on: the same command with --resume ${shown(file)}`,
  wandb: (/** @type {{project: string, folder: string}} */ { project, folder }) =>
    `For Weights & Biases: wandb sync --project ${shown(project)} ${shown(folder)}`,
});

/** Parts of a line of progress, what matters most first. */
export const PARTS = Object.freeze({
  /** `left`: the time that is left, as text. */
  training: (/** @type {Figures & {step: number, maxSteps: number, stepsPerSecond: number, left: string}} */ event) => [
    `${event.step}/${event.maxSteps}`,
    `loss ${event.losses.total.toFixed(3)}`,
    `bpb ${event.encoderBpb.toFixed(3)} encoder ${event.decoderBpb.toFixed(3)} decoder`,
    `${event.left} left`,
    `${event.stepsPerSecond.toFixed(1)} steps/s`,
  ],
  /** Sizes and times as text; `share`: of 1; `bits`: of a byte; `rate`: kB a second. */
  packing: (
    /** @type {{share?: number, coded: string, plain: string, bits?: number, rate?: number, left?: string}} */ progress,
  ) => {
    const { share, coded, plain, bits, rate = 0, left } = progress;
    return [
      ...(share === undefined ? [] : [`${(100 * share).toFixed(0)} %`]),
      `${coded} for ${plain}`,
      ...(bits === undefined ? [] : [`${bits.toFixed(3)} bits a byte`, `${rate.toFixed(rate < 10 ? 1 : 0)} kB/s`]),
      ...(left === undefined ? [] : [`${left} left`]),
    ];
  },
});
