/** A reader of one byte at a time: traces and generation. */

import { Model } from './core.js';
import { levelCount } from './kinds.js';
import { Share } from './module.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./protocol.js').TracePiece} TracePiece */

/**
 * How a symbol is chosen: temperature above 0; the `top_k` likeliest only, 0 for all; `stop_at_eos` false leaves the end
 * of the text out of the draw.
 * @typedef {{temperature: number, top_k: number, stop_at_eos: boolean}} Choice
 */

/** Chooses symbols; the generator's state lives in the module's memory. */
export class Sampler {
  /**
   * @param {import('./module.js').Instance} core
   * @param {number} seed
   */
  constructor(core, seed) {
    this.core = core;
    this.memory = new Share(core);
    this.random = this.memory.take(core.constants['sizeof ac_random']);
    this.work = this.memory.take(2 * 4 * (core.constants.AC_SYMBOLS + 8));
    this.logits = this.memory.take(4 * core.constants.AC_SYMBOLS);
    this.seed(seed);
  }

  /** Gives its memory back; it must not be used any more. */
  close() {
    this.memory.close();
  }

  /** Starts the sequence of a seed. @param {number} seed */
  seed(seed) {
    this.core.call.acw_random_make(this.random, seed, 0);
  }

  /**
   * @param {number} at  address of 257 logits
   * @param {Choice} choice
   * @returns {number} a symbol; 256 is the end of the text
   */
  drawAt(at, { temperature, top_k, stop_at_eos }) {
    const { AC_SYMBOLS, AC_EOS } = this.core.constants;
    return this.core.call.acw_sample(at, stop_at_eos ? AC_SYMBOLS : AC_EOS, temperature, top_k, this.random, this.work);
  }

  /**
   * @param {Float32Array} logits  [257]
   * @param {Choice} choice
   * @returns {number} a symbol
   */
  draw(logits, choice) {
    this.core.floats(this.logits, logits.length).set(logits);
    return this.drawAt(this.logits, choice);
  }
}

/**
 * A model for streams alone, without passes; its weights are still to be set.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @param {import('./module.js').Instance} [core]  memory that it shares with others; default its own
 * @returns {Model}
 * @throws {import('./module.js').CoreError} `bad_setting`, `too_big`
 */
export function streamModel(module, settings, core) {
  const own = { ...settings, batch_size: 1, sequence_length: 1, dropout: 0 };
  return new Model(module, own, { sequences: 0, reads: true, core });
}

/** A model that only reads, at a place in a text. */
export class Probe {
  /**
   * @param {WebAssembly.Module} module
   * @param {Settings} settings
   * @param {Model} [model]  whose weights to read with, and in whose memory; default one of its own,
   *   whose weights `copyFrom` sets
   * @throws {import('./module.js').CoreError} `leaks` in teacher-forced mode, `too_big`
   */
  constructor(module, settings, model = streamModel(module, settings)) {
    const { core } = model;
    this.core = core;
    this.levels = levelCount(settings);
    this.blockBytes = core.call.acw_stream_bytes(model.at);
    const memory = new Share(core);
    this.memory = memory;
    this.out = memory.take(8);
    this.block = memory.take(this.blockBytes);
    this.input = memory.take(core.constants.AC_TRACE_PIECE);
    this.marks = memory.take(core.constants.AC_TRACE_PIECE);
    this.trace = memory.take(core.constants['sizeof ac_trace']);
    this.at = 0;
    this.model = model;
    this.sampler = new Sampler(core, 0);
    try {
      this.readWith(model);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Gives its own memory back; it must not be used any more. */
  close() {
    this.memory.close();
    this.sampler.close();
  }

  /**
   * Goes to the start of a text with the weights of a model.
   * @param {Model} model  in the same memory, with the same tensors
   */
  readWith(model) {
    const { core } = this;
    this.model = model;
    core.check(core.call.acw_stream_init(model.at, this.block, this.blockBytes, this.out));
    this.at = core.ints(this.out, 1)[0];
  }

  /**
   * Sets the parameters of the model that it reads with and goes back to the start of a text.
   * @param {Float32Array} parameters
   * @param {Float32Array} [thresholds]  of its levels, where training steers them; default the settings'
   */
  copyFrom(parameters, thresholds) {
    this.model.setParameters(parameters);
    if (thresholds) this.model.thresholds.set(thresholds);
    this.reset();
    this.configure([]);
  }

  /** Back to the start of a text; thresholds stay. */
  reset() {
    this.core.call.acw_stream_reset(this.at);
  }

  /** Everything that the stream remembers, thresholds included; of use to this probe only. @returns {Uint8Array} */
  save() {
    return this.core.bytes(this.block, this.blockBytes).slice();
  }

  /** Goes back to a state with the same parameters. @param {Uint8Array} state  that `save` gave */
  restore(state) {
    this.core.bytes(this.block, this.blockBytes).set(state);
  }

  /**
   * @param {number[]} thresholds  one for each level below the top; where there are fewer, the settings' hold
   * @param {boolean|number} [parents]  false sets every parent vector to zero, a number those of that level's positions
   */
  configure(thresholds, parents = true) {
    for (const [level, { threshold }] of this.model.borderLevels.entries()) {
      this.core.check(this.core.call.acw_stream_set_threshold(this.at, level, thresholds[level] ?? threshold));
    }
    this.core.call.acw_stream_set_parents(this.at, parents === false ? 0 : 1);
    if (typeof parents === 'number') this.core.check(this.core.call.acw_stream_set_level_parents(this.at, parents, 0));
  }

  /**
   * Reads a byte.
   * @param {number} byte
   * @param {boolean} predict  whether the decoder's logits are wanted
   * @param {number} [mark]  the byte's, see marks.js
   * @returns {{depth: number, logits: number}} levels that got a token, address of the decoder's logits
   */
  feed(byte, predict, mark = 0) {
    const { core } = this;
    const k = core.constants;
    core.call.acw_stream_set_mark(this.at, mark);
    const outcome = core.call.acw_stream_feed(this.at, byte, -1, predict ? k.AC_WANT_DECODER : 0);
    const depth = core.ints(outcome + k['ac_outcome.depth'], 1)[0];
    return {
      depth,
      logits: predict ? core.ints(outcome + k['ac_outcome.decoder'] + k['ac_prediction.logits'], 1)[0] : 0,
    };
  }

  /** Most bytes of a piece. */
  get pieceLength() {
    return this.core.constants.AC_TRACE_PIECE;
  }

  /**
   * Traces the next bytes of a text.
   * @param {Uint8Array} text
   * @param {number} from  bytes before were traced already
   * @param {number} to    at most `pieceLength` further
   * @param {number} top   predictions kept a byte
   * @param {number[]} before  positions that each level had before; advanced
   * @param {Uint8Array} [marks]  of the whole text, see marks.js; default none
   * @returns {TracePiece}
   */
  tracePiece(text, from, to, top, before, marks) {
    const { core } = this;
    const k = core.constants;
    const count = to - from;
    core.bytes(this.input, count).set(text.subarray(from, to));
    if (marks) core.bytes(this.marks, count).set(marks.subarray(from, to));
    const next = to < text.length ? text[to] : -1;
    core.check(core.call.acw_trace_piece(this.at, this.input, marks ? this.marks : 0, count, next, this.trace));
    const encoder = this.#head('encoder', count, top);
    const decoder = this.#head('decoder', count, top);
    const levels = Array.from({ length: this.levels }, (_, l) => {
      const at = this.trace + k['ac_trace.level'] + l * k['sizeof ac_trace_level'];
      const n = core.ints(at + k['ac_trace_level.count'], 1)[0];
      /** @param {string} field */
      const floats = (field) => core.floats(at + k[`ac_trace_level.${field}`], n).slice();
      // The core gives each cost with the token that arrived, a trace with the token that predicted it.
      const arrivals = floats('realised');
      const realised = new Float32Array(n).fill(Number.NaN);
      realised.set(arrivals.subarray(1));
      const level = {
        from: before[l],
        source: new Uint32Array(core.memory.buffer, at + k['ac_trace_level.source'], n).slice(),
        score: floats('score'),
        sum: floats('sum'),
        border: core.bytes(at + k['ac_trace_level.border'], n).slice(),
        realised,
        realisedBefore: n > 0 ? arrivals[0] : Number.NaN,
      };
      before[l] += n;
      return level;
    });
    return {
      from,
      top,
      encoderEntropy: encoder.entropy,
      decoderEntropy: decoder.entropy,
      encoderBits: encoder.bits,
      decoderBits: decoder.bits,
      encoderTop: encoder.symbols,
      encoderProbability: encoder.probabilities,
      decoderTop: decoder.symbols,
      decoderProbability: decoder.probabilities,
      levels,
    };
  }

  /**
   * @param {'encoder'|'decoder'} name
   * @param {number} count
   * @param {number} top
   */
  #head(name, count, top) {
    const { core } = this;
    const k = core.constants;
    const at = this.trace + k[`ac_trace.${name}`];
    const kept = k.AC_TRACE_TOP;
    const symbol = new Uint16Array(core.memory.buffer, at + k['ac_trace_head.symbol'], count * kept);
    const probability = core.floats(at + k['ac_trace_head.probability'], count * kept);
    const symbols = new Uint16Array(count * top);
    const probabilities = new Float32Array(count * top);
    for (let t = 0; t < count; t++) {
      symbols.set(symbol.subarray(t * kept, t * kept + top), t * top);
      probabilities.set(probability.subarray(t * kept, t * kept + top), t * top);
    }
    return {
      entropy: core.floats(at + k['ac_trace_head.entropy'], count).slice(),
      bits: core.floats(at + k['ac_trace_head.bits'], count).slice(),
      symbols,
      probabilities,
    };
  }
}

/** Buffers of a piece, to be transferred. @param {TracePiece} piece @returns {ArrayBuffer[]} */
export function buffersOf(piece) {
  const arrays = [...Object.values(piece), ...piece.levels.flatMap((level) => Object.values(level))];
  return arrays.filter((a) => ArrayBuffer.isView(a)).map((a) => /** @type {ArrayBuffer} */ (a.buffer));
}
