/**
 * The core as a library, for Node and for bundlers:
 *
 *   const model = await load({ settings: { hidden_size: 64 } });
 *   await train(model, text, { steps: 10 });
 *   const { bytes } = await generate(model, 'The sea ');
 *   const file = checkpoints.write(model);
 *   const small = await compress(text);
 *
 * Everything runs in the thread that calls it, one model at a time in each call, and gives other events a turn every
 * 25 ms; in a page, call it from a worker. Texts are bytes, or strings that become UTF-8. What goes wrong is a
 * `CoreError` or a `CheckpointError` with one plain sentence as its message.
 */

import { modelBytes } from '../engine/config.js';
import { Corpus, splitText } from '../engine/corpus.js';
import { evaluatorOf } from '../engine/evaluating.js';
import { checkMarks } from '../engine/marks.js';
import { CoreError } from '../engine/module.js';
import { openCheckpoint, stateOf } from '../engine/opening.js';
import { Probe } from '../engine/probe.js';
import { Group } from '../engine/replicas.js';
import { saveModel } from '../engine/saving.js';
import { CHANGEABLE, defaults, readSettings } from '../engine/settings.js';
import { Trainer } from '../engine/trainer.js';
import { Slices } from '../engine/worker/slices.js';
import { generate as draw } from '../engine/worker/writing.js';
import { readCheckpoint } from '../files/checkpoint/checkpoint.js';
import { moduleOf } from './module.js';
import { TrainingRun } from './training_run.js';

export { CoreError } from '../engine/module.js';
export { PRESETS } from '../engine/presets.js';
export { CHANGEABLE, defaults, SETTINGS } from '../engine/settings.js';
export { CheckpointError } from '../files/checkpoint/error.js';
export { FormatError } from '../files/formats/error.js';
export { compress, compressChunks, decompress, decompressChunks } from './compression.js';
export { TrainingRun } from './training_run.js';

/** @typedef {import('../engine/settings.js').Settings} Settings */
/** @typedef {import('../engine/protocol.js').TracePiece} TracePiece */
/** @typedef {import('../engine/protocol.js').Losses} Losses */
/** @typedef {Uint8Array|string} Text  bytes as they are; a string as UTF-8 */

/**
 * Losses in nats; bits per byte of the decoder and of the encoder; mean count of borders a sequence, one a level below
 * the top.
 * @typedef {{losses: Losses, decoderBpb: number, encoderBpb: number, borders: number[]}} Figures
 */

/** A model: made by `load`, changed by `train`, read by everything else. */
export class LanguageModel {
  /**
   * @param {Group} group
   * @param {Settings} settings
   * @param {number} step
   */
  constructor(group, settings, step) {
    /** The core's own objects; not part of the library's contract. @internal */
    this.group = group;
    /** Every setting at its value. @readonly */
    this.settings = settings;
    /** Training steps that the weights have had. */
    this.step = step;
  }

  /** The number of trained parameters. */
  get parameterCount() {
    return this.group.lead.size;
  }

  /** Bytes of memory that the model and its optimiser take. */
  get memoryBytes() {
    return this.group.memoryBytes;
  }
}

/** @param {Text} text @returns {Uint8Array} */
const bytesOf = (text) => (typeof text === 'string' ? new TextEncoder().encode(text) : text);

/** @param {AbortSignal|undefined} signal */
const endedBy = (signal) => signal?.throwIfAborted();

/** @param {Settings} base @param {Partial<Settings>} changes @returns {Settings} */
function checked(base, changes) {
  const { settings, errors } = readSettings({ ...base, ...changes });
  if (errors.length > 0) throw new CoreError('bad_settings', errors.join(' '));
  return settings;
}

/**
 * Makes a model: fresh weights from `settings.seed`, or those of a checkpoint, whose own model settings then win.
 * @param {object} [options]
 * @param {Partial<Settings>} [options.settings]  changes to the defaults; see `SETTINGS`
 * @param {boolean} [options.readOnly]  it is never trained, and takes a third of the memory
 * @param {Uint8Array} [options.checkpoint]  bytes of a .safetensors file, or of a .pt file of the PyTorch prototype
 * @param {WebAssembly.Module|BufferSource|Response|Promise<Response>} [options.module]  the core, compiled or as bytes;
 *   by default `core.wasm` of this package, from disk or by `fetch`
 * @returns {Promise<LanguageModel>}
 * @throws {CoreError} `bad_settings`, `too_big`, `no_simd`, `no_module`
 * @throws {import('../files/checkpoint/error.js').CheckpointError}
 */
export async function load({ settings: changes = {}, readOnly = false, checkpoint: bytes, module: given } = {}) {
  const wanted = checked(defaults(), changes);
  const module = await moduleOf(given);
  const opened = bytes ? await openCheckpoint(module, bytes, wanted) : null;
  const settings = { ...(opened?.settings ?? wanted), workers: 1 };
  if (modelBytes(module, settings) === 0)
    throw new CoreError('bad_settings', 'The core can make no model of these settings: choose smaller sizes.');
  const group = await Group.open(module, settings, 1, undefined, { reads: readOnly });
  if (readOnly) group.reset();
  if (!opened) return new LanguageModel(group, settings, 0);
  const { state, step } = stateOf(opened.checkpoint, group.lead);
  group.restore(state);
  return new LanguageModel(group, settings, step);
}

/**
 * Trains a model on a text, from the step where it is. Its last `val_fraction` is held out, unless `heldOut` is given.
 * @param {LanguageModel} model
 * @param {Text} text
 * @param {object} [options]
 * @param {number} [options.steps]  to make; default: up to the setting `max_steps`
 * @param {Text} [options.heldOut]
 * @param {Uint8Array} [options.borders]  what the rule “given” reads, one a byte of the text: how many levels have a border there
 * @param {Uint8Array} [options.heldOutBorders]  likewise of `heldOut`
 * @param {Partial<Settings>} [options.settings]  changes to what may change during training; see `CHANGEABLE`
 * @param {(step: Figures & {step: number, learningRate: number, gradientNorm: number}) => void} [options.onStep]
 * @param {AbortSignal} [options.signal]  ends it between two steps; the steps made so far stay
 * @returns {Promise<Figures & {step: number}>} of the last step, before its update
 * @throws {CoreError} `short_text`, `empty_text`, `bad_settings`, `bad_input`, `no_borders`; `reads_only` of a model loaded with `readOnly`; `not_finite`: the model is as it was before `train`
 */
export async function train(
  model,
  text,
  { steps, heldOut, borders: marks, heldOutBorders, settings: changes = {}, onStep, signal } = {},
) {
  const { group } = model;
  if (group.lead.reads) throw new CoreError('reads_only', 'The model was loaded for reading only: load one to train.');
  const fixed = Object.keys(changes).filter((name) => !CHANGEABLE.some((one) => one === name));
  if (fixed.length > 0)
    throw new CoreError('bad_settings', `${fixed.join(', ')} can't change once a model is loaded: load another.`);
  const settings = checked(model.settings, changes);
  if (steps !== undefined) settings.max_steps = Math.max(settings.max_steps, model.step + steps);
  const bytes = bytesOf(text);
  const texts =
    heldOut === undefined
      ? splitText(bytes, settings.val_fraction, marks)
      : {
          train: bytes,
          heldOut: bytesOf(heldOut),
          ...(marks && heldOutBorders && { marks: { train: marks, heldOut: heldOutBorders } }),
        };
  checkMarks(group.lead.startLevels, bytes, marks);
  if (heldOut !== undefined) checkMarks(group.lead.startLevels, texts.heldOut, heldOutBorders);
  const trainer = new Trainer(group, new Corpus(group.lead.module, texts, settings), settings, model.step);
  trainer.configure(settings);
  const end = steps === undefined ? settings.max_steps : model.step + steps;
  if (trainer.step >= end)
    throw new CoreError('bad_settings', `There are no steps to make: the model has had ${model.step} already.`);
  const slices = new Slices();
  let last;
  try {
    while (trainer.step < end) {
      endedBy(signal);
      const figures = await trainer.advance();
      last = { ...figures, step: trainer.step };
      onStep?.(last);
      await slices.turn();
    }
  } finally {
    model.step = trainer.step;
  }
  const { losses, decoderBpb, encoderBpb, borders, step } = /** @type {NonNullable<typeof last>} */ (last);
  return { losses, decoderBpb, encoderBpb, borders, step };
}

/**
 * Trains as `train` does, and lets others follow. What goes wrong is in the run's `problem` when it ends.
 * @param {LanguageModel} model
 * @param {Text} text
 * @param {Omit<NonNullable<Parameters<typeof train>[2]>, 'signal'>} [options]
 * @returns {TrainingRun}
 */
export function startRun(model, text, options = {}) {
  const ending = new AbortController();
  const stop = () => ending.abort();
  const run = new TrainingRun({
    model: () => ({ settings: model.settings, levels: model.group.lead.borderLevels }),
    trace: (bytes, choice) => trace(model, bytes, choice),
    stop,
    close: stop,
  });
  const { steps, settings, onStep } = options;
  const maxSteps = steps === undefined ? Number(settings?.max_steps ?? model.settings.max_steps) : model.step + steps;
  run.report({ step: model.step, maxSteps, decoderBpb: Number.NaN });
  train(model, text, {
    ...options,
    signal: ending.signal,
    onStep(figures) {
      const { step, decoderBpb } = figures;
      run.report({ step, maxSteps, decoderBpb });
      onStep?.(figures);
    },
  }).then(
    () => run.end(),
    (error) => run.end(ending.signal.aborted ? '' : error.message),
  );
  return run;
}

/**
 * How well a model predicts a text, in whole windows of `sequence_length` bytes; what is left over is ignored.
 * @param {LanguageModel} model
 * @param {Text} text
 * @param {{borders?: Uint8Array, signal?: AbortSignal}} [options]  `borders`: as `train` takes them
 * @returns {Promise<Figures & {bytes: number}>} `bytes`: how many were read
 * @throws {CoreError} `short_text`, `not_finite`, `bad_input`, `no_borders`
 */
export async function evaluate({ group: own }, text, { borders: marks, signal } = {}) {
  const group = await evaluatorOf(own);
  const all = bytesOf(text);
  checkMarks(own.lead.startLevels, all, marks);
  const bytes = all.length - (all.length % group.length);
  if (bytes === 0) {
    throw new CoreError(
      'short_text',
      `This text has ${all.length} bytes, and one window takes ${group.length}: choose a longer text.`,
    );
  }
  const batch = group.batch * group.length;
  const slices = new Slices();
  /** @type {Float64Array|undefined} */
  let total;
  for (let at = 0; at < bytes; at += batch) {
    endedBy(signal);
    const end = Math.min(at + batch, bytes);
    const sums = await group.sums({ bytes: all.slice(at, end), marks: marks?.slice(at, end) });
    total = total ? total.map((sum, i) => sum + sums[i]) : sums;
    await slices.turn();
  }
  const { losses, borders } = group.lead.result(total);
  if (!Number.isFinite(losses.total))
    throw new CoreError('not_finite', 'The loss on this text is not a finite number.');
  const [decoderBpb, encoderBpb] = [losses.byte_decoder / Math.LN2, losses.byte_encoder / Math.LN2];
  return { losses, decoderBpb, encoderBpb, borders, bytes };
}

/** @param {LanguageModel} model */
function readerOf({ group: { lead }, settings }) {
  if (lead.reads) return new Probe(lead.module, settings, lead);
  const probe = new Probe(lead.module, settings);
  probe.copyFrom(lead.weights, lead.thresholds);
  return probe;
}

/**
 * Writes on from a prompt, one byte at a time from the cache. The same seed gives the same bytes.
 * @param {LanguageModel} model
 * @param {Text} prompt  at least one byte
 * @param {object} [options]  defaults as in `SETTINGS`
 * @param {number} [options.temperature]
 * @param {number} [options.top_k]
 * @param {number} [options.max_new_bytes]
 * @param {boolean} [options.stop_at_eos]
 * @param {number} [options.seed]
 * @param {(bytes: Uint8Array, borders: Uint8Array) => void} [options.onBytes]  called with sampled bytes as they come
 * @param {AbortSignal} [options.signal]  ends it; what was written so far is the answer, its reason `stopped`
 * @returns {Promise<{bytes: Uint8Array, borders: Uint8Array, reason: 'length'|'eos'|'stopped'}>} `borders[i]`: how many
 *   levels put a border at that byte
 * @throws {CoreError} `bad_settings`; `leaks` in teacher-forced mode
 */
export async function generate(model, prompt, { onBytes, signal, ...choice } = {}) {
  const all = checked(model.settings, choice);
  /** @type {{bytes: Uint8Array, borders: Uint8Array}[]} */
  const pieces = [];
  /** @type {'length'|'eos'|'stopped'} */
  let reason = 'length';
  const job = {
    id: 0,
    get cancelled() {
      return signal?.aborted ?? false;
    },
  };
  const command = /** @type {import('../engine/protocol.js').Generate} */ ({
    ...all,
    type: 'generate',
    run: 0,
    id: 0,
    prompt: bytesOf(prompt),
  });
  const probe = readerOf(model);
  try {
    await draw(probe, command, job, (event) => {
      if (event.type !== 'generated') return;
      pieces.push(event);
      reason = event.reason ?? reason;
      if (event.bytes.length > 0) onBytes?.(event.bytes, event.borders);
    });
  } finally {
    probe.close();
  }
  return {
    bytes: Uint8Array.from(pieces.flatMap(({ bytes }) => [...bytes])),
    borders: Uint8Array.from(pieces.flatMap(({ borders }) => [...borders])),
    reason,
  };
}

/**
 * Reads a text and says of every byte what the model expected, and where each level put its borders. The answer comes in
 * pieces, in constant memory, with the weights that the model has when the first is asked for.
 * @param {LanguageModel} model
 * @param {Text} text
 * @param {object} [options]
 * @param {number[]} [options.thresholds]  one a level below the top (nats at level 0); default the settings’
 * @param {boolean} [options.withoutParents]  sets every parent vector to zero
 * @param {number} [options.top]  predictions kept a byte, 0 to 10; default none
 * @param {Uint8Array} [options.borders]  as `train` takes them; without them the rule “given” puts none
 * @returns {AsyncGenerator<TracePiece, void, undefined>}
 * @throws {CoreError} `empty_text`, `bad_input`; `leaks` in teacher-forced mode
 */
export async function* trace(model, text, { thresholds = [], withoutParents = false, top = 0, borders: marks } = {}) {
  const bytes = bytesOf(text);
  checkMarks([], bytes, marks);
  if (bytes.length === 0) throw new CoreError('empty_text', 'There is no text to read.');
  const probe = readerOf(model);
  try {
    probe.configure(thresholds, !withoutParents);
    const kept = Math.max(0, Math.min(10, Math.floor(top)));
    const before = new Array(probe.levels).fill(0);
    const slices = new Slices();
    for (let from = 0; from < bytes.length; from += probe.pieceLength) {
      yield probe.tracePiece(bytes, from, Math.min(bytes.length, from + probe.pieceLength), kept, before, marks);
      await slices.turn();
    }
  } finally {
    probe.close();
  }
}

/** Models as files, and back. */
export const checkpoints = Object.freeze({
  /**
   * What a file holds, without making a model of it.
   * @param {Uint8Array} bytes  of a .safetensors file, or of a .pt file of the prototype
   * @param {{module?: WebAssembly.Module|BufferSource|Response|Promise<Response>}} [options]  the core, as `load` takes it
   * @returns {Promise<import('../files/checkpoint/checkpoint.js').Checkpoint>}
   * @throws {CoreError} `no_simd`, `no_module`
   * @throws {import('../files/checkpoint/error.js').CheckpointError}
   */
  read: async (bytes, { module } = {}) => readCheckpoint(await moduleOf(module), bytes),
  /**
   * A model as a safetensors file, which `load`, the page, the command line and PyTorch open.
   * @param {LanguageModel} model
   * @param {{resumable?: boolean}} [options]  adds the optimiser's moments and the step, to go on from with the same bits
   * @returns {Uint8Array<ArrayBuffer>}
   */
  write: ({ group, settings, step }, { resumable = false } = {}) =>
    saveModel(group.lead, settings, resumable ? step : null, {}, group.carried),
});

/**
 * The `weights` of a model for `compress` and `decompress`.
 * @param {LanguageModel} model
 * @returns {import('../engine/predictor.js').Weights}
 */
export function weightsOf({ group, settings }) {
  return { settings, parameters: group.lead.weights.slice() };
}
