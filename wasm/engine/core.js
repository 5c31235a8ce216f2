/**
 * A model in WebAssembly: set-up, passes, update, parameters. One model per instance, so that their memory goes with
 * them, except for models that read with another's weights. All memory is taken at construction. Losses are in nats.
 */
import { RULE_FIELDS, readCarried, writeCarried } from './carried.js';
import { readLevels, readWidths, shortest, writeConfig } from './config.js';
import { allFinite } from './finite.js';
import { carriesState, levelCount } from './kinds.js';
import { Instance, Share } from './module.js';
import { exchangeBytes } from './pieces.js';
import { readTensors } from './tensors.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./protocol.js').Losses} Losses */
/** @typedef {import('./carried.js').Carried} Carried */

/** The results of a training or evaluation pass. @typedef {{losses: Losses, borders: number[]}} PassResult */

/**
 * What training changes: parameters, AdamW's moments (flat, in the table's order), updates that each tensor has had,
 * thresholds of the levels that put borders, what the model's sequences carry, and the average of its weights where it has one.
 * @typedef {{parameters: Float32Array, first: Float32Array, second: Float32Array, updates: Int32Array,
 *   thresholds: Float32Array, carried: Carried, average?: import('./averaging.js').AverageState}} ModelState
 */

/** A model, or one replica's share of it, or one that reads. */
export class Model {
  /**
   * @param {WebAssembly.Module} module
   * @param {Settings} settings
   * @param {object} [share]
   * @param {number} [share.sequences]      of each batch, that this replica computes; 0 for streams alone, with `reads`
   * @param {number} [share.firstSequence]  of these, in the batch
   * @param {number} [share.workers]        that share the batch, this one included
   * @param {boolean} [share.reads]         it is never trained and holds nothing for that; its parameters are zeros at first
   * @param {Model} [share.lender]          whose weights it reads with, in whose memory
   * @param {Instance} [share.core]         memory that it shares with others; default its own
   * @throws {import('./module.js').CoreError} `bad_setting`, `too_big`
   */
  constructor(
    module,
    settings,
    {
      sequences = settings.batch_size,
      firstSequence = 0,
      workers = 1,
      lender,
      reads = !!lender,
      core = lender?.core ?? new Instance(module),
    } = {},
  ) {
    this.module = module;
    this.settings = settings;
    this.sequences = sequences;
    this.reads = reads;
    this.core = core;
    const memory = new Share(core);
    this.memory = memory;
    const { constants, call } = core;
    const config = memory.take(constants['sizeof ac_config']);
    writeConfig(core, config, settings);
    const from = lender?.at ?? 0;
    const bytes = reads ? call.acw_reader_bytes(config, sequences, from) : call.acw_model_bytes(config, sequences);
    const out = memory.take(8);
    this.input = memory.take(sequences * settings.sequence_length);
    this.marks = memory.take(sequences * settings.sequence_length);
    this.next = memory.take(4 * sequences);
    this.outputs = memory.take(constants['sizeof ac_outputs']);
    this.total = memory.take(constants['sizeof ac_sums']);
    this.lossesAt = memory.take(constants['sizeof ac_losses']);
    const block = bytes > 0 ? memory.take(bytes) : 0;
    core.check(
      reads
        ? call.acw_reader_init(config, sequences, from, block, bytes, out)
        : call.acw_model_init(config, sequences, firstSequence, block, bytes, out),
    );
    this.at = core.ints(out, 1)[0];
    /** Changes whenever the weights do. */
    this.version = 0;
    this.size = call.acw_model_size(this.at);
    /** Numbers before those of sparse tensors, which are the last. */
    this.denseSize = call.acw_dense_size(this.at);
    /** The levels that put borders, with the thresholds that they start with. */
    this.startLevels = readLevels(core, config, settings);
    /** Numbers in the states of each level. */
    this.widths = readWidths(core, config, settings);
    /** Whether training passes go on from where the one before ended. */
    this.carries = !reads && carriesState(settings);
    /** Numbers that each sequence carries: of states, and of rules. */
    this.carriedWidth = call.acw_memory_width(this.at);
    this.rulesWidth = RULE_FIELDS * settings.num_levels;
    /** The table of tensors: names and shapes as in checkpoints, `offset` and `size` in numbers. */
    this.tensors = readTensors(core, call.acw_tensors(this.at), call.acw_tensor_count(this.at));
    /** GRU blocks of two layers. */
    this.blocks = this.tensors.filter(({ name }) => name.endsWith('.weight_ih_l0')).length;
    /** Numbers of sparse gradients that a replica has at most. */
    this.sparseRoom = workers > 1 ? call.acw_sparse_room(config, Math.ceil(settings.batch_size / workers)) : 0;
    /** Where a copy of its own sparse gradients is put, and behind it another replica's gradients. */
    this.sparseCopy = memory.take(exchangeBytes(this.denseSize, this.sparseRoom, workers));
    this.received = this.sparseCopy + 4 * this.sparseRoom;
    /** The average of its weights, if there is one. @type {import('./averaging.js').WeightAverage|null} */
    this.average = null;
    /** Bytes of memory in use. */
    this.memoryBytes = core.used;
  }

  /** All parameters, flat, in the table's order. A view: take it anew after memory was taken. */
  get parameters() {
    return this.core.floats(this.core.call.acw_parameters(this.at), this.size);
  }

  /** What those who read should read with: the average of its weights, or the weights themselves. */
  get weights() {
    return this.average?.count ? this.average.weights : this.parameters;
  }

  /** Likewise the gradients of the latest backward pass, [denseSize]. */
  get gradients() {
    return this.core.floats(this.core.call.acw_gradients(this.at), this.denseSize);
  }

  /**
   * Adds another replica's gradients of one piece to this one's.
   * @param {Float32Array} values  at most a piece
   * @param {number} from  place of the first among all
   */
  addGradients(values, from) {
    const { core, received } = this;
    core.floats(received, values.length).set(values);
    core.check(core.call.acw_add_gradients(this.at, from, values.length, received));
  }

  /** Gives its memory back; it must not be used any more. */
  close() {
    this.memory.close();
  }

  /** AdamW's state: first and second moments (flat views), and updates that each tensor has had. Empty where it only reads. */
  get optimiser() {
    const { core, at, reads } = this;
    const [size, tensors] = reads ? [0, 0] : [this.size, this.tensors.length];
    return {
      first: core.floats(core.call.acw_first_moments(at), size),
      second: core.floats(core.call.acw_second_moments(at), size),
      updates: core.ints(core.call.acw_updates(at), tensors),
    };
  }

  /** Thresholds of the levels that put borders, which training may steer. A view. */
  get thresholds() {
    return this.core.floats(this.core.call.acw_thresholds(this.at), this.startLevels.length);
  }

  /** The levels that put borders, as they do now. */
  get borderLevels() {
    const { thresholds } = this;
    return this.startLevels.map((level, l) => ({ ...level, threshold: shortest(thresholds[l]) }));
  }

  /**
   * Settings for reading with the model's weights: with the thresholds to which training has steered its levels.
   * @param {Settings} settings
   * @returns {Settings}
   */
  reading(settings) {
    const levels = this.borderLevels;
    const same = levels.every(({ threshold }, l) => threshold === this.startLevels[l].threshold);
    return same ? settings : { ...settings, level_thresholds: levels.map(({ threshold }) => threshold).join(',') };
  }

  /** What the model's sequences carry. A copy. @returns {Carried} */
  get carried() {
    return readCarried(this);
  }

  /** @param {Carried} carried  of as many sequences; nothing carried starts them anew */
  set carried(carried) {
    writeCarried(this, carried);
  }

  /**
   * Sets all parameters.
   * @param {ArrayLike<number>} values  as many as `size`
   */
  setParameters(values) {
    this.parameters.set(values);
    this.parametersChanged();
  }

  /**
   * A copy of everything that training changes.
   * @param {ModelState} [into]  an earlier copy to write over; default a new one
   * @returns {ModelState}
   */
  state(into) {
    const { parameters, thresholds, carried } = this;
    const { first, second, updates } = this.optimiser;
    if (!into)
      return {
        parameters: parameters.slice(),
        first: first.slice(),
        second: second.slice(),
        updates: updates.slice(),
        thresholds: thresholds.slice(),
        carried,
        ...(this.average && { average: this.average.state() }),
      };
    into.thresholds.set(thresholds);
    into.carried = carried;
    into.parameters.set(parameters);
    into.first.set(first);
    into.second.set(second);
    into.updates.set(updates);
    into.average = this.average?.state(into.average);
    return into;
  }

  /**
   * Goes back to a state; a model that only reads, to its parameters and thresholds.
   * @param {ModelState} state
   */
  restore(state) {
    this.setParameters(state.parameters);
    this.thresholds.set(state.thresholds);
    if (this.reads) return;
    const { first, second, updates } = this.optimiser;
    first.set(state.first);
    second.set(state.second);
    updates.set(state.updates);
    this.average?.restore(state.average);
    this.carried = state.carried;
  }

  /** Whether all parameters and moments are finite numbers: what is worth keeping. */
  get finite() {
    const { first, second } = this.optimiser;
    return [this.parameters, first, second].every(allFinite);
  }

  /** To be called after parameters were written through a view. */
  parametersChanged() {
    this.core.call.acw_parameters_changed(this.at);
    this.version++;
  }

  /** Fresh parameters from the seed. */
  reset() {
    this.core.call.acw_reset(this.at);
    this.version++;
  }

  /** @param {number} step  the current one; dropout's masks depend on it */
  setStep(step) {
    this.core.call.acw_set_step(this.at, step);
  }

  /** Makes evaluations that go on from one another start anew. */
  forget() {
    this.core.call.acw_forget(this.at, this.core.constants.AC_EVALUATE);
  }

  /**
   * The forward pass.
   * @param {Uint8Array} bytes  [sequences][length]
   * @param {number} length
   * @param {{training?: boolean, logits?: number, next?: Int32Array, marks?: Uint8Array}} [options]  `logits`: address of
   *   an `ac_outputs` to fill; `next` [sequences]: the symbols that follow, for a pass that goes on from the one before it;
   *   `marks` [sequences][length]: of the bytes, see marks.js
   * @throws {import('./module.js').CoreError} `bad_input`, `not_finite`
   */
  forward(bytes, length, { training = false, logits = 0, next, marks } = {}) {
    const { core } = this;
    const k = core.constants;
    const sequences = bytes.length / length;
    if (!Number.isInteger(sequences) || sequences > this.sequences || length > this.settings.sequence_length) {
      core.check(core.call.acw_forward(this.at, this.input, -1, length, k.AC_EVALUATE, 0));
    }
    core.bytes(this.input, bytes.length).set(bytes);
    if (marks) core.bytes(this.marks, bytes.length).set(marks.subarray(0, bytes.length));
    core.call.acw_set_marks(this.at, marks ? this.marks : 0);
    const purpose = training ? k.AC_TRAIN : k.AC_EVALUATE;
    if (!next) return core.check(core.call.acw_forward(this.at, this.input, sequences, length, purpose, logits));
    core.ints(this.next, sequences).set(next.subarray(0, sequences));
    core.check(core.call.acw_continue(this.at, this.input, this.next, sequences, length, purpose, logits));
  }

  /** Sums of the latest forward pass, to be added up over replicas field by field. A view of doubles. */
  get sums() {
    return this.core.doubles(this.core.call.acw_sums(this.at), this.core.constants['sizeof ac_sums'] / 8);
  }

  /**
   * Positions that each level had.
   * @param {Float64Array} [sums]
   * @returns {number[]}
   */
  tokens(sums = this.sums) {
    const first = this.core.constants['ac_sums.tokens'] / 8;
    return [...sums.subarray(first, first + levelCount(this.settings))];
  }

  /**
   * The backward pass of the latest training pass.
   * @param {Float64Array} [total]  sums over all replicas; default this one's
   */
  backward(total = this.sums) {
    this.core.doubles(this.total, total.length).set(total);
    this.core.check(this.core.call.acw_backward(this.at, this.total));
  }

  /**
   * One AdamW step with the gradients as they are.
   * @param {number} learningRate
   * @returns {number} the gradient's length before clipping
   * @throws {import('./module.js').CoreError} `not_finite`: nothing was changed
   */
  update(learningRate) {
    this.core.check(this.core.call.acw_update(this.at, learningRate, this.lossesAt));
    this.version++;
    return this.core.doubles(this.lossesAt, 1)[0];
  }

  /**
   * Sets what may change during training.
   * @param {Settings} settings
   */
  setOptimiser(settings) {
    this.core.check(this.core.call.acw_set_optimiser(this.at, settings.weight_decay, settings.clip_norm));
    this.settings = { ...this.settings, weight_decay: settings.weight_decay, clip_norm: settings.clip_norm };
  }

  /**
   * Losses and border counts that follow from sums.
   * @param {Float64Array} [sums]
   * @returns {PassResult}
   */
  result(sums = this.sums) {
    const { core } = this;
    const k = core.constants;
    core.doubles(this.total, sums.length).set(sums);
    core.call.acw_losses(this.at, this.total, this.lossesAt);
    /** @param {string} field */
    const at = (field) => core.doubles(this.lossesAt + k[`ac_losses.${field}`], 1)[0];
    const levels = levelCount(this.settings) - 1;
    return {
      losses: {
        total: at('total'),
        byte_encoder: at('byte_encoder'),
        byte_decoder: at('byte_decoder'),
        meta: at('meta'),
        uncertainty: at('uncertainty'),
        entropy_reg: at('entropy_reg'),
      },
      borders: [...core.doubles(this.lossesAt + k['ac_losses.borders'], levels)],
    };
  }

  /**
   * Border marks of a level in the latest forward pass.
   * @param {number} level  below the top
   * @returns {{positions: number, mask: Uint8Array}} mask [sequences][positions]
   */
  borderMask(level) {
    const { core } = this;
    const positions = core.call.acw_steps(this.at, level);
    const sequences = this.sums[core.constants['ac_sums.sequences'] / 8];
    const at = core.take(sequences * positions);
    core.call.acw_border_mask(this.at, level, at);
    const mask = core.bytes(at, sequences * positions).slice();
    core.give(at, sequences * positions);
    return { positions, mask };
  }

  /**
   * A forward pass that keeps its logits.
   * @param {Uint8Array} bytes  [sequences][length]
   * @param {number} length
   * @param {number} [from]  first time step whose logits are wanted
   * @param {Int32Array} [next]  as in `forward`
   * @param {Uint8Array} [marks]  likewise
   * @returns {{encoder: Float32Array, decoder: Float32Array}} each [sequences][length − from][257]; of models with one head in `decoder`
   */
  logits(bytes, length, from = 0, next = undefined, marks = undefined) {
    const { core } = this;
    const k = core.constants;
    const count = (bytes.length / length) * (length - from) * k.AC_SYMBOLS;
    const encoderAt = core.take(count * 4);
    const decoderAt = core.take(count * 4);
    core.ints(this.outputs + k['ac_outputs.encoder_logits'], 1)[0] = encoderAt;
    core.ints(this.outputs + k['ac_outputs.decoder_logits'], 1)[0] = decoderAt;
    core.ints(this.outputs + k['ac_outputs.from'], 1)[0] = from;
    try {
      this.forward(bytes, length, { logits: this.outputs, next, marks });
      return { encoder: core.floats(encoderAt, count).slice(), decoder: core.floats(decoderAt, count).slice() };
    } finally {
      core.give(encoderAt, count * 4);
      core.give(decoderAt, count * 4);
    }
  }
}
